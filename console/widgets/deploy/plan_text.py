"""The commands of a plan as text, for the clipboard."""

from __future__ import annotations

from console.model.deploy.step import Plan
from console.widgets.deploy.plan_rows import PlanRow


def row_commands(row: PlanRow) -> str:
    """Return what does by hand what a row says; its words where there is no command."""
    if row.step is None:
        return row.mend or row.title
    return "\n".join(row.step.commands) or row.title


def plan_commands(plan: Plan) -> str:
    """Return the commands of all steps in order, as a shell takes them."""
    lines = [f"# {plan.title}"]
    for number, step in enumerate(plan.steps, 1):
        if step.commands:
            lines += ["", f"# {number}. {step.title}", *step.commands]
    return "\n".join(lines) + "\n"
