"""What is to be deployed: a form with the few things that have to be chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from console.language import tr
from console.model.deploy.choices import Choices
from console.model.deploy.form_fields import Callers, FieldRefused, FormFields, ImageFrom, On
from console.model.models.bucket_name import usual_bucket
from console.model.service import ServiceName
from console.terminal.sanitise import sanitise
from console.widgets.deploy.choice_field import ChoiceField
from console.widgets.line_input import LineInput

_LABEL: Final = 11
_CHOICES: Final = {"on": tuple(On), "image_from": tuple(ImageFrom), "callers": tuple(Callers)}
_TEXTS: Final = (
    "models",
    "bucket",
    "source",
    "image",
    "cpu",
    "memory",
    "most",
    "members",
)


class DeployForm(ModalScreen[Choices | None]):
    """Returns what is chosen, or None when it was left; it begins with `choices`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "back", show=False),
        Binding("enter", "plan", "plan", show=False),
        Binding("down", "app.focus_next", "next", show=False),
        Binding("up", "app.focus_previous", "previous", show=False),
    ]

    wrong = query_one("#wrong", Static)

    def __init__(self, place: ServiceName, choices: Choices) -> None:
        super().__init__()
        self._place = place
        self._before = choices
        self._fields = FormFields.of(choices)

    def compose(self) -> ComposeResult:
        """Lay out a row for each thing."""
        of = self._place
        with VerticalScroll(classes="panel", id="deploy-form", can_focus=False) as panel:
            panel.border_title = Content(
                tr(
                    "Deploy {service} to {region} of {project}",
                    service=of.service,
                    region=of.region,
                    project=of.project,
                )
            )
            panel.border_subtitle = tr("enter plans, tab goes on, ← → choose, esc goes back")
            yield from self._rows()
            yield Static(id="wrong", markup=False)

    def on_mount(self) -> None:
        """Begin with the first thing."""
        self._depend()
        self.query_one("#on").focus()

    def on_choice_field_chosen(self) -> None:
        """Show what else has to be said for what was chosen."""
        self._depend()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Plan."""
        event.stop()
        self.action_plan()

    def action_plan(self) -> None:
        """Return what is chosen, or say what is wrong with it."""
        try:
            self.dismiss(self._written().read(self._before))
        except FieldRefused as error:
            self.wrong.update(Content.styled(f"✗ {sanitise(str(error))}", "$error"))
            self.query_one(f"#{error.field}").focus()

    def _rows(self) -> Iterator[Widget]:
        fields = self._fields
        usual = usual_bucket(self._place.project)
        yield self._choice(tr("runs on"), "on", fields.on)
        yield self._text("vCPU", "cpu", fields.cpu)
        yield self._text(tr("memory"), "memory", fields.memory)
        yield self._text(tr("at most"), "most", fields.most, tr("1 instance"))
        yield self._choice(tr("image"), "image_from", fields.image_from)
        yield self._text(
            "  " + tr("source"), "source", fields.source, tr("a checkout of the project")
        )
        yield self._text("  " + tr("name"), "image", fields.image, "REPOSITORY/IMAGE@sha256:…")
        yield self._text(tr("models"), "models", fields.models, tr("what the bucket has already"))
        yield self._text(tr("bucket"), "bucket", fields.bucket, usual)
        yield self._choice(tr("callers"), "callers", fields.callers)
        yield self._text("  " + tr("let"), "members", fields.members, "user:NAME@DOMAIN, group:…")

    def _choice(self, label: str, name: str, value: str) -> Widget:
        return Horizontal(
            Label(Content(label), classes="name"),
            ChoiceField(_CHOICES[name], value, id=name),
            classes="row",
        )

    def _text(self, label: str, name: str, value: str, usual: str = "") -> Widget:
        written = LineInput(
            value, placeholder=usual, compact=True, select_on_focus=False, id=name, max_length=1_024
        )
        return Horizontal(
            Label(Content(label), classes="name"), written, classes="row", id=f"row-{name}"
        )

    def _written(self) -> FormFields:
        texts = {name: self.query_one(f"#{name}", Input).value for name in _TEXTS}
        return FormFields(
            on=On(self._chosen("on")),
            image_from=ImageFrom(self._chosen("image_from")),
            callers=Callers(self._chosen("callers")),
            **texts,
        )

    def _chosen(self, name: str) -> str:
        return self.query_one(f"#{name}", ChoiceField).value

    def _depend(self) -> None:
        """Ask for what belongs to what was chosen, and say what is usual for it."""
        given = self._chosen("image_from") == ImageFrom.GIVEN
        self.query_one("#row-source").display = not given
        self.query_one("#row-image").display = given
        self.query_one("#row-members").display = self._chosen("callers") == Callers.PRIVATE
        on = On(self._chosen("on"))
        for name, usual in (("cpu", on.shape.cpu), ("memory", on.shape.memory)):
            field = self.query_one(f"#{name}", Input)
            field.placeholder = usual
            if on is not self._fields.on and field.value == getattr(self._fields, name):
                field.value = ""
