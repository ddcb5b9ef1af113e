"""What the lives of instances are known from, as a cost watch asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from console.model.cost.compute_cost import Shape
from console.model.cost.instance_lives import Life
from console.model.text import SafeText

Listener = Callable[[], None]


class KnownLives(Protocol):
    """What is known of the instances of a context, as a cost watch asks for it."""

    @property
    def lives(self) -> Mapping[SafeText, tuple[Life, ...]]:
        """The lives of each revision since the first of last month, oldest first.

        From the database and from the lines of this session, each instance once.
        """
        ...

    @property
    def known_since(self) -> datetime | None:
        """From when on every line that tells of lives was read, until now; None: not known yet.

        While older lines are still being read it is a later moment than it will be.
        """
        ...

    @property
    def shapes(self) -> Mapping[SafeText, Shape]:
        """The shape of each revision that was ever seen, by the revision's name.

        One whose facts could not be read is not in it.
        """
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after any of these changed; returns the function that ends this.

        On the event loop's thread, at most about once a second.
        """
        ...
