"""What somebody may do next, once a plan was carried out."""

from __future__ import annotations

from typing import Final

from console.contexts.opening import SANDBOX_SERVICE
from console.language import tr
from console.model.contexts import SANDBOX, in_sandbox
from console.model.deploy.step import Plan

PROMPT: Final = "a red circle"


def next_lines(plan: Plan, context: str) -> tuple[str, ...]:
    """Return the command that makes a first picture, nothing where none is deployed."""
    if plan.service is None or plan.place is None:
        return ()
    if in_sandbox(context) and plan.place == SANDBOX_SERVICE:
        return (_try(SANDBOX),)
    return (_try(str(plan.place)),)


def _try(context: str) -> str:
    command = f'zimage-console generate "{PROMPT}" --context {context}'
    return tr("try it: {command}", command=command)
