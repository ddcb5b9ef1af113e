"""A line that is shown for some seconds and goes by itself."""

from __future__ import annotations

from typing import Final

from textual.notifications import Notification

_MOMENT: Final = 0.05


class PassingNote(Notification):
    """A notification that may run out while Textual makes its toast.

    Textual asks first whether it has run out and then how many seconds are left. Where the end lies
    in between, as on another screen or after a sleep of the machine, those are less than none; a
    timer of so many never gives way to anything else again, and the console stands still.
    """

    @property
    def time_left(self) -> float:
        """The seconds until it goes, a moment at least."""
        return max(super().time_left, _MOMENT)

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return super().time_left <= 0
