"""What went wrong lately, the newest first, to be read and copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from console.language import tr
from console.model.freshness import again, moment
from console.model.troubles import Trouble
from console.screens.base import Surroundings
from console.screens.modals.copyable import CopyableScreen
from console.widgets.models.rows import wrapped

_INDENT = 2


def trouble_rows(troubles: Sequence[Trouble], now: datetime, width: int) -> list[Content]:
    """Return what went wrong in rows of `width` cells; `troubles` stay in their order."""
    rows: list[Content] = []
    for each in troubles:
        if rows:
            rows.append(Content(""))
        sign, colour = ("✗", "$error") if each.error else ("▲", "$warning")
        if each.over:
            sign, colour = "✓", "$text-muted"
        head = [Content.styled(f"{sign} ", colour), Content.styled(moment(each.at, now), "bold")]
        head += [Content(f"  {part}") for part in _about(each)]
        rows.append(Content.assemble(*head).truncate(width, ellipsis=True))
        said = wrapped(each.text, width - _INDENT)
        said += (
            wrapped(_next(each, now), width - _INDENT, "$text-muted") if _next(each, now) else []
        )
        rows += [Content.assemble(" " * _INDENT, row) for row in said]
    return rows or [Content(tr("nothing went wrong since the console was opened"))]


def troubles_text(troubles: Sequence[Trouble], now: datetime) -> str:
    """Return what went wrong as text; times are in UTC and whole."""
    lines = []
    for each in troubles:
        parts = (f"{each.at:%Y-%m-%d %H:%M:%S}Z", *_about(each))
        lines += ["  ".join(parts), f"  {each.text}"]
        lines += [f"  {_next(each, now)}"] if _next(each, now) else []
    return "\n".join(lines) + "\n" if lines else ""


def _about(trouble: Trouble) -> list[str]:
    about = [tr(trouble.source)] if trouble.source else []
    if trouble.times > 1:
        about.append(tr("{count} times", count=trouble.times))
    if trouble.over:
        about.append(tr("well again"))
    return about


def _next(trouble: Trouble, now: datetime) -> str:
    """Return what mends it, and when it is tried again."""
    parts = []
    if trouble.needs:
        parts.append(tr("needs {permission}", permission=trouble.needs))
    if trouble.again_at is not None:
        parts.append(again(trouble.again_at, now))
    return " · ".join(parts)


class ErrorsScreen(CopyableScreen):
    """The last errors, each with its cause."""

    def __init__(self, troubles: Sequence[Trouble], surroundings: Surroundings) -> None:
        now = surroundings.clock()
        super().__init__(
            tr("Errors"),
            lambda width: Content("\n").join(trouble_rows(troubles, now, width)),
            troubles_text(troubles, now),
            tr("the errors"),
            multiplexer=surroundings.multiplexer,
        )
