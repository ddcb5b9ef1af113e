"""What Google's catalog charged last, kept on disk so that it is not asked at every start.

One JSON file, private to the user. A file that is damaged or of another version is as good as none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.model.cost.catalog_prices import CatalogPrices
from console.paths import make_private_directory, write_atomically
from console.session.json_facts import from_json, to_json

VERSION: Final = 1
_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Kept:
    version: int
    catalog: CatalogPrices


class PriceCache:
    """The prices in one file; its directory is made when they are first kept."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> CatalogPrices | None:
        """Return the prices that were kept last; None when nothing usable was kept."""
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            if self._path.stat().st_size > _LARGEST:
                return None
            said = json.loads(self._path.read_bytes())
            if said["version"] != VERSION:
                return None
            catalog = from_json(_Kept, said).catalog
            figures = [price.usd for price in catalog.prices.values()]
            good = all(usd is not None and usd.is_finite() and usd > 0 for usd in figures)
            return catalog if good else None
        return None

    def keep(self, catalog: CatalogPrices) -> None:
        """Write prices in place of those before; raises `OSError`."""
        make_private_directory(self._path.parent)
        document = json.dumps(to_json(_Kept(VERSION, catalog)), ensure_ascii=False)
        write_atomically(self._path, document.encode())
