"""That a deployment goes on, in the few words that stand on every screen."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.progress import Application, StepState
from console.model.deploy.snapshot import DeploySnapshot


def deploying_note(known: DeploySnapshot) -> str:
    """Return `deploying 3/12` while a plan is carried out, and that it failed until it is seen."""
    application = known.application
    if application is None or not known.running:
        return tr("deploying failed") if application is not None and application.failure else ""
    return tr(
        "deploying {step}/{steps}", step=present(application) + 1, steps=len(application.steps)
    )


def going_on_words(known: DeploySnapshot) -> str:
    """Say what is carried out, and how far it is; empty if nothing is."""
    application = known.application
    if application is None or not known.running:
        return ""
    return tr(
        "a plan is carried out, to {title}: step {step} of {steps}",
        title=application.plan.title,
        step=present(application) + 1,
        steps=len(application.steps),
    )


def present(application: Application) -> int:
    """Return the place of the step that goes on, failed, or is the next one."""
    if application.failure is not None:
        return application.failure.step
    over = (StepState.DONE, StepState.SKIPPED)
    steps = application.steps
    return next((n for n, each in enumerate(steps) if each.state not in over), len(steps) - 1)
