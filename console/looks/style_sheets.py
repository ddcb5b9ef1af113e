"""Style sheets that are read once: what a screen looks like is parsed when it is first shown.

Textual parses every sheet anew whenever a screen brings one of its own and whenever the theme is
set, also to the one that it has already. To parse takes as long as to draw the first frame.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_MANY: Final = 1_000
"""More than there are sheets; of fewer places in the cache none would be found again."""

PANELS: Final = Path(__file__).parents[1] / "screens" / "modals" / "modals.tcss"
"""The sheet of what opens over a screen."""

READ: Final[dict[frozenset[tuple[str, str]], LRUCache[tuple[object, ...], list[RuleSet]]]] = {}
"""What was parsed in this process, by the variables that it was parsed with.

Applications share it, since nothing changes a rule once it is parsed.
"""


class OnceParsed(Stylesheet):
    """Parses a sheet once for each set of variables, which are the colours."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = _read_with(variables)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other variables."""
        if variables != self._variables:
            # Textual empties the cache that is there.
            self._parse_cache = LRUCache(1)
            super().set_variables(variables)
            self._parse_cache = _read_with(variables)

    def reparse(self) -> None:
        """Parse what is new, or all that there is after other variables.

        Raises what `parse` does, and leaves the rules as they were then.
        """
        self.parse()


def _read_with(variables: dict[str, str]) -> LRUCache[tuple[object, ...], list[RuleSet]]:
    return READ.setdefault(frozenset(variables.items()), LRUCache(_MANY))
