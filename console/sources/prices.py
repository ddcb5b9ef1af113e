"""Price lists in files: the one that comes with the console, and newer ones."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from console.language import spoken
from console.model.cost.price_file import MAX_CHARACTERS, PriceFileError, parse_prices
from console.model.cost.prices import PriceList


def packaged_prices() -> PriceList:
    """Return the price list that comes with the console, its names in the language spoken."""
    return _packaged(spoken())


@cache
def _packaged(language: str) -> PriceList:
    return parse_prices(files("console.sources").joinpath("prices.json").read_text("utf-8"))


def read_prices(path: Path) -> PriceList:
    """Return the price list in a file.

    Raises `PriceFileError` with one line if there is none, or it is damaged.
    """
    try:
        with path.open(encoding="utf-8") as file:
            document = file.read(MAX_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise PriceFileError(f"prices: {path} is not text in UTF-8; name a price list") from None
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise PriceFileError(f"prices: {path} cannot be read: {reason}") from None
    return parse_prices(document)
