"""Where the console can go: the contexts on offer, and what is needed to look after one.

Nothing heavy is imported here, since the first frame waits for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console import paths
from console.config import Config
from console.contexts.recents import Recents
from console.contexts.session_life import SessionLike
from console.model.contexts import LOCAL, ContextChoice, context_choices
from console.session.snapshots import Snapshots, remembered
from console.store import Store

if TYPE_CHECKING:
    from console.screens.modals.picker_steps import Directory


class Destinations:
    """The contexts that a console with `config` can go to; `recents` remembers where it was."""

    def __init__(
        self, config: Config, recents: Recents, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._config = config
        self._recents = recents
        self._environment = environment

    @property
    def first(self) -> str | None:
        """Where to begin: as configured, else where it was last; None when nobody ever said."""
        if self._config.chosen:
            return self._config.context
        return next((recent.context for recent in self._recents.load()), None)

    def choices(self) -> tuple[ContextChoice, ...]:
        """Return what is on offer."""
        configured = self._config.context if self._config.chosen else None
        return context_choices(configured, self._recents.load(), self._recents.clock())

    def directory(self) -> Directory:
        """Return what tells which services there are; Google is asked when it is."""
        from console.session.cloud_directory import CloudDirectory
        from console.sources.google_channel import Endpoints, connect

        reach = partial(connect, Endpoints(), self._environment, self._recents.clock)
        return CloudDirectory(reach, self._environment)

    def store(self, context: str) -> Store:
        """Return what is known about `context` before anybody was asked: what was known last."""
        if context == LOCAL:
            return Store()
        return remembered(paths.snapshots_directory(), context)

    def restarts(self, context: str) -> bool:
        """Say whether the engine of `context` is one that the console can end and start."""
        return context == LOCAL

    def open_session(self, context: str, store: Store) -> SessionLike:
        """Return the session that keeps `store` true; nothing is started before it runs.

        From now on `context` is the one that was looked after last.
        """
        from console.contexts import opening

        self._recents.remember(context)
        return opening.open_session(
            store,
            replace(self._config, context=context),
            snapshots=Snapshots(paths.snapshots_directory()),
        )
