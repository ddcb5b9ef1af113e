"""What is said of starts where there are none, or where they are not known as they should be."""

from __future__ import annotations

from datetime import datetime

from console.language import tr, tr_many
from console.model.freshness import Standing, note
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.window import Window


def nothing_shown(known: StartsSnapshot, window: Window) -> str:
    """Return why no start is shown, in place of starts."""
    if known.fresh.standing is Standing.LOADING and not known.in_all:
        return tr("reading starts from the history and the log …")
    if known.in_all:
        return tr_many(
            "– none in the {window}; 1 start is older: s looks further back",
            "– none in the {window}; {count:,} starts are older: s looks further back",
            known.in_all,
            window=tr(window.value),
        )
    if known.fresh.troubled:
        return tr("– no cold start is known, and the log cannot be read")
    return tr("– no cold start was seen yet; m measures one")


def start_problem(known: StartsSnapshot, now: datetime) -> str:
    """Return what is wrong with what is known of starts; nothing where all is well."""
    if known.problem is not None:
        return known.problem
    fresh = known.fresh
    if fresh.standing in (Standing.FRESH, Standing.LOADING):
        return ""
    words = [fresh.problem or "", note(fresh, now)]
    return " · ".join(dict.fromkeys(word for word in words if word))
