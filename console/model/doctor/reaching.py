"""The way to Google Cloud: the network, the clock, who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from console.language import tr, tr_later
from console.model.doctor.answers import LOG_IN, Because, Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, GcloudLogin, Login, LoginKind, Reached
from console.model.doctor.finding import Finding, Mend, State

SKEW_TOLD: Final = timedelta(seconds=60)
SKEW_REFUSED: Final = timedelta(minutes=5)
"""From here on what is signed here, such as a service account's assertion, is refused.

Source: https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
"""

_SET_CLOCK: Final = Mend(
    "sudo timedatectl set-ntp true", tr_later("let the machine keep its clock right")
)
_REACH: Final = Mend(
    "curl -sSI https://cloudresourcemanager.googleapis.com/",
    tr_later("says what is in the way; HTTPS_PROXY names a proxy, where there is one"),
)


def network(reached: Answer[Reached], sandbox: bool) -> Finding:
    """Judge whether the cloud can be reached at all."""
    if isinstance(reached, Reached):
        words = tr("{address} answers", address=reached.address)
        return Finding(Check.NETWORK, State.OK, words)
    anew = Mend("python -m console.sandbox", tr("starts the sandbox anew"))
    mend = anew if sandbox else _REACH.said
    return Finding(Check.NETWORK, State.WRONG, reached.words, (mend,))


def clock(reached: Answer[Reached]) -> Finding:
    """Judge this machine's clock by that of the cloud."""
    if isinstance(reached, Unanswered):
        return unknown(Check.CLOCK, reached)
    if reached.ahead is None:
        words = tr("{address} does not say what time it is", address=reached.address)
        return Finding(Check.CLOCK, State.UNKNOWN, words)
    off = max(abs(reached.ahead) - reached.within, timedelta())
    if off < SKEW_TOLD:
        return Finding(Check.CLOCK, State.OK, tr("as the cloud's, within a minute"))
    span = _span(abs(reached.ahead))
    if reached.ahead > timedelta():
        words = tr("{span} ahead of the cloud's", span=span)
    else:
        words = tr("{span} behind the cloud's", span=span)
    state = State.WARNING if off < SKEW_REFUSED else State.WRONG
    return Finding(Check.CLOCK, state, words, (_SET_CLOCK.said,))


def login(found: Answer[Login], asked: Unanswered | None, clock_is_wrong: bool = False) -> Finding:
    """Judge the login; `asked` is how a question was refused that was asked with it, if it was.

    With a clock that is wrong a good login is refused too, or seems to have ended: then the clock
    is to be mended, and the login is not known.
    """
    finding = _login(found, asked)
    if not clock_is_wrong or finding.state is not State.WRONG:
        return finding
    words = tr("{found}; that may be for the clock, which is wrong", found=finding.found)
    return Finding(Check.LOGIN, State.UNKNOWN, words)


def _login(found: Answer[Login], asked: Unanswered | None) -> Finding:
    if isinstance(found, Unanswered):
        if found.because is Because.LOGIN:
            return Finding(Check.LOGIN, State.WRONG, found.words, (LOG_IN,))
        return unknown(Check.LOGIN, found)
    words = _login_words(found)
    refused = asked.words if asked is not None and asked.because is Because.LOGIN else ""
    why = found.problem or refused
    if not why:
        return Finding(Check.LOGIN, State.OK, words)
    words = tr("{what}: {why}", what=words, why=why)
    if found.problem and found.offline:
        return Finding(Check.LOGIN, State.UNKNOWN, words)
    return Finding(Check.LOGIN, State.WRONG, words, (_log_in(found),))


def sandbox_login(asked: Unanswered | None) -> Finding:
    """Judge the login of a sandbox, which asks nobody who they are unless it is told to refuse."""
    if asked is not None and asked.because is Because.LOGIN:
        return Finding(Check.LOGIN, State.WRONG, asked.words, (LOG_IN,))
    if asked is not None and asked.because is not Because.DENIED:
        return unknown(Check.LOGIN, asked)
    return Finding(Check.LOGIN, State.OK, tr("the sandbox needs none"))


def _login_words(found: Login) -> str:
    words = tr(str(found.kind))
    if found.type:
        words = tr("{login} ({type})", login=words, type=found.type)
    if found.account:
        words = tr("{login} as {account}", login=words, account=found.account)
    if found.ends is None:
        return words
    moment = _moment(found.ends)
    return tr("{login}, its token ends {moment} and is renewed", login=words, moment=moment)


def _log_in(found: Login) -> Mend:
    match found.kind:
        case LoginKind.NAMED:
            return Mend(
                "unset GOOGLE_APPLICATION_CREDENTIALS && " + LOG_IN.command,
                tr("or mend {file}", file=found.file) if found.file else "",
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
        why = found.problem or tr("nobody is logged in")
        mend = Mend("gcloud auth login")
        return Finding(Check.GCLOUD_LOGIN, State.WARNING, why, (mend,))
    words = str(found.account)
    if found.ends:
        moment = _moment(found.ends)
        words = tr("{account}, its token ends {moment}", account=words, moment=moment)
    if not found.project or found.project == project:
        return Finding(Check.GCLOUD_LOGIN, State.OK, words)
    words = tr("{login}; gcloud is set to project {project}", login=words, project=found.project)
    mend = Mend(command("gcloud", "config", "set", "project", project))
    return Finding(Check.GCLOUD_LOGIN, State.OK, words, (mend,))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3_600:,.0f} h"
