"""The form from which a picture is made: the prompt, and under it size, steps and seed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Label

from console.language import tr
from console.model.refused_requests import refused_as_spoken
from console.widgets.line_input import LineInput
from console.widgets.prompt import PromptHistory, PromptInput
from engine.schema import DEFAULT_STEPS, MAX_STEPS, GenerationRequest, InvalidRequest, Size


def request_from(prompt: str, size: str, steps: str, seed: str) -> GenerationRequest:
    """Read what was written into the form; blank fields mean what the model prefers.

    Raises `InvalidRequest` naming the first field that makes no sense.
    """
    number_of_steps = _whole(
        "steps", tr("steps"), steps, tr("write a number from 1 to {most}", most=MAX_STEPS)
    )
    with refused_as_spoken():
        request = GenerationRequest(
            prompt=prompt,
            size=Size.parse(size) if size.strip() else None,
            steps=DEFAULT_STEPS if number_of_steps is None else number_of_steps,
            seed=_whole(
                "seed",
                tr("seed"),
                seed,
                tr("write a whole number, or leave it blank for a random one"),
            ),
        )
        request.check()
    return request


def _whole(param: str, name: str, text: str, mend: str) -> int | None:
    if not text.strip():
        return None
    try:
        return int(text.strip())
    except ValueError:
        shown = text if len(text) <= 20 else text[:17] + "..."
        why = tr(
            "{field} {shown!r} is not a whole number; {mend}", field=name, shown=shown, mend=mend
        )
        raise InvalidRequest(param, why) from None


class _Field(LineInput):
    """A short one-row input."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__(id=name, placeholder=placeholder, compact=True, max_length=24)


class RequestForm(Vertical):
    """Prompt, size, steps and seed; enter in any of them posts `Input.Submitted`.

    With `targets` there is room to say who makes the picture.
    """

    prompt = query_one("#prompt", PromptInput)

    def __init__(
        self, history: PromptHistory, *, targets: bool = False, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._history = history
        self._targets = targets

    def compose(self) -> ComposeResult:
        """Lay out one row for the prompt and one for the rest."""
        with Horizontal(classes="row"):
            yield Label("›", classes="mark")
            yield PromptInput(self._history, placeholder=tr("describe the picture"), id="prompt")
        with Horizontal(classes="row"):
            yield Label(Content(tr("size")), classes="name")
            yield _Field("size", tr("model's"))
            yield Label(Content(tr("steps")), classes="name")
            yield _Field("steps", str(DEFAULT_STEPS))
            yield Label(Content(tr("seed")), classes="name")
            yield _Field("seed", tr("random"))
            if self._targets:
                yield Label(Content(tr("target")), classes="name")
                yield Label("", id="target")

    def show_target(self, words: str) -> None:
        """Say who makes the picture."""
        self.query_one("#target", Label).update(Content(words))

    def request(self) -> GenerationRequest:
        """Read the form; raises `InvalidRequest`."""
        size, steps, seed = (self._field(name).value for name in ("size", "steps", "seed"))
        return request_from(self.prompt.value, size, steps, seed)

    def fill(self, request: GenerationRequest) -> None:
        """Write a request into the form."""
        self.prompt.show(request.prompt)
        self._field("size").value = "" if request.size is None else str(request.size)
        self._field("steps").value = str(request.steps)
        self._field("seed").value = "" if request.seed is None else str(request.seed)

    def focus_on(self, param: str) -> None:
        """Put the cursor into the field that a refusal named."""
        self._field(param if param in ("size", "steps", "seed") else "prompt").focus()

    def _field(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)
