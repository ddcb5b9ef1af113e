"""The language of the command line: the commands there are, and which one a line means.

A command is an action of the table under any of its names: its id, the last part of that where no
other has it, and its label in English and in the language that is spoken. Those of the screen that
is shown and those that work everywhere come first; of another screen, one is named by its id, and
by its label where no other action has it. A few take what stands behind them:

    logs severity>=ERROR      context sandbox      generate a red fox      lang zh
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from console.actions import Action, Scope, present
from console.language import LANGUAGES, tr, tr_any

MOST_OFFERS: Final = 8
LANGUAGE: Final = "lang"
TAKES_TEXT: Final = ("app.logs", "app.generate")
"""Actions that take any text behind them."""

_SHORT: Final = {"ctx": "app.context", "q": "app.quit", "gen": "app.generate", "?": "app.help"}
_CLOSE: Final = 0.5


class UnknownCommand(ValueError):
    """A line that means no command; one line: what, and the nearest one there is."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: `name` is how it is offered, `names` are all that it goes by, folded.

    `action` is None for one that is no action. `choices` are what may stand behind it, and `text`
    says whether anything may. `near` says whether it works on the screen that is shown.
    """

    name: str
    names: frozenset[str]
    label: str
    about: str
    action: Action | None = None
    choices: tuple[str, ...] = ()
    text: bool = False
    near: bool = True

    @property
    def takes(self) -> bool:
        """Whether something may stand behind it."""
        return self.text or bool(self.choices)

    @property
    def gated(self) -> bool:
        """Whether it changes something or may cost money."""
        return self.action is not None and (self.action.writes or self.action.spends)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line means: a command, and what stands behind it."""

    command: Command
    rest: str = ""


def folded(text: str) -> str:
    """Return a name as it is compared: however it is written, `Cold starts` is `coldstarts`."""
    return "".join(text.casefold().split()).replace("-", "").replace("_", "")


def commands(scope: Scope | None, contexts: Sequence[str] = ()) -> tuple[Command, ...]:
    """Return every command as it is named on the screen of `scope`, those that work there first."""
    known = [each for each in present() if each.id != "app.command"]
    everywhere = [each for each in known if each.scope is Scope.GLOBAL]
    own = [each for each in known if each.scope is scope and scope is not Scope.GLOBAL]
    others = [each for each in known if each not in everywhere and each not in own]
    taken: set[str] = set()
    found = []
    for each in (*everywhere, *own):
        short = each.id.rpartition(".")[2]
        name = each.id if short in taken else short
        taken.add(short)
        found.append(_command(each, name, contexts))
    found.insert(len(everywhere), _language())
    found += [_command(each, each.id, contexts, near=False) for each in others]
    return tuple(found)


def wish(line: str, known: Sequence[Command]) -> Wish:
    """Return what a line means; raises `UnknownCommand`."""
    line = line.strip().removeprefix(":").strip()
    if found := _named(line, known):
        if found.choices and found.action is None:
            raise UnknownCommand(_no_choice(found, ""))
        return Wish(found)
    head, _, rest = line.partition(" ")
    command = _named(head, known)
    if command is None:
        raise UnknownCommand(_unknown(line, known))
    if not command.takes:
        raise UnknownCommand(tr("{command} takes nothing behind it", command=command.name))
    rest = rest.strip()
    if command.choices and not command.text and rest not in command.choices:
        raise UnknownCommand(_no_choice(command, rest))
    return Wish(command, rest)


def begun(line: str, known: Sequence[Command]) -> Command | None:
    """Return the only command that works here whose name begins with `line`, if there is one."""
    start = folded(line)
    found = [each for each in known if each.near and any(n.startswith(start) for n in each.names)]
    return found[0] if start and len(found) == 1 else None


def offers(line: str, known: Sequence[Command]) -> tuple[tuple[str, Command], ...]:
    """Return whole lines that `line` may become, best first, each with its command."""
    head, blank, rest = line.lstrip().partition(" ")
    if blank and (command := _named(head, known)) is not None and command.choices:
        start = rest.strip().casefold()
        fitting = [each for each in command.choices if each.casefold().startswith(start)]
        return tuple((f"{command.name} {each}", command) for each in fitting[:MOST_OFFERS])
    start = folded(line)
    if not start:
        return tuple((each.name, each) for each in known[:MOST_OFFERS])
    ranked = [(_rank(each, start), place, each) for place, each in enumerate(known)]
    fitting_commands = sorted(one for one in ranked if one[0] is not None)
    return tuple((each.name, each) for _, _, each in fitting_commands[:MOST_OFFERS])


def _command(each: Action, name: str, contexts: Sequence[str], *, near: bool = True) -> Command:
    names = {folded(each.id), folded(name), folded(each.label), folded(tr(each.label))}
    names |= {short for short, meant in _SHORT.items() if meant == each.id}
    return Command(
        name,
        frozenset(names),
        tr(each.label),
        tr(each.tooltip),
        each,
        tuple(contexts) if each.id == "app.context" else (),
        each.id in TAKES_TEXT,
        near,
    )


def _language() -> Command:
    about = tr("Speak another language, until the console is left")
    return Command(
        LANGUAGE, frozenset({LANGUAGE, "language", "语言"}), LANGUAGE, about, None, LANGUAGES
    )


def _named(text: str, known: Sequence[Command]) -> Command | None:
    """Return the command of a name; raises `UnknownCommand` where several screens have one."""
    name = folded(text)
    found = [each for each in known if name in each.names]
    near = [each for each in found if each.near]
    exact = [each for each in near if folded(each.name) == name]
    if near:
        return (exact or near)[0]
    if len(found) > 1:
        raise UnknownCommand(
            tr(
                "several screens have {command}; write {names}",
                command=text,
                names=tr_any([each.name for each in found]),
            )
        )
    return found[0] if found else None


def _rank(command: Command, start: str) -> int | None:
    """Return how well a command fits what is written of it, the less the better."""
    far = 0 if command.near else 2
    if any(name.startswith(start) for name in command.names):
        return far
    return far + 1 if any(start in name for name in command.names) else None


def _unknown(line: str, known: Sequence[Command]) -> str:
    names = {name: each.name for each in reversed(known) for name in each.names}
    near = difflib.get_close_matches(folded(line.partition(" ")[0]), names, n=1, cutoff=_CLOSE)
    if near:
        return tr(
            "there is no command {command!r}; did you mean {near}?",
            command=line,
            near=names[near[0]],
        )
    return tr("there is no command {command!r}; delete it to see what there is", command=line)


def _no_choice(command: Command, rest: str) -> str:
    if not rest:
        choices = tr_any(command.choices)
        return tr("write {choices} behind {command}", choices=choices, command=command.name)
    near = difflib.get_close_matches(rest, command.choices, n=1, cutoff=_CLOSE)
    if near:
        return tr(
            "{command} does not know {choice!r}; did you mean {near}?",
            command=command.name,
            choice=rest,
            near=near[0],
        )
    return tr(
        "{command} does not know {choice!r}; it takes {choices}",
        command=command.name,
        choice=rest,
        choices=tr_any(command.choices),
    )
