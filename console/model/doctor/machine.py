"""This machine: what the engine needs here, and what the console does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

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
        words = f"not installed: {', '.join(missing)}"
        return Finding(Check.ENGINE, State.WRONG, words, (_INSTALL,))
    return Finding(Check.ENGINE, State.OK, "installed")


def models(found: Answer[ModelSet] | None, engine_is_there: bool) -> Finding:
    """Judge the model's files; None means that they are read from a bucket."""
    check = Check.MODELS
    if found is None:
        return Finding(check, State.NOT_ASKED, "they are read from a bucket")
    if not engine_is_there:
        return Finding(check, State.UNKNOWN, "only an installed engine can tell")
    if isinstance(found, Unanswered):
        return unknown(check, found)
    where = "the bundled demo model" if found.bundled else str(found.directory)
    if found.problem:
        inspect = command("python", "-m", "engine", "inspect", found.directory)
        mends = (
            Mend(inspect, "says what each file is"),
            Mend("zimage-console", "without --models uses the bundled demo model"),
        )
        return Finding(check, State.WRONG, f"{where}: {found.problem}", mends)
    warnings = [f"{each.name}: {each.warning}" for each in found.files if each.warning]
    words = f"{where} is complete, {size_text(found.bytes)}"
    if warnings:
        return Finding(check, State.WARNING, f"{words}; {'; '.join(warnings)}")
    return Finding(check, State.OK, words)


def memory(found: Answer[Memory], models: Answer[ModelSet] | None) -> Finding:
    """Judge memory by the model that is to be loaded."""
    check = Check.MEMORY
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if found.total is None:
        return Finding(check, State.UNKNOWN, "this machine does not say how much it has")
    weights = models.bytes if isinstance(models, ModelSet) else 0
    need = ENGINE_BYTES + int(weights * WEIGHTS_SHARE)
    free = "" if found.available is None else f", {size_text(found.available)} of it free"
    words = f"{size_text(found.total)}{free}"
    takes = f"the engine and this model take about {size_text(need)}"
    if found.total < need:
        mends = (
            Mend("zimage-console", "without --models uses the bundled demo model"),
            Mend(words="or use files with a smaller quantisation, such as Q4_K_M"),
        )
        return Finding(check, State.WRONG, f"{words}; {takes}", mends)
    if found.available is not None and found.available < need:
        mend = Mend("ps -eo rss,comm --sort=-rss | head", "says what takes it; end what you can")
        return Finding(check, State.WARNING, f"{words}; {takes}", (mend,))
    return Finding(check, State.OK, f"{words}; {takes}")


def disk(found: Answer[Sequence[Space]]) -> Finding:
    """Judge the room in the folders that the console writes to."""
    check = Check.DISK
    if isinstance(found, Unanswered):
        return unknown(check, found)
    if not found:
        return Finding(check, State.UNKNOWN, "there is no folder to look at")
    closed = [each for each in found if not each.writable]
    if closed:
        folders = ", ".join(each.folder for each in closed)
        mends = tuple(Mend(f'sudo chown -R "$USER" {command(each.folder)}') for each in closed)
        return Finding(check, State.WRONG, f"not writable: {folders}", mends)
    least = min(found, key=lambda each: each.free)
    words = f"{size_text(least.free)} free of {size_text(least.total)} in {least.folder}"
    if least.free >= DISK_ENOUGH:
        return Finding(check, State.OK, words)
    mend = Mend(f"du -xh {command(least.folder)} | sort -h | tail -20", "says what takes the room")
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
            mend = Mend(aside, "begins a new history, and keeps the old file")
        return Finding(check, State.WRONG, found.problem, (mend,))
    if not found.exists:
        return Finding(check, State.OK, f"none yet: it will be {found.path}")
    return Finding(check, State.OK, found.path)


def terminal(found: Terminal) -> Finding:
    """Judge the terminal; output that goes elsewhere has no size."""
    check = Check.TERMINAL
    if not found.can_host:
        words = f"TERM is {found.name!r}, so the console cannot be drawn; its verbs work"
        mend = Mend("TERM=xterm-256color zimage-console", "if the terminal is one after all")
        return Finding(check, State.WARNING, words, (mend,))
    size = "" if found.width is None else f", {found.width}×{found.height}"
    words = f"{found.words}{size}"
    small = (
        found.width is not None
        and found.height is not None
        and (found.width < LEAST_SCREEN[0] or found.height < LEAST_SCREEN[1])
    )
    if small:
        mend = Mend(words="make the window at least 80×24")
        return Finding(check, State.WARNING, f"{words} is small", (mend,))
    if not found.unicode:
        mend = Mend("export LC_ALL=C.UTF-8", "before the console is started")
        return Finding(check, State.WARNING, f"{words}: no more than ASCII is shown", (mend,))
    return Finding(check, State.OK, words)
