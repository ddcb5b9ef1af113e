"""From one context to another without leaving the console."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from console.contexts.leaving import unfinished
from console.contexts.session_life import SessionLike
from console.language import tr, tr_many
from console.model.contexts import ContextChoice
from console.modes import MODES
from console.store import Store

if TYPE_CHECKING:
    from console.app import ConsoleApp
    from console.screens.modals.picker_steps import Directory

_BETWEEN = "between"


class Places(Protocol):
    """Where the console can go; `console.contexts.destinations.Destinations` knows."""

    def choices(self) -> tuple[ContextChoice, ...]:
        """Return the contexts on offer."""
        ...

    def directory(self) -> Directory | None:
        """Return what tells which services there are on Google Cloud, if there is one."""
        ...

    def store(self, context: str) -> Store:
        """Return what is known about `context` before anybody was asked."""
        ...

    def restarts(self, context: str) -> bool:
        """Say whether the engine of `context` is one that the console can end and start."""
        ...

    def open_session(self, context: str, store: Store) -> SessionLike:
        """Return the session that keeps `store` true."""
        ...


class ContextSwitch:
    """Asks where to go, and goes there; without `places` there is nowhere to go."""

    def __init__(self, app: ConsoleApp, places: Places | None) -> None:
        self._app = app
        self._places = places
        self._one_at_a_time = asyncio.Lock()

    def choices(self) -> tuple[ContextChoice, ...]:
        """Return the contexts on offer."""
        return () if self._places is None else self._places.choices()

    async def ask(self, *, on_google: bool = False) -> None:
        """Let a context be chosen; with `on_google`, a service of Google Cloud at once."""
        from console.screens.modals.context_picker import ContextPicker
        from console.screens.modals.picker_steps import ProjectStep, StartStep, Step

        places = self._places
        if places is None:
            self._app.flash(tr("there is nothing else to look after"), "warning")
            return
        directory = places.directory()
        step: Step = StartStep(places.choices(), directory, self._app.surroundings.context)
        if on_google and directory is not None:
            step = ProjectStep(directory)

        async def answered(context: str | None) -> None:
            self.chosen(context)
            if directory is not None:
                await directory.aclose()

        await self._app.push_screen(ContextPicker(step), answered)

    def chosen(self, context: str | None) -> None:
        """Go to `context`; while something goes on, only when that is confirmed."""
        present = self._app.surroundings.context
        if context is None:
            return
        if context == present:
            self._app.flash(tr("{context} is what you look at", context=context))
            return
        self._app.leaving.elsewhere(present, partial(self._set_out, context))

    def _set_out(self, context: str) -> None:
        self._app.in_background(self.to(context), "switch", exclusive=False)

    async def to(self, context: str) -> None:
        """End what is looked after now, and look after `context`, on the same screen."""
        assert self._places is not None
        async with self._one_at_a_time:
            await self._to(context, self._places)

    async def _to(self, context: str, places: Places) -> None:
        app = self._app
        mode = app.current_mode if app.current_mode in MODES else MODES[0]
        await self._show_leaving()
        lost = self._cancel_unfinished()
        await app.end_session()
        before = app.surroundings
        store = places.store(context)
        store.gallery = before.store.gallery
        app.surroundings = replace(
            before,
            store=store,
            context=context,
            restarts=places.restarts(context),
            operator=None,
            deployer=None,
        )
        app.listen()
        app.add_screens()
        await app.show_screen(mode)
        app.begin_session(partial(places.open_session, context))
        await app.remove_mode(_BETWEEN)
        if lost:
            said = tr_many(
                "{count} picture is cancelled, not finished",
                "{count} pictures are cancelled, not finished",
                lost,
            )
            app.flash(said, "warning")

    async def _show_leaving(self) -> None:
        """Take the screens of the present context away, and say that it is being left."""
        from console.screens.between import BetweenScreen

        app = self._app
        app.add_mode(_BETWEEN, partial(BetweenScreen, app.surroundings.context))
        await app.switch_mode(_BETWEEN)
        for mode in MODES:
            await app.remove_mode(mode)

    def _cancel_unfinished(self) -> int:
        operator = self._app.surroundings.operator
        count = len(unfinished(self._app.store))
        while operator is not None and operator.cancel():
            pass
        return count
