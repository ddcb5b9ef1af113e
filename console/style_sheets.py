"""Style sheets that are read once: what a screen looks like is parsed when it is first shown.

Textual parses every sheet anew whenever a screen brings one of its own and whenever the theme is
set, also to the one that it has already. To parse takes as long as to draw the first frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_MANY: Final = 1_000
"""More than there are sheets; of fewer places in the cache none would be found again."""

PANELS: Final = Path(__file__).with_name("screens") / "modals" / "modals.tcss"
"""The sheet of what opens over a screen."""


class OnceParsed(Stylesheet):
    """Parses a sheet again only after the variables, which are the colours, have changed."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_MANY)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other variables."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is new, or all that there is after other variables.

        Raises what `parse` does, and leaves the rules as they were then.
        """
        self.parse()
