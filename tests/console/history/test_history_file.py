from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from history_scenes import CONTEXT, NOON, after, cold_start, record, table_of

from console.session.history import schema
from console.session.history.database import History
from console.session.history.file import HistoryUnavailable
from console.session.history.schema import VERSION

HERE = Path(__file__).parent
MANY = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


@contextmanager
def opened(path: Path) -> Iterator[History]:
    with closing(History.open(path)) as history:
        yield history


def test_a_new_history_is_private_and_empty(path: Path) -> None:
    umask = os.umask(0)
    try:
        with opened(path) as history:
            history.keep_starts(CONTEXT, [cold_start()])
            modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert modes["history.sqlite3"] == 0o600
    assert set(modes.values()) == {0o600}


def test_what_was_kept_is_there_the_next_time(path: Path) -> None:
    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
        history.keep_lives(CONTEXT, [record()])
    with opened(path) as history:
        assert history.trouble == ""
        assert history.starts(CONTEXT) == (cold_start(),)
        assert history.lives(CONTEXT, NOON) == (record(),)


def test_an_earlier_version_becomes_this_one_with_all_that_is_in_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
    later = (*schema.MIGRATIONS, "ALTER TABLE starts ADD COLUMN weather TEXT")
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    monkeypatch.setattr(schema, "VERSION", VERSION + 1)
    monkeypatch.setattr("console.session.history.file.VERSION", VERSION + 1)

    with opened(path) as history:
        assert history.starts(CONTEXT) == (cold_start(),)
    with table_of(path) as tables:
        assert tables.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
        assert tables.execute("SELECT weather FROM starts").fetchall() == [(None,)]


def test_a_migration_that_fails_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
    broken = (*schema.MIGRATIONS, "ALTER TABLE starts ADD COLUMN weather TEXT; NO SUCH WORD")
    with monkeypatch.context() as later:
        later.setattr(schema, "MIGRATIONS", broken)
        later.setattr(schema, "VERSION", VERSION + 1)
        later.setattr("console.session.history.file.VERSION", VERSION + 1)
        with pytest.raises(HistoryUnavailable, match="cannot be kept"):
            History.open(path)

    with opened(path) as history:
        assert history.starts(CONTEXT) == (cold_start(),)


def test_a_newer_consoles_history_is_left_alone(path: Path) -> None:
    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
    with table_of(path) as tables:
        tables.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(HistoryUnavailable, match="newer console: update this one"):
        History.open(path)
    with table_of(path) as tables:
        assert tables.execute("SELECT count(*) FROM starts").fetchone() == (1,)


@pytest.mark.parametrize("written", [b"not a database at all, but some text" * 100, b"SQLite f"])
def test_a_file_that_is_no_history_is_set_aside(path: Path, written: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(written)

    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
        assert history.trouble == (
            "the history of starts is damaged: it was set aside as history-damaged-1.sqlite3, "
            "and a new one begins"
        )
    assert path.with_name("history-damaged-1.sqlite3").read_bytes() == written


def test_a_history_with_a_hole_in_it_is_set_aside(path: Path) -> None:
    with opened(path) as history:
        starts = [cold_start(after(days=day), f"a{day}") for day in range(100)]
        history.keep_starts(CONTEXT, starts)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])

    for number in (1, 2):
        with opened(path) as history:
            assert history.count(CONTEXT) == 0
            assert f"set aside as history-damaged-{number}.sqlite3" in history.trouble
        path.write_bytes(b"damaged once more" * 100)


def test_another_programs_database_is_set_aside(path: Path) -> None:
    path.parent.mkdir()
    with table_of(path) as tables:
        tables.execute("CREATE TABLE songs (title TEXT)")
    with opened(path) as history:
        assert "is another program's" in history.trouble
    with table_of(path.with_name("history-damaged-1.sqlite3")) as tables:
        assert tables.execute("SELECT count(*) FROM songs").fetchone() == (0,)


