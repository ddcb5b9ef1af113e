"""Models: the files on this machine beside those in the bucket."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.getters import query_one

from console.actions import Scope
from console.language import tr, tr_later
from console.model.cost.facts import priced_region
from console.model.freshness import Standing
from console.model.models.file_rows import file_rows
from console.model.models.snapshot import ModelsSnapshot
from console.model.service import ServiceSnapshot
from console.screens.base import ConsoleScreen
from console.screens.bindings import bindings
from console.screens.copying import copy_text
from console.screens.modals.ask import AskScreen
from console.screens.modals.detail import DetailScreen
from console.screens.modals.pull import PullScreen
from console.screens.modals.push import PushScreen
from console.screens.model_keeper import ModelKeeper
from console.sources.base import SourceError
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Laid
from console.widgets.models.file_facts import FileFacts, fact_rows, title_of
from console.widgets.models.file_table import FileTable
from console.widgets.models.models_head import head_rows
from console.widgets.models.models_text import models_text

_DETAIL_WIDTH = 76
_NOT_YET = tr_later("nothing can be done with the files yet")


class ModelsScreen(ConsoleScreen):
    """The screen of model files."""

    CSS_PATH = "models.tcss"
    ACTION: ClassVar[str] = "app.models"
    SCOPE: ClassVar[Scope | None] = Scope.MODELS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.MODELS)]

    head = query_one("#models-head", Laid)
    table = query_one(FileTable)
    facts = query_one(FileFacts)

    def body(self) -> ComposeResult:
        """Lay out the head, the files, and the facts of one of them."""
        yield Laid(id="models-head")
        yield FileTable(colour=self.surroundings.colour)
        yield FileFacts()

    def on_mount(self) -> None:
        """Begin with the files."""
        self.head.border_title = tr("Models")
        self.table.border_title = tr("Files")
        self.set_focus(self.table)

    @property
    def known(self) -> ModelsSnapshot:
        """What is known of the files."""
        return self.store.models

    @property
    def _region(self) -> str:
        """The region whose prices hold for the bucket."""
        return "" if self.known.there is None else priced_region(self.known.there.region)

    @property
    def _keeper(self) -> ModelKeeper | None:
        operator = self.surroundings.operator
        return None if operator is None else operator.models

    def appeared(self) -> None:
        """Look at the files, since somebody comes to see them."""
        if self._keeper is not None:
            self._keeper.wanted()

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if Topic.MODELS not in topics:
            return
        if self.is_current and self.known.here_fresh.standing is Standing.LOADING:
            self.appeared()
        known, now = self.known, self.surroundings.clock()
        self._say_head(now)
        self.table.show(file_rows(known), self._region, known.prices, now)
        self._show_chosen()

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say how old the bucket's list is."""
        self._say_head(now)

    def on_file_table_chosen(self) -> None:
        """Another file is under the cursor."""
        self._show_chosen()

    def do_push(self) -> None:
        """Show what a push would do, or how far one is."""
        if (keeper := self._able()) is not None:
            self.app.push_screen(PushScreen(keeper, self.store))

    def do_pull(self) -> None:
        """Let published files be chosen, or show how far a pull is."""
        if (keeper := self._able()) is not None:
            screen = PullScreen(keeper, self.store, colour=self.surroundings.colour)
            self.app.push_screen(screen)

    def do_verify(self) -> None:
        """Compare the files here with those in the bucket."""
        if (keeper := self._able()) is not None:
            try:
                keeper.verify()
            except SourceError as error:
                self._say(error.message, "warning")

    def do_directory(self) -> None:
        """Look into another directory."""
        if (keeper := self._able()) is None:
            return
        here = "" if self.known.here is None else self.known.here.directory

        def answered(directory: str | None) -> None:
            if directory:
                keeper.look_at(directory)

        question = tr("Which directory has the model files?")
        self.app.push_screen(AskScreen(question, here), answered)

    def do_details(self) -> None:
        """Show all that is known of the file under the cursor."""
        row, known, now = self.table.chosen, self.known, self.surroundings.clock()
        if row is not None:
            width = min(_DETAIL_WIDTH, self.size.width * 9 // 10 - 4)
            text = Content("\n").join(fact_rows(row, self._region, known.prices, now, width))
            self.app.push_screen(DetailScreen(title_of(row), text))

    def do_copy(self) -> None:
        """Copy what is shown as text."""
        text = models_text(self.known, self.surroundings.clock())
        self._say(copy_text(self.app, text, tr("the files"), self.surroundings.multiplexer))

    def _able(self) -> ModelKeeper | None:
        if self._keeper is None:
            self._say(tr(_NOT_YET))
        return self._keeper

    def _show_chosen(self) -> None:
        row = self.table.chosen
        self.facts.show(row, self._region, self.known.prices, self.surroundings.clock())
        self.set_class(row is None, "-empty")

    def _say_head(self, now: datetime) -> None:
        known = self.known
        self.head.show(lambda width: Content("\n").join(head_rows(known, now, width)))

    def _say(self, text: str, severity: str = "information") -> None:
        if severity == "warning":
            self.app.notify(sanitise(text), markup=False, severity="warning")
        else:
            self.app.notify(sanitise(text), markup=False)
