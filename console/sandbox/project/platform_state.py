"""What the sandbox's project has besides services and buckets, kept in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from console.paths import write_atomically
from console.sandbox.json_calls import JsonObject
from console.sandbox.run.services import BadState

VERSION: Final = 1
KEPT_BUILDS: Final = 200
PAYER: Final = "000000-111111-222222"
"""The billing account that pays for the project at first."""

Resources = dict[str, JsonObject]
"""Resources as their interface describes them, by name and oldest first."""


class PlatformState:
    """What is switched off, repositories, images, builds, accounts, wishes for quota, the policy.

    `payer` is the billing account of the project, empty for none; `deleted` says that the project
    is to be gone in a while. All of it is read from the file at `path` if that is there. Opening
    and saving raise `BadState`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.disabled: set[str] = set()
        self.repositories: Resources = {}
        self.images: Resources = {}
        self.architectures: dict[str, str] = {}
        self.builds: Resources = {}
        self.accounts: Resources = {}
        self.preferences: Resources = {}
        self.policy: JsonObject = {}
        self.payer = PAYER
        self.deleted = False
        self.is_new = not self._load()

    def architecture_of(self, image: str) -> str:
        """Return what an image runs on, by its name as a resource."""
        return self.architectures.get(image, "amd64")

    def save(self) -> None:
        """Keep what there is now."""
        for name in tuple(self.builds)[:-KEPT_BUILDS]:
            del self.builds[name]
        saved = {
            "version": VERSION,
            "disabled": sorted(self.disabled),
            "repositories": self.repositories,
            "images": self.images,
            "architectures": {k: v for k, v in self.architectures.items() if k in self.images},
            "builds": self.builds,
            "accounts": self.accounts,
            "preferences": self.preferences,
            "policy": self.policy,
            "payer": self.payer,
            "deleted": self.deleted,
        }
        try:
            write_atomically(self._path, (json.dumps(saved, indent=1) + "\n").encode())
        except OSError as error:
            raise BadState(f"the sandbox cannot write {self._path}: {error.strerror}") from None

    def _load(self) -> bool:
        try:
            saved = json.loads(self._path.read_text(encoding="utf-8"))
            if saved["version"] != VERSION:
                raise ValueError("another version")
            self.disabled = set(map(str, saved["disabled"]))
            self.repositories = _resources(saved["repositories"])
            self.images = _resources(saved["images"])
            self.architectures = {
                str(image): str(word) for image, word in saved.get("architectures", {}).items()
            }
            self.builds = _resources(saved["builds"])
            self.accounts = _resources(saved.get("accounts", {}))
            self.preferences = _resources(saved.get("preferences", {}))
            self.policy = dict(saved.get("policy", {}))
            self.payer = str(saved.get("payer", PAYER))
            self.deleted = saved.get("deleted") is True
        except FileNotFoundError:
            return False
        except OSError as error:
            raise BadState(f"the sandbox cannot read {self._path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadState(
                f"the sandbox does not understand {self._path}: it is damaged or of another "
                "version; delete it to begin anew"
            ) from None
        return True


def _resources(saved: object) -> Resources:
    if not isinstance(saved, dict) or not all(isinstance(each, dict) for each in saved.values()):
        raise ValueError("no resources")
    return dict(saved)
