"""Why a step failed, in the platform's own words, and what mends it.

Source of the texts: https://cloud.google.com/run/docs/troubleshooting.
"""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_later
from console.model.conditions import failure
from console.model.deploy.observed import NOTHING
from console.model.deploy.progress import Failure
from console.model.text import SafeText
from console.session.deploy.work import StepFailed
from console.session.secrets import redacted
from console.sources.base import Denied, SourceError, Unauthenticated
from console.terminal.sanitise import sanitise

LINES: Final = 20
"""How many of the last lines are told."""

_MENDS: Final = tuple(
    (re.compile(pattern), mend)
    for pattern, mend in (
        (
            r"iam\.serviceaccounts?\.actAs|iam\.serviceAccounts\.actAs",
            tr_later(
                "have roles/iam.serviceAccountUser granted on the account that the service runs as"
            ),
        ),
        (
            r"billing (?:account|must be|is) (?:\S+ )*(?:disabled|enabled|closed)|BILLING_DISABLED",
            tr_later("switch billing on for the project: https://console.cloud.google.com/billing"),
        ),
        (
            r"has not been used in project|SERVICE_DISABLED|is disabled\.",
            tr_later("switch the API on, wait a minute, and apply again"),
        ),
        (
            r"allowedPolicyMemberDomains|do not belong to a permitted customer",
            tr_later(
                "the organisation lets no allUsers call: keep the service private, or have "
                "its policy changed"
            ),
        ),
        (
            r"no space left on device",
            tr_later("make room (zimage-console doctor says how), or build with Cloud Build"),
        ),
        (
            r"returned a non-zero code|exit code: \d+|did not complete successfully",
            tr_later(
                "see the last lines of the build; mend the Dockerfile or what it fetches, "
                "and apply again"
            ),
        ),
        (
            r"exec format error",
            tr_later("build the image for linux/amd64"),
        ),
    )
)


def mend_of(text: str) -> SafeText:
    """Return what mends a failure that the platform told in these words; empty if unknown."""
    for pattern, mend in _MENDS:
        if pattern.search(text):
            return sanitise(tr(mend))
    return failure("", text).mend


def explained(step: int, error: SourceError) -> Failure:
    """Return why step number `step` failed."""
    reason = sanitise(redacted(error.message))
    if isinstance(error, StepFailed):
        lines = tuple(sanitise(redacted(each)) for each in error.lines[-LINES:])
        mend = error.mend
        if mend is None:
            mend = mend_of("\n".join((error.message, *lines)))
        return Failure(step=step, reason=reason, lines=lines, mend=mend)
    if isinstance(error, (Denied, Unauthenticated)):
        # Their one line names the role or the login that is missing.
        return Failure(step=step, reason=reason, mend=NOTHING)
    return Failure(step=step, reason=reason, mend=mend_of(error.message))


def unforeseen(step: int, error: Exception) -> Failure:
    """Return the failure of a step for what is nobody's refusal, such as a disk that is full."""
    said = " ".join(str(error).split()) or type(error).__name__
    mend = (
        SafeText(tr("make room, or mend it, and apply again")) if isinstance(error, OSError) else ""
    )
    return Failure(step=step, reason=sanitise(redacted(said)), mend=sanitise(mend))
