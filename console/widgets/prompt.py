"""The line in which a prompt is written: one row, with the prompts of before on up and down."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from console.widgets.line_input import LineInput


def one_line(text: str) -> str:
    """Return `text` with every run of line breaks and control characters as one space."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(kept.split()) if kept != text else text


class PromptHistory:
    """The prompts of this session, oldest first, and a place in them.

    The newest place is `draft`, the text that is being written; it is kept while older ones are
    looked at, and wherever else the same history is used.
    """

    def __init__(self) -> None:
        self._prompts: list[str] = []
        self._place = 0
        self.draft = ""

    def add(self, prompt: str) -> None:
        """Remember a prompt as the newest, and stand at it."""
        if prompt in self._prompts:
            self._prompts.remove(prompt)
        self._prompts.append(prompt)
        self._place = len(self._prompts) - 1

    def typed(self, text: str) -> None:
        """Take what stands in the line; text that is no prompt of before is the new draft."""
        if text != self.present:
            self.draft = text
            self._place = len(self._prompts)

    def older(self) -> str:
        """Return the prompt before."""
        self._place = max(0, self._place - 1)
        return self.present

    def newer(self) -> str:
        """Return the prompt after, at the end the one being written."""
        self._place = min(len(self._prompts), self._place + 1)
        return self.present

    @property
    def present(self) -> str:
        """The prompt at the present place."""
        return self.draft if self._place == len(self._prompts) else self._prompts[self._place]


class PromptInput(LineInput):
    """A one-row input for prompts.

    Pasted line breaks become spaces, so that nothing of a longer paste is lost. A prompt that was
    sent stays, selected: enter sends it again, typing replaces it, an arrow key goes on with it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "older prompt", show=False),
        Binding("down", "newer", "newer prompt", show=False),
    ]

    def __init__(self, history: PromptHistory, *, placeholder: str, id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self.history = history

    def action_older(self) -> None:
        """Show the prompt before this one."""
        self.show(self.history.older())

    def action_newer(self) -> None:
        """Show the prompt after this one."""
        self.show(self.history.newer())

    async def action_submit(self) -> None:
        """Send the prompt, and keep it selected."""
        await super().action_submit()
        self.select_all()

    def watch_value(self, value: str) -> None:
        """Keep what is written where other prompts find it."""
        self.history.typed(value)

    def show(self, prompt: str) -> None:
        """Write `prompt` into the line, with the cursor behind it."""
        self.value = prompt
        self.cursor_position = len(prompt)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = one_line(event.text)
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)