def test_where_no_file_can_be_there_is_no_history(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(HistoryUnavailable) as refused:
        History.open(path)
    assert str(refused.value) == (
        f"starts and costs of before cannot be kept: {path}: it is a directory; "
        "make it writable, or free some space"
    )


def test_where_no_directory_can_be_made_there_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(HistoryUnavailable, match="cannot be kept"):
        History.open(tmp_path / "data" / "history.sqlite3")


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """A disk that is full as far as this process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_takes_nothing_and_keeps_what_it_has(path: Path) -> None:
    with opened(path) as history:
        history.keep_starts(CONTEXT, [cold_start()])
        many = [cold_start(after(days=day), f"a{day}") for day in range(1, 200)]
        with no_file_larger_than(150_000):
            with pytest.raises(HistoryUnavailable, match="free some space"):
                history.keep_starts(CONTEXT, many)
            assert history.starts(CONTEXT) == (cold_start(),)
        history.keep_starts(CONTEXT, many)
        assert history.count(CONTEXT) == 200


def test_who_waits_too_long_for_another_console_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.session.history.file.BUSY_SECONDS", 0.05)
    with opened(path) as history, table_of(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryUnavailable, match="is held by another program"):
            history.keep_starts(CONTEXT, [cold_start()])
        assert history.starts(CONTEXT) == ()
        other.execute("COMMIT")
        history.keep_starts(CONTEXT, [cold_start()])


WRITER = """
import sys
from pathlib import Path
from history_scenes import CONTEXT, after, cold_start, record
from console.session.history.database import History

path, name, many = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
history = History.open(path)
for number in range(many):
    start = cold_start(after(days=-number), f"{name}{number}")
    history.keep_starts(CONTEXT, [start])
    history.keep_lives(CONTEXT, [record(f"{name}{number}")])
    history.cover(CONTEXT, after(number), after(number + 1))
    print(start.instance, flush=True)
"""


def writer(path: Path, name: str, many: int = MANY) -> subprocess.Popen[bytes]:
    """A console that writes as fast as it can once it is told to begin."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(many)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
    )


def test_a_console_that_begins_the_file_meanwhile_is_no_other_program(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    others: list[History] = []

    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            if "sqlite_schema" in sql:
                monkeypatch.setattr(sqlite3, "connect", connect)
                with suppress(HistoryUnavailable):
                    others.append(History.open(path))
            return super().execute(sql, *parameters)

    monkeypatch.setattr("console.session.history.file.BUSY_SECONDS", 0.1)
    monkeypatch.setattr(sqlite3, "connect", partial(connect, factory=Interrupted))
    with opened(path) as history:
        assert history.trouble == ""
    assert not list(path.parent.glob("*damaged*"))
    for each in others:
        each.close()


def test_two_consoles_write_at_once_and_nothing_is_lost(path: Path) -> None:
    both = [writer(path, name, 100) for name in ("a", "b")]
    for each in both:
        assert each.stdin is not None
        each.stdin.write(b"begin\n")
        each.stdin.flush()
    told = [each.communicate(timeout=120)[0].decode().split() for each in both]
    assert [each.returncode for each in both] == [0, 0]
    with opened(path) as history:
        assert {each.instance for each in history.starts(CONTEXT)} == {*told[0], *told[1]}
        assert history.count(CONTEXT) == 200
        assert len(history.lives(CONTEXT, NOON)) == 200
        assert len(history.covered(CONTEXT)) == 1


def test_killed_in_the_middle_nothing_is_lost_that_was_written(path: Path) -> None:
    with writer(path, "a", 1_000_000) as killed:
        assert killed.stdin is not None
        assert killed.stdout is not None
        killed.stdin.write(b"begin\n")
        killed.stdin.flush()
        told = [killed.stdout.readline().decode().strip() for _ in range(50)]
        killed.send_signal(signal.SIGKILL)
        told += killed.stdout.read().decode().split()
        killed.stdin.close()
    assert killed.returncode == -signal.SIGKILL
    with opened(path) as history:
        assert history.trouble == ""
        known = {each.instance for each in history.starts(CONTEXT, limit=10_000)}
    assert set(told) <= known
    assert len(known) - len(told) <= 1


async def test_threads_of_one_console_take_turns(path: Path) -> None:
    with opened(path) as history:

        def work(name: str) -> None:
            for number in range(20):
                history.keep_starts(CONTEXT, [cold_start(after(days=number), f"{name}{number}")])
                assert history.starts(CONTEXT, limit=1)

        await asyncio.gather(*(asyncio.to_thread(work, name) for name in "abcd"))
        assert history.count(CONTEXT) == 80


def test_a_closed_history_says_that_it_is(path: Path) -> None:
    history = History.open(path)
    history.close()
    with pytest.raises(HistoryUnavailable):
        history.count(CONTEXT)
    with closing(sqlite3.connect(path)):
        pass
