"""The history: what outlives the log of each context, in one SQLite file.

Every call blocks, for milliseconds mostly, so that it is made in a thread; any thread may make it.
Two consoles may have the same file open. What a call has written stays, even if the program is
killed right after it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord, Signs
from console.model.starts.snapshot import Timing
from console.model.starts.start import ColdStart
from console.model.text import SafeText
from console.session.history import rows
from console.session.history.file import HistoryUnavailable, Unkeepable, memory, open_file, why
from console.session.history.kept import Kept
from console.session.history.rows import StartKey, seconds
from console.session.history.same_start import fuller
from console.session.history.schema import PHASE_COLUMNS
from console.terminal.sanitise import sanitise

MOST_STARTS: Final = 20_000
"""How many starts of a context are kept."""

KEPT: Final = timedelta(days=400)
"""How long starts and lives are kept."""

_NEW_START: Final = (
    f"INSERT INTO starts (context, {', '.join(rows.START_COLUMNS)}) "
    f"VALUES (?{', ?' * len(rows.START_COLUMNS)})"
)
_SAME_START: Final = (
    "SELECT id, document FROM starts JOIN start_documents ON start = id "
    "WHERE context = ? AND instance = ? AND process <= ? AND last_sign >= ?"
)
_NEW_LIFE: Final = (
    "INSERT INTO lives (context, instance, began, last_sign, document) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (context, instance) DO UPDATE SET began = excluded.began, "
    "last_sign = excluded.last_sign, document = excluded.document RETURNING id"
)


class History:
    """An open history; every method raises `HistoryUnavailable` when the file cannot be used.

    `path` is None for one in memory. `trouble` is what had to be done to open it, one line, mostly
    empty.
    """

    def __init__(
        self, path: Path | None, connection: sqlite3.Connection, trouble: str = ""
    ) -> None:
        self.path = path
        self.trouble = trouble
        self._connection = connection
        self._turn = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> History:
        """Open the history at `path`, or begin one there; raises `HistoryUnavailable`."""
        connection, trouble = open_file(path)
        return cls(path, connection, trouble)

    @classmethod
    def in_memory(cls) -> History:
        """Return a history that lasts as long as the program."""
        return cls(None, memory())

    def close(self) -> None:
        """Let go of the file; nothing can be asked any more."""
        with self._turn:
            self._connection.close()

    def contexts(self) -> tuple[str, ...]:
        """Return the contexts of which anything is known, by name."""
        with self._reading() as connection:
            return tuple(name for (name,) in connection.execute("SELECT name FROM contexts"))

    def keep_starts(
        self, context: str, starts: Iterable[ColdStart], ours: Collection[StartKey] = ()
    ) -> Kept:
        """Keep starts; one that is known already is replaced by what is told of it, if more.

        One of `ours` is replaced in any case, since whoever tells it told what is known of it.
        """
        with self._writing() as connection:
            number = _context(connection, context)
            return Kept.all_of(
                _keep_start(connection, number, told, sure=rows.key_of(told) in ours)
                for told in map(rows.without_secrets, starts)
            )

    def starts(
        self,
        context: str,
        *,
        since: datetime | None = None,
        before: datetime | None = None,
        limit: int = 200,
    ) -> tuple[ColdStart, ...]:
        """Return the latest `limit` starts that began from `since` on and before `before`.

        Newest first; what a version of the console wrote that this one cannot read is left out.
        """
        with self._reading() as connection:
            found = connection.execute(
                "SELECT document FROM starts JOIN start_documents ON start = id "
                f"WHERE {_IN_CONTEXT} AND began >= ? AND began < ? ORDER BY began DESC LIMIT ?",
                (context, _or(since, float("-inf")), _or(before, float("inf")), limit),
            ).fetchall()
        return tuple(rows.all_read(ColdStart, found))

    def timings(self, context: str, since: datetime | None = None) -> Mapping[StartKey, Timing]:
        """Return the figures of every start that began from `since` on, oldest first."""
        columns = ", ".join((*rows.TIMING_COLUMNS, *PHASE_COLUMNS))
        with self._reading() as connection:
            found = connection.execute(
                f"SELECT {columns} FROM starts WHERE {_IN_CONTEXT} AND began >= ? ORDER BY began",
                (context, _or(since, float("-inf"))),
            ).fetchall()
        return dict(map(rows.timing_of, found))

    def count(self, context: str) -> int:
        """Return how many starts are kept."""
        with self._reading() as connection:
            (counted,) = connection.execute(
                f"SELECT count(*) FROM starts WHERE {_IN_CONTEXT}", (context,)
            ).fetchone()
        return int(counted)

    def keep_lives(self, context: str, lives: Iterable[InstanceRecord]) -> None:
        """Keep what is known of instances, joined with what was known of them already."""
        with self._writing() as connection:
            number = _context(connection, context)
            for each in lives:
                _keep_life(connection, number, each)

    def lives(self, context: str, since: datetime) -> tuple[InstanceRecord, ...]:
        """Return the instances of which there was a sign from `since` on, oldest first."""
        with self._reading() as connection:
            return rows.instances(connection, _known_context(connection, context), seconds(since))

    def keep_shape(self, context: str, revision: str, shape: Shape) -> None:
        """Keep what instances of a revision get."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO shapes (context, revision, document) VALUES (?, ?, ?)",
                (_context(connection, context), revision, rows.document(shape)),
            )

    def shapes(self, context: str) -> Mapping[SafeText, Shape]:
        """Return what instances of each revision get."""
        with self._reading() as connection:
            found = connection.execute(
                f"SELECT revision, document FROM shapes WHERE {_IN_CONTEXT}", (context,)
            ).fetchall()
        read = {sanitise(revision): rows.read(Shape, text) for revision, text in found}
        return {revision: shape for revision, shape in read.items() if shape is not None}

    def cover(self, context: str, start: datetime, end: datetime) -> None:
        """Keep that every line was read that the log received from `start` to `end`."""
        if end <= start:
            return
        since, until = seconds(start), seconds(end)
        with self._writing() as connection:
            number = _context(connection, context)
            touching = (number, until, since)
            for known_since, known_until in connection.execute(
                "SELECT since, until FROM coverage WHERE context = ? AND since <= ? AND until >= ?",
                touching,
            ).fetchall():
                since, until = min(since, known_since), max(until, known_until)
            connection.execute(
                "DELETE FROM coverage WHERE context = ? AND since <= ? AND until >= ?", touching
            )
            connection.execute("INSERT INTO coverage VALUES (?, ?, ?)", (number, since, until))

    def covered(self, context: str) -> tuple[Window, ...]:
        """Return the stretches of time of which every line was read, oldest first, none touching.

        They are of the time at which the log received the lines.
        """
        with self._reading() as connection:
            found = connection.execute(
                f"SELECT since, until FROM coverage WHERE {_IN_CONTEXT} ORDER BY since", (context,)
            ).fetchall()
        return rows.windows(found)

    def prune(self, context: str, now: datetime) -> None:
        """Forget what is older than is kept, and the oldest starts of too many."""
        limit = seconds(now - KEPT)
        with self._writing() as connection:
            number = _context(connection, context)
            connection.execute(
                "DELETE FROM starts WHERE context = ? AND began < max(?, coalesce((SELECT began "
                "FROM starts WHERE context = ? ORDER BY began DESC LIMIT 1 OFFSET ?), ?))",
                (number, limit, number, MOST_STARTS - 1, limit),
            )
            connection.execute(
                "DELETE FROM lives WHERE context = ? AND last_sign < ?", (number, limit)
            )
            connection.execute(
                "DELETE FROM coverage WHERE context = ? AND until < ?", (number, limit)
            )

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._turn:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise HistoryUnavailable(why(self.path, error)) from None
            except (ValueError, OverflowError, TypeError) as error:
                raise Unkeepable(
                    tr("the history of starts makes no sense: {why}", why=error)
                ) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Everything within happens, or nothing of it."""
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


_IN_CONTEXT: Final = "context = (SELECT id FROM contexts WHERE name = ?)"


def _context(connection: sqlite3.Connection, name: str) -> int:
    """Return the number of a context, which it is given if it has none."""
    connection.execute("INSERT OR IGNORE INTO contexts (name) VALUES (?)", (name,))
    return _known_context(connection, name)


def _known_context(connection: sqlite3.Connection, name: str) -> int:
    found = connection.execute("SELECT id FROM contexts WHERE name = ?", (name,)).fetchone()
    return -1 if found is None else int(found[0])


def _keep_start(
    connection: sqlite3.Connection, context: int, start: ColdStart, *, sure: bool
) -> Kept:
    """Keep a start instead of what was told of it before, unless that was more.

    Starts of one instance never overlap: those that seem to are one.
    """
    span = (seconds(rows.last_sign(start)), seconds(start.process))
    same = connection.execute(_SAME_START, (context, start.instance, *span)).fetchall()
    kept = [each for _, text in same if (each := rows.read(ColdStart, text)) is not None]
    best = start if sure else fuller(start, *kept)
    if len(same) != 1 or kept != [best]:
        connection.executemany("DELETE FROM starts WHERE id = ?", [(each,) for each, _ in same])
        number = connection.execute(_NEW_START, (context, *rows.start_row(best))).lastrowid
        document = (number, rows.document(best))
        connection.execute("INSERT INTO start_documents VALUES (?, ?)", document)
    others = frozenset(map(rows.key_of, (start, *kept))) - {rows.key_of(best)}
    believed = frozenset((rows.key_of(start),) if best is start else ())
    return Kept((best,), believed, others)


def _keep_life(connection: sqlite3.Connection, context: int, told: InstanceRecord) -> None:
    kept = connection.execute(
        "SELECT document FROM lives WHERE context = ? AND instance = ?", (context, told.instance)
    ).fetchone()
    before = None if kept is None else rows.read(Signs, kept[0])
    signs = told.signs if before is None else before.joined(told.signs)
    (number,) = connection.execute(
        _NEW_LIFE,
        (
            context,
            told.instance,
            seconds(signs.first_line),
            seconds(signs.last_line),
            rows.document(signs),
        ),
    ).fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO answered VALUES (?, ?, ?)",
        [(number, seconds(each.start), seconds(each.end)) for each in told.requests],
    )


def _or(at: datetime | None, otherwise: float) -> float:
    return otherwise if at is None else seconds(at)
