"""What is on screen, as commands to be copied."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from console.language import tr
from console.screens.base import Surroundings
from console.screens.equivalents import Equivalent, as_text
from console.screens.modals.copyable import CopyableScreen
from console.terminal.sanitise import sanitise
from console.widgets.models.rows import wrapped

_INDENT = 2


def equivalent_rows(found: Sequence[Equivalent], width: int) -> list[Content]:
    """Return the commands in rows of `width` cells, each with its number, below what it does."""
    rows: list[Content] = []
    numbered = 0
    for each in found:
        if rows:
            rows.append(Content(""))
        if each.command:
            numbered += 1
        number = f"{numbered} " if each.command else "– "
        about = [Content.styled(number, "bold $primary"), Content.styled(each.about, "$text-muted")]
        rows += wrapped(Content.assemble(*about), width)
        if each.command:
            command = wrapped(sanitise(each.command), width - _INDENT)
            rows += [Content.assemble(" " * _INDENT, row) for row in command]
    return rows or [Content(tr("there is no command for what is shown here"))]


class ByHandScreen(CopyableScreen):
    """The commands that say or do by hand what a screen shows."""

    def __init__(self, found: Sequence[Equivalent], surroundings: Surroundings) -> None:
        commands = [each.command for each in found if each.command]
        super().__init__(
            tr("By hand"),
            lambda width: Content("\n").join(equivalent_rows(found, width)),
            commands[0] + "\n" if len(commands) == 1 else as_text(found) if commands else "",
            tr("the command") if len(commands) == 1 else tr("all commands"),
            pieces=commands,
            multiplexer=surroundings.multiplexer,
        )
