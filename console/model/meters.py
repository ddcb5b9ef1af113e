"""What Cloud Monitoring counted of things that are paid for, from one moment to another.

What is not measured is None and never 0: a metric of a project that never had any is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from console.model.text import SafeText


@dataclass(frozen=True, slots=True)
class Operations:
    """Answered requests to a bucket, by how they are billed.

    `unknown` counts by method those of which it is not known which class they are billed as. What
    was refused or failed is billed as nothing and counts nowhere.
    """

    class_a: int = 0
    class_b: int = 0
    free: int = 0
    unknown: Mapping[SafeText, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meters:
    """What was counted from `since` to `until`, at `fetched_at`; the newest minutes may be missing.

    `operations` are those of each bucket that was asked for. `log_bytes` is what Cloud Logging took
    in from the whole project, `service_log_bytes` the part from services of Cloud Run. `billable`
    is the paid time of all instances of the service, in seconds, by the day in UTC that it was in.
    `bucket_bytes` is the mean size of each bucket, all versions of its objects included.
    """

    since: datetime
    until: datetime
    fetched_at: datetime
    operations: Mapping[str, Operations | None] = field(default_factory=dict)
    log_bytes: int | None = None
    service_log_bytes: int | None = None
    billable: Mapping[date, Decimal] | None = None
    bucket_bytes: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def billable_seconds(self) -> Decimal | None:
        """The paid time of all instances in seconds; None when none was measured."""
        return None if self.billable is None else sum(self.billable.values(), start=Decimal(0))
