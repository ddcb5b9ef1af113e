"""A pull: which of the published files, then what that takes, then how far it is."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.worker import Worker

from console.language import tr, tr_later
from console.model.models.parts import ModelPart
from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.snapshot import Work
from console.screens.modals.ask import AskScreen
from console.screens.modals.transfer import TransferScreen
from console.screens.model_keeper import ModelKeeper
from console.sources.base import SourceError
from console.store import Store
from console.terminal.sanitise import sanitise
from console.widgets.models.pull_words import BY_SIZE, choice_rows, pull_offer_rows
from console.widgets.models.rows import wrapped

_DIRECTORY: Final = tr_later("Into which directory?")


class PullScreen(TransferScreen):
    """Published files to choose from; nothing is asked of the hub before enter."""

    TITLE: ClassVar[str] = tr_later("Fetch the published files")
    WORK: ClassVar[Work] = Work.PULL
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "other_part", "other part", show=False),
        Binding("d", "directory", "directory", show=False),
        Binding("a", "accept", "all the same", show=False),
    ]

    def __init__(self, keeper: ModelKeeper, store: Store, *, colour: bool) -> None:
        super().__init__(keeper, store)
        self._colour = colour
        self._wish = PullWish(directory=keeper.target())
        self._part = ModelPart.TRANSFORMER
        self._source = ""
        self._offer: PullOffer | None = None
        self._accepted = False
        self._looking: Worker[None] | None = None

    @property
    def _choosing(self) -> bool:
        return not self.following and self._offer is None and self._looking is None

    def ask(self) -> None:
        """Let be chosen."""
        try:
            self._source = self.keeper.source()
        except SourceError as error:
            self._source = f"✗ {error.message}"

    def offered_rows(self, width: int) -> tuple[list[Content], int]:
        """Return what there is to choose from, or what fetching the chosen files would do."""
        if self._offer is not None:
            return pull_offer_rows(self._offer, width, accepted=self._accepted), 0
        if self._looking is not None:
            return wrapped(self.said, width), 0
        return choice_rows(self._wish, self._source, self._part, width, colour=self._colour)

    def offered_keys(self) -> str:
        """Return the keys of what is shown."""
        if self._choosing:
            return tr("enter says what it takes, tab other part, d directory, esc back")
        if self._ready:
            return tr("y fetches, esc goes back")
        if self._offer is not None and self._offer.useful:
            return tr("a takes them all the same, esc goes back")
        return tr("esc goes back")

    @property
    def _ready(self) -> bool:
        return self._offer is not None and self._offer.ready(accepted=self._accepted)

    def action_accept(self) -> None:
        """Take files although they are other ones than are known, or no more."""
        if self._offer is not None and self._offer.changed:
            self._accepted = not self._accepted
            self.paint()

    def action_enter(self) -> None:
        """Ask the hub what the chosen files take; go back from anything else."""
        if self._choosing:
            self.said = Content.styled(tr("asking …"), "$text-muted")
            self._looking = self._look()
            self.paint()
        else:
            self.action_back()

    @work(group="offer", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        try:
            self._offer = await self.keeper.pull_offer(self._wish, self.saying)
            self._looking = None
        except (SourceError, OSError) as error:
            why = tr("✗ nothing can be fetched: {why}", why=sanitise(str(error)))
            self.said = Content.styled(why, "$error")
        self.paint()

    def action_begin(self) -> None:
        """Fetch, once."""
        if self._offer is not None and self._ready:
            offer, self._offer = self._offer, None
            self.keeper.pull(offer)
            self.follow(offer)

    def action_back(self) -> None:
        """Go back to choosing, else to the files."""
        if self.following or self._choosing:
            self.dismiss()
            return
        if self._looking is not None:
            self._looking.cancel()
        self._looking, self._offer, self._accepted = None, None, False
        self.paint()

    def action_move(self, by: int) -> None:
        """Choose another file; scroll what is no choice."""
        if not self._choosing:
            super().action_move(by)
            return
        files = BY_SIZE[self._part]
        now = next(place for place, each in enumerate(files) if each in self._wish.files)
        quantisation = files[max(0, min(now + by, len(files) - 1))].quantisation
        if self._part is ModelPart.TRANSFORMER:
            self._wish = self._wish.with_transformer(quantisation)
        else:
            self._wish = self._wish.with_encoder(quantisation)
        self.paint()

    def action_other_part(self) -> None:
        """Choose of the other part."""
        if self._choosing:
            parts = tuple(BY_SIZE)
            self._part = parts[1 - parts.index(self._part)]
            self.paint()

    def action_directory(self) -> None:
        """Ask for another directory."""

        def answered(directory: str | None) -> None:
            if directory:
                self._wish = self._wish.into(directory)
                self.paint()

        if self._choosing:
            self.app.push_screen(AskScreen(tr(_DIRECTORY), self._wish.directory), answered)
