"""One file put into a bucket: begun or gone on with, sent, looked at, and given its name.

What is stored under the final name is only ever the whole file: it is put together under another
name, its checksum is compared with that of what was read here, and then it is moved, which fails if
somebody else stored something there meanwhile. Whatever happens in between, the next push finds out
from the record on this machine and from the bucket how far this one came.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from console.language import tr
from console.model.models.part_size import part_size
from console.model.models.parts import PART_NOTE, SHA256_NOTE, ModelPart
from console.model.models.push_progress import FileStage
from console.model.models.staging import staged_name
from console.model.models.upload_record import FileIdentity, UploadRecord
from console.model.storage import StoredObject
from console.model.text import SafeText
from console.session.transfer.local_reading import Checksums, FileChanged, LocalReading
from console.session.transfer.meter import FileMeter
from console.session.transfer.sending import Means, Sending, Tries
from console.session.transfer.upload_records import UploadRecords
from console.sources.base import SourceError
from console.sources.writing import Corrupted, Gone, Taken
from console.terminal.sanitise import sanitise

_BEGINNINGS: Final = 3
"""How often an upload is begun anew when it was lost, or came out wrong."""

_Result = TypeVar("_Result")


class Changed(SourceError):
    """The file was changed while it was sent; nothing of it has got its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushItem:
    """A file to send as `name`, in the place of generation `expected`, 0 for none."""

    path: Path
    name: str
    identity: FileIdentity
    part: ModelPart | None
    expected: int = 0


