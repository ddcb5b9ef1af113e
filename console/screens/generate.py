"""Generate: write a prompt, watch it become a picture, keep it, make another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList

from console.actions import Scope
from console.model.images import PREVIEWS, MadePicture, Preview, Run, being_made
from console.screens.base import ConsoleScreen
from console.screens.bindings import bindings
from console.screens.modals.ask import AskScreen
from console.store import Topic
from console.widgets.gallery import GalleryList
from console.widgets.picture import PictureView
from console.widgets.request_form import RequestForm
from console.widgets.run_line import RunLine, picture_caption
from engine.schema import GenerationRequest, InvalidRequest


class GenerateScreen(ConsoleScreen):
    """The screen on which pictures are made."""

    ACTION: ClassVar[str] = "app.generate"
    SCOPE: ClassVar[Scope | None] = Scope.GENERATE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GENERATE)]

    form = query_one(RequestForm)
    run_line = query_one(RunLine)
    picture = query_one(PictureView)
    gallery = query_one(GalleryList)

    _preview: Preview | None = None

    def body(self) -> ComposeResult:
        """Lay out the form above, the picture and the history below."""
        with Vertical(id="ask"):
            yield RequestForm(self.surroundings.prompts)
            yield RunLine()
        with Horizontal(id="made"):
            yield self.picture_view()
            yield GalleryList(id="gallery")

    def on_mount(self) -> None:
        """Title the panels."""
        self.query_one("#ask").border_title = "Prompt"
        self.picture.border_title = "Picture"
        self.gallery.border_title = "History"

    def appeared(self) -> None:
        """Go on where the prompt was left."""
        self.focus_prompt()

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if Topic.SERVICE in topics:
            self.run_line.service = self.service
        if Topic.RUNS in topics:
            self.run_line.run = self.store.runs[-1] if self.store.runs else None
        if Topic.GALLERY in topics:
            self.gallery.show(self.store.gallery)
            self._show_picture(self.gallery.chosen)
            self._preview = None
        if topics & {Topic.RUNS, Topic.GALLERY}:
            self._show_preview(being_made(self.store.runs))

    def focus_prompt(self) -> None:
        """Go on writing the prompt."""
        self.form.prompt.show(self.surroundings.prompts.present)
        self.set_focus(self.form.prompt)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Make a picture."""
        self.perform("generate.run")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the picture of the row."""
        self._show_picture(self.gallery.chosen)

    def do_run(self) -> None:
        """Make a picture from the form; what makes no sense is said in one line, and kept."""
        try:
            request = self.form.request()
            self._submit(request)
        except InvalidRequest as refused:
            self._say(Content.styled(f"✗ {refused}", "$error"))
            self.form.focus_on(refused.param)

    def do_cancel(self) -> None:
        """Leave the prompt; outside of it cancel the run."""
        if self.typing:
            self.set_focus(self.gallery)
        elif self.surroundings.operator is not None:
            self.surroundings.operator.cancel()

    def do_again(self) -> None:
        """Make the picture shown, or else what the form says, with another seed."""
        try:
            shown = self.gallery.chosen
            request = self.form.request() if shown is None else _request_of(shown)
            self._submit(replace(request, seed=None))
        except InvalidRequest as refused:
            self._say(Content.styled(f"✗ {refused}", "$error"))

    def do_reuse(self) -> None:
        """Write what made the picture shown into the form."""
        shown = self.gallery.chosen
        if shown is not None:
            self.form.fill(_request_of(shown))
            self.set_focus(self.form.prompt)

    def do_older(self) -> None:
        """Show the picture made before."""
        self.gallery.step(1)

    def do_newer(self) -> None:
        """Show the picture made after."""
        self.gallery.step(-1)

    def do_save(self) -> None:
        """Ask where to, and save another copy of the picture shown."""
        shown = self.gallery.chosen
        if shown is None:
            self._say(Content.styled("– there is no picture to save yet", "$text-muted"))
            return

        def answered(answer: str | None) -> None:
            if answer:
                self.run_worker(self._save(shown, Path(answer).expanduser()), exit_on_error=False)

        proposal = "picture.png" if shown.path is None else shown.path.name
        self.app.push_screen(AskScreen("Save as", str(Path("~") / proposal)), answered)

    async def _save(self, picture: MadePicture, path: Path) -> None:
        if self.surroundings.operator is None:
            return
        try:
            saved = await self.surroundings.operator.save(picture, path)
        except OSError as error:
            reason = error.strerror or str(error)
            self._say(Content.styled(f"✗ not saved as {path}: {reason}; choose another", "$error"))
        else:
            self._say(Content.styled(f"✓ saved as {saved}", "$success"))

    def _submit(self, request: GenerationRequest) -> None:
        if self.surroundings.operator is None:
            return
        self.surroundings.operator.submit(replace(request, previews=PREVIEWS))
        self._say(Content(""))
        self.surroundings.prompts.add(request.prompt)
        self.form.prompt.select_all()

    def _say(self, note: Content) -> None:
        self.run_line.note = note

    def _show_preview(self, run: Run | None) -> None:
        """Show each preview once, so that older pictures can be looked at in between."""
        before, self._preview = self._preview, None if run is None else run.preview
        if run is None or self._preview is None:
            if before is not None and self.picture.png == before.png:
                self._show_picture(self.gallery.chosen)
        elif self._preview != before:
            self.picture.png = self._preview.png
            self.picture.border_subtitle = f"preview · step {run.step} of {run.total}"

    def _show_picture(self, picture: MadePicture | None) -> None:
        self.picture.png = None if picture is None else picture.png
        self.picture.border_subtitle = None if picture is None else picture_caption(picture)


def _request_of(picture: MadePicture) -> GenerationRequest:
    return GenerationRequest(picture.prompt, picture.size, picture.steps, picture.seed)
