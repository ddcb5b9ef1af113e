"""Every action of the console in one table: keys, footer, help and `docs/keys.md` come from it.

`python -m console.actions` prints `docs/keys.md`. The one gate for read-only is here too:
`refusal` says why an action may not be carried out.
"""

from __future__ import annotations

from typing import Final

from console.action import Action, Scope, spelled, types_a_character

__all__ = [
    "ACTIONS",
    "Action",
    "Scope",
    "action",
    "in_scope",
    "keys_page",
    "refusal",
    "spelled",
    "types_a_character",
]

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "app.overview",
        ("1", "f1"),
        "Overview",
        "Service, start-up and last log lines",
        group="Screens",
    ),
    Action("app.logs", ("3", "f3"), "Logs", "Log lines, following", group="Screens"),
    Action("app.generate", ("5", "f5"), "Generate", "Make pictures", group="Screens"),
    Action("app.prompt", ("g",), "Prompt", "Write a prompt", group="Screens"),
    Action("app.context", ("c",), "Context", "Look after something else", group="Screens"),
    Action(
        "app.restart",
        ("ctrl+r",),
        "Restart",
        "End the engine and start it again",
        group="Service",
        writes=True,
    ),
    Action(
        "app.refresh",
        ("r",),
        "Refresh",
        "Ask Google Cloud now, also while paused",
        group="Service",
        footer=False,
    ),
    Action(
        "app.pause",
        ("p",),
        "Pause",
        "Ask Google Cloud nothing more, or go on asking",
        group="Service",
        footer=False,
    ),
    Action("app.help", ("question_mark",), "Help", "Show what every key does", group="App"),
    Action(
        "app.palette",
        ("colon", "ctrl+p"),
        "Commands",
        "Find a command by name",
        group="App",
        footer=False,
    ),
    Action(
        "app.repaint", ("ctrl+l",), "Repaint", "Draw the screen anew", group="App", footer=False
    ),
    Action(
        "app.suspend", ("ctrl+z",), "Suspend", "Go back to the shell", group="App", footer=False
    ),
    Action(
        "app.interrupt",
        ("ctrl+c",),
        "Interrupt",
        "Cancel the picture being made; pressed twice, quit",
        group="App",
        footer=False,
    ),
    Action("app.quit", ("q", "ctrl+q"), "Quit", "End the engine and leave", group="App"),
    Action(
        "logs.follow",
        ("f",),
        "Follow",
        "Keep the newest line in sight, or stop",
        Scope.LOGS,
        "Logs",
    ),
    Action(
        "logs.search",
        ("slash",),
        "Search",
        "Find text, or after ~ a regular expression",
        Scope.LOGS,
        "Logs",
    ),
    Action("logs.next", ("n",), "Next", "Next line found", Scope.LOGS, "Logs", footer=False),
    Action(
        "logs.previous", ("N",), "Previous", "Previous line found", Scope.LOGS, "Logs", footer=False
    ),
    Action(
        "logs.filter",
        ("ampersand",),
        "Filter",
        "Show only lines such as: vae status>=500",
        Scope.LOGS,
        "Logs",
    ),
    Action(
        "logs.severity",
        ("v",),
        "Severity",
        "Show only lines at least so severe",
        Scope.LOGS,
        "Logs",
    ),
    Action(
        "logs.detail",
        ("enter",),
        "Detail",
        "Show the line in full, with its request",
        Scope.LOGS,
        "Logs",
    ),
    Action(
        "logs.since",
        ("s",),
        "Since",
        "Show only the last minute, 5, 15, … 7 days",
        Scope.LOGS,
        "Logs",
    ),
    Action(
        "logs.instance",
        ("i",),
        "Instance",
        "Show only this line's instance, or all again",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.request",
        ("T",),
        "Request",
        "Show only this line's request, or all again",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.revision",
        ("R",),
        "Revision",
        "Show only this line's revision, or all again",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.origin",
        ("o",),
        "Origin",
        "Show only application, platform or requests",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.clear",
        ("escape",),
        "Clear",
        "End the search, then the filter part by part",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.error_before",
        ("left_square_bracket",),
        "Error before",
        "Go to the error before",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.error_after",
        ("right_square_bracket",),
        "Error after",
        "Go to the next error",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.start_before",
        ("left_curly_bracket",),
        "Start before",
        "Go to where an instance started before",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.start_after",
        ("right_curly_bracket",),
        "Start after",
        "Go to where an instance started next",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.times",
        ("t",),
        "Times",
        "Show UTC, local time, or time from the cursor",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.copy",
        ("y",),
        "Copy",
        "Copy the line under the cursor",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.copy_json",
        ("Y",),
        "Copy JSON",
        "Copy the line under the cursor as JSON",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.save",
        ("ctrl+s",),
        "Save",
        "Save the lines that are shown to a file",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.top",
        ("home",),
        "First line",
        "Go to the oldest line; there, read older ones",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "logs.end",
        ("G", "end"),
        "Last line",
        "Go to the newest line",
        Scope.LOGS,
        "Logs",
        footer=False,
    ),
    Action(
        "generate.run",
        ("enter",),
        "Make it",
        "Make a picture from the prompt",
        Scope.GENERATE,
        "Generate",
        spends=True,
    ),
    Action(
        "generate.cancel",
        ("escape",),
        "Cancel",
        "Cancel the picture being made, or leave the prompt",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.target",
        ("ctrl+t",),
        "Target",
        "Let the service make the picture, the engine on this machine, or both",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.save",
        ("S", "ctrl+s"),
        "Save as",
        "Save another copy of the picture",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.again",
        ("R", "ctrl+n"),
        "Re-roll",
        "Make the picture again with another seed",
        Scope.GENERATE,
        "Generate",
        spends=True,
    ),
    Action(
        "generate.reuse",
        ("u",),
        "Reuse",
        "Write the prompt, size, steps and seed of the picture shown into the form",
        Scope.GENERATE,
        "Generate",
    ),
    Action(
        "generate.older",
        ("left_square_bracket",),
        "Older",
        "Show the picture made before",
        Scope.GENERATE,
        "Generate",
        footer=False,
    ),
    Action(
        "generate.newer",
        ("right_square_bracket",),
        "Newer",
        "Show the picture made after",
        Scope.GENERATE,
        "Generate",
        footer=False,
    ),
)

