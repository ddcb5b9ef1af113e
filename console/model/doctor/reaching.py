"""The way to Google Cloud: the network, the clock, who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from console.model.doctor.answers import LOG_IN, Because, Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, GcloudLogin, Login, LoginKind, Reached
from console.model.doctor.finding import Finding, Mend, State

SKEW_TOLD: Final = timedelta(seconds=60)
SKEW_REFUSED: Final = timedelta(minutes=5)
"""From here on what is signed here, such as a service account's assertion, is refused.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
"""

_SET_CLOCK: Final = Mend("sudo timedatectl set-ntp true", "let the machine keep its clock right")
_REACH: Final = Mend(
    "curl -sSI https://cloudresourcemanager.googleapis.com/",
    "says what is in the way; HTTPS_PROXY names a proxy, where there is one",
)


def network(reached: Answer[Reached], sandbox: bool) -> Finding:
    """Judge whether the cloud can be reached at all."""
    if isinstance(reached, Reached):
        return Finding(Check.NETWORK, State.OK, f"{reached.address} answers")
    mend = Mend("python -m console.sandbox", "starts the sandbox anew") if sandbox else _REACH
    return Finding(Check.NETWORK, State.WRONG, reached.words, (mend,))


def clock(reached: Answer[Reached]) -> Finding:
    """Judge this machine's clock by that of the cloud."""
    if isinstance(reached, Unanswered):
        return unknown(Check.CLOCK, reached)
    if reached.ahead is None:
        return Finding(
            Check.CLOCK, State.UNKNOWN, f"{reached.address} does not say what time it is"
        )
    off = max(abs(reached.ahead) - reached.within, timedelta())
    if off < SKEW_TOLD:
        return Finding(Check.CLOCK, State.OK, "as the cloud's, within a minute")
    how = "ahead of" if reached.ahead > timedelta() else "behind"
    state = State.WARNING if off < SKEW_REFUSED else State.WRONG
    return Finding(
        Check.CLOCK, state, f"{_span(abs(reached.ahead))} {how} the cloud's", (_SET_CLOCK,)
    )


def login(found: Answer[Login], asked: Unanswered | None, clock_is_wrong: bool = False) -> Finding:
    """Judge the login; `asked` is how a question was refused that was asked with it, if it was.

    With a clock that is wrong a good login is refused too, or seems to have ended: then the clock
    is to be mended, and the login is not known.
    """
    finding = _login(found, asked)
    if not clock_is_wrong or finding.state is not State.WRONG:
        return finding
    words = f"{finding.found}; that may be for the clock, which is wrong"
    return Finding(Check.LOGIN, State.UNKNOWN, words)


def _login(found: Answer[Login], asked: Unanswered | None) -> Finding:
    if isinstance(found, Unanswered):
        if found.because is Because.LOGIN:
            return Finding(Check.LOGIN, State.WRONG, found.words, (LOG_IN,))
        return unknown(Check.LOGIN, found)
    words = _login_words(found)
    if found.problem and found.offline:
        return Finding(Check.LOGIN, State.UNKNOWN, f"{words}: {found.problem}")
    if found.problem:
        return Finding(Check.LOGIN, State.WRONG, f"{words}: {found.problem}", (_log_in(found),))
    if asked is not None and asked.because is Because.LOGIN:
        return Finding(Check.LOGIN, State.WRONG, f"{words}: {asked.words}", (_log_in(found),))
    return Finding(Check.LOGIN, State.OK, words)


def sandbox_login(asked: Unanswered | None) -> Finding:
    """Judge the login of a sandbox, which asks nobody who they are unless it is told to refuse."""
    if asked is not None and asked.because is Because.LOGIN:
        return Finding(Check.LOGIN, State.WRONG, asked.words, (LOG_IN,))
    if asked is not None and asked.because is not Because.DENIED:
        return unknown(Check.LOGIN, asked)
    return Finding(Check.LOGIN, State.OK, "the sandbox needs none")


def _login_words(found: Login) -> str:
    who = f" as {found.account}" if found.account else ""
    kind = f" ({found.type})" if found.type else ""
    ends = f", its token ends {_moment(found.ends)} and is renewed" if found.ends else ""
    return f"{found.kind}{kind}{who}{ends}"


def _log_in(found: Login) -> Mend:
    match found.kind:
        case LoginKind.NAMED:
            return Mend(
                "unset GOOGLE_APPLICATION_CREDENTIALS && " + LOG_IN.command,
                f"or mend {found.file}" if found.file else "",
            )
        case LoginKind.GCLOUD:
            return Mend("gcloud auth login")
        case _:
            return LOG_IN


def gcloud_login(found: Answer[GcloudLogin], project: str) -> Finding:
    """Judge gcloud's own login, which private services need beside a person's other one."""
    if isinstance(found, Unanswered):
        return unknown(Check.GCLOUD_LOGIN, found)
    if found.problem or not found.account:
        why = found.problem or "nobody is logged in"
        mend = Mend("gcloud auth login")
        return Finding(Check.GCLOUD_LOGIN, State.WARNING, f"{why}", (mend,))
    ends = f", its token ends {_moment(found.ends)}" if found.ends else ""
    other = found.project and found.project != project
    set_to = f"; gcloud is set to project {found.project}" if other else ""
    mends = (Mend(command("gcloud", "config", "set", "project", project)),) if other else ()
    return Finding(Check.GCLOUD_LOGIN, State.OK, f"{found.account}{ends}{set_to}", mends)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3_600:,.0f} h"
