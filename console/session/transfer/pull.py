"""Pulling published files: what has to come, whether there is room, and all files at once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from console.language import tr
from console.model.models.parts import part_by_name
from console.model.models.published import PublishedFile
from console.model.models.pulling import (
    FileProgress,
    PlannedFile,
    PullPlan,
    PullProgress,
    Stage,
    Standing,
    StatedFile,
)
from console.model.models.rate_window import RateWindow
from console.model.text import SafeText
from console.session.transfer.content import right_file
from console.session.transfer.fetching import Fetch, Stopped, with_mirror_hint
from console.session.transfer.part_file import NoSpace, PullError, forget_parts, not_written
from console.session.transfer.waiting import Surroundings, Waiting
from console.sources.base import Offline, SourceError, Throttled
from console.sources.hub import HubSource
from console.terminal.sanitise import sanitise

SAMPLE_BYTES: Final = 16 * 2**20
SAMPLE_SECONDS: Final = 3.0
"""How much is read at most, and how long, to measure how fast files come."""

_Result = TypeVar("_Result")


def plan_pull(
    source: HubSource,
    endpoint: str,
    files: Sequence[PublishedFile],
    directory: Path,
    around: Surroundings,
    tell: Callable[[str], None] = lambda doing: None,
    trouble: Callable[[str], None] = lambda why: None,
) -> PullPlan:
    """Ask the hub for `files` and look at what `directory` has of them; nothing is written.

    Files that are there with the right size are read to the end. `tell` hears what is done, and
    `trouble` what keeps the hub from answering. Raises `PullError`, `SourceError`, `OSError`.
    """
    above = _existing(directory)
    planned = []
    for file in files:
        tell(tr("asking {place} for {file}", place=source.place, file=file.name))
        stated = _patiently(partial(source.state, file), source, around, trouble)
        tell(tr("looking at {file}", file=file.name))
        planned.append(_standing(stated, directory))
    return PullPlan(
        directory=str(directory),
        endpoint=sanitise(endpoint),
        files=tuple(planned),
        free=shutil.disk_usage(above).free,
        beside=_beside(directory, files),
    )


def measured(plan: PullPlan, source: HubSource, around: Surroundings) -> PullPlan:
    """Return the plan with the rate at which the largest file comes, None if it does not."""
    missing = [each for each in plan.files if each.missing]
    if not missing:
        return plan
    largest = max(missing, key=lambda each: each.missing)
    came, begin, now = 0, around.clock(), around.clock()
    # What breaks off, or does not come at all, is no reason to say nothing else.
    with suppress(SourceError), source.read(largest.stated, 0) as body:
        for chunk in body.chunks:
            came, now = came + len(chunk), around.clock()
            if came >= SAMPLE_BYTES or now - begin >= SAMPLE_SECONDS:
                break
    rate = came / (now - begin) if came and now > begin else None
    return replace(plan, measured=True, rate=rate)


def _standing(stated: StatedFile, directory: Path) -> PlannedFile:
    target, part = directory / stated.file.name, directory / stated.part_name
    if right_file(target, stated, lambda count: None):
        return PlannedFile(stated, Standing.HERE, stated.size)
    have = min(part.stat().st_size, stated.size) if part.is_file() else 0
    if target.exists() or target.is_symlink():
        return PlannedFile(stated, Standing.DIFFERENT, have)
    return PlannedFile(stated, Standing.BEGUN if have else Standing.MISSING, have)


def _beside(directory: Path, files: Sequence[PublishedFile]) -> tuple[SafeText, ...]:
    """Return what else seems to hold a part that `files` hold, by its name."""
    if not directory.is_dir():
        return ()
    parts, names = {file.part for file in files}, {file.name for file in files}
    others = sorted(path.name for path in directory.iterdir() if path.name not in names)
    return tuple(sanitise(name) for name in others if part_by_name(name) in parts)


def _existing(directory: Path) -> Path:
    """Return the directory or the nearest one above it; raises `PullError` for what is none."""
    for path in (directory, *directory.absolute().parents):
        if path.is_dir():
            return path
        if path.exists() or path.is_symlink():
            raise PullError(
                tr("{path} is no directory; name one for the files", path=sanitise(str(path)))
            )
    return Path("/")


def _patiently(
    ask: Callable[[], _Result],
    source: HubSource,
    around: Surroundings,
    trouble: Callable[[str], None],
) -> _Result:
    waiting = Waiting(around)
    while True:
        try:
            return ask()
        except (Offline, Throttled) as error:
            seconds = waiting.after(error)
            if seconds is None:
                raise PullError(with_mirror_hint(error.message, source.place)) from error
            trouble(
                tr(
                    "{problem}; asking again in {seconds:.0f} s",
                    problem=error.message,
                    seconds=seconds,
                )
            )
            if around.wait(seconds):
                raise Stopped from None


class Pull:
    """Fetches what a plan lacks, each file in a thread of its own."""

    def __init__(
        self, plan: PullPlan, source: HubSource, around: Surroundings, replace_other: bool = False
    ) -> None:
        self._plan = plan
        self._source = source
        self._around = around
        self._replace_other = replace_other
        self._full = threading.Event()
        self._lock = threading.Lock()
        self._window = RateWindow()
        self._windows = [RateWindow() for _ in plan.files]
        self._files = [_at_first(each) for each in plan.files]

    def run(self) -> PullProgress:
        """Fetch all files, and return how that ended; raises `Stopped`, `OSError`.

        One that fails does not keep the others from coming, except on a disk that is full.
        """
        directory = Path(self._plan.directory)
        directory.mkdir(parents=True, exist_ok=True)
        for each in self._plan.files:
            if each.standing is Standing.HERE:
                forget_parts(directory, each.stated.file.name)
        workers = [
            threading.Thread(target=self._fetch, args=(index, directory), daemon=True)
            for index, each in enumerate(self._plan.files)
            if each.standing is not Standing.HERE
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        progress = self.progress()
        if not all(each.ended for each in progress.files):
            raise Stopped
        return progress

    def progress(self) -> PullProgress:
        """Return how far all files are; may be called from any thread."""
        now = self._around.clock()
        with self._lock:
            files = tuple(
                replace(each, rate=window.passing(now, each.fetched) if each.fetched else None)
                for each, window in zip(self._files, self._windows, strict=True)
            )
            fetched = sum(each.fetched for each in files)
            return PullProgress(files, self._window.passing(now, fetched))

    def _fetch(self, index: int, directory: Path) -> None:
        stated = self._plan.files[index].stated
        around = replace(self._around, wait=self._wait)
        tell = self._teller(index)
        try:
            Fetch(self._source, stated, directory, tell, around, self._replace_other).run()
        except Stopped:
            if self._full.is_set():
                self._failed(index, str(NoSpace()))
        except PullError as error:
            self._failed(index, str(error))
        except SourceError as error:
            self._failed(index, error.message)
        except OSError as error:
            problem = not_written(error, directory / stated.file.name)
            if isinstance(problem, NoSpace):
                self._full.set()
            self._failed(index, str(problem))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            self._failed(index, tr("{error} (this is a defect)", error=said))

    def _wait(self, seconds: float) -> bool:
        return self._full.is_set() or self._around.wait(seconds)

    def _teller(self, index: int) -> Callable[[FileProgress], None]:
        def tell(progress: FileProgress) -> None:
            with self._lock:
                self._files[index] = progress

        return tell

    def _failed(self, index: int, problem: str) -> None:
        with self._lock:
            said = sanitise(problem)
            self._files[index] = replace(self._files[index], stage=Stage.FAILED, problem=said)


def _at_first(planned: PlannedFile) -> FileProgress:
    stated = planned.stated
    if planned.standing is Standing.HERE:
        return FileProgress(stated.file.name, stated.size, stated.size, stage=Stage.HERE)
    return FileProgress(stated.file.name, stated.size, planned.have)
