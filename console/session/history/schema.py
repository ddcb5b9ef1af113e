"""The tables of the history, and how a file of an earlier version becomes one of this version.

Times are seconds since 1970 in UTC. What is asked of thousands of rows at once has a column of its
own; everything else is in a JSON document beside it.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from console.model.starts.start import StartPhase

APPLICATION_ID: Final = 0x7A494D48
"""What says in the file's header whose it is: `zIMH`."""

PHASE_COLUMNS: Final = tuple(f"{phase.name.lower()}_seconds" for phase in StartPhase)
"""The column of each phase, in the order of the phases."""

_FIRST: Final = """
CREATE TABLE contexts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE starts (
    id INTEGER PRIMARY KEY,
    context INTEGER NOT NULL REFERENCES contexts,
    instance TEXT NOT NULL,
    process REAL NOT NULL,
    last_sign REAL NOT NULL,
    began REAL NOT NULL,
    revision TEXT NOT NULL,
    reason TEXT NOT NULL,
    total REAL,
    failed INTEGER NOT NULL,
    waiting_seconds REAL,
    container_seconds REAL,
    port_seconds REAL,
    import_seconds REAL,
    weights_seconds REAL,
    device_seconds REAL,
    warm_up_seconds REAL,
    probe_seconds REAL,
    answer_seconds REAL,
    UNIQUE (context, instance, process)
);
CREATE INDEX starts_by_time ON starts (context, began);
CREATE TABLE start_documents (
    start INTEGER PRIMARY KEY REFERENCES starts ON DELETE CASCADE,
    document TEXT NOT NULL
);
CREATE TABLE lives (
    id INTEGER PRIMARY KEY,
    context INTEGER NOT NULL REFERENCES contexts,
    instance TEXT NOT NULL,
    began REAL NOT NULL,
    last_sign REAL NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (context, instance)
);
CREATE INDEX lives_by_time ON lives (context, last_sign);
CREATE TABLE answered (
    life INTEGER NOT NULL REFERENCES lives ON DELETE CASCADE,
    arrived REAL NOT NULL,
    answered REAL NOT NULL,
    PRIMARY KEY (life, arrived, answered)
) WITHOUT ROWID;
CREATE TABLE shapes (
    context INTEGER NOT NULL REFERENCES contexts,
    revision TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (context, revision)
) WITHOUT ROWID;
CREATE TABLE coverage (
    context INTEGER NOT NULL REFERENCES contexts,
    since REAL NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (context, since)
) WITHOUT ROWID;
"""

MIGRATIONS: Final = (_FIRST,)
"""What makes a file of version N one of version N + 1, from N = 0 on, which is an empty file."""

VERSION: Final = len(MIGRATIONS)


def version(connection: sqlite3.Connection) -> int:
    """Return the version of the file's tables."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to this version, all or nothing; raises `sqlite3.Error`."""
    if version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Somebody else may have done it while this one waited.
        for step in MIGRATIONS[version(connection) :]:
            for statement in filter(str.strip, step.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
