"""Whether the file of the history can be used, found out without changing it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from console.model.doctor.facts import NOTHING, HistoryFile
from console.session.history.schema import APPLICATION_ID, VERSION, version
from console.terminal.sanitise import sanitise


def look_at_history(path: Path) -> HistoryFile:
    """Return whether the history at `path` can be read; a missing one will be begun."""
    name = sanitise(str(path))
    if not path.exists():
        return HistoryFile(name, exists=False)
    if not path.is_file():
        return HistoryFile(name, True, sanitise(f"{path} is no file"))
    problem, newer = "", False
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            problem, newer = _problem(connection), version(connection) > VERSION
        finally:
            connection.close()
    except sqlite3.Error as error:
        problem = f"cannot be read: {error}"
    words = sanitise(f"{path} {problem}") if problem else NOTHING
    return HistoryFile(name, True, words, newer)


def _problem(connection: sqlite3.Connection) -> str:
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and owner != APPLICATION_ID:
        return "is another program's"
    if version(connection) > VERSION:
        return "was written by a newer console"
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return "" if verdict == "ok" else "is damaged"
