"""What an action of the console is: a thing that a key does, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.actions.keys import spelled
from console.language import tr_later


class Scope(StrEnum):
    """Where an action's keys work."""

    GLOBAL = tr_later("everywhere")
    COLD_STARTS = tr_later("cold starts")
    LOGS = tr_later("logs")
    COST = tr_later("cost")
    GENERATE = tr_later("generate")
    MODELS = tr_later("models")
    DEPLOY = tr_later("deploy")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does.

    `keys` are spelled as Textual spells them; the first one is shown in the footer. `label` is
    the word in the footer, `tooltip` the sentence in the help, `group` the heading in the help:
    these are templates, translated where they are shown. `writes` changes a service, `spends` may
    cost money where the service is rented: both are refused in read-only.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    tooltip: str
    scope: Scope = Scope.GLOBAL
    group: str = ""
    writes: bool = False
    spends: bool = False
    footer: bool = True

    @property
    def key_text(self) -> str:
        """The keys as a person reads them, for example `q, ctrl+q`."""
        return ", ".join(spelled(key) for key in self.keys)
