"""How much of a fault there is: said on the command line, over HTTP, and refused in one line."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from open_sandbox import Clients

from console.sandbox.__main__ import main
from console.sandbox.faults import MEASURES, BadAmount, Fault, Faults, amount_of, read_amount

MEASURED = sorted(MEASURES)
UNMEASURED = sorted(set(Fault) - set(MEASURES))


@pytest.mark.parametrize("fault", MEASURED)
def test_what_is_slow_has_an_amount_that_nobody_need_say(fault: Fault) -> None:
    faults = Faults([fault])
    assert faults.amount(fault) == MEASURES[fault].usual
    assert MEASURES[fault].least <= MEASURES[fault].usual <= MEASURES[fault].most
    faults.end(fault)
    assert faults.amount(fault) == 0


@given(fault=st.sampled_from(MEASURED), amount=st.floats())
def test_an_amount_is_taken_within_its_limits_and_refused_in_one_line_outside(
    fault: Fault, amount: float
) -> None:
    measure = MEASURES[fault]
    if measure.least <= amount <= measure.most:
        assert read_amount(fault, repr(amount)) == amount_of(fault, amount) == amount
        return
    with pytest.raises(BadAmount) as refused:
        read_amount(fault, repr(amount))
    assert str(refused.value).count("\n") == 0
    assert fault in str(refused.value)
    assert measure.unit in str(refused.value)


def outcome(fault: Fault, text: str) -> float | str | None:
    """Return the amount that was read, or the refusal."""
    try:
        return read_amount(fault, text)
    except BadAmount as refused:
        return str(refused)


@given(fault=st.sampled_from(MEASURED), text=st.text())
def test_any_text_is_a_number_within_limits_or_refused_in_one_line(fault: Fault, text: str) -> None:
    came = outcome(fault, text)
    if isinstance(came, str):
        assert len(came.splitlines()) == 1
        assert len(came) < 400
    else:
        assert came is not None
        assert math.isfinite(came)


@pytest.mark.parametrize("fault", UNMEASURED)
def test_what_is_on_or_off_takes_no_amount(fault: Fault) -> None:
    with pytest.raises(BadAmount, match="on or off"):
        read_amount(fault, "5")
    assert Faults([fault]).amounts == {}


def test_who_listens_hears_of_another_amount_and_of_the_same_once() -> None:
    faults, heard = Faults(), list[float]()
    faults.subscribe(lambda: heard.append(faults.amount(Fault.SLOW_IMPORT)))
    for amount in (2.0, 2.0, 3.0):
        faults.begin(Fault.SLOW_IMPORT, amount)
    faults.end(Fault.SLOW_IMPORT)
    assert heard == [2.0, 3.0, 0.0]


def test_a_refused_amount_changes_nothing() -> None:
    faults = Faults()
    faults.begin(Fault.SLOW_IMPORT, 2.0)
    with pytest.raises(BadAmount):
        faults.begin(Fault.SLOW_IMPORT, -1.0)
    assert faults.amount(Fault.SLOW_IMPORT) == 2.0


async def test_amounts_are_said_in_the_query_or_in_the_body_or_not_at_all(cloud: Clients) -> None:
    switch = f"http://{cloud.sandbox.endpoints.http}/sandbox/faults/slow-import"
    for said, amount in (
        ({}, 5.0),
        ({"params": {"amount": "7"}}, 7.0),
        ({"json": {"amount": 2.5}}, 2.5),
        ({"json": {"amount": "2e0"}}, 2.0),
        ({"json": {}}, 5.0),
        ({"json": {"amount": None}}, 5.0),
    ):
        answer = await cloud.http.put(switch, **said)
        assert answer.json()["active"] == ["slow-import"]
        assert answer.json()["amounts"] == {"slow-import": amount}
    measure = answer.json()["measures"]["slow-import"]
    assert measure == {"unit": "seconds", "usual": 5.0, "least": 0.0, "most": 600.0}


@pytest.mark.parametrize(
    "said",
    [
        {"params": {"amount": "much"}},
        {"params": {"amount": ""}},
        {"params": {"amount": "-1"}},
        {"params": {"amount": "601"}},
        {"params": {"amount": "nan"}},
        {"json": {"amount": True}},
        {"json": {"amount": [5]}},
        {"json": {"seconds": 5}},
        {"json": 5},
        {"content": b'{"amount": NaN}'},
        {"content": b'{"amount": 1e999}'},
        {"content": b"{"},
        {"content": b"[" * 100_000},
        {"content": b"\xff\xfe"},
    ],
)
async def test_an_amount_that_is_none_is_refused_over_http(
    cloud: Clients, said: dict[str, object]
) -> None:
    switch = f"http://{cloud.sandbox.endpoints.http}/sandbox/faults/slow-import"
    answer = await cloud.http.put(switch, **said)
    assert answer.status_code == 400
    assert len(answer.json()["error"]["message"].splitlines()) == 1
    assert Fault.SLOW_IMPORT not in cloud.sandbox.faults


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["fault", "slow-import", "on", "much"], "'much' is no number of seconds from 0 to 600"),
        (["fault", "slow-import", "on", "-1"], "-1 is no number of seconds from 0 to 600"),
        (["fault", "slow-mount", "on", "5"], "5 is no number of bytes a second from 1000 to 1e+12"),
        (["fault", "logs-denied", "on", "5"], "logs-denied takes no amount: it is on or off"),
        (["fault", "slow-import", "off", "5"], "an amount goes with `on`"),
        (["--fault", "slow-import=much"], "'much' is no number of seconds from 0 to 600"),
        (["--fault", "slow-import="], "'' is no number of seconds from 0 to 600"),
        (["--fault", "logs-denied=5"], "logs-denied takes no amount: it is on or off"),
        (["--fault", "slow-mood=5"], "'slow-mood' is no fault"),
    ],
)
def test_on_the_command_line_one_line_says_what_cannot_be(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert complaint in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("fault", Fault)
def test_the_guide_says_what_is_seen_of_every_fault(fault: Fault) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    tables = guide.partition("## Faults")[2].partition("`python tools/cold_starts.py`")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| `")]
    (row,) = (row for row in rows if f"`{fault}`" in row)
    measure = MEASURES.get(fault)
    if measure is not None and fault is not Fault.STORAGE_SLOW:
        unless_said = row.split("|")[3].strip()
        assert row.split("|")[2].strip() == measure.unit
        assert float(unless_said) == measure.usual
