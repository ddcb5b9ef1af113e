"""How far an examination is: what was found so far, and what is still asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from console.language import tr, tr_many
from console.model.contexts import LOCAL, in_sandbox
from console.model.doctor.checks import ORDER, Check, asked_in
from console.model.doctor.finding import Finding, Report, State, summary
from console.model.text import SafeText

_NOTHING = SafeText("")


@dataclass(frozen=True, slots=True)
class Progress:
    """An examination of a context.

    `ended` is when it came to its end, None while it goes on. `problem` is why it broke down.
    """

    context: str
    findings: tuple[Finding, ...] = ()
    ended: datetime | None = None
    problem: SafeText = _NOTHING

    def found(self, finding: Finding) -> Progress:
        """Return how far it is once this is known as well."""
        return replace(self, findings=(*self.findings, finding))

    def ending(self, at: datetime, problem: SafeText = _NOTHING) -> Progress:
        """Return it as it has come to its end, by itself or because of a problem."""
        return replace(self, ended=at, problem=problem)

    @property
    def pending(self) -> tuple[Check, ...]:
        """What is still asked, in the order of the checks; nothing once it has ended."""
        if self.ended is not None:
            return ()
        asked = asked_in(
            cloud=self.context != LOCAL and not in_sandbox(self.context),
            sandbox=in_sandbox(self.context),
        )
        known = {each.check for each in self.findings}
        return tuple(check for check in ORDER if check in asked - known)

    @property
    def worst_first(self) -> tuple[Finding, ...]:
        """What was found of all that matters here, by how bad it is."""
        found = Report.of(self.context, self.findings).worst_first
        return tuple(each for each in found if each.state is not State.NOT_ASKED)

    @property
    def left_out(self) -> tuple[Finding, ...]:
        """What was not asked, because it does not matter here."""
        return Report.of(self.context, self.findings).having(State.NOT_ASKED)

    @property
    def summary(self) -> str:
        """Say in a few words how it all is so far: `1 wrong, 2 ok, 7 under way`."""
        parts = [summary(Report(self.context, self.worst_first))] if self.worst_first else []
        if self.pending:
            parts.append(tr_many("1 under way", "{count} under way", len(self.pending)))
        return tr(", ").join(parts) or tr("nothing was found out")
