"""The files here compared with what is in the bucket: nothing is read of the bucket for that."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.model.models.progress import Progress
from console.model.models.snapshot import Job, Stage, Work
from console.model.models.verification import Verified, against_file
from console.model.storage import StoredObject
from console.session.models_jobs import ModelsJobs
from console.session.models_watch import ModelsWatch
from console.sources.base import SourceError
from console.terminal.sanitise import sanitise


async def verify(
    jobs: ModelsJobs,
    watch: ModelsWatch,
    directory: Path,
    environment: Mapping[str, str],
    stored: Sequence[StoredObject],
) -> None:
    """Read the files of a directory, and tell `watch` how they stand to what is stored."""
    from console.session.transfer.meter import FileMeter, PushMeter
    from console.session.transfer.push_planning import described
    from console.session.transfer.sending import Stopped
    from console.session.transfer.verifying import digests_here

    meter = PushMeter([], time.monotonic)
    job = Job(Work.VERIFY, Progress(()))
    live = {str(each.name): each for each in stored}
    stop = jobs.new_stop()
    try:
        known = (await described(directory, environment)).known
        pairs = [(each, live[sanitise(each.name)]) for each in known.files if each.name in live]
        meters = [FileMeter(each.name, there.size, time.monotonic) for each, there in pairs]
        meter = PushMeter(meters, time.monotonic)

        def check() -> None:
            if stop.is_set():
                raise Stopped

        def read() -> list[tuple[Verified, int]]:
            return [
                (
                    against_file(each.name, digests_here(Path(each.path), check, one), there),
                    there.generation,
                )
                for (each, there), one in zip(pairs, meters, strict=True)
            ]

        verdicts = await jobs.shown(job, meter.progress, read)
    except Stopped:
        jobs.end(job, meter.progress, Stage.STOPPED)
    except (SourceError, OSError) as error:
        jobs.end(job, meter.progress, Stage.FAILED, str(error))
    else:
        jobs.end(job, meter.progress, Stage.DONE)
        watch.compared(verdicts)
