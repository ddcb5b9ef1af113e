"""What a full queue says of time, learned from pictures of all sizes."""

from __future__ import annotations

import pytest

from engine.pace import FIRST_GUESS, Pace, effort
from engine.schema import GenerationRequest, Size

NATIVE = Size(512, 512)
QUICK = GenerationRequest("x", size=Size(256, 256), steps=2)
LONG = GenerationRequest("x", size=Size(1024, 1024), steps=8)


def test_before_the_first_picture_it_is_a_guess_per_picture() -> None:
    assert Pace().expect([QUICK, LONG], None) == 2 * FIRST_GUESS


def test_the_first_picture_is_taken_at_its_word() -> None:
    pace = Pace()
    pace.learn(QUICK, NATIVE, 3.0)

    assert pace.expect([QUICK], NATIVE) == pytest.approx(3.0)


def test_a_larger_picture_with_more_steps_is_expected_to_take_longer() -> None:
    pace = Pace()
    pace.learn(QUICK, NATIVE, 3.0)

    assert pace.expect([LONG], NATIVE) == pytest.approx(3.0 * 16 * 10 / 4)


def test_a_single_slow_picture_moves_the_expectation_only_a_little() -> None:
    pace = Pace()
    pace.learn(QUICK, NATIVE, 1.0)
    pace.learn(QUICK, NATIVE, 11.0)

    assert pace.expect([QUICK], NATIVE) == pytest.approx(4.0)


def test_guidance_doubles_the_passes_and_no_size_is_the_models_own() -> None:
    plain = GenerationRequest("x", steps=8)

    assert effort(plain, NATIVE) == pytest.approx(512 * 512 * 10 / 1e6)
    assert effort(GenerationRequest("x", steps=8, guidance=4.0), NATIVE) == pytest.approx(
        512 * 512 * 18 / 1e6
    )
