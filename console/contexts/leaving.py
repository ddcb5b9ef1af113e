"""Leaving while something goes on that leaving ends: asked once, then done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from console.actions import action, spelled
from console.language import tr, tr_many
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
            self._ask(_stop_question(going), self._exit)
        else:
            self._exit()

    def elsewhere(self, present: str, go: Callable[[], None]) -> None:
        """Leave what is looked after; asks while something goes on, or pictures are made."""
        going, count = going_on(self._app.store), len(unfinished(self._app.store))
        if not going and not count:
            go()
            return
        said = [tr("{what}; {kept}.", what=_sentence(one.what), kept=one.kept) for one in going]
        said.append(
            tr_many(
                "1 picture is not finished. Leave {context} and cancel?",
                "{count} pictures are not finished. Leave {context} and cancel?",
                count,
                context=present,
            )
            if count
            else tr("Leave {context} and cancel?", context=present)
        )
        self._ask("\n".join(said), go)

    def hint(self) -> str:
        """Return what a second ctrl+c does."""
        key = spelled(action("app.interrupt").keys[0])
        match going_on(self._app.store):
            case [Going(what, kept)]:
                return tr(
                    "{what}; press {key} again to stop it and quit, {kept}",
                    what=what,
                    key=key,
                    kept=kept,
                )
            case [one, other]:
                return tr(
                    "{what} and {also}; press {key} again to stop them and quit, "
                    "{kept} and {also_kept}",
                    what=one.what,
                    also=other.what,
                    key=key,
                    kept=one.kept,
                    also_kept=other.kept,
                )
            case _:
                return tr("press {key} again to quit", key=key)

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
        found.append(Going(files, tr("what has arrived is kept")))
    if deployment := going_on_words(store.deploy):
        kept = tr("what is done stays, and the same plan goes on later")
        found.append(Going(deployment, kept))
    return found


def unfinished(store: Store) -> list[Run]:
    """Return the pictures that wait or are made."""
    return [run for run in store.runs if run.state in _UNFINISHED]


def _stop_question(going: list[Going]) -> str:
    """Ask about the one or two things that go on."""
    first, *others = going
    what, kept = _sentence(first.what), _sentence(first.kept)
    if not others:
        return tr("{what}; stop it? {kept}.", what=what, kept=kept)
    return tr(
        "{what} and {also}; stop them? {kept}. {also_kept}.",
        what=what,
        also=others[0].what,
        kept=kept,
        also_kept=_sentence(others[0].kept),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
