"""What is asked of a person before something is planned: a form, a revision, a share, a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from textual.content import Content

from console.language import tr, tr_later
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.share_words import read_instances, read_share, shares_text
from console.screens.deploy_keeper import DeployKeeper
from console.screens.modals.ask import AskScreen
from console.screens.modals.choose import ChooseScreen
from console.screens.modals.deploy_form import DeployForm
from console.widgets.deploy.revision_rows import revision_rows

if TYPE_CHECKING:
    from textual.app import App

    from console.model.deploy.choices import Choices

Wish = Callable[[Callable[[], None]], None]
"""Carries a wish out, and says it if that cannot be."""

_SHARES: Final = tr_later("Requests: REVISION=PERCENT …, 100 in all; LATEST is the newest")
_INSTANCES: Final = tr_later("How many instances? 0 for none, auto for as many as needed")
_WITH_BUCKET: Final = "with the bucket"
_DESTROY: Final = (
    ("", tr_later("the service and what was made for it; the bucket stays")),
    (_WITH_BUCKET, tr_later("all of that, and the bucket with everything in it")),
)


class DeployWishes:
    """Asks on `app`, and hands what is wished for to `keeper` by way of `wish`."""

    def __init__(self, app: App[object], keeper: DeployKeeper, wish: Wish) -> None:
        self._app = app
        self._keeper = keeper
        self._wish = wish

    async def deploy(self) -> None:
        """Let a deployment be described; raises `ValueError` and `SourceError`."""
        choices = await self._keeper.choices()

        def answered(chosen: Choices | None) -> None:
            if chosen is not None:
                self._wish(lambda: self._keeper.deploy(chosen))

        self._app.push_screen(DeployForm(self._keeper.place, choices), answered)

    async def roll_back(self, now: datetime) -> None:
        """Let a revision be chosen; raises `SourceError`."""
        rows, chosen = revision_rows(await self._keeper.service(), now)

        def answered(revision: str | None) -> None:
            if revision is not None:
                self._wish(lambda: self._keeper.roll_back(revision))

        title = tr("Send all requests of {service} to", service=self._keeper.place.service)
        self._app.push_screen(ChooseScreen(title, rows, chosen), answered)

    async def split(self) -> None:
        """Let the split of requests be written; raises `SourceError`."""
        present = _shares(await self._keeper.service())

        def answered(written: str | None) -> None:
            if written is not None:
                self._wish(lambda: self._split(written))

        self._app.push_screen(AskScreen(tr(_SHARES), present), answered)

    def scale(self, held: int | None) -> None:
        """Let it be said how many instances are held; `held` is how many are now."""

        def answered(written: str | None) -> None:
            if written is not None:
                self._wish(lambda: self._keeper.scale(read_instances(written)))

        proposal = "0" if held is None else "auto"
        self._app.push_screen(AskScreen(tr(_INSTANCES), proposal), answered)

    def destroy(self) -> None:
        """Let it be said how much is to go."""

        def answered(value: str | None) -> None:
            if value is not None:
                self._wish(lambda: self._keeper.destroy(with_bucket=value == _WITH_BUCKET))

        rows = [(value, _told(tr(words))) for value, words in _DESTROY]
        title = tr(
            "What of {service} is to be removed? It is planned first",
            service=self._keeper.place.service,
        )
        self._app.push_screen(ChooseScreen(title, rows), answered)

    def _split(self, written: str) -> None:
        self._keeper.split(tuple(read_share(each) for each in written.split()))


def _told(words: str) -> Callable[[int], Content]:
    return lambda width: Content(words).truncate(width, ellipsis=True)


def _shares(found: ServiceSeen) -> str:
    return shares_text(found.facts.traffic) or "LATEST=100"
