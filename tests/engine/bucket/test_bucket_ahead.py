"""Reading ahead: in the order of use, within its memory, and never stuck."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import pytest

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.ahead.pieces import Wanted
from engine.weights.ahead.read_ahead import ReadAhead
from engine.weights.ahead.slots import PIECE, Room, Slots
from engine.weights.bucket.bucket import StoredObject

M = TypeVar("M", bound=Slots)
MANY = 12
RING = 3 * PIECE


def stored(name: str = "a", pieces: float = MANY) -> StoredObject:
    return StoredObject(name, int(pieces * PIECE), 1, 0)


class Recorder:
    """Brings pieces that begin with their own number, and remembers what it was asked for."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.fetched: list[tuple[str, int]] = []
        self.fails_at = -1

    def fetch(self, stored: StoredObject, offset: int, length: int, slot: int) -> int:
        index = offset // PIECE
        self.fetched.append((stored.key, index))
        if index == self.fails_at:
            raise ModelNotFound(f"{stored.key} cannot be read: it rains")
        with self.slots.view(slot, length) as view:
            view[:8] = index.to_bytes(8, "big")
        return 0

    def close(self) -> None: ...


class CountedSlots(Slots):
    """Says how many places are taken at most."""

    taken = 0
    most = 0

    def take(self, piece: int) -> int:
        self.taken += 1
        self.most = max(self.most, self.taken)
        return super().take(piece)

    def give(self, slot: int) -> None:
        self.taken -= 1
        super().give(slot)


