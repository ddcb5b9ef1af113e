"""What keys do on the screen of model files."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope

_GROUP: Final = "Models"

MODELS: Final[tuple[Action, ...]] = (
    Action(
        "models.push",
        ("P",),
        "Push",
        "Show what of the directory would be sent into the bucket, then ask, then send it",
        Scope.MODELS,
        _GROUP,
        writes=True,
    ),
    Action(
        "models.pull",
        ("F",),
        "Fetch",
        "Choose from the published files, then ask, then fetch them to this machine",
        Scope.MODELS,
        _GROUP,
        writes=True,
    ),
    Action(
        "models.verify",
        ("v",),
        "Verify",
        "Read the files here and compare their checksums with those in the bucket",
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.directory",
        ("d",),
        "Directory",
        "Look into another directory on this machine",
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.details",
        ("enter",),
        "Details",
        "Show all that is known of the file under the cursor",
        Scope.MODELS,
        _GROUP,
    ),
    Action(
        "models.copy",
        ("y",),
        "Copy",
        "Copy what is shown as text",
        Scope.MODELS,
        _GROUP,
        footer=False,
    ),
)
