"""The rules that stand between a plan of a push and its first byte, each with its mend."""

from __future__ import annotations

import sys

from console.language import tr, tr_list, tr_many
from console.model.models.bucket_check import region_problem
from console.model.models.push_offer import lacking_permissions
from console.model.models.push_plan import PushPlan
from console.session.transfer.place import Place
from console.sources.base import SourceError
from console.sources.off_loop import off_loop
from console.sources.writing import ObjectWriter


class PushRefused(Exception):
    """A safety rule stands against a push; the text is one line with the mend."""


def hold_to_region(place: Place, *, any_region: bool) -> None:
    """Raise `PushRefused` if the bucket is far from the service that reads from it."""
    region = "" if place.service is None else place.service.region
    problem = region_problem(place.bucket.name, place.bucket.location, region)
    if problem and not any_region:
        raise PushRefused(problem)


async def hold_to_permissions(plan: PushPlan, writer: ObjectWriter) -> None:
    """Raise `PushRefused` if somebody would send for an hour and then not be let store it."""
    if not plan.sent:
        return
    try:
        lacking = await off_loop(writer.lacking, "permissions")
    except SourceError:
        # Whoever may not ask may still be let do it.
        return
    if problem := lacking_permissions(plan, lacking):
        raise PushRefused(problem)


def hold_to_rules(plan: PushPlan, *, may_replace: bool, may_be_beside: bool) -> None:
    """Raise `PushRefused` unless whoever asks lets happen what the plan would do."""
    if plan.others and not may_be_beside:
        raise PushRefused(
            tr_many(
                "{names} in the bucket is for a part that is sent under another name, and with "
                "both no service starts; remove it (gcloud storage rm {remove}), or add --beside",
                "{names} in the bucket are for parts that are sent under other names, and with "
                "all of them no service starts; remove them (gcloud storage rm {remove}), or add "
                "--beside",
                len(plan.others),
                names=tr_list([each.name for each in plan.others]),
                remove=" ".join(f"gs://{plan.bucket}/{each.name}" for each in plan.others),
            )
        )
    if plan.replaced and not may_replace:
        names = tr_list([each.file.name for each in plan.replaced])
        if not _yes(tr("Replace {names} in gs://{bucket}?", names=names, bucket=plan.bucket)):
            raise PushRefused(
                tr_many(
                    "{names} in the bucket is another file; --replace puts this one in its place",
                    "{names} in the bucket are other files; --replace puts these in their place",
                    len(plan.replaced),
                    names=names,
                )
            )


def _yes(question: str) -> bool:
    """Ask a person, if there is one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