class CountedRoom(Room):
    """Says which places were given back."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.given: list[int] = []

    def give(self, slot: int) -> None:
        self.given.append(slot)
        super().give(slot)


@contextmanager
def reading(
    *wanted: Wanted, early: int = 0, threads: int = 1
) -> Iterator[tuple[ReadAhead, Recorder, CountedSlots]]:
    with reading_into(CountedSlots(MANY + 6, 3), *wanted, early=early, threads=threads) as read:
        yield read


@contextmanager
def reading_into(
    slots: M, *wanted: Wanted, early: int = 0, threads: int = 1
) -> Iterator[tuple[ReadAhead, Recorder, M]]:
    recorder = Recorder(slots)
    ahead = ReadAhead(
        wanted,
        slots,
        lambda _: recorder,
        agrees=lambda *_: True,
        read=lambda *_: None,
        checking=False,
        early=early,
        ring=RING,
        threads=threads,
    )
    try:
        yield ahead, recorder, slots
    finally:
        ahead.close()


def in_order(order: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((index * PIECE, PIECE) for index in order)


def first_number(ahead: ReadAhead, file: StoredObject, index: int) -> int:
    buffer = memoryview(bytearray(PIECE))
    ahead.read_into(file, index * PIECE, buffer)
    return int.from_bytes(buffer[:8], "big")


def test_pieces_come_in_the_order_of_use():
    order = [3, 1, 4, 0, 5, 9, 2, 6, 8, 7, 11, 10]
    with reading(Wanted(stored(), in_order(order))) as (ahead, recorder, _):
        assert [first_number(ahead, stored(), index) for index in order] == order
        assert [index for _, index in recorder.fetched] == order


def test_no_more_waits_than_the_ring_holds():
    with reading(Wanted(stored(), in_order(range(MANY))), threads=4) as (ahead, _, slots):
        for index in range(MANY):
            assert first_number(ahead, stored(), index) == index
        assert slots.most * PIECE <= RING


def test_before_anything_is_used_more_may_wait():
    wanted = Wanted(stored(), in_order(range(MANY)))
    with reading(wanted, early=6 * PIECE) as (ahead, recorder, slots):
        assert first_number(ahead, stored(), 5) == 5  # which comes sixth, when none was used
        assert len(recorder.fetched) >= 6
        for index in (0, 1, 2, 3, 4, *range(6, MANY)):
            assert first_number(ahead, stored(), index) == index
        assert slots.most == 6


@pytest.mark.parametrize("threads", [1, 4])
def test_another_order_than_was_said_costs_time_and_never_stops(threads: int):
    wanted = Wanted(stored(), in_order(range(MANY)))
    with reading(wanted, threads=threads) as (ahead, _, slots):
        for index in reversed(range(MANY)):
            assert first_number(ahead, stored(), index) == index
        assert slots.most * PIECE <= RING + (threads + 1) * PIECE


def test_pieces_of_which_a_little_is_needed_until_the_end_do_not_fill_the_memory():
    # A byte at the end of each piece is used last, so that none can be let go of before.
    ends = [((index + 1) * PIECE - 1, 1) for index in range(MANY)]
    bodies = [(index * PIECE, PIECE - 1) for index in range(MANY)]
    with reading(Wanted(stored(), (*bodies, *ends))) as (ahead, _, slots):
        body = memoryview(bytearray(PIECE - 1))
        for offset, size in bodies:
            ahead.read_into(stored(), offset, body[:size])
            assert int.from_bytes(body[:8], "big") == offset // PIECE
        for offset, size in ends:
            ahead.read_into(stored(), offset, body[:size])
        assert slots.most * PIECE <= RING + 2 * PIECE


def test_the_next_file_is_read_while_this_one_is_used():
    files = [Wanted(stored(name, 1), ((0, PIECE),)) for name in "abc"]
    with reading(*files) as (ahead, recorder, _):
        assert first_number(ahead, stored("c", 1), 0) == 0
        assert [name for name, _ in recorder.fetched] == ["a", "b", "c"]


def test_a_file_that_is_left_out_makes_room_for_the_next():
    files = [Wanted(stored("a"), in_order(range(MANY))), Wanted(stored("b", 2), in_order((0, 1)))]
    with reading(*files) as (ahead, recorder, _):
        ahead.finish(stored("a"))
        assert first_number(ahead, stored("b", 2), 1) == 1
        assert ("a", MANY - 1) not in recorder.fetched


def test_a_piece_that_does_not_come_is_told_where_it_is_needed():
    with reading(Wanted(stored(), in_order(range(MANY)))) as (ahead, recorder, _):
        recorder.fails_at = 5
        for index in range(3):
            first_number(ahead, stored(), index)
        with pytest.raises(ModelNotFound, match="a cannot be read: it rains"):
            first_number(ahead, stored(), 5)


def test_after_the_last_file_all_threads_end():
    before = threading.active_count()
    with reading(Wanted(stored("a", 1), ((0, PIECE),)), threads=4) as (ahead, _, _):
        first_number(ahead, stored("a", 1), 0)
        ahead.finish(stored("a", 1))
        for thread in threading.enumerate():
            if thread.name == "engine-reader":
                thread.join(30)
    assert threading.active_count() <= before


def numbers_in(lent: memoryview | None) -> list[int]:
    """Return the numbers that the lent pieces begin with."""
    assert lent is not None
    return [int.from_bytes(lent[at : at + 8], "big") for at in range(0, len(lent), PIECE)]


def ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "engine-reader":
            thread.join(30)


@pytest.mark.parametrize("threads", [1, 4])
def test_what_is_lent_stays_where_it_came_and_leaves_room_for_more(threads: int):
    wanted = Wanted(stored(), tuple((index * PIECE, 2 * PIECE) for index in range(0, MANY, 2)))
    with reading_into(CountedRoom(MANY), wanted, threads=threads) as (ahead, _, room):
        lent = [ahead.lend(stored(), offset, size) for offset, size in wanted.extents]
        ahead.finish(stored())
        ended()
        assert [number for each in lent for number in numbers_in(each)] == list(range(MANY))
        assert room.given == []


def test_of_what_is_copied_the_memory_goes_back_unless_some_of_it_is_lent():
    half = PIECE // 2
    wanted = Wanted(stored(pieces=3), ((0, PIECE), (PIECE, half), (PIECE + half, half + PIECE)))
    with reading_into(CountedRoom(3), wanted) as (ahead, _, room):
        ahead.read_into(wanted.stored, 0, memoryview(bytearray(PIECE)))
        ahead.read_into(wanted.stored, PIECE, memoryview(bytearray(half)))
        lent = ahead.lend(wanted.stored, PIECE + half, half + PIECE)
        ahead.finish(wanted.stored)
        ended()
        assert room.given == [0]
        assert lent is not None
        assert numbers_in(lent[half:]) == [2]


def test_files_lie_one_after_another():
    wanted = [Wanted(stored(name, 1.5), ((0, int(1.5 * PIECE)),)) for name in "ab"]
    with reading_into(CountedRoom(4), *wanted) as (ahead, _, _):
        for each in wanted:
            assert numbers_in(ahead.lend(each.stored, 0, each.stored.bytes)) == [0, 1]


def test_memory_that_is_used_again_is_not_lent():
    with reading(Wanted(stored("a", 1), ((0, PIECE),))) as (ahead, _, _):
        assert ahead.lend(stored("a", 1), 0, PIECE) is None


def test_more_than_a_file_has_is_not_lent():
    with (
        reading_into(CountedRoom(1), Wanted(stored("a", 1), ((0, PIECE),))) as (ahead, _, _),
        pytest.raises(MalformedFile, match="shorter than its header says"),
    ):
        ahead.lend(stored("a", 1), 8, PIECE)


def test_a_piece_that_does_not_come_is_not_lent():
    with reading_into(CountedRoom(MANY), Wanted(stored(), in_order(range(MANY)))) as (
        ahead,
        recorder,
        _,
    ):
        recorder.fails_at = 5
        assert numbers_in(ahead.lend(stored(), 0, 3 * PIECE)) == [0, 1, 2]
        with pytest.raises(ModelNotFound, match="it rains"):
            ahead.lend(stored(), 4 * PIECE, 2 * PIECE)
