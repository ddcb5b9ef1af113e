"""This machine: what the engine needs here, and what the console does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.language import tr
from console.model.doctor.answers import Unanswered, command, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, HistoryFile, Memory, ModelSet, Space, Terminal
from console.model.doctor.finding import Finding, Mend, State
from console.model.storage import size_text

ENGINE_BYTES: Final = 1_000_000_000
"""What an engine takes without its weights: PyTorch, and room for one picture."""

WEIGHTS_SHARE: Final = 1.2
"""How much of memory weights take for each byte of their files, once they are loaded."""

DISK_LEAST: Final = 100_000_000
DISK_ENOUGH: Final = 1_000_000_000
LEAST_SCREEN: Final = (80, 24)

_INSTALL: Final = Mend("pip install 'zimage-console[engine]'")


def engine(missing: Answer[tuple[str, ...]]) -> Finding:
    """Judge whether the packages that the engine needs are installed."""
    if isinstance(missing, Unanswered):
        return unknown(Check.ENGINE, missing)
    if missing:
        words = tr("not installed: {packages}", packages=tr(", ").join(missing))
        return Finding(Check.ENGINE, State.WRONG, words, (_INSTALL,))
    return Finding(Check.ENGINE, State.OK, tr("installed"))


def models(found: Answer[ModelSet] | None, engine_is_there: bool) -> Finding:
    """Judge the model's files; None means that they are read from a bucket."""
    check = Check.MODELS
    if found is None:
        return Finding(check, State.NOT_ASKED, tr("they are read from a bucket"))
    if not engine_is_there:
        return Finding(check, State.UNKNOWN, tr("only an installed engine can tell"))
    if isinstance(found, Unanswered):
        return unknown(check, found)
    where = tr("the bundled demo model") if found.bundled else str(found.directory)
    if found.problem:
        inspect = command("python", "-m", "engine", "inspect", found.directory)
        mends = (
            Mend(inspect, tr("says what each file is")),
            Mend("zimage-console", tr("without --models uses the bundled demo model")),
        )
        words = tr("{what}: {why}", what=where, why=found.problem)
        return Finding(check, State.WRONG, words, mends)
    warnings = [
        tr("{what}: {why}", what=each.name, why=each.warning)
        for each in found.files
        if each.warning
    ]
    words = tr("{model} is complete, {size}", model=where, size=size_text(found.bytes))
    if warnings:
        return Finding(check, State.WARNING, tr("; ").join([words, *warnings]))
    return Finding(check, State.OK, words)


def memory(found: Answer[Memory], models: Answer[ModelSet] | None) -> Finding:
    """Judge memory by the model that is to be loaded."""
    check = Check.MEMORY
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if found.total is None:
        return Finding(check, State.UNKNOWN, tr("this machine does not say how much it has"))
    weights = models.bytes if isinstance(models, ModelSet) else 0
    need = ENGINE_BYTES + int(weights * WEIGHTS_SHARE)
    there = size_text(found.total)
    if found.available is not None:
        free = size_text(found.available)
        there = tr("{total}, {free} of it free", total=there, free=free)
    takes = tr("the engine and this model take about {size}", size=size_text(need))
    words = tr("; ").join([there, takes])
    if found.total < need:
        mends = (
            Mend("zimage-console", tr("without --models uses the bundled demo model")),
            Mend(words=tr("or use files with a smaller quantisation, such as Q4_K_M")),
        )
        return Finding(check, State.WRONG, words, mends)
    if found.available is not None and found.available < need:
        look = tr("says what takes it; end what you can")
        mend = Mend("ps -eo rss,comm --sort=-rss | head", look)
        return Finding(check, State.WARNING, words, (mend,))
    return Finding(check, State.OK, words)


def disk(found: Answer[Sequence[Space]]) -> Finding:
    """Judge the room in the folders that the console writes to."""
    check = Check.DISK
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if not found:
        return Finding(check, State.UNKNOWN, tr("there is no folder to look at"))
    closed = [each for each in found if not each.writable]
    if closed:
        folders = tr(", ").join(each.folder for each in closed)
        mends = tuple(Mend(f'sudo chown -R "$USER" {command(each.folder)}') for each in closed)
        words = tr("not writable: {folders}", folders=folders)
        return Finding(check, State.WRONG, words, mends)
    least = min(found, key=lambda each: each.free)
    words = tr(
        "{free} free of {total} in {folder}",
        free=size_text(least.free),
        total=size_text(least.total),
        folder=least.folder,
    )
    if least.free >= DISK_ENOUGH:
        return Finding(check, State.OK, words)
    look = f"du -xh {command(least.folder)} | sort -h | tail -20"
    mend = Mend(look, tr("says what takes the room"))
    state = State.WRONG if least.free < DISK_LEAST else State.WARNING
    return Finding(check, state, words, (mend,))


def history(found: Answer[HistoryFile]) -> Finding:
    """Judge the file of the history."""
    check = Check.HISTORY
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if found.problem:
        mend = Mend("pip install --upgrade zimage-console")
        if not found.newer:
            aside = command("mv", found.path, f"{found.path}.damaged")
            mend = Mend(aside, tr("begins a new history, and keeps the old file"))
        return Finding(check, State.WRONG, found.problem, (mend,))
    if not found.exists:
        return Finding(check, State.OK, tr("none yet: it will be {path}", path=found.path))
    return Finding(check, State.OK, found.path)


def terminal(found: Terminal) -> Finding:
    """Judge the terminal; output that goes elsewhere has no size."""
    check = Check.TERMINAL
    if not found.can_host:
        words = tr(
            "TERM is {name!r}, so the console cannot be drawn; its verbs work", name=found.name
        )
        mend = Mend("TERM=xterm-256color zimage-console", tr("if the terminal is one after all"))
        return Finding(check, State.WARNING, words, (mend,))
    size = [] if found.width is None else [f"{found.width}×{found.height}"]
    words = tr(", ").join([found.words, *size])
    small = (
        found.width is not None
        and found.height is not None
        and (found.width < LEAST_SCREEN[0] or found.height < LEAST_SCREEN[1])
    )
    if small:
        mend = Mend(words=tr("make the window at least 80×24"))
        return Finding(check, State.WARNING, tr("{terminal} is small", terminal=words), (mend,))
    if not found.unicode:
        mend = Mend("export LC_ALL=C.UTF-8", tr("before the console is started"))
        words = tr("{terminal}: no more than ASCII is shown", terminal=words)
        return Finding(check, State.WARNING, words, (mend,))
    return Finding(check, State.OK, words)
