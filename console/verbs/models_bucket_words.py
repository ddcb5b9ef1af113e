"""What `models bucket` says: the plan and the result, as lines and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import set_cell_size

from console.language import tr, tr_many
from console.model.models.bucket_commands import Command
from console.model.models.bucket_plan import BucketPlan, Difference
from console.model.models.bucket_settings import BucketSettings
from console.model.models.place_words import bucket_and_place
from console.verbs.wrapped import hung_lines
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
        yield tr("all of it is what this does")
        yield _headed(tr("do"), plan.command.text)
        yield _headed(tr("undo"), tr("{command}   (while it is empty)", command=plan.undo.text))
    if plan.notes:
        yield ""
    for note in plan.notes:
        said = tr("note: {note}", note=note)
        yield from hung_lines(said, max(width, 40), "", " " * 6)
    if plan.to_do:
        yield ""
        yield tr("Nothing was changed; --apply carries it out.")


def _heading(plan: BucketPlan) -> str:
    if plan.observed is None:
        return tr(
            "gs://{bucket} is to be made in {region}, project {project}",
            bucket=plan.name,
            region=plan.wanted.region,
            project=plan.project,
        )
    place = bucket_and_place(plan.name, plan.observed.location.lower())
    if not plan.differences:
        return tr("{bucket} is as it should be.", bucket=place)
    return tr_many(
        "{bucket} is not as it should be in {count} way",
        "{bucket} is not as it should be in {count} ways",
        len(plan.differences),
        bucket=place,
    )


def _told(each: Difference, plan: BucketPlan, width: int) -> Iterator[str]:
    yield _setting(each, plan)
    yield from _broken(tr("why"), each.why, width)
    yield from _broken(tr("costs"), each.cost.words, width)
    if plan.observed is None and each.changeable:
        yield _headed(tr("later"), tr("can be changed"))
    elif not each.changeable:
        yield _headed(tr("later"), tr("cannot be changed"))
    if each.caution:
        yield from _broken(tr("note"), each.caution, width)
    if each.command is not None:
        yield _headed(tr("do"), each.command.text)
    if each.undo is not None:
        yield _headed(tr("undo"), each.undo.text)


def _setting(each: Difference, plan: BucketPlan) -> str:
    """Say what a setting is to be, and what it is where there is a bucket."""
    if plan.observed is None:
        return tr("{setting}: {wanted}", setting=each.setting.words, wanted=each.wanted)
    return tr(
        "{setting}: {observed} → {wanted}",
        setting=each.setting.words,
        observed=each.observed,
        wanted=each.wanted,
    )


def _headed(what: str, said: str) -> str:
    return f"{set_cell_size(f'  {what}', _INDENT)}{said}"


def _broken(what: str, words: str, width: int) -> Iterator[str]:
    yield from hung_lines(words, max(width, 4 * _INDENT), _headed(what, ""), " " * _INDENT)


def result_lines(before: BucketPlan, after: BucketPlan | None) -> Iterator[str]:
    """Yield what was done, for a person; `after` is None if there was nothing to do."""
    if after is None:
        yield _heading(before)
        yield (
            tr("Nothing of it can be changed.")
            if before.differences
            else tr("There is nothing to do.")
        )
    elif before.observed is None:
        yield tr(
            "made gs://{bucket} in {region}, project {project}",
            bucket=before.name,
            region=before.wanted.region,
            project=before.project,
        )
        yield from (f"  {_setting(each, before)}" for each in before.differences[1:])
        if before.undo is not None:
            yield tr("undone by: {command}   (while it is empty)", command=before.undo.text)
    else:
        yield tr("changed gs://{bucket}", bucket=before.name)
        for each in before.changes:
            yield f"  {_setting(each, before)}"
            if each.undo is not None:
                yield "    " + tr("undone by: {command}", command=each.undo.text)
    yield from (tr("note: {note}", note=each) for each in (after or before).notes)


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
        "cost": each.cost.words,
        "changeable": each.changeable,
        "caution": each.caution or None,
        "command": _text(each.command),
        "undo": _text(each.undo),
    }


def _text(command: Command | None) -> str | None:
    return None if command is None else command.text