_BY_ID: Final = {action.id: action for action in ACTIONS}


def action(identifier: str) -> Action:
    """Return the action with this id; raises `KeyError`."""
    return _BY_ID[identifier]


def in_scope(scope: Scope) -> tuple[Action, ...]:
    """Return the actions of one scope, in the order of the table."""
    return tuple(known for known in ACTIONS if known.scope is scope)


def refusal(asked: Action, *, read_only: bool) -> str | None:
    """Say in one line why `asked` may not be carried out; None when it may."""
    if read_only and (asked.writes or asked.spends):
        return (
            f"{asked.label}: refused because the console is read-only; start it without --read-only"
        )
    return None


def keys_page() -> str:
    """Return `docs/keys.md`: one table for each scope."""
    lines = ["# Keys", "", "Generated by `python -m console.actions`; do not edit by hand.", ""]
    for scope in Scope:
        lines += [f"## {scope.value.capitalize()}", "", "| key | action | what it does |"]
        lines += ["|---|---|---|"]
        lines += [
            f"| {_code(known)} | {known.label} | {known.tooltip} |" for known in in_scope(scope)
        ]
        lines.append("")
    lines.append("Actions that change a service or may cost money are refused with `--read-only`:")
    lines.append(", ".join(f"{known.label}" for known in ACTIONS if known.writes or known.spends))
    return "\n".join(lines) + ".\n"


def _code(known: Action) -> str:
    return " ".join(f"`{spelled(key)}`" for key in known.keys)


if __name__ == "__main__":
    print(keys_page(), end="")
