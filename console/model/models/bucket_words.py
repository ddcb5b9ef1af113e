"""The settings of a bucket in words: what is, what should be, why, and what to know beside."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from console.language import tr, tr_later
from console.model.models.bucket_settings import (
    ABORT_AFTER_DAYS,
    STANDARD,
    BucketSettings,
    SafeSettings,
    Setting,
)

ABSENT: Final = "–"
WHY: Final = {
    Setting.NAME: tr_later("all of Google Cloud shares the names"),
    Setting.LOCATION: tr_later(
        "each cold start reads the whole model: from its own region fast and for nothing, from "
        "another slowly and for money"
    ),
    Setting.PUBLIC_ACCESS: tr_later(
        "without it one wrong grant lets anybody read it, and you pay for that"
    ),
    Setting.UNIFORM_ACCESS: tr_later(
        "otherwise single objects can be opened to others, which the bucket's own permissions do "
        "not show"
    ),
    Setting.STORAGE_CLASS: tr_later(
        "what is sent gets this class unless it says otherwise, and the other classes are paid "
        "for at each reading, which each cold start is"
    ),
    Setting.VERSIONING: tr_later(
        "whatever is replaced or deleted stays, and is paid for, until somebody removes it"
    ),
    Setting.SOFT_DELETE: tr_later(
        "what is deleted or replaced by mistake can be restored for as long, and is paid for as "
        "long"
    ),
    Setting.UNFINISHED_UPLOADS: tr_later(
        "the parts of an upload that was given up are in no list of objects, and are paid for "
        "until somebody removes them"
    ),
}
"""Why each setting matters, to be translated where it is said."""


def wanted_words(setting: Setting, name: str, wanted: SafeSettings) -> str:
    """Say what a setting of the bucket `name` should be."""
    return {
        Setting.NAME: f"gs://{name}",
        Setting.LOCATION: wanted.region,
        Setting.PUBLIC_ACCESS: tr("prevented"),
        Setting.UNIFORM_ACCESS: tr("for the bucket as a whole"),
        Setting.STORAGE_CLASS: STANDARD.lower(),
        Setting.VERSIONING: tr("only the newest"),
        Setting.SOFT_DELETE: _kept_text(wanted.kept),
        Setting.UNFINISHED_UPLOADS: tr("given up after {days} days", days=ABORT_AFTER_DAYS),
    }[setting]


def seen_words(setting: Setting, observed: BucketSettings) -> str:
    """Say what a setting is."""
    match setting:
        case Setting.NAME:
            return f"gs://{observed.name}"
        case Setting.LOCATION:
            return observed.location.lower() or ABSENT
        case Setting.PUBLIC_ACCESS:
            return ABSENT if observed.public_access_prevented is None else tr("possible")
        case Setting.UNIFORM_ACCESS:
            return ABSENT if observed.uniform_access is None else tr("for each object")
        case Setting.STORAGE_CLASS:
            return observed.storage_class.lower() or ABSENT
        case Setting.VERSIONING:
            return tr("all are kept")
        case Setting.SOFT_DELETE:
            return _kept_text(observed.soft_delete)
        case Setting.UNFINISHED_UPLOADS:
            return tr("stay")


def _kept_text(kept: timedelta | None) -> str:
    if kept is None:
        return ABSENT
    if not kept:
        return tr("not restorable")
    return tr("restorable for {days:g} days", days=kept / timedelta(days=1))


def caution(setting: Setting, observed: BucketSettings) -> str:
    """Say what a change does to what is there already, or why it is not all that is needed."""
    match setting:
        case Setting.LOCATION:
            return tr(
                "no bucket moves; make another by --create --name NAME, and send the model there"
            )
        case Setting.PUBLIC_ACCESS:
            return tr("whoever reads it without a login is turned away from then on")
        case Setting.UNIFORM_ACCESS if observed.uniform_access is False:
            return tr(
                "grants on single objects end; it can be undone for 90 days, with those grants"
            )
        case Setting.STORAGE_CLASS:
            return tr("objects that are there keep their class until they are sent anew")
        case Setting.VERSIONING:
            return tr("older versions that are there stay; models list shows them")
        case Setting.SOFT_DELETE:
            return tr("what is deleted already is kept for as long as it was meant to be")
        case _:
            return ""
