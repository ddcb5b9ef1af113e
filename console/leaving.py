"""Leaving while something goes on that leaving ends: asked once, then done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from console.model.images import Run, RunState
from console.store import Store

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.screens.modals.confirm import ConfirmScreen

_UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class Leaving:
    """Asks before files on their way, a plan half done, or pictures that are made are given up."""

    def __init__(self, app: ConsoleApp) -> None:
        self._app = app
        self._question: ConfirmScreen | None = None

    def quit(self) -> None:
        """Leave the console; asks while something goes on that this stops, and not twice."""
        going = going_on(self._app.store)
        if going and self._app.screen is not self._question:
            kept = ". ".join(_sentence(each.kept) for each in going)
            what = " and ".join(each.what for each in going)
            self._ask(f"{_sentence(what)}; stop {_it(going)}? {kept}.", self._exit)
        else:
            self._exit()

    def elsewhere(self, present: str, go: Callable[[], None]) -> None:
        """Leave what is looked after; asks while something goes on, or pictures are made."""
        going, count = going_on(self._app.store), len(unfinished(self._app.store))
        said = [f"{_sentence(each.what)}; {each.kept}.\n" for each in going]
        said += [f"{pictures(count)} not finished. "] if count else []
        if said:
            self._ask(f"{''.join(said)}Leave {present} and cancel?", go)
        else:
            go()

    def hint(self) -> str:
        """Return what a second ctrl+c does."""
        going = going_on(self._app.store)
        if going:
            what, kept = (" and ".join(words) for words in zip(*going, strict=True))
            return f"{what}; press ctrl+c again to stop {_it(going)} and quit, {kept}"
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


class Going(NamedTuple):
    """What goes on, and how far it is; and what is kept of it if it is stopped."""

    what: str
    kept: str


def going_on(store: Store) -> list[Going]:
    """Return what is on its way that leaving would stop."""
    from console.widgets.deploy.deploying_note import going_on_words
    from console.widgets.models.job_words import going_on_text

    job, found = store.models.job, []
    if job is not None and (files := going_on_text(job)):
        found.append(Going(files, "what has arrived is kept"))
    if deployment := going_on_words(store.deploy):
        found.append(Going(deployment, "what is done stays, and the same plan goes on later"))
    return found


def unfinished(store: Store) -> list[Run]:
    """Return the pictures that wait or are made."""
    return [run for run in store.runs if run.state in _UNFINISHED]


def pictures(count: int) -> str:
    """Return so many pictures with their verb."""
    return "1 picture is" if count == 1 else f"{count} pictures are"


def _it(going: list[Going]) -> str:
    return "it" if len(going) == 1 else "them"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
