"""One file from the hub to disk: resumed to the byte, checked, and only then under its name.

A file grows under `StatedFile.part_name`, which names its content, so that nothing else is ever
continued. Its length alone says how far it is: whatever ends the process, what was written is kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from console.language import tr
from console.model.models.pulling import Checksum, FileProgress, Stage, StatedFile
from console.model.text import SafeText
from console.session.transfer.content import ContentDigest, blocks
from console.session.transfer.part_file import PullError, append, forget_parts, keep, opened
from console.session.transfer.waiting import Surroundings, Waiting
from console.sources.base import Malformed, Offline, Throttled
from console.sources.hub import HubSource
from console.sources.hub_errors import MIRROR
from console.terminal.sanitise import sanitise

_TIMES: Final = 2
"""How often a file is fetched as a whole before its checksum is believed to be wrong for good."""


class Stopped(Exception):
    """Somebody wants it to end; what came so far is kept."""


class Fetch:
    """Fetches one file into `directory`; `tell` hears how far it is, from the same thread.

    `replace_other` allows to put it in the place of a file that is another.
    """

    def __init__(
        self,
        source: HubSource,
        stated: StatedFile,
        directory: Path,
        tell: Callable[[FileProgress], None],
        around: Surroundings,
        replace_other: bool = False,
    ) -> None:
        self._source = source
        self._stated = stated
        self._target = directory / stated.file.name
        self._part = directory / stated.part_name
        self._tell = tell
        self._around = around
        self._replace_other = replace_other
        self._progress = FileProgress(stated.file.name, stated.size)

    def run(self) -> None:
        """Fetch until it is there; raises `PullError`, `Stopped`, `SourceError` or `OSError`."""
        with opened(self._part) as part:
            for left in reversed(range(_TIMES)):
                checksum = self._complete(part)
                if checksum == self._stated.checksum:
                    break
                part.truncate(0)
                if not left:
                    self._part.unlink(missing_ok=True)
                    raise PullError(self._wrong(checksum))
                self._note(tr("came damaged; once more from {place}", place=self._source.place))
            os.fsync(part.fileno())
            keep(self._part, self._target, self._replace_other)
        forget_parts(self._target.parent, self._target.name)
        self._say(replace(self._progress, stage=Stage.DONE, note=None, done=self._stated.size))

    def _complete(self, part: BinaryIO) -> Checksum:
        """Fetch what is missing of the file, and return the checksum of all of it."""
        size, digest = self._stated.size, ContentDigest(self._stated)
        if part.seek(0, os.SEEK_END) > size:
            part.truncate(0)
        self._say(replace(self._progress, done=0))
        for block in blocks(part):
            digest.add(block)
            self._go_on(Stage.CHECKING, len(block))
        waiting = Waiting(self._around)
        while (have := part.seek(0, os.SEEK_END)) < size:
            try:
                self._read(part, digest, have)
                problem: Offline | Throttled = self._early()
            except (Offline, Throttled) as error:
                problem = error
            now = part.seek(0, os.SEEK_END)
            if now > have:
                waiting.progressed()
            if now < size:
                self._wait(waiting, problem)
        return digest.checksum()

    def _read(self, part: BinaryIO, digest: ContentDigest, have: int) -> None:
        """Write what comes to the end of `part`, which `have` bytes are in."""
        with self._source.read(self._stated, have) as body:
            if body.start != have:
                part.truncate(0)
                digest.reset()
                have = part.seek(0)
                self._say(replace(self._progress, done=0))
            for chunk in body.chunks:
                have += len(chunk)
                if have > self._stated.size:
                    raise Malformed(
                        sanitise(
                            tr(
                                "{place} sends more than {file} has",
                                place=self._source.place,
                                file=self._target.name,
                            )
                        )
                    )
                append(part, chunk)
                digest.add(chunk)
                self._go_on(Stage.FETCHING, len(chunk), fetched=len(chunk))

    def _wait(self, waiting: Waiting, problem: Offline | Throttled) -> None:
        """Wait before the next attempt; raises `PullError` when patience is at its end."""
        seconds = waiting.after(problem)
        if seconds is None and waiting.contact:
            said = tr(
                "{problem}; what came of {file} is kept, run it again later",
                problem=problem.message,
                file=self._target.name,
            )
            raise PullError(said) from problem
        if seconds is None:
            raise PullError(with_mirror_hint(problem.message, self._source.place)) from problem
        self._note(
            tr("{problem}; again in {seconds:.0f} s", problem=problem.message, seconds=seconds)
        )
        if self._around.wait(seconds):
            raise Stopped

    def _go_on(self, stage: Stage, count: int, fetched: int = 0) -> None:
        done, came = self._progress.done + count, self._progress.fetched + fetched
        self._say(replace(self._progress, stage=stage, note=None, done=done, fetched=came))
        if self._around.wait(0):
            raise Stopped

    def _early(self) -> Offline:
        return Offline(sanitise(tr("{place} ended early", place=self._source.place)))

    def _wrong(self, checksum: Checksum) -> str:
        return tr(
            "{file} is not what {place} states: {checksum}, not {stated}; nothing of it was kept; "
            "try later or another HF_ENDPOINT",
            file=self._target.name,
            place=self._source.place,
            checksum=checksum,
            stated=self._stated.checksum.value,
        )

    def _note(self, note: str) -> None:
        self._say(replace(self._progress, stage=Stage.WAITING, note=sanitise(note)))

    def _say(self, progress: FileProgress) -> None:
        self._progress = progress
        self._tell(progress)


def with_mirror_hint(problem: str, place: SafeText) -> str:
    """Return why `place` cannot be reached, with what to do."""
    if place in MIRROR:
        return tr("{problem}; unset HF_ENDPOINT to ask the hub itself", problem=problem)
    return tr(
        "{problem}; check the network; where the hub is blocked, set HF_ENDPOINT={mirror}",
        problem=problem,
        mirror=MIRROR,
    )
