"""The file of the history: opened, made private, and set aside where it is damaged or foreign."""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from console.language import tr, tr_later
from console.paths import make_private_directory
from console.session.history.schema import APPLICATION_ID, VERSION, migrate, version

BUSY_SECONDS: Final = 2.0
"""How long to wait for another console that writes."""

_COMPANIONS: Final = ("", "-wal", "-shm")
_DAMAGED: Final = "damaged"
_FOREIGN: Final = "foreign"
_BEGUN_ANEW: Final = {
    _DAMAGED: tr_later(
        "the history of starts is damaged: it was set aside as {name}, and a new one begins"
    ),
    _FOREIGN: tr_later(
        "the history of starts is another program's: it was set aside as {name}, and a new one "
        "begins"
    ),
}
_UNREADABLE: Final = {
    _DAMAGED: tr_later("the history of starts at {path} is damaged"),
    _FOREIGN: tr_later("the history of starts at {path} is another program's"),
}
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY


class HistoryUnavailable(Exception):
    """There is no history to read or write; the message is one line that says why."""


class Unkeepable(HistoryUnavailable):
    """What was to be kept, or what was kept, makes no sense; the message says why."""


class _NotOurs(Exception):
    """The file is damaged, or another program's; the message is one of the two below."""


def open_file(path: Path) -> tuple[sqlite3.Connection, str]:
    """Return a connection to the history at `path`, which is made if it is not there.

    The text is what had to be done for it, one line, mostly empty: a file that is damaged or
    foreign is set aside under another name. Raises `HistoryUnavailable`.
    """
    try:
        make_private_directory(path.parent)
        try:
            return _opened(path), ""
        except _NotOurs as reason:
            aside = _set_aside(path)
            return _opened(path), tr(_BEGUN_ANEW[str(reason)], name=aside.name)
    except _NotOurs as reason:
        raise HistoryUnavailable(tr(_UNREADABLE[str(reason)], path=path)) from None
    except (OSError, sqlite3.Error) as error:
        raise HistoryUnavailable(why(path, error)) from None


def memory() -> sqlite3.Connection:
    """Return a connection to a history that nothing is kept of."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)
    return connection


def why(path: Path | None, error: OSError | sqlite3.Error) -> str:
    """Return in one line why the history at `path` cannot be used, and what helps."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if "locked" in said:
        return tr(
            "starts and costs of before cannot be kept now: {path} is held by another program; "
            "it is tried again",
            path=path,
        )
    return tr(
        "starts and costs of before cannot be kept: {path}: {why}; make it writable, or free some "
        "space",
        path=path or tr("in memory"),
        why=said,
    )


def _opened(path: Path) -> sqlite3.Connection:
    """Return a connection; raises `_NotOurs`, `HistoryUnavailable`, `OSError`, `sqlite3.Error`."""
    if path.is_dir():
        raise IsADirectoryError(21, tr("it is a directory"))
    with suppress(FileExistsError):
        # Made here and not by SQLite, so that nobody else can read it even for a moment.
        os.close(os.open(path, _NEW, 0o600))
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        connection.close()
        raise _NotOurs(_DAMAGED) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # In one transaction: another console may be making its tables in between.
    connection.execute("BEGIN")
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    connection.execute("COMMIT")
    if tables and owner != APPLICATION_ID:
        raise _NotOurs(_FOREIGN)
    if version(connection) > VERSION:
        raise HistoryUnavailable(
            tr("the history of starts was written by a newer console: update this one")
        )
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise _NotOurs(_DAMAGED)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    migrate(connection)


def _set_aside(path: Path) -> Path:
    """Give the file and what SQLite keeps beside it a name that is free, and return that."""
    for number in itertools.count(1):
        aside = path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")
        try:
            os.close(os.open(aside, _NEW, 0o600))
        except FileExistsError:
            continue
        for companion in _COMPANIONS:
            with suppress(FileNotFoundError):
                Path(f"{path}{companion}").replace(f"{aside}{companion}")
        return aside
    raise AssertionError("unreachable")
