"""What a destruction takes away, and what it leaves to others."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from console.language import tr_later
from console.model.deploy.defaults import ACCOUNT, REPOSITORIES
from console.model.deploy.scene import Scene
from console.model.deploy.step import Subject
from console.model.deploy.wish import ImageWay


class Fate(StrEnum):
    """What becomes of a thing, and why it stays if it does."""

    GOES = "it goes"
    NONE = "there is none of the console's"
    SHARED = "other services use it"
    UNSEEN = tr_later("nobody could look whether other services use it")
    FOREIGN = tr_later("the console did not make it")
    SPARED = "it was not asked for"


def fates(scene: Scene, with_bucket: bool) -> Mapping[Subject, Fate]:
    """Return what becomes of everything beside the service.

    An account and a repository are the console's by their names, which it alone gives. Where the
    account has to stay, so has its right to read. No service stops for want of a repository: Cloud
    Run has a copy of its own of what it runs.
    """
    account = _account(scene)
    return {
        Subject.ACCOUNT: account,
        Subject.READING: account,
        Subject.REPOSITORY: _repository(scene),
        Subject.BUCKET: Fate.GOES if with_bucket else Fate.SPARED,
    }


def _account(scene: Scene) -> Fate:
    if not scene.wish.account:
        return Fate.NONE
    if scene.wish.account != ACCOUNT:
        return Fate.FOREIGN
    if scene.neighbours is None:
        return Fate.UNSEEN
    return Fate.SHARED if scene.neighbours.account else Fate.GOES


def _repository(scene: Scene) -> Fate:
    if scene.wish.image.way is ImageWay.GIVEN:
        return Fate.NONE
    if scene.wish.image.repository not in REPOSITORIES.values():
        return Fate.FOREIGN
    return Fate.SHARED if scene.neighbours and scene.neighbours.repository else Fate.GOES
