"""What keys do on every screen."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action
from console.language import tr_later

EVERYWHERE: Final[tuple[Action, ...]] = (
    Action(
        "app.overview",
        ("1", "f1"),
        "Overview",
        "Service, start-up and last log lines",
        group="Screens",
    ),
    Action(
        "app.coldstarts",
        ("2", "f2"),
        "Cold starts",
        "Why starts took as long as they did",
        group="Screens",
    ),
    Action("app.logs", ("3", "f3"), "Logs", "Log lines, following", group="Screens"),
    Action("app.cost", ("4", "f4"), "Cost", "What is spent, and what would be", group="Screens"),
    Action("app.generate", ("5", "f5"), "Generate", "Make pictures", group="Screens"),
    Action(
        "app.models", ("6", "f6"), "Models", "Model files here and in the bucket", group="Screens"
    ),
    Action(
        "app.deploy", ("7", "f7"), "Deploy", "Plan a deployment, and carry it out", group="Screens"
    ),
    Action("app.prompt", ("g",), "Prompt", "Write a prompt", group="Screens"),
    Action("app.context", ("c",), "Context", "Look after something else", group="Screens"),
    Action(
        "app.doctor",
        ("D",),
        "Doctor",
        "Say what is wrong here or in the cloud, and what mends it",
        group="Screens",
        footer=False,
    ),
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
    Action(
        "app.help", ("question_mark",), tr_later("Help"), "Show what every key does", group="App"
    ),
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
)
