"""What the storage knows, in one SQLite file: the truth, whatever files there are beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from console.sandbox.storage.records import Bucket, Part, State, Upload, Version, packed

# Nothing is forced onto the disk, which may take seconds while gigabytes are on their way there:
# what is written outlives this process, if not the machine.
_TABLES: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS versions (
    bucket TEXT, name TEXT, generation INTEGER, state TEXT, content TEXT, gone_at TEXT,
    record TEXT NOT NULL, PRIMARY KEY (bucket, name, generation)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS live ON versions (bucket, name) WHERE state = 'live';
CREATE INDEX IF NOT EXISTS contents ON versions (content);
CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, bucket TEXT, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS parts (
    upload TEXT, number INTEGER, size INTEGER, md5 TEXT, crc32c TEXT, stored TEXT,
    PRIMARY KEY (upload, number)
);
"""


class Catalogue:
    """Records in the file at `path`; every method may raise `sqlite3.Error`.

    Changes outside of `change()` are kept one by one.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        try:
            self._db.executescript(_TABLES)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def is_settled(self) -> bool:
        """Whether what a new sandbox begins with has been put in."""
        return bool(self._db.execute("PRAGMA user_version").fetchone()[0])

    def settle(self) -> None:
        """Remember that what a new sandbox begins with has been put in."""
        self._db.execute("PRAGMA user_version = 1")

    @contextmanager
    def change(self) -> Iterator[None]:
        """Keep all changes made inside, or none of them when it raises."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def buckets(self) -> list[Bucket]:
        """Return all buckets, by name."""
        rows = self._db.execute("SELECT record FROM buckets ORDER BY name")
        return [Bucket(**json.loads(record)) for (record,) in rows]

    def bucket(self, name: str) -> Bucket | None:
        """Return a bucket."""
        row = self._db.execute("SELECT record FROM buckets WHERE name = ?", (name,)).fetchone()
        return None if row is None else Bucket(**json.loads(row[0]))

    def put_bucket(self, bucket: Bucket) -> None:
        """Keep what is known about a bucket."""
        self._db.execute("REPLACE INTO buckets VALUES (?, ?)", (bucket.name, packed(bucket)))

    def drop_bucket(self, name: str) -> None:
        """Forget a bucket; what was in it is forgotten by itself."""
        self._db.execute("DELETE FROM buckets WHERE name = ?", (name,))

    def put(self, version: Version) -> None:
        """Keep what is known about a version."""
        self._db.execute(
            "REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                version.bucket,
                version.name,
                version.generation,
                version.state,
                version.content,
                version.gone_at,
                packed(version),
            ),
        )

    def drop(self, version: Version) -> None:
        """Forget a version."""
        self._db.execute(
            "DELETE FROM versions WHERE bucket = ? AND name = ? AND generation = ?",
            (version.bucket, version.name, version.generation),
        )

    def live(self, bucket: str, name: str) -> Version | None:
        """Return the live version of an object."""
        return self._one("bucket = ? AND name = ? AND state = 'live'", bucket, name)

    def version(self, bucket: str, name: str, generation: int) -> Version | None:
        """Return a version of an object, whatever its state."""
        condition = "bucket = ? AND name = ? AND generation = ?"
        return self._one(condition, bucket, name, generation)

    def expired(self, moment: str) -> list[Version]:
        """Return what was deleted so long ago that it is to be forgotten at `moment`."""
        return list(self._select("gone_at != '' AND gone_at <= ?", moment))

    def versions(
        self, bucket: str, states: Iterable[State], begin: str = "", generation: int = 0
    ) -> Iterator[Version]:
        """Yield the versions in some states, by name and generation, from one on.

        Nothing may be changed meanwhile.
        """
        wanted = ", ".join(f"'{state.value}'" for state in states)
        return self._select(
            f"bucket = ? AND state IN ({wanted}) AND (name, generation) >= (?, ?) "
            "ORDER BY name, generation",
            bucket,
            begin,
            generation,
        )

    def generation(self) -> int:
        """Return the highest generation there is."""
        row = self._db.execute("SELECT max(generation) FROM versions").fetchone()
        return int(row[0] or 0)

    def contents(self) -> set[str]:
        """Return the files that versions need."""
        return {content for (content,) in self._db.execute("SELECT content FROM versions")}

    def needs(self, content: str) -> bool:
        """Say whether any version needs a file."""
        query = "SELECT 1 FROM versions WHERE content = ? LIMIT 1"
        return self._db.execute(query, (content,)).fetchone() is not None

    def _one(self, condition: str, *values: str | int) -> Version | None:
        return next(self._select(condition, *values), None)

    def _select(self, condition: str, *values: str | int) -> Iterator[Version]:
        rows = self._db.execute(f"SELECT record FROM versions WHERE {condition}", values)
        return (Version(**json.loads(record)) for (record,) in rows)

    def put_upload(self, upload: Upload) -> None:
        """Keep what is known about an upload."""
        row = (upload.id, upload.bucket, packed(upload))
        self._db.execute("REPLACE INTO uploads VALUES (?, ?, ?)", row)

    def upload(self, name: str) -> Upload | None:
        """Return the upload of that id."""
        row = self._db.execute("SELECT record FROM uploads WHERE id = ?", (name,)).fetchone()
        return None if row is None else Upload(**json.loads(row[0]))

    def uploads(self) -> list[Upload]:
        """Return all uploads, in the order of their objects' names, then of their start."""
        rows = self._db.execute("SELECT record FROM uploads")
        found = [Upload(**json.loads(record)) for (record,) in rows]
        return sorted(found, key=lambda each: (each.bucket, each.name, each.started, each.id))

    def drop_upload(self, name: str) -> None:
        """Forget an upload and its parts."""
        self._db.execute("DELETE FROM parts WHERE upload = ?", (name,))
        self._db.execute("DELETE FROM uploads WHERE id = ?", (name,))

    def put_part(self, upload: str, part: Part) -> None:
        """Keep what is known about a part, in the place of an earlier one of its number."""
        self._db.execute(
            "REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?)",
            (upload, part.number, part.size, part.md5, part.crc32c, part.stored),
        )

    def parts(self, upload: str) -> list[Part]:
        """Return the parts of an upload, by number."""
        query = "SELECT number, size, md5, crc32c, stored FROM parts WHERE upload = ?"
        return [Part(*row) for row in self._db.execute(query + " ORDER BY number", (upload,))]
