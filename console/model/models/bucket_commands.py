"""The `gcloud` commands that do to a bucket what the console does."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from console.model.models.bucket_settings import (
    CLEARING,
    STANDARD,
    BucketSettings,
    LifecycleRule,
    SafeSettings,
    Setting,
)

LIFECYCLE_FILE: Final = "lifecycle.json"


@dataclass(frozen=True, slots=True)
class Command:
    """A command to copy; `lifecycle` is what is written to `LIFECYCLE_FILE` before, if anything."""

    words: tuple[str, ...]
    lifecycle: str = ""

    @property
    def text(self) -> str:
        """The command as a shell takes it, in one line."""
        command = shlex.join(self.words)
        if not self.lifecycle:
            return command
        return f"echo {shlex.quote(self.lifecycle)} > {LIFECYCLE_FILE} && {command}"


def creating(name: str, project: str, wanted: SafeSettings) -> Command:
    """Return how a bucket is made with safe settings."""
    return Command(
        (
            *("gcloud", "storage", "buckets", "create", f"gs://{name}"),
            *(f"--project={project}", f"--location={wanted.region}"),
            *("--uniform-bucket-level-access", "--public-access-prevention"),
            f"--default-storage-class={STANDARD}",
            f"--soft-delete-duration={_seconds(wanted.kept)}",
            f"--lifecycle-file={LIFECYCLE_FILE}",
        ),
        _document((CLEARING,)),
    )


def removing(name: str) -> Command:
    """Return how a bucket that is empty is removed."""
    return Command(("gcloud", "storage", "buckets", "delete", f"gs://{name}"))


def changing(setting: Setting, observed: BucketSettings, wanted: SafeSettings) -> Command:
    """Return how one setting is made safe; raises `KeyError` for one that cannot be changed."""
    if setting is Setting.UNFINISHED_UPLOADS:
        return _lifecycle(observed, (*observed.rules, CLEARING))
    flags = {
        Setting.PUBLIC_ACCESS: "--public-access-prevention",
        Setting.UNIFORM_ACCESS: "--uniform-bucket-level-access",
        Setting.STORAGE_CLASS: f"--default-storage-class={STANDARD}",
        Setting.VERSIONING: "--no-versioning",
        Setting.SOFT_DELETE: _soft_delete(wanted.kept),
    }
    return _update(observed, flags[setting])


def undoing(setting: Setting, observed: BucketSettings) -> Command | None:
    """Return how one setting gets back to what it was, None if nobody said what that was.

    Raises `KeyError` for one that cannot be changed.
    """
    if setting is Setting.UNFINISHED_UPLOADS:
        return _lifecycle(observed, observed.rules)
    if setting is Setting.SOFT_DELETE and observed.soft_delete is None:
        return None
    if setting is Setting.STORAGE_CLASS and not observed.storage_class:
        return None
    flags = {
        Setting.PUBLIC_ACCESS: "--no-public-access-prevention",
        Setting.UNIFORM_ACCESS: "--no-uniform-bucket-level-access",
        Setting.STORAGE_CLASS: f"--default-storage-class={observed.storage_class}",
        Setting.VERSIONING: "--versioning",
        Setting.SOFT_DELETE: _soft_delete(observed.soft_delete or timedelta()),
    }
    return _update(observed, flags[setting])


def _update(observed: BucketSettings, flag: str) -> Command:
    return Command(("gcloud", "storage", "buckets", "update", f"gs://{observed.name}", flag))


def _lifecycle(observed: BucketSettings, rules: tuple[LifecycleRule, ...]) -> Command:
    if not rules:
        return _update(observed, "--clear-lifecycle")
    command = _update(observed, f"--lifecycle-file={LIFECYCLE_FILE}")
    return Command(command.words, _document(rules))


def _document(rules: Iterable[LifecycleRule]) -> str:
    return f'{{"rule": [{", ".join(each.text for each in rules)}]}}'


def _soft_delete(kept: timedelta) -> str:
    return f"--soft-delete-duration={_seconds(kept)}" if kept else "--clear-soft-delete"


def _seconds(kept: timedelta) -> str:
    whole = kept // timedelta(seconds=1)
    return f"{whole // 86_400}d" if whole and whole % 86_400 == 0 else f"{whole}s"
