"""The session: what keeps the store true, and what carries actions out.

Interface only for the moment it takes to write the rest; its signatures are final.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from console.config import Config
from console.model.images import MadePicture, Run
from console.store import Store
from engine.schema import GenerationRequest

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the time of day, in UTC."""
    return datetime.now(UTC)


class Session:
    """One console session: the engine it looks after, the prompts it was given."""

    def __init__(self, store: Store, config: Config, *, clock: Clock = utc_now) -> None:
        self.store = store
        self.config = config
        self._clock = clock

    async def run(self) -> None:
        """Start the engine and keep the store true until cancelled; the engine ends with it."""
        raise NotImplementedError

    def submit(self, request: GenerationRequest) -> Run:
        """Take a request; it runs when its turn comes. Raises `InvalidRequest`."""
        raise NotImplementedError

    def cancel(self) -> bool:
        """Cancel the running or else the last waiting run; False when there is none."""
        raise NotImplementedError

    async def restart(self) -> None:
        """End the engine and start a new one; waiting runs are kept."""
        raise NotImplementedError

    async def save(self, picture: MadePicture, path: Path | None = None) -> Path:
        """Save a copy and return where; nothing is ever overwritten. Raises `OSError`."""
        raise NotImplementedError

    async def close(self) -> None:
        """End the engine."""
        raise NotImplementedError
