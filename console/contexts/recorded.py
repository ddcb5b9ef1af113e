"""Where a console can go that records, and where one that replays."""

from __future__ import annotations

from dataclasses import replace

from console.config import Config
from console.contexts.destinations import Destinations
from console.contexts.recents import Recents
from console.contexts.session_life import SessionLike
from console.language import tr
from console.model.contexts import LOCAL
from console.recording.recorder import Recorder
from console.recording.replayer import Replayer
from console.store import Store
from console.terminal.sanitise import sanitise


class RecordedPlaces(Destinations):
    """The places of any console; the first one is put on record, until it is left.

    A recording is to be whole, so it begins with nothing that was known before.
    """

    def __init__(self, config: Config, recents: Recents, recorder: Recorder) -> None:
        super().__init__(config, recents)
        self._recorder = recorder

    def store(self, context: str) -> Store:
        """Return what is known about `context` before anybody was asked."""
        return Store() if self._recorder.context is None else super().store(context)

    def open_session(self, context: str, store: Store) -> SessionLike:
        """Return the session that keeps `store` true, on record if it is the first one."""
        if self._recorder.context is not None:
            ended = tr("the recording of {context} ended here", context=self._recorder.context)
            self._recorder.end(sanitise(ended))
            return super().open_session(context, store)
        from console.contexts import opening

        self._recents.remember(context)
        config = replace(self._config, context=context)
        return opening.open_session(store, config, recorder=self._recorder)


class ReplayPlaces:
    """The one place of a recording."""

    def __init__(self, config: Config, replayer: Replayer) -> None:
        self._config = config
        self._replayer = replayer

    @property
    def first(self) -> str:
        """What was recorded."""
        return self._replayer.recording.header.context

    def store(self, context: str) -> Store:
        """Return what was known before anybody was asked: nothing."""
        return Store()

    def restarts(self, context: str) -> bool:
        """Say whether it was an engine that the console could end and start."""
        return context == LOCAL

    def open_session(self, context: str, store: Store) -> SessionLike:
        """Return the session that shows what was recorded."""
        from console.recording.sessions import replayed_session

        return replayed_session(store, self._config, self._replayer)
