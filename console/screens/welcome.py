"""The first screen of a first run: what there is to look after, chosen by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from console.language import tr, tr_later
from console.model.contexts import LOCAL, SANDBOX

if TYPE_CHECKING:
    from console.app import ConsoleApp

_CLOUD: Final = "cloud"
_CHOICES: Final = (
    (
        LOCAL,
        tr_later("This machine"),
        tr_later("An engine starts here, with a small demo model that is included."),
        tr_later("No account, no download, no cost."),
    ),
    (
        SANDBOX,
        tr_later("A cloud for practice"),
        tr_later("A small Google Cloud on this machine, to learn the console with."),
        tr_later("Its service sleeps until the first prompt. No account, no cost."),
    ),
    (
        _CLOUD,
        tr_later("Your service on Google Cloud Run"),
        tr_later("Its state, its log and its pictures, with your Google login."),
        tr_later("Looking costs nothing; pictures run an instance, which Google bills."),
    ),
)
_AFTERWARDS: Final = tr_later(
    "Your answer is remembered. Later, c leads elsewhere and ? lists the keys.\n"
    "Before that, D looks at what is here and missing; it changes nothing."
)


class WelcomeScreen(Screen[None]):
    """Explains the contexts; the answer is remembered by whoever goes there."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 (Textual declares it so)
    AUTO_FOCUS: ClassVar[str | None] = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(place + 1), f"choose({place})", choice[1], show=False)
            for place, choice in enumerate(_CHOICES)
        ),
        Binding("D", "doctor", "doctor", show=False),
        Binding("q", "app.perform('app.quit')", "quit", show=False),
    ]

    choices = query_one(OptionList)

    def compose(self) -> ComposeResult:
        """Lay out the question, the three answers and the keys."""
        with Vertical(id="welcome"):
            yield Static(
                Content.assemble(
                    (" Z-Image ", "bold $background on $primary"),
                    "  ",
                    tr("What do you want to look after?"),
                ),
                id="question",
            )
            yield OptionList(
                *(Option(_answer(place)) for place in range(len(_CHOICES))),
                markup=False,
                compact=True,
            )
            yield Static(
                Content.styled(tr(_AFTERWARDS), "$text-muted"),
                id="afterwards",
            )
        yield Static(_keys(), id="keys")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        self.action_choose(event.option_index)

    def action_doctor(self) -> None:
        """Examine this machine."""
        cast("ConsoleApp", self.app).do_doctor()

    def action_choose(self, place: int) -> None:
        """Go to a context, or find a service first."""
        app = cast("ConsoleApp", self.app)
        context = _CHOICES[place][0]
        if context == _CLOUD:
            app.call_later(app.switch.ask, on_google=True)
        else:
            app.switch.chosen(context)


def _answer(place: int) -> Content:
    _, title, what, costs = _CHOICES[place]
    return Content.assemble(
        (f"{place + 1}  ", "bold $primary"),
        (tr(title), "bold"),
        f"\n   {tr(what)}\n   ",
        (tr(costs), "$text-muted"),
        "\n",
    )


def _keys() -> Content:
    hints = (
        ("1 2 3", tr("Choose")),
        ("↑ ↓ enter", tr("Choose")),
        ("D", tr("Doctor")),
        ("q", tr("Quit")),
    )
    parts = [part for key, word in hints for part in ((f" {key} ", "bold $primary"), (word, ""))]
    return Content.assemble(*parts)
