"""How far an examination of the doctor's is, while things are found out in any order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from console.model.doctor.checks import Check, asked_in
from console.model.doctor.finding import Finding, State
from console.model.doctor.progress import Progress

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGUN = Progress("p/us-central1/z")


def found(check: Check, state: State) -> Finding:
    return Finding(check, state, "so")


@pytest.mark.parametrize(
    ("context", "asked"),
    [
        ("local", asked_in(cloud=False, sandbox=False)),
        ("sandbox", asked_in(cloud=False, sandbox=True)),
        ("p/us-central1/z", asked_in(cloud=True, sandbox=False)),
    ],
)
def test_at_first_all_that_matters_in_a_context_is_under_way(
    context: str, asked: frozenset[Check]
) -> None:
    begun = Progress(context)
    assert {*begun.pending} == asked
    assert begun.summary == f"{len(asked)} under way"


@given(some.lists(some.tuples(some.sampled_from(Check), some.sampled_from(State)), unique=True))
def test_in_whatever_order_things_are_found_the_worst_is_first_and_none_is_lost(
    told: list[tuple[Check, State]],
) -> None:
    findings = {check: found(check, state) for check, state in told}
    progress = BEGUN
    for each in findings.values():
        progress = progress.found(each)

    order = [*State]
    states = [order.index(each.state) for each in progress.worst_first]
    assert states == sorted(states)
    assert {*progress.worst_first, *progress.left_out} == {*findings.values()}
    assert not {*progress.pending} & {*findings}


def test_what_does_not_matter_is_not_counted() -> None:
    progress = BEGUN.found(found(Check.ENGINE, State.NOT_ASKED)).found(
        found(Check.NETWORK, State.WRONG)
    )
    assert progress.summary == "1 wrong, 18 under way"
    assert progress.ending(NOON).summary == "1 wrong"


def test_an_examination_that_broke_down_has_nothing_under_way() -> None:
    assert BEGUN.ending(NOON).pending == ()
    assert BEGUN.ending(NOON).summary == "nothing was found out"
