"""What the screen of model files wishes for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.push_offer import PushChoices, PushOffer


class ModelKeeper(Protocol):
    """What carries out wishes about model files."""

    def wanted(self) -> None:
        """Look at the files, because somebody comes to see them."""
        ...

    def look_at(self, directory: str) -> None:
        """Look into another directory from now on."""
        ...

    async def offer(self, say: Callable[[str], None]) -> PushOffer:
        """Return what a push would do; `say` hears what is looked at. Raises `SourceError`."""
        ...

    def push(self, offer: PushOffer, choices: PushChoices) -> None:
        """Carry out what was offered last, as was chosen."""
        ...

    def source(self) -> str:
        """Return the address that published files come from; raises `SourceError`."""
        ...

    def target(self) -> str:
        """Return the directory that they go to, unless somebody names another."""
        ...

    async def pull_offer(self, wish: PullWish, say: Callable[[str], None]) -> PullOffer:
        """Return what a pull would do; `say` hears what is looked at.

        Raises `SourceError` and `OSError`.
        """
        ...

    def pull(self, offer: PullOffer) -> None:
        """Carry out what was offered last."""
        ...

    def verify(self) -> None:
        """Compare the files here with those in the bucket; raises `SourceError`."""
        ...

    def stop(self) -> bool:
        """Stop what is done; says whether anything was."""
        ...
