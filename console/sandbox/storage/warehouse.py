"""Buckets and the versions of their objects: what becomes of them when something is changed.

Sources: https://cloud.google.com/storage/docs/soft-delete and
https://cloud.google.com/storage/docs/object-versioning.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from console.sandbox.moments import Clock, read, written
from console.sandbox.storage.catalogue import Catalogue
from console.sandbox.storage.contents import Incoming
from console.sandbox.storage.lifecycle import uploads_end_after
from console.sandbox.storage.mounts import Mounts
from console.sandbox.storage.records import Bucket, JsonObject, State, Upload, Version
from console.sandbox.storage.refusals import Refused, invalid, no_bucket, no_object

_LONGEST_NAME: Final = 1_024
_UPLOAD_LIFE: Final = timedelta(days=7)
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an object is to be; see `Version` for the fields."""

    content: str
    size: int
    crc32c: str
    md5: str
    properties: JsonObject = field(default_factory=dict)
    storage_class: str = ""
    components: int = 0
    parts_tag: str = ""

    @classmethod
    def of(cls, incoming: Incoming) -> Draft:
        """Return a draft with what has arrived."""
        digest = incoming.digest
        return cls(incoming.path.name, digest.size, digest.crc32c, digest.md5)


class Warehouse:
    """What is in `directory`: a catalogue, files of bytes, and the directories of the buckets.

    Opening removes files that nothing needs and raises `OSError` or `sqlite3.Error`.
    """

    def __init__(self, directory: Path, clock: Clock, new_hex: Callable[[int], str]) -> None:
        self._files = directory / "files"
        self._files.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._new_hex = new_hex
        self.catalogue = Catalogue(directory / "catalogue.sqlite")
        self.mounts = Mounts(directory / "buckets")
        self._generation = self.catalogue.generation()
        self._tidy()

    def close(self) -> None:
        """Close the catalogue."""
        self.catalogue.close()

    def _tidy(self) -> None:
        needed = self.catalogue.contents()
        long_ago = written(self._clock() - _UPLOAD_LIFE)
        for upload in self.catalogue.uploads():
            if not upload.in_parts and upload.started < long_ago:
                self.catalogue.drop_upload(upload.id)
                continue
            needed |= {upload.id, *(part.stored for part in self.catalogue.parts(upload.id))}
        for file in self._files.iterdir():
            if file.name not in needed:
                file.unlink()
        self.mounts.clear()
        for bucket in self.catalogue.buckets():
            self.mounts.open(bucket.name)
            for version in self.catalogue.versions(bucket.name, [State.LIVE]):
                self.mounts.show(bucket.name, version.name, self.file(version.content))

    def now(self) -> str:
        """Return the present moment, as written."""
        return written(self._clock())

    def new_name(self) -> str:
        """Return a name that no file has."""
        return self._new_hex(16)

    def file(self, content: str) -> Path:
        """Return where the file of that name is, or is to be."""
        return self._files / content

    def incoming(self) -> Incoming:
        """Return a new file to write to."""
        return Incoming(self.file(self.new_name()))

    def next_generation(self) -> int:
        """Return a number that no version had: the microseconds since 1970, or a little more."""
        now = (self._clock() - _EPOCH) // timedelta(microseconds=1)
        self._generation = max(now, self._generation + 1)
        return self._generation

    def bucket(self, name: str) -> Bucket:
        """Return a bucket; raises `Refused`."""
        found = self.catalogue.bucket(name)
        if found is None:
            raise no_bucket()
        return found

    def find(self, bucket: str, name: str, generation: int | None = None) -> Version:
        """Return the live version of an object, or the one asked for; raises `Refused`."""
        self.bucket(bucket)
        if generation is None:
            found = self.catalogue.live(bucket, name)
        else:
            found = self.catalogue.version(bucket, name, generation)
        if found is None or found.state is State.SOFT_DELETED:
            raise no_object(bucket, name)
        return found

    def find_deleted(self, bucket: str, name: str, generation: int) -> Version:
        """Return a version that can be restored; raises `Refused`."""
        self.bucket(bucket)
        self.expire()
        found = self.catalogue.version(bucket, name, generation)
        if found is None or found.state is not State.SOFT_DELETED:
            raise no_object(bucket, name)
        return found

    def store(self, bucket: Bucket, name: str, draft: Draft) -> Version:
        """Make an object of a draft, in the place of the live version; raises `Refused`."""
        check_name(name)
        now = self.now()
        version = Version(
            bucket=bucket.name,
            name=name,
            generation=self.next_generation(),
            content=draft.content,
            size=draft.size,
            crc32c=draft.crc32c,
            md5=draft.md5,
            storage_class=draft.storage_class or bucket.storage_class,
            created=now,
            updated=now,
            properties=draft.properties,
            components=draft.components,
            parts_tag=draft.parts_tag,
        )
        replaced = self.catalogue.live(bucket.name, name)
        with self.catalogue.change():
            if replaced is not None:
                self._retire(bucket, replaced, now)
            self.catalogue.put(version)
        self.mounts.show(bucket.name, name, self.file(draft.content))
        self._forget_content(replaced)
        return version

    def amend(self, version: Version, properties: JsonObject) -> Version:
        """Change the metadata of a version."""
        amended = replace(
            version,
            properties=properties,
            metageneration=version.metageneration + 1,
            updated=self.now(),
        )
        self.catalogue.put(amended)
        return amended

    def delete(self, bucket: Bucket, version: Version, for_good: bool) -> None:
        """Delete a version: `for_good`, or so that it is kept as a noncurrent one if need be.

        Either way it can be restored for as long as the bucket says.
        """
        now = self.now()
        with self.catalogue.change():
            if for_good:
                self._soft_delete(bucket, version, now)
            else:
                self._retire(bucket, version, now)
        if version.state is State.LIVE:
            self.mounts.hide(bucket.name, version.name)
        self._forget_content(version)

    def drop(self, version: Version) -> None:
        """Forget a version for good, so that it cannot be restored."""
        self.catalogue.drop(version)
        if version.state is State.LIVE:
            self.mounts.hide(version.bucket, version.name)
        self._forget_content(version)

    def remove(self, bucket: str) -> None:
        """Remove a bucket with all that can still be restored and all unfinished uploads."""
        kept = list(self.catalogue.versions(bucket, State))
        uploads = [each.id for each in self.catalogue.uploads() if each.bucket == bucket]
        with self.catalogue.change():
            for version in kept:
                self.catalogue.drop(version)
            self.catalogue.drop_bucket(bucket)
        for version in kept:
            self._forget_content(version)
        for upload in uploads:
            self.abandon(upload)
        self.mounts.close(bucket)

    def abandon(self, upload: str) -> None:
        """Forget an upload and what arrived of it."""
        stored = [part.stored for part in self.catalogue.parts(upload)]
        self.catalogue.drop_upload(upload)
        for name in (upload, *stored):
            if not self.catalogue.needs(name):
                self.file(name).unlink(missing_ok=True)

    def expire(self) -> None:
        """Forget what can no longer be restored."""
        for version in self.catalogue.expired(self.now()):
            self.catalogue.drop(version)
            self._forget_content(version)

    def has_ended(self, upload: Upload) -> bool:
        """Give up an upload in parts that is older than a rule of its bucket allows, if it is."""
        bucket = self.catalogue.bucket(upload.bucket)
        longest = None if bucket is None else uploads_end_after(bucket, upload.name)
        if longest is None or self._clock() < read(upload.started) + longest:
            return False
        self.abandon(upload.id)
        return True

    def _retire(self, bucket: Bucket, version: Version, now: str) -> None:
        if bucket.versioned:
            self.catalogue.put(replace(version, noncurrent_since=now, updated=now))
        else:
            self._soft_delete(bucket, version, now)

    def _soft_delete(self, bucket: Bucket, version: Version, now: str) -> None:
        if bucket.soft_delete_seconds == 0:
            self.catalogue.drop(version)
            return
        gone_at = written(read(now) + timedelta(seconds=bucket.soft_delete_seconds))
        self.catalogue.put(replace(version, deleted=now, gone_at=gone_at))

    def _forget_content(self, version: Version | None) -> None:
        if version is not None and not self.catalogue.needs(version.content):
            self.file(version.content).unlink(missing_ok=True)


def check_name(name: str) -> str:
    """Return the name of a new object; raises `Refused` when none may have it.

    Source: https://cloud.google.com/storage/docs/objects#naming.
    """
    if not name:
        raise Refused(400, "required", "Required parameter: name")
    too_long = len(name.encode(errors="surrogatepass")) > _LONGEST_NAME
    if too_long or name in (".", "..") or "\r" in name or "\n" in name or not _is_text(name):
        raise invalid(f"Disallowed unicode characters or length in object name: {name[:64]!r}")
    return name


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
