"""What came of a question: an answer, or why there is none, and how a finding tells of that."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from console.language import tr
from console.model.doctor.checks import Check
from console.model.doctor.finding import Finding, Mend, State
from console.model.text import SafeText

NOBODY: Final = SafeText("")


class Because(StrEnum):
    """Why there is no answer."""

    LOGIN = "the login is not valid"
    OFFLINE = "there was no answer"
    LATE = "there was no answer in time"
    DENIED = "a permission is missing"
    SWITCHED_OFF = "the API is not enabled"
    MISSING = "there is no such thing"
    BUSY = "too much was asked for"
    FAILED = "the question failed"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question without an answer; `words` is one line that says what, why, and maybe the mend.

    `permission` is the one that is missing and `role` one that has it, where that was said.
    """

    because: Because
    words: SafeText
    permission: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the doctor looks: a service, and by whom (`account`, empty if that is not known).

    `named` is what the context is called where that is not the service's own name.
    """

    project: str
    region: str
    service: str
    account: SafeText = NOBODY
    named: str = ""

    @property
    def context(self) -> str:
        """What the console calls the place: `sandbox`, or a project, region and service."""
        return self.named or f"{self.project}/{self.region}/{self.service}"

    @property
    def member(self) -> str:
        """How a policy names who asks."""
        if not self.account:
            return "user:YOUR_ACCOUNT"
        kind = "serviceAccount" if self.account.endswith(".gserviceaccount.com") else "user"
        return f"{kind}:{self.account}"


LOG_IN: Final = Mend("gcloud auth application-default login")


def command(*words: str) -> str:
    """Return a command line that a shell reads as `words`; words in capitals stay readable."""
    return " ".join(shlex.quote(word) for word in words)


def grant(place: Place, role: str) -> Mend:
    """Return how somebody who may gives the role to whoever asks."""
    return Mend(
        command(
            *("gcloud", "projects", "add-iam-policy-binding", place.project),
            *(f"--member={place.member}", f"--role={role}"),
        )
    )


def unknown(check: Check, unanswered: Unanswered, place: Place | None = None) -> Finding:
    """Return the finding for a question without an answer: not known, and for which reason.

    What is told elsewhere (the login, the network, what is switched off) is not mended here.
    """
    match unanswered.because:
        case Because.LOGIN:
            return Finding(check, State.UNKNOWN, tr("not told, since the login is not valid"))
        case Because.DENIED if unanswered.role and place is not None:
            mends: tuple[Mend, ...] = (grant(place, unanswered.role),)
            return Finding(check, State.UNKNOWN, unanswered.words, mends)
    return Finding(check, State.UNKNOWN, unanswered.words)
