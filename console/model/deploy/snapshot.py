"""What is known of the deployment that the console looks after or is asked to make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.model.deploy.observed import ServiceSeen
from console.model.deploy.progress import Application
from console.model.deploy.step import Plan
from console.model.deploy.wish import DeployWish
from console.model.text import SafeText


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A deployment that was carried out to its end from this machine, and when."""

    wish: DeployWish
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploySnapshot:
    """The plan that is shown, how it was come by, and how far it is carried out.

    `looking` says in words what is looked at while a plan is made, None otherwise. `problem` is one
    line that says why there is no plan. `observed_at` is when everything was looked at for `plan`.
    `application` is of that plan or of one before, which may have failed. `applied` is what was
    deployed from here last; `drift` is the plan from what there is to that, None if nobody looked:
    with acting steps, somebody changed something since. `unfinished` says that a plan for this
    service was broken off, from here, and can be gone on with; `begun` is its title. `seen` is the
    service with its revisions as somebody last came to see them, None if it was not seen.
    """

    looking: SafeText | None = None
    plan: Plan | None = None
    observed_at: datetime | None = None
    problem: SafeText | None = None
    application: Application | None = None
    applied: Applied | None = None
    drift: Plan | None = None
    unfinished: bool = False
    begun: str = ""
    seen: ServiceSeen | None = None

    @property
    def running(self) -> bool:
        """Whether a plan is being carried out."""
        return self.application is not None and self.application.running