class FilePush:
    """Sends one file to the bucket that `means` writes to; `records` remember how far it is."""

    def __init__(
        self,
        item: PushItem,
        bucket: str,
        means: Means,
        records: UploadRecords,
        meter: FileMeter,
        usual_part: int,
    ) -> None:
        self._item = item
        self._bucket = bucket
        self._means = means
        self._records = records
        self._meter = meter
        self._part_size = part_size(item.identity.size, usual_part)

    def push(self) -> StoredObject:
        """Return what is stored in the end.

        Raises `SourceError`: `Changed` if the file did not stay the same, `Taken` if another object
        got the name meanwhile. Raises `Stopped`, after which it can be gone on with, and `OSError`.
        """
        for beginning in range(_BEGINNINGS):
            try:
                return self._pushed()
            except (Gone, Corrupted) as error:
                # It was given up by somebody, or by a rule of the bucket; or it came out wrong.
                if beginning == _BEGINNINGS - 1:
                    raise error
            except FileChanged:
                self._drop()
                raise Changed(self._change()) from None
        raise AssertionError("unreachable")

    def _change(self) -> SafeText:
        path = self._item.path
        if not path.exists():
            return sanitise(
                tr("{path} was taken away while it was sent, and is not stored", path=path)
            )
        return sanitise(
            tr(
                "{path} changed while it was sent, and is not stored; push again once nothing "
                "writes to it any more",
                path=path,
            )
        )

    def _pushed(self) -> StoredObject:
        with self._means.wire:
            self._meter.stage(FileStage.SENDING)
            record, staged = self._begun()
            checksums, tags = self._send(record, whole=staged is not None)
            self._meter.stage(FileStage.FINISHING)
        if staged is None:
            staged = self._finished(record, tags)
        if staged.crc32c != checksums.crc32c or staged.size != record.identity.size:
            self._drop()
            raise Corrupted(
                sanitise(tr("what was stored of {name} is not what was sent", name=self._item.name))
            )
        notes = {SHA256_NOTE: checksums.sha256}
        noted = self._tried(lambda: self._means.writer.note(staged, notes))
        stored = self._renamed(noted, checksums)
        self._records.forget(record)
        return stored

    def _begun(self) -> tuple[UploadRecord, StoredObject | None]:
        """Return the upload to go on with, and what came of it if it was put together already."""
        known = next((each for each in self._mine() if each.name == self._item.name), None)
        if known is not None:
            if self._fits(known):
                try:
                    sent = self._tried(lambda: self._means.writer.sent(known.staged, known.upload))
                    return known.only(sent), None
                except Gone:
                    staged = self._tried(lambda: self._means.writer.look(known.staged))
                    if staged is not None:
                        return known, staged
            self._drop()
        return self._new(), None

    def _fits(self, known: UploadRecord) -> bool:
        return known.path == str(self._item.path) and known.identity == self._item.identity

    def _new(self) -> UploadRecord:
        item = self._item
        staged = staged_name(self._records.sender(), secrets.token_hex(6), item.name)
        notes = {} if item.part is None else {PART_NOTE: str(item.part)}
        return UploadRecord(
            bucket=self._bucket,
            name=item.name,
            staged=staged,
            upload=self._tried(lambda: self._means.writer.begin(staged, notes)),
            part_size=self._part_size,
            path=str(item.path),
            identity=item.identity,
        )

    def _send(self, record: UploadRecord, whole: bool) -> tuple[Checksums, Mapping[int, str]]:
        """Send what is missing; with `whole` nothing is, and the file is only read."""
        reading = LocalReading(self._item.path, record.identity, record.part_size)
        self._meter.already(record.identity.size if whole else record.sent_bytes)
        if whole:
            for part in reading.parts({}):
                del part
                if self._means.stop.is_set():
                    self._means.pause(0)
            return reading.checksums(), {}
        file = self._records.begin(record)
        try:
            tags = Sending(self._means, record, file, self._meter).send(reading.parts(record.parts))
        finally:
            file.close()
        return reading.checksums(), tags

    def _finished(self, record: UploadRecord, tags: Mapping[int, str]) -> StoredObject:
        parts = sorted(tags.items())
        # What is gone may have been put together by a request whose answer was lost.
        with suppress(Gone):
            self._tried(lambda: self._means.writer.finish(record.staged, record.upload, parts))
        staged = self._tried(lambda: self._means.writer.look(record.staged))
        if staged is None:
            self._drop()
            raise Gone(
                sanitise(
                    tr("the upload of {name} was given up by somebody else", name=self._item.name)
                )
            )
        return staged

    def _renamed(self, staged: StoredObject, checksums: Checksums) -> StoredObject:
        item = self._item
        try:
            return self._tried(lambda: self._means.writer.rename(staged, item.name, item.expected))
        except (Gone, Taken):
            # It may have been this that did it, by a request whose answer was lost.
            stored = self._tried(lambda: self._means.writer.look(item.name))
            if stored is None or stored.said(SHA256_NOTE) != checksums.sha256:
                raise
            if (stored.crc32c, stored.size) != (checksums.crc32c, staged.size):
                raise
            self._tried(lambda: self._means.writer.remove(staged))
            return stored

    def _drop(self) -> None:
        """Forget what was begun of this file, here and in the bucket."""
        for record in self._mine():
            if record.name == self._item.name:
                clean(self._means, record, self._tried)
                self._records.forget(record)

    def _mine(self) -> list[UploadRecord]:
        return self._records.of(self._bucket)

    def _tried(self, question: Callable[[], _Result]) -> _Result:
        return tried(self._means, self._meter, question)


def tried(means: Means, meter: FileMeter, question: Callable[[], _Result]) -> _Result:
    """Return the answer, once there is one; raises `SourceError` and `Stopped`."""
    tries = Tries(means, meter)
    while True:
        try:
            return question()
        except SourceError as error:
            tries.failed(error)


def clean(
    means: Means, record: UploadRecord, tried: Callable[[Callable[[], object]], object]
) -> None:
    """Remove from the bucket what there is of an upload that nobody will go on with."""
    tried(lambda: means.writer.give_up(record.staged, record.upload))
    staged = tried(lambda: means.writer.look(record.staged))
    if isinstance(staged, StoredObject):
        tried(lambda: means.writer.remove(staged))
