"""No state is told by its colour alone: each has a sign that no other has, in ASCII too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from console.model.doctor.finding import SIGNS, State
from console.model.rollout import StageState
from console.model.service import ConditionState, ServiceSnapshot, ServiceState
from console.terminal.plain_signs import in_ascii
from console.widgets import cloud_facts, rollout_view
from console.widgets.service_badge import badge

SETTLED = (ConditionState.SUCCEEDED, ConditionState.FAILED, ConditionState.UNKNOWN)
SHOWN = {
    "service": [badge(ServiceSnapshot(state=each)).plain[0] for each in ServiceState],
    "condition": [cloud_facts._GLYPHS[each][0] for each in SETTLED] + [cloud_facts._GOING_ON[0]],
    "stage of a roll-out": [rollout_view._LOOKS[each][0] for each in StageState],
    "finding": [SIGNS[each] for each in State],
}


def twice(signs: Iterable[str]) -> list[str]:
    return [sign for sign, count in Counter(signs).items() if count > 1]


@pytest.mark.parametrize("of", SHOWN)
def test_every_state_has_a_sign_of_its_own(of: str) -> None:
    assert twice(SHOWN[of]) == []


@pytest.mark.parametrize("of", SHOWN)
def test_every_state_has_a_sign_of_its_own_in_ascii(of: str) -> None:
    plain = [in_ascii(sign) for sign in SHOWN[of]]
    assert all(sign.isascii() for sign in plain)
    assert twice(plain) == []


@pytest.mark.parametrize("state", ServiceState)
def test_the_state_of_a_service_is_told_in_a_word_as_well(state: ServiceState) -> None:
    assert badge(ServiceSnapshot(state=state)).plain[2:] == state.word.upper()
