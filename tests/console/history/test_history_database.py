from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from history_scenes import (
    CONTEXT,
    NOON,
    REVISION,
    SHAPE,
    after,
    cold_start,
    record,
    table_of,
)
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.estimate import Window
from console.model.starts.start import (
    ColdStart,
    Doubt,
    DoubtKind,
    Failure,
    FailureKind,
    Moment,
    Reason,
    WaitingRequest,
)
from console.model.starts.statistics import timing
from console.model.text import SafeText
from console.session.history.database import KEPT, History
from console.session.history.rows import key_of, moment, seconds


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History.open(tmp_path / "history.sqlite3")
    yield opened
    opened.close()


def test_a_start_comes_back_as_it_was(history: History) -> None:
    start = replace(
        cold_start(),
        doubts=(Doubt(DoubtKind.PROBED_BEFORE_READY, 2.5),),
        failure=Failure(FailureKind.EXITED, after(40), SafeText("Container called exit(1).")),
        retries=2,
    )
    history.keep_starts(CONTEXT, [start])
    assert history.starts(CONTEXT) == (start,)


def test_starts_come_newest_first_and_by_the_page(history: History) -> None:
    starts = [cold_start(after(days=day), f"a{day}") for day in range(5)]
    history.keep_starts(CONTEXT, starts)

    first = history.starts(CONTEXT, limit=2)
    then = history.starts(CONTEXT, limit=2, before=first[-1].began)
    assert [each.instance for each in (*first, *then)] == ["a4", "a3", "a2", "a1"]
    assert history.starts(CONTEXT, since=after(days=4) - timedelta(hours=1)) == (starts[4],)
    assert history.count(CONTEXT) == 5


def test_the_figures_of_all_are_there_without_their_documents(history: History) -> None:
    starts = [cold_start(after(days=day), f"a{day}") for day in range(3)]
    history.keep_starts(CONTEXT, [*starts[1:], starts[0]])
    with table_of(history.path or Path()) as tables:
        tables.execute("UPDATE start_documents SET document = 'not read'")

    told = history.timings(CONTEXT)
    assert list(told) == [key_of(each) for each in starts]
    assert list(told.values()) == [timing(each) for each in starts]
    assert list(history.timings(CONTEXT, after(days=1))) == [key_of(starts[2])]


def test_contexts_are_kept_apart(history: History) -> None:
    history.keep_starts("local", [cold_start()])
    history.keep_lives("sandbox", [record()])
    assert history.starts("sandbox") == ()
    assert history.lives("local", NOON) == ()
    assert history.timings("nowhere") == {}
    assert set(history.contexts()) == {"local", "sandbox"}


def test_the_same_start_told_again_is_the_same(history: History) -> None:
    for _ in range(3):
        history.keep_starts(CONTEXT, [cold_start(), cold_start()])
    assert history.starts(CONTEXT) == (cold_start(),)


def test_a_start_that_is_told_more_completely_is_replaced(history: History) -> None:
    for until in (Moment.CONTAINER_UP, Moment.READY, Moment.ANSWERED, None):
        kept = history.keep_starts(CONTEXT, [cold_start(until=until)])
        assert kept.starts == history.starts(CONTEXT) == (cold_start(until=until),)
    assert history.count(CONTEXT) == 1


def test_who_heard_less_of_a_start_takes_nothing_away(history: History) -> None:
    whole = cold_start()
    history.keep_starts(CONTEXT, [whole])
    # Somebody who began to listen when the container was up already.
    late = cold_start(until=Moment.READY)
    moments = {each: at for each, at in late.moments.items() if at > after(3)}
    late = replace(late, process=after(3.5), moments=moments, requests=())

    kept = history.keep_starts(CONTEXT, [late])

    assert history.starts(CONTEXT) == kept.starts == (whole,)
    assert kept.gone == {key_of(late)}


def test_the_earlier_lines_of_a_start_may_come_later(history: History) -> None:
    late = replace(cold_start(), process=after(3.5), moments={Moment.READY: after(36)}, requests=())
    history.keep_starts(CONTEXT, [late])

    kept = history.keep_starts(CONTEXT, [cold_start()])

    assert history.starts(CONTEXT) == (cold_start(),)
    assert kept.gone == {key_of(late)}


def test_what_is_told_of_a_start_again_by_whoever_told_it_is_believed(history: History) -> None:
    whole = cold_start()
    kept = history.keep_starts(CONTEXT, [whole])
    assert kept.believed == {key_of(whole)}
    # The request was found to have waited for another instance.
    alone = replace(cold_start(until=Moment.ANSWERED), requests=())

    assert history.keep_starts(CONTEXT, [alone]).starts == (whole,)
    assert history.keep_starts(CONTEXT, [alone], kept.believed).starts == (alone,)
    assert history.starts(CONTEXT) == (alone,)


def test_a_container_that_is_started_again_has_two_starts(history: History) -> None:
    first = replace(
        cold_start(until=Moment.READY),
        failure=Failure(FailureKind.EXITED, after(40), SafeText("Container called exit(1).")),
    )
    # Whoever waited for the first waits for the second.
    second = replace(cold_start(after(41)), requests=first.requests, retries=1)
    second = replace(second, moments={**second.moments, Moment.ARRIVED: after(-0.25)})

    history.keep_starts(CONTEXT, [first, second])
    history.keep_starts(CONTEXT, [second, first])

    assert set(map(key_of, history.starts(CONTEXT))) == {key_of(first), key_of(second)}


