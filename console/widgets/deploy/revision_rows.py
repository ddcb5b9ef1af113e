"""The revisions of a service as rows: to look at, and to choose from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from rich.cells import cell_len
from textual.content import Content

from console.language import tr, tr_later
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.revisions import before, is_ready
from console.model.deploy.share_words import LATEST
from console.model.freshness import rough_age
from console.model.service import Revision
from console.widgets.cloud_facts import image_text
from console.widgets.costs.amounts import left, right
from console.widgets.models.rows import ABSENT

_SHARE: Final = 6
_AGE: Final = 14
_IMAGE: Final = 24
_NEWEST: Final = tr_later("always the newest one, also after the next deployment")

Row = tuple[str, Callable[[int], Content]]


def revision_rows(found: ServiceSeen, now: datetime) -> tuple[list[Row], int]:
    """Return a row for each revision, newest first, and the place of the one to go back to."""
    target = before(found)
    names = _widest(found)
    rows: list[Row] = [
        (each.name, partial(_row, found, each, names, now)) for each in found.revisions
    ]
    place = found.revisions.index(target) if target is not None else 0
    rows.append(
        (LATEST, lambda width: Content.styled(tr(_NEWEST), "").truncate(width, ellipsis=True))
    )
    return rows, place


def revision_lines(found: ServiceSeen, now: datetime, width: int) -> list[Content]:
    """Return a line for each revision, newest first."""
    names = _widest(found)
    return [_row(found, each, names, now, width) for each in found.revisions]


def _widest(found: ServiceSeen) -> int:
    return max((cell_len(each.name) for each in found.revisions), default=0)


def _row(found: ServiceSeen, revision: Revision, names: int, now: datetime, width: int) -> Content:
    share = sum(
        each.percent
        for each in found.facts.traffic
        if (each.revision or found.facts.latest_ready_revision) == revision.name
    )
    state, style = _state(revision)
    image = _IMAGE if width >= 90 else 0
    name = max(min(names, width * 2 // 5), 12)
    rest = max(width - name - _SHARE - _AGE - image - 2, 4)
    created = ABSENT if revision.created is None else rough_age(revision.created, now)
    return Content.assemble(
        left(revision.name, name),
        right(f"{share} %" if share else "", _SHARE, "$primary"),
        right(created, _AGE, "$text-muted"),
        "  ",
        left(image_text(revision.image) or ABSENT, image, "$text-muted") if image else "",
        left(state, rest, style),
    )


def _state(revision: Revision) -> tuple[str, str]:
    if is_ready(revision):
        return tr("✓ ready"), "$success"
    ready = revision.ready
    why = ready.message if ready is not None and ready.message else tr("never became ready")
    return f"✗ {why}", "$error"
