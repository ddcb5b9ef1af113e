"""A driver of the terminal that writes what changed, and nothing else."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from console.terminal.changed_cells import ChangedCells

_OTHER_SCREEN: Final = "\x1b[?1049h"  # At the beginning, and back from the shell.


class SparingDriver(LinuxDriver):
    """Writes the cells that changed; after another size of the terminal all of them."""

    def __init__(
        self,
        app: App[object],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._cells = ChangedCells()
        self._painted_for: Size | None = None

    def forget(self) -> None:
        """Write all that is painted next: something else may have changed what is shown."""
        self._cells.forget()

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size that the terminal has; where it has none, what the environment says.

        Textual asks in the other order, but a shell that exported LINES and COLUMNS does not say so
        when the window is pulled at.
        """
        with suppress(OSError, ValueError):
            columns, lines = os.get_terminal_size(self.fileno)
            if columns and lines:
                return columns, lines
        return super()._get_terminal_size()

    def overlay(self, column: int, line: int, columns: int, lines: int, data: str) -> None:
        """Draw `data` over cells that were painted; whatever is painted there next takes it away.

        The place is counted from 0, and the cursor is left where it was.
        """
        self._cells.lose(column, line, columns, lines)
        super().write(f"\x1b7\x1b[{line + 1};{column + 1}H{data}\x1b8")

    def write(self, data: str) -> None:
        """Write what has the terminal show the same as after `data`."""
        size = self._app.size
        if size != self._painted_for:
            self._painted_for = size
            self._cells.resize(size.width, size.height)
        if _OTHER_SCREEN in data:
            self.forget()
        if shortened := self._cells.written(data):
            super().write(shortened)


def sparing(driver: type[Driver]) -> type[Driver]:
    """Return the driver to take where Textual would take `driver`."""
    return SparingDriver if driver is LinuxDriver else driver
