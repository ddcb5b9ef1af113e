"""All that was said of a service on Google Cloud, and the snapshot that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from console.model.access import Access, Policy, access
from console.model.instances import Instances
from console.model.launches import Launches
from console.model.log.lines import LogRecord
from console.model.rollout import Rollout, rollout
from console.model.service import Revision, ServiceFacts, ServiceSnapshot, ServiceState
from console.model.serving import serving
from console.model.text import SafeText


@dataclass(slots=True)
class Evidence:
    """What Cloud Run said (`facts`, the newest `revision`, the `policy`), and what the log told.

    `log_known` is set once the log was read. `trouble` is why Cloud Run says nothing newer, with
    the state that this means unless the log knows better.
    """

    facts: ServiceFacts | None = None
    revision: Revision | None = None
    policy: Policy | None = None
    trouble: tuple[ServiceState, SafeText] | None = None
    log_known: bool = False
    instances: Instances = field(default_factory=Instances)
    launches: Launches = field(default_factory=Launches)

    def note(self, record: LogRecord, rolling: Rollout | None) -> bool:
        """Take a line in, and say whether it told something new; `rolling` is what is shown."""
        launched = self.launches.note(record)
        failing = rolling is not None and rolling.cause is not None
        of_it = rolling is not None and record.provenance.revision == rolling.revision
        return self.instances.note(record) or launched or (failing and of_it)

    def snapshot(self, before: ServiceSnapshot, now: datetime) -> ServiceSnapshot:
        """Return the service as it is at `now`, with what stays of `before`."""
        if self.facts is None:
            if self.trouble is None:
                return before
            state, problem = self.trouble
            return replace(before, state=state, problem=problem)
        known = serving(before, self.facts, self.instances if self.log_known else None, now)
        known = replace(
            known,
            access=self._access(self.facts, before),
            rollout=self._rollout(self.facts, before, now),
        )
        if self.trouble is None:
            return known
        state, problem = self.trouble
        # Who hears from the log knows how the service is, whoever else is silent.
        heard = self.log_known and known.log_problem is None
        if state is ServiceState.UNREACHABLE and heard:
            return known
        return replace(known, state=state, problem=problem)

    def _rollout(
        self, facts: ServiceFacts, before: ServiceSnapshot, now: datetime
    ) -> Rollout | None:
        """Return the roll-out to show; one that has ended is only if it was seen going on."""
        launch = self.launches.of(facts.latest_created_revision)
        found = rollout(facts, self.revision, launch, now)
        ended = found is not None and found.cause is None and not found.going_on
        return None if ended and before.rollout is None else found

    def _access(self, facts: ServiceFacts, before: ServiceSnapshot) -> Access:
        return access(
            check_is_off=facts.invoker_iam_disabled,
            ingress=facts.ingress,
            policy=self.policy,
            unknown=before.fresh.access.problem or "",
        )
