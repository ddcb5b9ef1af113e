"""What the console can look after, as it is offered to a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.language import tr, tr_later, tr_many

LOCAL: Final = "local"
SANDBOX: Final = "sandbox"

_ABOUT: Final = {
    LOCAL: tr_later("an engine on this machine"),
    SANDBOX: tr_later("a cloud for practice, on this machine"),
}
_ON_GOOGLE_CLOUD: Final = tr_later("a service on Cloud Run")


def in_sandbox(context: str) -> bool:
    """Say whether a context is on the cloud for practice: its given service, or one by its name."""
    return context == SANDBOX or context.startswith(f"{SANDBOX}/")


@dataclass(frozen=True, slots=True)
class Recent:
    """A context that was looked after before, and when it was last begun."""

    context: str
    last_used: datetime


@dataclass(frozen=True, slots=True)
class ContextChoice:
    """A context that can be chosen, what it is, and in words when it was last looked after."""

    context: str
    about: str
    used: str = ""


def context_choices(
    configured: str | None, recents: Sequence[Recent], now: datetime
) -> tuple[ContextChoice, ...]:
    """Return the contexts on offer, each once: the built-in ones, the configured one, recents.

    `recents` are newest first, and stay in that order.
    """
    used = {recent.context: recent.last_used for recent in reversed(recents)}
    always = [LOCAL, SANDBOX] if configured is None else [LOCAL, SANDBOX, configured]
    names = dict.fromkeys([*always, *(recent.context for recent in recents)])
    return tuple(
        ContextChoice(name, _about(name), used_words(used.get(name), now)) for name in names
    )


def _about(context: str) -> str:
    if in_sandbox(context) and context != SANDBOX:
        return tr("a service in the cloud for practice")
    return tr(_ABOUT.get(context, _ON_GOOGLE_CLOUD))


def with_newest(recents: Iterable[Recent], newest: Recent, most: int) -> tuple[Recent, ...]:
    """Put `newest` in front of at most `most` recents, without an older one of its context."""
    others = [recent for recent in recents if recent.context != newest.context]
    return tuple([newest, *others][:most])


def used_words(last_used: datetime | None, now: datetime) -> str:
    """Return when a context was last used, as `used 3 min ago`; nothing if it never was."""
    if last_used is None:
        return ""
    age = now - last_used
    if age < timedelta(minutes=1):
        return tr("used just now")
    if age < timedelta(hours=1):
        return tr("used {minutes} min ago", minutes=age // timedelta(minutes=1))
    if age < timedelta(days=1):
        return tr("used {hours} h ago", hours=age // timedelta(hours=1))
    return tr_many("used {count} day ago", "used {count} days ago", age // timedelta(days=1))
