"""What keys do on the screen of model files."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope
from console.language import tr_later

_GROUP: Final = tr_later("Models")

MODELS: Final[tuple[Action, ...]] = (
    Action(
        "models.push",
        ("P",),
        tr_later("Push"),
        tr_later(
            "Show what of the directory would be sent into the bucket, then ask, then send it"
        ),
        Scope.MODELS,
        _GROUP,
        writes=True,
    ),
    Action(
        "models.pull",
        ("F",),
        tr_later("Fetch"),
        tr_later("Choose from the published files, then ask, then fetch them to this machine"),
        Scope.MODELS,
        _GROUP,
        writes=True,
    ),
    Action(
        "models.verify",
        ("v",),
        tr_later("Verify"),
        tr_later("Read the files here and compare their checksums with those in the bucket"),
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.directory",
        ("d",),
        tr_later("Directory"),
        tr_later("Look into another directory on this machine"),
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.details",
        ("enter",),
        tr_later("Details"),
        tr_later("Show all that is known of the file under the cursor"),
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.copy",
        ("y",),
        tr_later("Copy"),
        tr_later("Copy what is shown as text"),
        Scope.MODELS,
        _GROUP,
        footer=False,
    ),
)
