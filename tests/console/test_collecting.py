"""What is painted leaves no garbage behind that Python would have to look for."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.strip import Strip

from console.startup import collecting
from console.startup.collecting import collect_seldom


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Strip, "divide", Strip.divide)
    thresholds = gc.get_threshold()
    gc.disable()
    yield
    gc.enable()
    gc.set_threshold(*thresholds)


class WeakStrip(Strip):
    """A strip that can be watched."""

    __slots__ = ("__weakref__",)


@pytest.mark.parametrize("cuts", [[6], [6, 9], [2], [2, 6], [2, 4, 9], [9], []])
def test_a_strip_is_divided_as_before_and_goes_at_once(cuts: list[int]) -> None:
    collect_seldom()
    before = collecting._divide(Strip([Segment("a line")]), cuts)
    strip = WeakStrip([Segment("a line")])
    assert [each.text for each in strip.divide(cuts)] == [each.text for each in before]
    known = weakref.ref(strip)
    del strip
    assert known() is None


def test_textual_still_needs_help() -> None:
    """Once this fails, `console.startup.collecting` need not change how strips are divided."""
    strip = WeakStrip([Segment("a line")])
    collecting._divide(strip, [6])
    known = weakref.ref(strip)
    del strip
    assert known() is not None
