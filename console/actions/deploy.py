"""What keys do on the screen of the deployment."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope
from console.language import tr_later

_GROUP: Final = tr_later("Deploy")

DEPLOY: Final[tuple[Action, ...]] = (
    Action(
        "deploy.plan",
        ("n",),
        tr_later("Plan"),
        tr_later("Say what is to be deployed, and look at what that takes; nothing is changed"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.apply",
        ("a",),
        tr_later("Apply"),
        tr_later("Show extent and price of the plan, ask, then carry it out"),
        Scope.DEPLOY,
        _GROUP,
        writes=True,
        spends=True,
    ),
    Action(
        "deploy.stop",
        ("s",),
        tr_later("Stop"),
        tr_later(
            "Stop looking, or stop after the step that is under way; a plan can be gone on with"
        ),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.enough",
        ("escape",),
        tr_later("Enough"),
        tr_later("Stop looking; a plan that is carried out goes on"),
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.again",
        ("o",),
        tr_later("Go on"),
        tr_later("Look again at what is left of the plan, so that it can be gone on with"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.drift",
        ("d",),
        tr_later("Drift"),
        tr_later(
            "Plan what was deployed from here last once more: "
            "what changed since is to be changed back"
        ),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.rollback",
        ("b",),
        tr_later("Roll back"),
        tr_later("Choose a revision, and plan to send all requests to it"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.traffic",
        ("t",),
        tr_later("Traffic"),
        tr_later("Plan to split requests between revisions"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.scale",
        ("S",),
        tr_later("Scale"),
        tr_later("Plan to hold no instances, so many by hand, or as many as are needed again"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.destroy",
        ("X",),
        tr_later("Destroy"),
        tr_later("Plan to remove all that was deployed, and list what stays"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.details",
        ("enter",),
        tr_later("Details"),
        tr_later("Show all that there is to say of the row under the cursor"),
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.guide",
        ("u",),
        tr_later("Guide"),
        tr_later("Say in what the plan is not as the deployment guide has it, and why"),
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.copy",
        ("y",),
        tr_later("Copy"),
        tr_later("Copy the commands of the row under the cursor"),
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.copy_all",
        ("Y",),
        tr_later("Copy all"),
        tr_later("Copy the commands of the whole plan"),
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
)
