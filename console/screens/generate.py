"""Generate: write a prompt, watch it become a picture, keep it, make another, here and there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from rich.cells import set_cell_size
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, OptionList

from console.actions import Action, Scope, action, spelled
from console.language import tr, tr_list
from console.model.contexts import LOCAL
from console.model.images import (
    PREVIEWS,
    MadePicture,
    Preview,
    Run,
    Target,
    being_made,
    counterpart,
    latest_of,
)
from console.model.service import ServiceSnapshot
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.copying import desktop_of
from console.screens.modals.ask import AskScreen
from console.screens.picture_shelf import PictureShelf
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.gallery import GalleryList
from console.widgets.picture import PictureView
from console.widgets.picture_pair import (
    PicturePair,
    Side,
    preview_caption,
    side_being_made,
    side_of,
    titles,
)
from console.widgets.request_form import RequestForm
from console.widgets.run_line import RunLine, before_sending
from engine.schema import GenerationRequest, InvalidRequest

_HERE_ALONE: Final = ((Target.LOCAL,),)
_HERE_AND_THERE: Final = ((Target.DEPLOYED,), (Target.LOCAL,), (Target.DEPLOYED, Target.LOCAL))


class GenerateScreen(ConsoleScreen):
    """The screen on which pictures are made."""

    CSS_PATH = "generate.tcss"
    ACTION: ClassVar[str] = "app.generate"
    SCOPE: ClassVar[Scope | None] = Scope.GENERATE
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.GENERATE)]

    form = query_one(RequestForm)
    run_line = query_one("#latest", RunLine)
    other_line = query_one("#other", RunLine)
    picture = query_one("#first", PictureView)
    pictures = query_one(PicturePair)
    gallery = query_one(GalleryList)

    _preview: Preview | None = None
    _two_at_work = False
    _kept: MadePicture | None = None

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._shelf = PictureShelf(surroundings.store, surroundings.pictures_directory)
        self._choices = _HERE_ALONE if surroundings.context == LOCAL else _HERE_AND_THERE
        self._choice = 0

    @property
    def targets(self) -> tuple[Target, ...]:
        """Who makes the next picture."""
        return self._choices[self._choice]

    def body(self) -> ComposeResult:
        """Lay out the form above, the picture and the history below."""
        with Vertical(id="ask"):
            yield RequestForm(self.surroundings.prompts, targets=len(self._choices) > 1)
            yield RunLine(self.surroundings.monotonic, id="latest")
            yield RunLine(self.surroundings.monotonic, id="other")
        with Horizontal(id="made"):
            yield PicturePair(self.picture_view(), self.picture_view())
            yield GalleryList(id="gallery")

    def on_mount(self) -> None:
        """Title the panels."""
        self.query_one("#ask").border_title = Content(tr("Prompt"))
        self.gallery.border_title = Content(tr("History"))
        self._show_target()
        self.run_worker(self._look_for_earlier(), exit_on_error=False)

    async def _look_for_earlier(self) -> None:
        await self._shelf.look()
        self.gallery.show(self._shelf.pictures())

    def appeared(self) -> None:
        """Go on where the prompt was left."""
        self.focus_prompt()

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if topics & {Topic.RUNS, Topic.SERVICE, Topic.BESIDE}:
            self._show_runs()
        if Topic.GALLERY in topics:
            self.gallery.show(self._shelf.pictures())
            self._show_chosen()
            self._preview = None
        if topics & {Topic.RUNS, Topic.GALLERY}:
            self._show_being_made()

    def focus_prompt(self) -> None:
        """Go on writing the prompt."""
        self.form.prompt.show(self.surroundings.prompts.present)
        self.set_focus(self.form.prompt)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Make a picture."""
        self.perform("generate.run")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the picture of the row."""
        if not self._two_at_work:
            self._show_chosen()

    def do_run(self) -> None:
        """Make a picture from the form; what makes no sense is said in one line, and kept."""
        try:
            request = self.form.request()
            self._submit(request)
        except InvalidRequest as refused:
            self._say(Content.styled(f"✗ {refused}", "$error"))
            self.form.focus_on(refused.param)

    def do_target(self) -> None:
        """Let somebody else make the next picture."""
        if len(self._choices) == 1:
            self._say(_muted(tr("– pictures are made on this machine here")))
            return
        self._choice = (self._choice + 1) % len(self._choices)
        self._show_target()
        self._show_runs()

    def own_actions(self) -> tuple[Action, ...]:
        """Without a choice of targets there is no key for it."""
        own = super().own_actions()
        alone = len(self._choices) == 1
        return tuple(known for known in own if not (alone and known.id == "generate.target"))

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

    def do_compare(self) -> None:
        """Keep the picture shown beside those that are chosen next, or put it away again."""
        shown = self.gallery.chosen
        if self._kept is None and shown is None:
            self._say(_muted(tr("– there is no picture to compare yet")))
            return
        self._kept = shown if self._kept is None else None
        said = tr(
            "– kept for comparison; {older} and {newer} choose the other, {key} puts it away",
            older=_key_of("generate.older"),
            newer=_key_of("generate.newer"),
            key=_key_of("generate.compare"),
        )
        self._say(Content("") if self._kept is None else _muted(said))
        self._show_chosen()

    def do_open(self) -> None:
        """Open the picture shown where its pixels can be seen, or say where it is."""
        shown = self.gallery.chosen
        if shown is None:
            self._say(_muted(tr("– there is no picture to open yet")))
        elif shown.path is None:
            self._say(
                _muted(
                    tr(
                        "– this picture is in no file yet; {key} saves it",
                        key=_key_of("generate.save"),
                    )
                )
            )
        else:
            self.run_worker(self._open(shown.path), exit_on_error=False)

    async def _open(self, path: Path) -> None:
        desktop = desktop_of(self.app)
        by = "" if desktop is None else await asyncio.to_thread(desktop.open, str(path))
        if by:
            self._say(Content.styled(tr("✓ opened with {program}", program=by), "$success"))
        else:
            self._say(
                _muted(tr("– no desktop here can show it; it is {path}", path=sanitise(str(path))))
            )

    def do_save(self) -> None:
        """Ask where to, and save another copy of the picture shown."""
        shown = self.gallery.chosen
        if shown is None:
            self._say(_muted(tr("– there is no picture to save yet")))
            return

        def answered(answer: str | None) -> None:
            if answer:
                self.run_worker(self._save(shown, Path(answer).expanduser()), exit_on_error=False)

        proposal = "picture.png" if shown.path is None else shown.path.name
        self.app.push_screen(AskScreen(tr("Save as"), str(Path("~") / proposal)), answered)

    async def _save(self, picture: MadePicture, path: Path) -> None:
        if self.surroundings.operator is None:
            return
        try:
            saved = await self.surroundings.operator.save(picture, path)
        except OSError as error:
            reason = error.strerror or str(error)
            why = tr("✗ not saved as {path}: {why}; choose another", path=path, why=reason)
            self._say(Content.styled(why, "$error"))
        else:
            self._say(Content.styled(tr("✓ saved as {path}", path=saved), "$success"))

    def _submit(self, request: GenerationRequest) -> None:
        operator = self.surroundings.operator
        if operator is None:
            return
        if len(self.targets) > 1 and request.seed is None:
            request = replace(request, seed=self.surroundings.draw_seed())
        # The service last, so that it is the latest run wherever only one is shown.
        for target in reversed(self.targets):
            operator.submit(replace(request, previews=PREVIEWS), target)
        self._say(Content(""))
        self.surroundings.prompts.add(request.prompt)
        self.form.prompt.select_all()

    def _say(self, note: Content) -> None:
        self.run_line.note = note

    def _show_target(self) -> None:
        if len(self._choices) > 1:
            self.form.show_target(tr_list([target.word for target in self.targets]))

    def _show_runs(self) -> None:
        """Paint the latest run or two, and what the next one would wait for."""
        runs = latest_of(self.store.runs)
        two = len(runs) == 2
        self.set_class(two, "-two-runs")
        for line, run in zip((self.run_line, self.other_line), (*runs, None, None), strict=False):
            line.label = set_cell_size(run.target.word, 9) + " " if two and run is not None else ""
            line.service = self.engine_of(run) if run or self._asks_service else ServiceSnapshot()
            line.run = run
        over = bool(runs) and all(run.over for run in runs)
        expected: Content = (
            before_sending(self.service) if over and self._asks_service else Content("")
        )
        self.query_one("#ask").border_subtitle = expected

    @property
    def _asks_service(self) -> bool:
        return self.targets[0] is Target.DEPLOYED

    def _show_being_made(self) -> None:
        """Show two that are made at once next to one another, and of one each preview once.

        So older pictures can be looked at between two previews.
        """
        runs = latest_of(self.store.runs)
        before_two, self._two_at_work = self._two_at_work, _at_work(runs)
        if self._two_at_work:
            self._show_sides(*(side_being_made(run) for run in runs))
            return
        if before_two:
            self._show_chosen()
        run = being_made(self.store.runs)
        before, self._preview = self._preview, None if run is None else run.preview
        if run is None or self._preview is None:
            if before is not None and self.picture.png == before.png:
                self._show_chosen()
        elif self._preview != before:
            self._show_sides(Side(png=self._preview.png, caption=preview_caption(run)))

    def _show_chosen(self) -> None:
        """Show the picture of the row, perhaps next to another one.

        That is the one kept for comparison, else the one that another engine made of the same.
        """
        chosen = self.gallery.chosen
        if chosen is None:
            self._show_sides(side_of(None))
            return
        if self._kept is not None and self._kept != chosen:
            pair = [self._whole(self._kept), self._whole(chosen)]
            self._show_sides(*map(side_of, pair, (tr("Kept"), tr("Chosen"))))
            return
        other = None if chosen.earlier else counterpart(self.store.gallery, chosen)
        if other is None:
            self._show_sides(side_of(self._whole(chosen)))
            return
        pair = sorted((chosen, other), key=lambda made: made.target is Target.LOCAL)
        self._show_sides(*map(side_of, pair, titles(*pair)))

    def _whole(self, picture: MadePicture) -> MadePicture:
        """Return a picture with its bytes; where they are still on disk they are read first."""
        whole = self._shelf.whole(picture)
        if not whole.png and whole.path is not None:
            self.run_worker(self._read(picture), exit_on_error=False)
        return whole

    async def _read(self, picture: MadePicture) -> None:
        try:
            await self._shelf.read(picture)
        except OSError as error:
            why = error.strerror or str(error)
            name = "" if picture.path is None else picture.path.name
            said = tr("✗ {name} cannot be read: {why}", name=sanitise(name), why=why)
            self._say(Content.styled(said, "$error"))
        else:
            if picture in (self.gallery.chosen, self._kept) and not self._two_at_work:
                self._show_chosen()

    def _show_sides(self, one: Side, other: Side | None = None) -> None:
        self.set_class(other is not None, "-two-pictures")
        self.pictures.show(one, other)


def _at_work(runs: Sequence[Run]) -> bool:
    return len(runs) == 2 and not all(run.over for run in runs)


def _key_of(identifier: str) -> str:
    return spelled(action(identifier).keys[0])


def _muted(text: str) -> Content:
    return Content.styled(text, "$text-muted")


def _request_of(picture: MadePicture) -> GenerationRequest:
    return GenerationRequest(picture.prompt, picture.size, picture.steps, picture.seed)
