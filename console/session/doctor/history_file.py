"""Whether the file of the history can be used, found out without changing it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from console.language import tr
from console.model.doctor.facts import HistoryFile
from console.session.history.schema import APPLICATION_ID, VERSION, version
from console.terminal.sanitise import sanitise


def look_at_history(path: Path) -> HistoryFile:
    """Return whether the history at `path` can be read; a missing one will be begun."""
    name = sanitise(str(path))
    if not path.exists():
        return HistoryFile(name, exists=False)
    if not path.is_file():
        return HistoryFile(name, True, sanitise(tr("{path} is no file", path=path)))
    problem, newer = "", False
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        try:
            problem, newer = _problem(connection, path), version(connection) > VERSION
        finally:
            connection.close()
    except sqlite3.Error as error:
        problem = tr("{path} cannot be read: {why}", path=path, why=error)
    return HistoryFile(name, True, sanitise(problem), newer)


def _problem(connection: sqlite3.Connection, path: Path) -> str:
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and owner != APPLICATION_ID:
        return tr("{path} is another program's", path=path)
    if version(connection) > VERSION:
        return tr("{path} was written by a newer console", path=path)
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return "" if verdict == "ok" else tr("{path} is damaged", path=path)
