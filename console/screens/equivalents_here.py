"""What a screen shows now, as commands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from textual.widgets import Input

from console.language import tr
from console.model.contexts import LOCAL, in_sandbox
from console.model.images import Target
from console.model.service import ServiceName
from console.screens import equivalents
from console.screens.base import ConsoleScreen
from console.screens.equivalents import Equivalent, Place

_ALL_DAYS: Final = 400
"""Longer than any log is kept by default."""
_FIELDS: Final = ("size", "steps", "seed")


def equivalents_of(screen: ConsoleScreen) -> tuple[Equivalent, ...]:
    """Return the commands that say or do by hand what is on `screen`."""
    found = _found(screen)
    if in_sandbox(screen.surroundings.context) and any("gcloud" in each.command for each in found):
        note = tr("gcloud has to be pointed at the sandbox first: see docs/sandbox.md")
        found = (Equivalent(note), *found)
    return found


def _found(screen: ConsoleScreen) -> tuple[Equivalent, ...]:
    place, store, now = place_of(screen), screen.store, screen.surroundings.clock()
    match screen.ACTION:
        case "app.coldstarts":
            return _cold_starts(screen, place)
        case "app.logs":
            from console.screens.logs import LogsScreen

            assert isinstance(screen, LogsScreen)
            return equivalents.logs(place, screen.lines.filter, now)
        case "app.cost":
            from console.model.cost.estimate import FreeTier

            report = store.cost.report
            return equivalents.cost(place, FreeTier.NONE if report is None else report.free)
        case "app.models":
            known = store.models
            bucket = None if known.there is None else known.there.bucket.name
            return equivalents.models(place, bucket, known.here)
        case "app.generate":
            return _generate(screen, place)
        case "app.deploy":
            return equivalents.deploy(place, store.deploy.plan)
        case _:
            return equivalents.overview(place, store.service.models_directory)


def place_of(screen: ConsoleScreen) -> Place:
    """Return what is looked after."""
    context, facts = screen.surroundings.context, screen.store.service.facts
    if facts is not None:
        return Place(context, facts.name)
    try:
        return Place(context, ServiceName.parse(context))
    except ValueError:
        return Place(context)


def _cold_starts(screen: ConsoleScreen, place: Place) -> tuple[Equivalent, ...]:
    from console.screens.coldstarts import ColdStartsScreen

    assert isinstance(screen, ColdStartsScreen)
    now = screen.surroundings.clock()
    since = screen.window.since(now)
    days = _ALL_DAYS if since is None else (now - since) // timedelta(days=1)
    return equivalents.cold_starts(place, since or now - timedelta(days=_ALL_DAYS), days)


def _generate(screen: ConsoleScreen, place: Place) -> tuple[Equivalent, ...]:
    from console.screens.generate import GenerateScreen

    assert isinstance(screen, GenerateScreen)
    where = {Target.DEPLOYED: place, Target.LOCAL: Place(LOCAL)}
    fields = (screen.form.query_one(f"#{name}", Input).value.strip() for name in _FIELDS)
    wish = equivalents.PictureWish(screen.form.prompt.value, *fields)
    return equivalents.generate([where[target] for target in screen.targets], wish)
