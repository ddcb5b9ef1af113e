"""What keys do on every screen."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action
from console.language import tr_later

EVERYWHERE: Final[tuple[Action, ...]] = (
    Action(
        "app.overview",
        ("1", "f1"),
        tr_later("Overview"),
        tr_later("Service, start-up and last log lines"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.coldstarts",
        ("2", "f2"),
        tr_later("Cold starts"),
        tr_later("Why starts took as long as they did"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.logs",
        ("3", "f3"),
        tr_later("Logs"),
        tr_later("Log lines, following"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.cost",
        ("4", "f4"),
        tr_later("Cost"),
        tr_later("What is spent, and what would be"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.generate",
        ("5", "f5"),
        tr_later("Generate"),
        tr_later("Make pictures"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.models",
        ("6", "f6"),
        tr_later("Models"),
        tr_later("Model files here and in the bucket"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.deploy",
        ("7", "f7"),
        tr_later("Deploy"),
        tr_later("Plan a deployment, and carry it out"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.prompt",
        ("g",),
        tr_later("Prompt"),
        tr_later("Write a prompt"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.context",
        ("c",),
        tr_later("Context"),
        tr_later("Look after something else"),
        group=tr_later("Screens"),
    ),
    Action(
        "app.doctor",
        ("D",),
        tr_later("Doctor"),
        tr_later("Say what is wrong here or in the cloud, and what mends it"),
        group=tr_later("Screens"),
        footer=False,
    ),
    Action(
        "app.restart",
        ("ctrl+r",),
        tr_later("Restart"),
        tr_later("End the engine and start it again"),
        group=tr_later("Service"),
        writes=True,
    ),
    Action(
        "app.refresh",
        ("r",),
        tr_later("Refresh"),
        tr_later("Ask Google Cloud now, also while paused"),
        group=tr_later("Service"),
        footer=False,
    ),
    Action(
        "app.pause",
        ("p",),
        tr_later("Pause"),
        tr_later("Ask Google Cloud nothing more, or go on asking"),
        group=tr_later("Service"),
        footer=False,
    ),
    Action(
        "app.help",
        ("question_mark",),
        tr_later("Help"),
        tr_later("Show what every key does"),
        group=tr_later("App"),
    ),
    Action(
        "app.palette",
        ("colon", "ctrl+p"),
        tr_later("Commands"),
        tr_later("Find a command by name"),
        group=tr_later("App"),
        footer=False,
    ),
    Action(
        "app.repaint",
        ("ctrl+l",),
        tr_later("Repaint"),
        tr_later("Draw the screen anew"),
        group=tr_later("App"),
        footer=False,
    ),
    Action(
        "app.suspend",
        ("ctrl+z",),
        tr_later("Suspend"),
        tr_later("Go back to the shell"),
        group=tr_later("App"),
        footer=False,
    ),
    Action(
        "app.interrupt",
        ("ctrl+c",),
        tr_later("Interrupt"),
        tr_later("Cancel the picture being made; pressed twice, quit"),
        group=tr_later("App"),
        footer=False,
    ),
    Action(
        "app.quit",
        ("q", "ctrl+q"),
        tr_later("Quit"),
        tr_later("End the engine and leave"),
        group=tr_later("App"),
    ),
)
