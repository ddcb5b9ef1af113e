"""A push: what would be sent, replaced and skipped; then, once agreed to, how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from console.language import tr, tr_later, tr_list
from console.model.models.push_offer import Hurdle, PushChoices, PushOffer
from console.model.models.rate_text import parse_rate, rate_text
from console.model.models.snapshot import Work
from console.screens.modals.ask import AskScreen
from console.screens.modals.transfer import TransferScreen
from console.screens.model_keeper import ModelKeeper
from console.sources.base import SourceError
from console.store import Store
from console.terminal.sanitise import sanitise
from console.widgets.models.push_words import HURDLE_KEYS, offer_rows
from console.widgets.models.rows import wrapped

_LIMIT: Final = tr_later("At most how fast? 2MB/s, 20Mbit; nothing for no limit")


class PushScreen(TransferScreen):
    """What a push would do, how fast it may be, and how far it is."""

    TITLE: ClassVar[str] = tr_later("Push the models into the bucket")
    WORK: ClassVar[Work] = Work.PUSH
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "limit", "limit", show=False),
        Binding("b", "accept('beside')", "beside", show=False),
        Binding("a", "accept('another region')", "all the same", show=False),
    ]

    def __init__(self, keeper: ModelKeeper, store: Store) -> None:
        super().__init__(keeper, store)
        self._offer: PushOffer | None = None
        self._choices = PushChoices()

    def ask(self) -> None:
        """Find out what a push would do."""
        self._ask()

    @work(group="offer", exclusive=True, exit_on_error=False)
    async def _ask(self) -> None:
        try:
            self._offer = await self.keeper.offer(self.saying)
        except (SourceError, OSError) as error:
            why = tr("✗ nothing can be pushed: {why}", why=sanitise(str(error)))
            self.said = Content.styled(why, "$error")
        self.paint()

    def offered_rows(self, width: int) -> tuple[list[Content], int]:
        """Return what would be sent."""
        if self._offer is None:
            return wrapped(self.said, width), 0
        return offer_rows(self._offer, self._choices, width), 0

    def offered_keys(self) -> str:
        """Return the keys of what is offered."""
        if self._offer is None or self._offer.refused or not self._offer.plan.sent:
            return tr("esc goes back")
        if self._ready:
            return tr("y pushes, l limits the rate, esc goes back")
        keys = [
            HURDLE_KEYS[hurdle]
            for hurdle, _ in self._offer.hurdles
            if hurdle not in self._choices.accepted
        ]
        return tr("{keys} wants it all the same, esc goes back", keys=tr_list(keys))

    @property
    def _ready(self) -> bool:
        return self._offer is not None and self._offer.ready(self._choices)

    def action_begin(self) -> None:
        """Push, once."""
        if self._offer is not None and self._ready and not self.following:
            offer, self._offer = self._offer, None
            self.keeper.push(offer, self._choices)
            self.follow(offer)

    def action_limit(self) -> None:
        """Ask how fast it may be at most."""
        if self._offer is None or self.following:
            return
        limit = self._choices.limit
        proposal = "" if limit is None else rate_text(limit).replace(" ", "")
        self.app.push_screen(AskScreen(tr(_LIMIT), proposal, may_be_empty=True), self._limited)

    def _limited(self, answer: str | None) -> None:
        if answer is None:
            return
        try:
            limit = parse_rate(answer) if answer else None
        except ValueError as error:
            self.app.notify(sanitise(str(error)), markup=False, severity="warning")
            return
        self._choices = replace(self._choices, limit=limit)
        self.paint()

    def action_accept(self, name: str) -> None:
        """Want it in spite of something, or no more."""
        hurdle = Hurdle(name)
        if self._offer is not None and hurdle in dict(self._offer.hurdles):
            self._choices = replace(self._choices, accepted=self._choices.accepted ^ {hurdle})
            self.paint()
