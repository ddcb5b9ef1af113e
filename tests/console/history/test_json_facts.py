from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from console.model.starts.start import Moment
from console.model.text import SafeText
from console.session.json_facts import from_json, to_json


@dataclass(frozen=True)
class Facts:
    price: Decimal | None = None
    moments: Mapping[Moment, float] = field(default_factory=dict)
    names: Mapping[SafeText, tuple[int, ...]] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)


FACTS = Facts(
    Decimal("0.10"),
    {Moment.READY: 1.5},
    {SafeText("a"): (1, 2)},
    {"deep": [{"x": None}, True, 2.5]},
)


def test_mappings_and_exact_numbers_come_back_as_they_were() -> None:
    document = json.loads(json.dumps(to_json(FACTS)))
    assert document["price"] == "0.10"
    assert document["moments"] == {"READY": 1.5}
    read = from_json(Facts, document)
    assert read == FACTS
    assert str(read.price) == "0.10"


@pytest.mark.parametrize(
    "document",
    [
        {"moments": {"SOMETIME": 1.0}},
        {"moments": {"READY": "soon"}},
        {"moments": [1.0]},
        {"price": "dear"},
        {"price": 0.1},
        {"names": {"a": [1, "2"]}},
    ],
)
def test_what_does_not_fit_is_refused(document: object) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_json(Facts, document)


def test_names_are_made_safe() -> None:
    read = from_json(Facts, {"names": {"\x1b[2Ja": [1]}})
    assert list(read.names) == ["a"]
