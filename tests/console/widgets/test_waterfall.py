from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.model.coldstart import Span
from console.widgets.waterfall import bar, waterfall

seconds = st.floats(min_value=0, max_value=600, allow_nan=False)


def test_bars_share_one_axis_and_end_in_eighths() -> None:
    spans = [Span("import", 0.0, 1.0), Span("warm-up", 1.0, 1.25)]
    rows = waterfall(spans, 28).plain.split("\n")
    assert rows == [
        "import  █████████▋    1.00 s",
        "warm-up          ▋██  0.25 s",
    ]


def test_a_left_edge_is_a_reversed_block() -> None:
    drawn = bar(0.5, 1.0, 1.0, 5, "red")
    assert drawn.plain == "  ▌██"
    assert [str(span.style) for span in drawn.spans] == ["red reverse", "red"]


def test_something_too_short_to_see_still_shows() -> None:
    assert bar(0.0, 0.0001, 1000.0, 10, "").plain == "▏         "


def test_what_goes_on_reaches_the_edge_and_has_no_value() -> None:
    spans = [Span("import", 0.0, 1.0), Span("reading", 1.0, None)]
    row = waterfall(spans, 40, now=2.0).plain.split("\n")[1]
    assert row.rstrip().endswith("█       …")


def test_a_wide_one_has_room_for_details() -> None:
    row = waterfall([Span("a.gguf", 0.0, 1.0, "6.2 MB, 27 MB/s")], 100).plain
    assert row.rstrip().endswith("1.00 s  6.2 MB, 27 MB/s")


def test_long_names_are_cut_to_cells_not_characters() -> None:
    row = waterfall([Span("模型" * 20, 0.0, 1.0)], 40)
    assert row.cell_length == 40
    assert "…" in row.plain


@given(start=seconds, length=seconds, rest=seconds, width=st.integers(1, 120))
def test_a_bar_is_exactly_as_wide_as_asked(
    start: float, length: float, rest: float, width: int
) -> None:
    assert bar(start, start + length, start + length + rest, width, "").cell_length == width


@given(
    spans=st.lists(st.builds(Span, st.text("ab 模", max_size=40), seconds, seconds), min_size=1),
    width=st.integers(24, 200),
)
def test_every_row_fits(spans: list[Span], width: int) -> None:
    ordered = [Span(s.name, s.start, s.start + (s.end or 0)) for s in spans]
    assert all(row.cell_length <= width for row in waterfall(ordered, width).split("\n"))