def test_nothing_is_kept_of_a_start_that_is_secret(history: History) -> None:
    request = WaitingRequest(after(-1), 50.0, 200, SafeText("//[x/v1/images?key=hunter2"))
    said = SafeText("cannot read gs://models: authorization: hunter2")
    failure = Failure(FailureKind.ENGINE, after(30), said)
    history.keep_starts(CONTEXT, [replace(cold_start(), requests=(request,), failure=failure)])

    (kept,) = history.starts(CONTEXT)
    assert kept.requests[0].path == "//[x/v1/images"
    assert kept.failure is not None
    assert kept.failure.says == "cannot read gs://models: authorization: …"
    assert b"hunter2" not in b"".join(each.read_bytes() for each in _files(history))


def _files(history: History) -> list[Path]:
    assert history.path is not None
    return list(history.path.parent.iterdir())


def test_a_start_of_a_newer_console_is_left_out_and_left_alone(history: History) -> None:
    history.keep_starts(CONTEXT, [cold_start(), cold_start(after(days=1), "b2")])
    with table_of(history.path or Path()) as tables:
        tables.execute(
            "UPDATE start_documents SET document = replace(document, 'AUTOSCALING', 'WHIM') "
            "WHERE start = (SELECT id FROM starts WHERE instance = 'a1')"
        )
    assert [each.instance for each in history.starts(CONTEXT)] == ["b2"]
    assert history.count(CONTEXT) == 2


def test_lives_are_joined_with_what_was_known_of_them(history: History) -> None:
    first, second = Window(after(1), after(40)), Window(after(60), after(70))
    history.keep_lives(CONTEXT, [record("a1", NOON, first)])
    history.keep_lives(CONTEXT, [record("a1", after(5), first, second)])

    (kept,) = history.lives(CONTEXT, NOON)
    assert kept.life.start == NOON
    assert kept.life.requests == (first, second)
    assert kept.life.seen == after(70)


def test_lives_are_those_with_a_sign_since_then(history: History) -> None:
    history.keep_lives(CONTEXT, [record("a1"), record("b2", after(days=3))])
    assert [each.instance for each in history.lives(CONTEXT, NOON)] == ["a1", "b2"]
    assert [each.instance for each in history.lives(CONTEXT, after(1))] == ["b2"]


def test_the_shape_of_a_revision_is_the_one_that_was_seen_last(history: History) -> None:
    history.keep_shape(CONTEXT, REVISION, replace(SHAPE, min_instances=1))
    history.keep_shape(CONTEXT, REVISION, SHAPE)
    assert history.shapes(CONTEXT) == {REVISION: SHAPE}
    assert history.shapes("sandbox") == {}


def test_stretches_that_were_read_grow_together(history: History) -> None:
    for since, until in ((0, 10), (20, 30), (40, 50), (8, 22), (60, 60)):
        history.cover(CONTEXT, after(since), after(until))
    assert history.covered(CONTEXT) == (Window(after(0), after(30)), Window(after(40), after(50)))


def test_what_is_too_old_is_forgotten(history: History) -> None:
    old = NOON - KEPT - timedelta(days=1)
    history.keep_starts(CONTEXT, [cold_start(old, "old"), cold_start()])
    history.keep_lives(CONTEXT, [record("old", old, Window(old, old)), record()])
    history.cover(CONTEXT, old, old + timedelta(hours=1))
    history.cover(CONTEXT, NOON, after(60))

    history.prune(CONTEXT, NOON)

    assert history.starts(CONTEXT) == (cold_start(),)
    assert [each.instance for each in history.lives(CONTEXT, old)] == ["a1"]
    assert history.covered(CONTEXT) == (Window(NOON, after(60)),)
    with table_of(history.path or Path()) as tables:
        for table in ("start_documents", "starts", "lives"):
            assert tables.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
        assert tables.execute("SELECT count(*) FROM answered").fetchone() == (0,)


def test_of_too_many_the_oldest_are_forgotten(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.session.history.database.MOST_STARTS", 3)
    history.keep_starts(CONTEXT, [cold_start(after(days=day), f"a{day}") for day in range(5)])
    history.keep_starts("local", [cold_start(after(days=-3))])
    history.prune(CONTEXT, NOON)
    assert [each.instance for each in history.starts(CONTEXT)] == ["a4", "a3", "a2"]
    assert history.count("local") == 1


_MOMENTS = st.datetimes(
    datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC), allow_imaginary=False
)
_TEXTS = st.text(max_size=12).map(lambda text: SafeText("".join(filter(str.isprintable, text))))
_DOUBTS = st.builds(Doubt, st.sampled_from(DoubtKind), st.floats(0, 1e5))
_STARTS = st.builds(
    ColdStart,
    instance=_TEXTS,
    revision=_TEXTS,
    reason=st.sampled_from(Reason),
    process=_MOMENTS,
    moments=st.dictionaries(st.sampled_from(Moment), _MOMENTS),
    kept_as=_TEXTS,
    first_image=st.none() | st.floats(0, 1e6),
    requests=st.lists(
        st.builds(WaitingRequest, _MOMENTS, st.none() | st.floats(0, 1e5)), max_size=2
    ).map(tuple),
    doubts=st.lists(_DOUBTS, max_size=2).map(tuple),
    retries=st.integers(0, 9),
)


@given(_STARTS)
def test_any_start_comes_back_as_it_was_with_its_figures(start: ColdStart) -> None:
    history = History.in_memory()
    history.keep_starts(CONTEXT, [start])
    assert history.starts(CONTEXT) == (start,)
    assert history.timings(CONTEXT) == {key_of(start): timing(start)}
    history.close()


@given(_MOMENTS)
def test_moments_are_kept_to_the_microsecond(at: datetime) -> None:
    assert moment(seconds(at)) == at
