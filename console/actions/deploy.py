"""What keys do on the screen of the deployment."""

from __future__ import annotations

from typing import Final

from console.actions.action import Action, Scope

_GROUP: Final = "Deploy"

DEPLOY: Final[tuple[Action, ...]] = (
    Action(
        "deploy.plan",
        ("n",),
        "Plan",
        "Say what is to be deployed, and look at what that takes; nothing is changed",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.apply",
        ("a",),
        "Apply",
        "Show extent and price of the plan, ask, then carry it out",
        Scope.DEPLOY,
        _GROUP,
        writes=True,
        spends=True,
    ),
    Action(
        "deploy.stop",
        ("s",),
        "Stop",
        "Stop looking, or stop after the step that is under way; a plan can be gone on with",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.enough",
        ("escape",),
        "Enough",
        "Stop looking; a plan that is carried out goes on",
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.again",
        ("o",),
        "Go on",
        "Look again at what is left of the plan, so that it can be gone on with",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.drift",
        ("d",),
        "Drift",
        "Plan what was deployed from here last once more: what changed since is to be changed back",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.rollback",
        ("b",),
        "Roll back",
        "Choose a revision, and plan to send all requests to it",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.traffic",
        ("t",),
        "Traffic",
        "Plan to split requests between revisions",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.scale",
        ("z",),
        "Scale",
        "Plan to hold no instances, so many by hand, or as many as are needed again",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.destroy",
        ("X",),
        "Destroy",
        "Plan to remove all that was deployed, and list what stays",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.details",
        ("enter",),
        "Details",
        "Show all that there is to say of the row under the cursor",
        Scope.DEPLOY,
        _GROUP,
    ),
    Action(
        "deploy.guide",
        ("u",),
        "Guide",
        "Say in what the plan is not as the deployment guide has it, and why",
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.copy",
        ("y",),
        "Copy",
        "Copy the commands of the row under the cursor",
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
    Action(
        "deploy.copy_all",
        ("Y",),
        "Copy all",
        "Copy the commands of the whole plan",
        Scope.DEPLOY,
        _GROUP,
        footer=False,
    ),
)
