"""The files of a plan put into a bucket one after the other, after what was left behind is gone."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.models.part_size import USUAL
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.push_progress import FileStage
from console.model.models.staging import FOLDER, sender_of
from console.model.models.upload_record import UploadRecord
from console.model.storage import Kept, StoredObject
from console.session.transfer.file_push import FilePush, PushItem, clean, tried
from console.session.transfer.local_reading import identity_of
from console.session.transfer.meter import FileMeter, PushMeter
from console.session.transfer.place import Place
from console.session.transfer.sending import Means
from console.session.transfer.upload_records import UploadRecords
from console.sources.base import SourceError
from console.terminal.sanitise import sanitise

_AT_ONCE: Final = 2
"""How many files are looked after at a time: one is sent, one is put together."""


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What nobody goes on with, of uploads from here: those remembered, and those that are not."""

    records: tuple[UploadRecord, ...] = ()
    uploads: tuple[tuple[str, str], ...] = ()
    objects: tuple[StoredObject, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.records) + len(self.uploads) + len(self.objects)


def leftovers(place: Place, plan: PushPlan, records: UploadRecords) -> Leftovers:
    """Return what of earlier pushes from here can never be gone on with.

    An upload whose file is still there as it was stays: some later push may go on with it.
    """
    remembered = records.of(plan.bucket)
    settled = {each.file.name for each in plan.files if each.standing is Standing.SAME}
    dead = tuple(each for each in remembered if each.name in settled or not _as_it_was(each))
    known = {each.staged for each in remembered}
    sender = records.sender()
    return Leftovers(
        dead,
        tuple(
            (each.name, each.id)
            for each in place.unfinished
            if sender_of(each.name) == sender and each.name not in known
        ),
        tuple(
            each
            for each in place.found.of(Kept.LIVE)
            if each.name.startswith(FOLDER)
            and sender_of(each.name) == sender
            and each.name not in known
        ),
    )


def _as_it_was(record: UploadRecord) -> bool:
    try:
        return identity_of(Path(record.path)) == record.identity
    except OSError:
        return False


class Push:
    """Carries a plan out; `run` blocks, and is for a thread.

    `meter` says meanwhile how far it is. `usual_part` is the size of parts in bytes.
    """

    def __init__(
        self,
        plan: PushPlan,
        place: Place,
        means: Means,
        records: UploadRecords,
        usual_part: int = USUAL,
    ) -> None:
        self._plan = plan
        self._place = place
        self._means = means
        self._records = records
        self._usual_part = usual_part
        clock = means.clock
        self._tidying = FileMeter("", 0, clock)
        self.meter = PushMeter(
            [FileMeter(each.file.name, each.size, clock) for each in plan.files], clock
        )

    def run(self) -> tuple[StoredObject | None, ...]:
        """Return what is stored of each file, None where that failed: the meter says why.

        Raises `Busy` if another process pushes to the bucket, `Stopped` if it was ended, and
        `SourceError` if nothing could be done at all.
        """
        with self._records.alone(self._plan.bucket):
            self._tidy()
            return self._all()

    def _all(self) -> tuple[StoredObject | None, ...]:
        """Push in the order of the plan; while a file is put together the next one is sent."""
        stored: list[StoredObject | None] = [None] * len(self._plan.files)
        waiting = iter(range(len(stored)))
        turn = threading.Lock()
        failures: list[BaseException] = []

        def work() -> None:
            try:
                while not failures:
                    with turn:
                        index = next(waiting, None)
                    if index is None:
                        return
                    stored[index] = self._one(self._plan.files[index], self.meter.files[index])
            except BaseException as error:
                failures.append(error)

        threads = [
            threading.Thread(target=work, name=f"file-{number}", daemon=True)
            for number in range(_AT_ONCE)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        if failures:
            raise failures[0]
        return tuple(stored)

    def _tidy(self) -> None:
        left = leftovers(self._place, self._plan, self._records)
        writer = self._means.writer
        for record in left.records:
            clean(self._means, record, lambda work: tried(self._means, self._tidying, work))
            self._records.forget(record)
        for name, upload in left.uploads:
            tried(self._means, self._tidying, partial(writer.give_up, name, upload))
        for each in left.objects:
            tried(self._means, self._tidying, partial(writer.remove, each))

    def _one(self, planned: PlannedFile, meter: FileMeter) -> StoredObject | None:
        if planned.standing is not Standing.SAME:
            return self._pushed(planned, meter)
        meter.already(planned.size)
        meter.stage(FileStage.THERE)
        return planned.stored

    def _pushed(self, planned: PlannedFile, meter: FileMeter) -> StoredObject | None:
        item = PushItem(
            path=Path(planned.file.path),
            name=planned.file.name,
            identity=planned.identity,
            part=planned.file.part,
            expected=planned.generation,
        )
        push = FilePush(
            item, self._plan.bucket, self._means, self._records, meter, self._usual_part
        )
        try:
            stored = push.push()
        except SourceError as error:
            meter.stage(FileStage.FAILED, error.message)
            return None
        except OSError as error:
            why = tr(
                "{name} cannot be read ({error})", name=item.path, error=error.strerror or error
            )
            meter.stage(FileStage.FAILED, sanitise(why))
            return None
        meter.stage(FileStage.SENT)
        return stored
