"""Leaving while something goes on that leaving ends: asked once, then done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.model.images import Run, RunState
from console.store import Store

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.screens.modals.confirm import ConfirmScreen

_UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class Leaving:
    """Asks before files that are on their way, or pictures that are made, are given up."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._question: ConfirmScreen | None = None

    def quit(self) -> None:
        """Leave the console; asks while files are on their way, and not twice."""
        going = going_on(self._app.store)
        if going and self._app.screen is not self._question:
            self._ask(f"{_sentence(going)}; stop it? What has arrived is kept.", self._exit)
        else:
            self._exit()

    def elsewhere(self, present: str, go: Callable[[], None]) -> None:
        """Leave what is looked after; asks while files are on their way or pictures are made."""
        going, count = going_on(self._app.store), len(unfinished(self._app.store))
        said = [f"{_sentence(going)}; what has arrived is kept.\n"] if going else []
        said += [f"{pictures(count)} not finished. "] if count else []
        if said:
            self._ask(f"{''.join(said)}Leave {present} and cancel?", go)
        else:
            go()

    def hint(self) -> str:
        """Return what a second ctrl+c does."""
        going = going_on(self._app.store)
        if going:
            return f"{going}; press ctrl+c again to stop it and quit, what has arrived is kept"
        return "press ctrl+c again to quit"

    def _ask(self, question: str, go: Callable[[], None]) -> None:
        from console.screens.modals.confirm import ConfirmScreen

        def answered(yes: bool | None) -> None:
            self._question = None
            if yes:
                go()

        self._question = ConfirmScreen(question)
        self._app.push_screen(self._question, answered)

    def _exit(self) -> None:
        self._app.exit(0)


def going_on(store: Store) -> str:
    """Say what is on its way, and how far it is; empty if nothing is that would be stopped."""
    from console.widgets.models.job_words import going_on_text

    job = store.models.job
    return "" if job is None else going_on_text(job)


def unfinished(store: Store) -> list[Run]:
    """Return the pictures that wait or are made."""
    return [run for run in store.runs if run.state in _UNFINISHED]


def pictures(count: int) -> str:
    """Return so many pictures with their verb."""
    return "1 picture is" if count == 1 else f"{count} pictures are"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
