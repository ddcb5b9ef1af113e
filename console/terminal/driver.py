"""A driver of the terminal that writes what changed, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import Final

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
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
        self._asked = 0
        """How often Textual has asked for the size; once, if there was no signal meanwhile."""

    def forget(self) -> None:
        """Write all that is painted next: something else may have changed what is shown."""
        self._cells.forget()

    def start_application_mode(self) -> None:
        """Take the terminal, and from now on follow its size to the last.

        Textual asks for the size while it handles the signal, and the handler of the next signal
        may come in between: what it says is then said first, and the size before it stays for good.
        """
        self._asked = 0
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()

        def resized(*_: object) -> None:
            if not self._in_band_window_resize:
                # In the second round, since there what Textual's own handler said so far is over.
                loop.call_soon_threadsafe(loop.call_soon, self._say_size)

        signal.signal(signal.SIGWINCH, resized)
        if self._asked > 1:
            resized()

    def _say_size(self) -> None:
        """Say which size the terminal has; out of the loop alone, where nothing comes between."""
        size = Size(*self._get_terminal_size())
        self._app.post_message(Resize(size, size))

    def _get_terminal_size(self) -> tuple[int, int]:
        """Return the size that the terminal has; where it has none, what the environment says.

        Textual asks in the other order, but a shell that exported LINES and COLUMNS does not say so
        when the window is pulled at.
        """
        self._asked += 1
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
