"""What `models bucket` says: the plan and the result, as lines and as a JSON document."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from console.model.models.bucket_commands import Command
from console.model.models.bucket_plan import BucketPlan, Difference
from console.model.models.bucket_settings import BucketSettings
from engine.schema import SCHEMA_VERSION

_INDENT: Final = 9


def plan_lines(plan: BucketPlan, width: int) -> Iterator[str]:
    """Yield what would be done, for a person; all but commands is broken at `width` columns."""
    yield _heading(plan)
    for each in plan.differences:
        yield ""
        yield from _told(each, plan, width)
    if plan.command is not None and plan.undo is not None:
        yield ""
        yield "all of it is what this does"
        yield f"  do     {plan.command.text}"
        yield f"  undo   {plan.undo.text}   (while it is empty)"
    if plan.notes:
        yield ""
    for note in plan.notes:
        yield from textwrap.wrap(f"note: {note}", max(width, 40), subsequent_indent=" " * 6)
    if plan.to_do:
        yield ""
        yield "Nothing was changed; --apply carries it out."


def _heading(plan: BucketPlan) -> str:
    if plan.observed is None:
        return f"gs://{plan.name} is to be made in {plan.wanted.region}, project {plan.project}"
    where = plan.observed.location.lower()
    place = f"gs://{plan.name}{f' in {where}' if where else ''}"
    if not plan.differences:
        return f"{place} is as it should be."
    number = len(plan.differences)
    return f"{place} is not as it should be in {number} {'way' if number == 1 else 'ways'}"


def _told(each: Difference, plan: BucketPlan, width: int) -> Iterator[str]:
    if plan.observed is None:
        yield f"{each.setting}: {each.wanted}"
    else:
        yield f"{each.setting}: {each.observed} → {each.wanted}"
    yield from _broken("why", each.why, width)
    yield from _broken("costs", each.cost, width)
    if plan.observed is None:
        yield f"  later  {'can be changed' if each.changeable else 'cannot be changed'}"
    elif not each.changeable:
        yield "  later  cannot be changed"
    if each.caution:
        yield from _broken("note", each.caution, width)
    if each.command is not None:
        yield f"  do     {each.command.text}"
    if each.undo is not None:
        yield f"  undo   {each.undo.text}"


def _broken(what: str, words: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        words,
        max(width, 4 * _INDENT),
        initial_indent=f"  {what:<{_INDENT - 2}}",
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def result_lines(before: BucketPlan, after: BucketPlan | None) -> Iterator[str]:
    """Yield what was done, for a person; `after` is None if there was nothing to do."""
    if after is None:
        yield _heading(before)
        yield (
            "There is nothing to do." if not before.differences else "Nothing of it can be changed."
        )
    elif before.observed is None:
        yield f"made gs://{before.name} in {before.wanted.region}, project {before.project}"
        yield from (f"  {each.setting}: {each.wanted}" for each in before.differences[1:])
        if before.undo is not None:
            yield f"undone by: {before.undo.text}   (while it is empty)"
    else:
        yield f"changed gs://{before.name}"
        for each in before.changes:
            yield f"  {each.setting}: {each.observed} → {each.wanted}"
            if each.undo is not None:
                yield f"    undone by: {each.undo.text}"
    yield from (f"note: {each}" for each in (after or before).notes)


def bucket_document(
    context: str, before: BucketPlan, after: BucketPlan | None
) -> dict[str, object]:
    """Return what `models bucket --json` prints; what is not known is null.

    `after` is None if nothing was carried out.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "bucket": before.name,
        "project": before.project or None,
        "region": before.wanted.region or None,
        "exists": (after or before).observed is not None,
        "applied": after is not None,
        "settings": _settings((after or before).observed),
        "differences": [_difference(each) for each in before.differences],
        "left": None if after is None else [str(each.setting) for each in after.differences],
        "notes": list((after or before).notes),
        "command": _text(before.command),
        "undo": _text(before.undo),
    }


def _settings(observed: BucketSettings | None) -> dict[str, object] | None:
    if observed is None:
        return None
    kept = observed.soft_delete
    return {
        "location": observed.location or None,
        "storage_class": observed.storage_class or None,
        "uniform_access": observed.uniform_access,
        "public_access_prevented": observed.public_access_prevented,
        "versioned": observed.versioned,
        "soft_delete_seconds": None if kept is None else int(kept.total_seconds()),
        "lifecycle_rules": [each.text for each in observed.rules],
        "metageneration": observed.version,
    }


def _difference(each: Difference) -> dict[str, object]:
    return {
        "setting": str(each.setting),
        "observed": each.observed,
        "wanted": each.wanted,
        "why": each.why,
        "cost": each.cost,
        "changeable": each.changeable,
        "caution": each.caution or None,
        "command": _text(each.command),
        "undo": _text(each.undo),
    }


def _text(command: Command | None) -> str | None:
    return None if command is None else command.text
