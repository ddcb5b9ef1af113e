from __future__ import annotations

import pytest

from console.model.expectation import expected_start, in_seconds


def test_the_median_of_the_starts_is_expected() -> None:
    assert str(expected_start((5.0, 60.0, 7.0))) == "about 7 s, from 3 starts"
    assert str(expected_start((31.2,))) == "about 31 s, from 1 start"


def test_without_a_start_nothing_is_expected() -> None:
    assert expected_start(()) is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (89.4, "89 s"), (90.0, "1 min 30 s"), (119.6, "2 min"), (3_601.0, "60 min 1 s")],
)
def test_waits_are_said_in_seconds_and_minutes(seconds: float, said: str) -> None:
    assert in_seconds(seconds) == said
