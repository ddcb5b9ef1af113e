"""What was made a moment ago and is not known everywhere yet.

Google Cloud says itself that a new account, a role that was granted, and an interface that was
switched on take a while until all of it knows. Sources:
https://cloud.google.com/iam/docs/access-change-propagation and
https://cloud.google.com/iam/docs/service-accounts-create.
"""

from __future__ import annotations

import re
from typing import Final

from console.model.deploy.step import Subject
from console.session.deploy.pace import Pace
from console.sources.base import Denied, SourceError

SECONDS: Final = 120.0
"""For how long after it was made an error may be for want of knowing it."""

_NO_ACCOUNT: Final = re.compile(r"[Ss]ervice account \S+ does not exist|actAs", re.DOTALL)


class Settling:
    """Knows what was made lately, and which errors pass for that reason."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._made: dict[Subject, float] = {}

    def made(self, subject: Subject) -> None:
        """Note that it was made just now."""
        self._made[subject] = self._pace.clock()

    def passes(self, error: SourceError) -> bool:
        """Say whether an error is likely to pass by itself."""
        if self._lately(Subject.APIS) and isinstance(error, Denied) and not error.permission:
            # An interface that is off; it was switched on just now.
            return True
        return self._lately(Subject.ACCOUNT) and bool(_NO_ACCOUNT.search(error.message))

    def _lately(self, subject: Subject) -> bool:
        at = self._made.get(subject)
        return at is not None and self._pace.clock() - at < SECONDS
