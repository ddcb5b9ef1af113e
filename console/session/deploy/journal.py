"""What is remembered of deployments from one process to the next: one file for each service.

It only ever adds to what can be looked up in the cloud: names of long work under way, so that it is
waited for instead of begun anew, and what was deployed from here last. A file that is damaged,
foreign or of another version is as good as none. Nothing secret is in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from console.language import tr
from console.model.deploy.snapshot import Applied
from console.model.deploy.wish import DeployWish
from console.model.service import ServiceName
from console.paths import make_private_directory, write_atomically
from console.session.json_facts import from_json, to_json
from console.session.secrets import redacted
from console.sources.base import SourceError
from console.terminal.sanitise import sanitise

VERSION: Final = 1
_LARGEST: Final = 1 << 20


class Busy(SourceError):
    """Another process on this machine carries out a plan for the same service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is known of the service `place`.

    `plan` is the title of one that was begun and has not come to its end, and `wish` what it is to
    deploy, if that is what it does. `build` is the name of a
    build of the image `tag`, and `image` what came of it, by digest; `archive` is what it was built
    from, in a bucket. `operation` is that of Cloud Run that was begun last. `applied` is what was
    deployed from here last.
    """

    version: int = VERSION
    place: str = ""
    plan: str = ""
    build: str = ""
    tag: str = ""
    image: str = ""
    archive: str = ""
    operation: str = ""
    applied: Applied | None = None
    wish: DeployWish | None = None


class Journal:
    """The files of this user in a directory that is private to them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def alone(self, place: ServiceName) -> Iterator[None]:
        """Keep other processes from carrying out a plan for a service; raises `Busy`, `OSError`.

        Whatever becomes of this process, the service is free again once it has ended.
        """
        make_private_directory(self._directory)
        path = self._path(place).with_suffix(".lock")
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(
                    sanitise(
                        tr(
                            "another process on this machine carries out a plan for {place}; "
                            "wait for it, or end it",
                            place=place,
                        )
                    )
                ) from None
            yield

    def read(self, place: ServiceName) -> Remembered:
        """Return what is remembered of a service, nothing if there is nothing of use."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            path = self._path(place)
            if path.stat().st_size <= _LARGEST:
                said = json.loads(path.read_bytes())
                if said["version"] == VERSION and said["place"] == str(place):
                    return from_json(Remembered, said)
        return Remembered(place=str(place))

    def note(self, place: ServiceName, **changes: Any) -> Remembered:
        """Remember something, beside what is remembered already; raises `OSError`."""
        after = replace(self.read(place), **changes)
        make_private_directory(self._directory)
        document = json.dumps(to_json(_without_secrets(after)), indent=1)
        write_atomically(self._path(place), document.encode())
        return after

    def _path(self, place: ServiceName) -> Path:
        told_apart = hashlib.sha256(str(place).encode()).hexdigest()[:8]
        return self._directory / f"{place.service}-{told_apart}.json"


def _without_secrets(known: Remembered) -> Remembered:
    """Take out values of variables that somebody has put a secret into after all."""
    applied, wish = known.applied, known.wish
    if applied is not None:
        applied = replace(applied, wish=_without(applied.wish))
    return replace(known, applied=applied, wish=None if wish is None else _without(wish))


def _without(wish: DeployWish) -> DeployWish:
    variables = tuple(
        (name, redacted(f"{name}={value}").partition("=")[2])
        for name, value in wish.settings.variables
    )
    return replace(wish, settings=replace(wish.settings, variables=variables))
