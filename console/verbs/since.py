"""How far back somebody wants to look, as written after `--since`."""

from __future__ import annotations

from datetime import datetime

from console.model.log.query import Query
from console.model.log.terms import InvalidQuery, Op, Term


def since_term(value: str, now: datetime) -> Term:
    """Read a span of time such as `2h`, else a moment such as `14:00`, as a term of a query."""
    moment = Term(value, "from", Op.EQUAL)
    try:
        Query((moment,)).since(now)
    except InvalidQuery:
        return Term(value, "since", Op.EQUAL)
    return moment


def since_moment(value: str, now: datetime) -> datetime:
    """Return the moment that `value` means; raises `InvalidQuery` for what is none."""
    return Query((since_term(value, now),)).since(now) or now
