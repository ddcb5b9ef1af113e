"""Processes that read for an engine: what they know, and what becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from faulty_bucket import BUCKET, FaultyBucket, Trouble

from engine.errors import ModelNotFound
from engine.weights.ahead.checksum import quick_checksum
from engine.weights.ahead.read_ahead import Interrupted
from engine.weights.ahead.slots import Slots
from engine.weights.bucket.bucket import Bucket, StoredObject
from engine.weights.bucket.credentials import Credentials, MachineAccount, Nobody, Tokens
from engine.weights.bucket.crew import Apart, Crew, useful_processes
from engine.weights.bucket.line import Endpoint, Patience
from engine.weights.bucket.station import Station

SECRET = "ya29.very-secret"
NAME = "tiny_ae.safetensors"
QUICK = Patience(tries=3, stall=0.5, first_wait=0.001, longest_wait=0.01)


class Reader:
    """One thread's end of a crew of one process."""

    def __init__(self, served: FaultyBucket, credentials: Credentials, patience: Patience) -> None:
        self.stopped = threading.Event()
        self.bucket = Bucket(BUCKET, Endpoint.parse(served.url), Tokens(credentials), patience)
        self.slots = Slots(2, 1, shared=True)
        self.crew = Crew(self.bucket, self.slots, processes=1, threads=1)
        here = Station(self.bucket, self.slots, quick_checksum(), self.stopped)
        self.fetcher = Apart(self.crew, self.bucket, here, self.stopped)
        with closing(self.bucket.line()) as line:
            self.stored: StoredObject = self.bucket.list_folder("", line).objects[NAME]

    def read(self) -> bytes:
        length = self.stored.bytes
        checksum = self.fetcher.fetch(self.stored, 0, length, 1)
        assert checksum == self.stored.crc32c
        return bytes(self.slots.view(1, length))


@contextmanager
def reader(
    served: FaultyBucket, credentials: Credentials | None = None, patience: Patience = QUICK
) -> Iterator[Reader]:
    made = Reader(served, credentials or Nobody(), patience)
    try:
        yield made
    finally:
        made.fetcher.close()
        made.slots.close()
        made.crew.close()


def children(process: int | None = None) -> list[int]:
    """Return the processes that read for this one, or for another."""
    tasks = Path(f"/proc/{process or os.getpid()}/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [child for child in found if b"crew_member" in told_of(child, "cmdline")]


def readers(count: int, process: int | None = None) -> list[int]:
    """Return the processes that read once there are so many: their names come after their start."""
    until = time.monotonic() + 30
    while len(found := children(process)) != count:
        assert time.monotonic() < until, found
        time.sleep(0.005)
    return found


def told_of(process: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{what}").read_bytes()
    except OSError:
        return b""


def test_a_process_brings_a_piece_and_its_checksum(bucket: FaultyBucket):
    with reader(bucket) as here:
        (child,) = readers(1)
        assert here.read() == bucket.objects[NAME]
        assert here.bucket.interruptions == (0, "")
    assert not told_of(child, "cmdline")


def test_what_a_process_went_through_is_counted(bucket: FaultyBucket):
    with reader(bucket) as here:
        bucket.troubles.extend([Trouble.RESET, Trouble.UNAVAILABLE])
        assert here.read() == bucket.objects[NAME]
        assert here.bucket.interruptions == (2, "HTTP 503")


def test_tokens_are_asked_for_and_shown_nowhere(bucket: FaultyBucket):
    account = MachineAccount(bucket.url.removeprefix("http://"))
    bucket.valid, bucket.tokens = "first", ["first", SECRET]
    with reader(bucket, account) as here:
        bucket.valid = SECRET  # as when a token ends before its time
        assert here.read() == bucket.objects[NAME]
        (child,) = readers(1)
        for what in ("cmdline", "environ"):
            said = told_of(child, what)
            assert said
            assert SECRET.encode() not in said
    assert [each.token for each in bucket.asked if each.range] == ["first", SECRET]


def test_a_login_that_cannot_be_used_is_told_by_the_process(bucket: FaultyBucket):
    account = MachineAccount(bucket.url.removeprefix("http://"))
    bucket.valid, bucket.tokens = "first", ["first", "second"]
    with reader(bucket, account) as here:
        bucket.valid = SECRET
        with pytest.raises(
            ModelNotFound, match=r"may not be read by the machine's service account"
        ):
            here.read()


def test_without_its_process_an_engine_reads_itself(bucket: FaultyBucket):
    with reader(bucket) as here:
        (child,) = readers(1)
        bucket.on_bytes = lambda: os.kill(child, signal.SIGKILL) if children() else None
        assert here.read() == bucket.objects[NAME]
        assert here.bucket.interruptions == (1, "a reading process ended")


def test_nobody_waits_for_a_process_when_reading_is_called_off(bucket: FaultyBucket):
    with reader(bucket, patience=Patience(stall=60)) as here:
        bucket.troubles.append(Trouble.STALL)
        bucket.on_bytes = here.stopped.set
        began = time.monotonic()
        with pytest.raises(Interrupted):
            here.read()
    assert time.monotonic() - began < 30


def test_an_interrupt_from_the_keyboard_is_for_the_engine_alone(bucket: FaultyBucket):
    with reader(bucket):
        (child,) = readers(1)
        assert os.getpgid(child) != os.getpgid(0)


def test_where_no_process_can_be_started_that_is_told(
    bucket: FaultyBucket, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    before = sorted(os.listdir("/proc/self/fd"))
    asking = Bucket(BUCKET, Endpoint.parse(bucket.url), Tokens(Nobody()), QUICK)
    slots = Slots(1, 1, shared=True)
    with pytest.raises(OSError, match="nowhere"):
        Crew(asking, slots, processes=2, threads=3)
    slots.close()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_a_process_does_not_outlive_an_engine_that_was_killed(bucket: FaultyBucket):
    engine = f"""
        from engine.weights.ahead.slots import Slots
        from engine.weights.bucket.bucket import Bucket
        from engine.weights.bucket.credentials import Nobody, Tokens
        from engine.weights.bucket.crew import Crew
        from engine.weights.bucket.line import Endpoint, Patience
        bucket = Bucket("models", Endpoint.parse("{bucket.url}"), Tokens(Nobody()), Patience())
        crew = Crew(bucket, Slots(2, 1, shared=True), processes=2, threads=2)
        print("started", flush=True)
        input()
    """
    command = (sys.executable, "-c", textwrap.dedent(engine))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.readline()
        two = readers(2, started.pid)
        started.kill()
    until = time.monotonic() + 30
    while any(b"crew_member" in told_of(each, "cmdline") for each in two):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_processes_read_what_is_large():
    assert useful_processes(1 << 20) == 0
    assert 1 <= useful_processes(6 << 30) <= 4


def test_shared_memory_that_is_given_back_is_empty_again():
    with closing(Slots(3, 1, shared=True)) as slots:
        taken = [slots.take(piece) for piece in range(2)]
        for slot in taken:
            with slots.view(slot, 4) as view:
                view[:] = b"used"
        slots.give(taken[0])  # kept, for whoever comes next
        slots.give(taken[1])
        assert [bytes(slots.view(slot, 4)) for slot in taken] == [b"used", bytes(4)]
