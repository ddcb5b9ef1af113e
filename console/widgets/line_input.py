"""The one-row input that every other one here is made of."""

from __future__ import annotations

from textual import events
from textual.reactive import reactive
from textual.widgets import Input


class LineInput(Input):
    """An input that carries keys out in the order in which they were pressed.

    Textual lets the application look up what backspace or enter mean, one queue further on than
    the characters; in a burst of keys, as after a stall or from a script, the characters behind
    them would be there first. Its cursor does not blink, so an idle console sends nothing.
    """

    cursor_blink = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        bindings = [] if event.is_printable else self._bindings.key_to_bindings.get(event.key, [])
        if not bindings:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(bindings[0].action)
