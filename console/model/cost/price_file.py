"""The JSON document of a price list, read into a `PriceList` or refused in one line.

A list can be replaced by a newer one without a change of code, so nothing in the document is
believed: keys, units, figures and dates are checked, and what is not understood is refused rather
than left out, because a price that is silently left out would be a price that is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from console.model.cost.price_names import price_name, source_text
from console.model.cost.prices import (
    BillingRules,
    Gpu,
    Price,
    PriceList,
    Region,
    Source,
    StorageClass,
    Unit,
)

FORMAT: Final = 1
MAX_CHARACTERS: Final = 1_000_000
_MEND: Final = "use the list that came with the console, or get a new copy"
_FIGURE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9/-]{0,79}")
_TIERS: Final = 9
_LONGEST: Final = 400

_CLASSES: Final = "|".join(each.lower() for each in StorageClass)
_KEYS: Final = {
    r"run/tier-[1-9]/cpu/(request|idle|instance)": Unit.VCPU_SECOND,
    r"run/tier-[1-9]/memory/(request|idle|instance)": Unit.GIB_SECOND,
    r"run/tier-[1-9]/requests": Unit.MILLION_REQUESTS,
    rf"run/tier-[1-9]/({'|'.join(Gpu)})/(single-zone|redundant)": Unit.GPU_SECOND,
    rf"storage/retrieval/({_CLASSES})": Unit.GIB,
    rf"storage/class-[ab]/({_CLASSES})": Unit.THOUSAND_OPERATIONS,
    rf"storage/[a-z]+-[a-z]+[0-9]+/({_CLASSES})": Unit.GIB_MONTH,
    r"network/(same-region|internet|[a-z-]+/[a-z-]+)": Unit.GIB,
    r"(registry/storage|logging/retention)": Unit.GIB_MONTH,
    r"logging/ingest": Unit.GIB,
    r"registry/scan": Unit.IMAGE,
    r"build/[a-z0-9-]+": Unit.BUILD_MINUTE,
}
"""Which keys there are, and what a price under them is for one of."""

_FREE_KEY: Final = re.compile(
    r"run/((cpu|memory)/(request|instance)|requests)|storage/(standard|class-[ab])"
    r"|registry/storage|logging/ingest|build/[a-z0-9-]+"
)

Value = TypeVar("Value")
Word = TypeVar("Word", bound=StrEnum)


class PriceFileError(ValueError):
    """A document is not a price list; the text is one line with the mend."""


def parse_prices(document: str) -> PriceList:
    """Read a price list from its JSON document.

    Raises `PriceFileError` if it is not one, is damaged, or is of a format that is not known.
    """
    fields = _Fields(_decoded(document), "the list")
    if fields.whole("format", 1, 10**6) != FORMAT:
        fields.refuse("format", f"is not {FORMAT}, the one that this console reads")
    if fields.text("currency") != "USD":
        fields.refuse("currency", "is not USD, the one that this console reckons in")
    sources = fields.each("sources", _source)
    prices = fields.each("prices", lambda key, each: _price(key, each, sources))
    made = PriceList(
        date=fields.date("date"),
        prices=prices,
        regions=fields.each("regions", _region),
        free=_free(fields),
        rules=_rules(fields.inner("rules")),
    )
    fields.no_more()
    return made


class _Fields:
    """The fields of one JSON object, each of which is taken once."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise PriceFileError(f"prices: {where} is not a JSON object; {_MEND}")
        self._left: dict[str, object] = dict(value)
        self._where = where

    def refuse(self, key: str, why: str) -> NoReturn:
        shown = key if key.isprintable() and len(key) <= _LONGEST else ascii(key[:40])
        raise PriceFileError(f"prices: {shown} in {self._where} {why}; {_MEND}")

    def take(self, key: str) -> object:
        if key not in self._left:
            self.refuse(key, "is not there")
        return self._left.pop(key)

    def no_more(self) -> None:
        for key in self._left:
            self.refuse(key, "is not a field of a price list")

    def inner(self, key: str) -> _Fields:
        return _Fields(self.take(key), f"{key} of {self._where}")

    def each(self, key: str, read: Callable[[str, _Fields], Value]) -> Mapping[str, Value]:
        """Read an object of named objects."""
        inner = self.inner(key)
        result: dict[str, Value] = {}
        for name in inner.names():
            if not _NAME.fullmatch(name):
                inner.refuse(name, "is not a name in small letters, digits, hyphens and slashes")
            fields = inner.inner(name)
            result[name] = read(name, fields)
            fields.no_more()
        return result

    def names(self) -> tuple[str, ...]:
        return tuple(self._left)

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
            self.refuse(key, "is not a line of text")
        return value

    def figure(self, key: str) -> Decimal:
        value = self.take(key)
        if not isinstance(value, str) or not _FIGURE.fullmatch(value):
            self.refuse(key, 'is not a figure in quotes such as "0.020"')
        return Decimal(value)

    def whole(self, key: str, low: int, high: int) -> int:
        value = self.take(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(key, f"is not a whole number from {low} to {high}")
        return value

    def yes_or_no(self, key: str) -> bool:
        value = self.take(key)
        if not isinstance(value, bool):
            self.refuse(key, "is neither true nor false")
        return value

    def date(self, key: str) -> date:
        text = self.text(key)
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(key, "is not a date such as 2026-10-08")

    def word(self, key: str, kind: type[Word]) -> Word:
        text = self.text(key)
        if text not in list(kind):
            self.refuse(key, f"is none of {', '.join(kind)}")
        return kind(text)

    def words(self, key: str, kind: type[Word]) -> tuple[Word, ...]:
        value = self.take(key)
        if not isinstance(value, list) or any(each not in list(kind) for each in value):
            self.refuse(key, f"is not a list of {', '.join(kind)}")
        return tuple(kind(each) for each in value)

    def seconds(self, key: str) -> timedelta:
        figure = self.figure(key)
        if figure > 86_400:
            self.refuse(key, "is longer than a day")
        return timedelta(microseconds=int(figure * 10**6))


def _decoded(document: str) -> object:
    if len(document) > MAX_CHARACTERS:
        raise PriceFileError(f"prices: the list is longer than {MAX_CHARACTERS:,} characters")
    try:
        return json.loads(document, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        if isinstance(error, PriceFileError):
            raise
        raise PriceFileError(f"prices: the list is not JSON: {error}; {_MEND}") from None


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise PriceFileError(f"prices: the list says something twice; {_MEND}")
    return result


def _source(_: str, fields: _Fields) -> Source:
    return Source(source_text(fields.text("what")), fields.text("url"), fields.date("date"))


def _price(key: str, fields: _Fields, sources: Mapping[str, Source]) -> Price:
    unit = fields.word("unit", Unit)
    if unit is not _unit_of(key):
        fields.refuse("unit", f"is {unit}, but no such price goes by that")
    source = fields.text("source")
    if source not in sources:
        fields.refuse("source", "is not among the sources")
    value = fields.take("usd")
    if value is not None and (not isinstance(value, str) or not _FIGURE.fullmatch(value)):
        fields.refuse("usd", 'is neither a figure in quotes such as "0.020" nor null')
    usd = None if value is None else Decimal(value)
    verified = fields.yes_or_no("verified")
    return Price(price_name(fields.text("name")), usd, unit, sources[source], verified)


def _unit_of(key: str) -> Unit | None:
    return next((unit for form, unit in _KEYS.items() if re.fullmatch(form, key)), None)


def _region(name: str, fields: _Fields) -> Region:
    return Region(
        name=name,
        tier=fields.whole("tier", 1, _TIERS),
        continent=fields.text("continent"),
        gpus=fields.words("gpus", Gpu),
        by_invitation=fields.words("by_invitation", Gpu),
        free_storage=fields.yes_or_no("free_storage"),
    )


def _free(fields: _Fields) -> Mapping[str, Decimal]:
    inner = fields.inner("free")
    for name in inner.names():
        if not _FREE_KEY.fullmatch(name):
            inner.refuse(name, "is nothing that is given for free")
    return {name: inner.figure(name) for name in inner.names()}


def _rules(fields: _Fields) -> BillingRules:
    days = fields.inner("minimum_days")
    rules = BillingRules(
        rounding=fields.seconds("rounding_seconds"),
        instance_minimum=fields.seconds("instance_minimum_seconds"),
        idle_kept=fields.seconds("idle_kept_seconds"),
        idle_kept_gpu=fields.seconds("idle_kept_gpu_seconds"),
        minimum_days={each: days.whole(each, 0, 3650) for each in StorageClass},
        soft_delete_days=fields.whole("soft_delete_days", 0, 90),
    )
    days.no_more()
    fields.no_more()
    return rules
