"""What a person asks of a log, as one line of text, and the lines that it means.

A query is terms with blanks between them, all of which must hold:

    memory  "out of memory"      the line says so, in whatever case
    ~pull(ed|ing)                the line matches a regular expression
    severity>=WARNING            DEBUG, INFO, WARNING or ERROR
    origin=platform              application, platform, request, audit or console
    instance=…  revision=…       whole, or how it ends; the same for trace
    since=1h  from=14:00  to=…   s, m, h, d or w ago; a time of today, or 2026-11-24T14:00
    status>=500  latency>2s      any field of the line; a.b reaches into it; also != < <= and ~
    -word                        a term that must not hold

Quotes keep blanks and signs together; in them `\\"` and `\\\\` mean the sign itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Final

from console.language import tr, tr_later
from console.model.log.lines import LogQuery, Origin, Severity
from console.model.log.terms import InvalidQuery, Op, Shown, Term, compiled, earliest, latest

_TERM: Final = re.compile(
    r"""(?P<not>-)? (?: (?P<key>[A-Za-z_][\w.\-/]*) (?P<op>>=|<=|!=|=~|[=<>~]) | (?P<like>~) )?
        (?: "(?P<quoted>(?:\\.|[^"\\])*)" | (?P<bare>[^\s"]\S*) | )(?=\s|\Z)""",
    re.VERBOSE | re.DOTALL,
)
EXAMPLES: Final = (
    ("memory", tr_later("The line says so, in whatever case")),
    ('"out of memory"', tr_later("Quotes keep words together")),
    ("-memory", tr_later("Not such lines; works with everything below")),
    ("~pull(ed|ing)", tr_later("It matches a regular expression")),
    ("severity>=ERROR", tr_later("DEBUG, INFO, WARNING or ERROR")),
    ("since=1h", tr_later("s, m, h, d or w ago; also from=14:00 to=15:30")),
    ("instance=7f3a", tr_later("How it ends is enough; so revision=, trace=")),
    ("origin=platform", tr_later("application, platform, request or audit")),
    ("status>=500", tr_later("Any field: latency>2s size<1e6 a.b=c event~x")),
)
"""Parts of queries, and what they mean in a few words. Blanks between parts mean: all of them."""

SUFFIX: Final = 4
"""How many characters at the end of an instance's name stand for it."""

_SPOKEN: Final = {
    "since": tr_later("since {value}"),
    "from": tr_later("from {value}"),
    "to": tr_later("to {value}"),
    "origin": tr_later("origin {value}"),
    "revision": tr_later("revision {value}"),
}
_ESCAPED: Final = re.compile(r'\\(["\\])')
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_PLAIN_WORD: Final = re.compile(r"[\w./-]*[A-Za-z]{4}[\w./-]*", re.ASCII)
_WHOLE_INSTANCE: Final = 20
_WHOLE_REVISION: Final = re.compile(r"[a-z][a-z0-9-]*-\d{5}-[a-z0-9]{3}")


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that must all hold, in the order in which they were asked for."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read a query; raises `InvalidQuery` with one line that says what is wrong with it."""
        terms = _terms(text)
        for term in terms:
            compiled(term, _ANY_TIME)
        return cls(terms)

    def __str__(self) -> str:
        return " ".join(map(written, self.terms))

    def of(self, key: str) -> Term | None:
        """Return the last term about `key`, if there is one."""
        return next((term for term in reversed(self.terms) if term.key == key), None)

    def having(self, key: str, op: Op, value: str) -> Query:
        """Return the query with this as its only term about `key`, and the last one."""
        return Query((*self.without(key).terms, Term(value, key, op)))

    def without(self, *keys: str) -> Query:
        """Return the query without its terms about any of `keys`."""
        return Query(tuple(term for term in self.terms if term.key not in keys))

    def shorter(self) -> Query:
        """Return the query without its last term."""
        return Query(self.terms[:-1])

    def compiled(self, now: datetime) -> Shown | None:
        """Return what says whether a line is meant, counting times from `now`; None means all."""
        tests = [compiled(term, now) for term in self.terms]
        return reduce(_both, tests) if tests else None

    def since(self, now: datetime) -> datetime | None:
        """Return the moment before which no line is meant, where the query sets one."""
        known = [moment for term in self.terms if (moment := earliest(term, now)) is not None]
        return max(known, default=None)

    def for_source(self, now: datetime) -> LogQuery:
        """Return as much of the query as a source can look for; it may mean more lines."""
        ends = [moment for term in self.terms if (moment := latest(term, now)) is not None]
        words = [term.value for term in self.terms if _is_plain_word(term)]
        return LogQuery(
            severity=self._least_severe(),
            text=max(words, key=len, default=""),
            revision=self._equal("revision", lambda text: bool(_WHOLE_REVISION.fullmatch(text))),
            instance=self._equal("instance", lambda text: len(text) >= _WHOLE_INSTANCE),
            trace=self._equal("trace", lambda text: text.startswith("projects/")),
            origin=self._origin(),
            until=min(ends, default=None),
        )

    def _least_severe(self) -> Severity:
        asked = (
            Severity[term.value.upper()]
            for term in self.terms
            if term.key == "severity" and term.op in (Op.EQUAL, Op.AT_LEAST) and not term.negated
        )
        return max(asked, default=Severity.DEBUG)

    def _equal(self, key: str, whole: Callable[[str], bool]) -> str:
        term = self.of(key)
        if term is None or term.op is not Op.EQUAL or term.negated or not whole(term.value):
            return ""
        return term.value

    def _origin(self) -> Origin | None:
        name = self._equal("origin", lambda text: bool(text)).casefold()
        return Origin(name) if name in (Origin.PLATFORM, Origin.REQUEST) else None


EVERYTHING: Final = Query()


def phrase(text: str) -> Query:
    """Read what is searched for: a phrase as it stands, or after `~` a regular expression.

    Raises `InvalidQuery`.
    """
    if not text:
        return EVERYTHING
    term = Term(text[1:], op=Op.MATCHES) if text.startswith("~") else Term(text)
    compiled(term, _ANY_TIME)
    return Query((term,))


def marked_by(query: Query) -> tuple[re.Pattern[str], ...]:
    """Return what is to be marked in the message of a line that a query means."""
    marks = []
    for term in query.terms:
        if term.value and term.key in ("", "message") and not term.negated:
            if term.op is Op.HAS:
                marks.append(re.compile(re.escape(term.value), re.IGNORECASE))
            elif term.op is Op.MATCHES:
                marks.append(re.compile(term.value, re.IGNORECASE))
    return tuple(marks)


def written(term: Term) -> str:
    """Return a term as it is written in a query."""
    sign = "-" if term.negated else ""
    bare = f"{sign}{term.key}{term.op}{term.value}"
    try:
        if '"' not in term.value and _terms(bare) == (term,):
            return bare
    except InvalidQuery:
        pass
    inside = term.value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{sign}{term.key}{term.op}"{inside}"'


def brief(term: Term) -> str:
    """Return a term in few characters, to be read and not to be typed."""
    short = _brief(term)
    if short is None:
        return written(term)
    return tr("not {term}", term=short) if term.negated else short


def _brief(term: Term) -> str | None:
    if term.key == "severity" and term.op is Op.AT_LEAST:
        return f"≥{term.value.upper()}"
    if term.key in ("instance", "trace") and term.op is Op.EQUAL:
        end = term.value[-SUFFIX:]
        return (
            tr("request …{end}", end=end) if term.key == "trace" else tr("instance …{end}", end=end)
        )
    if term.key in _SPOKEN and term.op is Op.EQUAL:
        return tr(_SPOKEN[term.key], value=term.value)
    return None


def _terms(text: str) -> tuple[Term, ...]:
    terms: list[Term] = []
    while rest := text.lstrip():
        found = _TERM.match(rest)
        if found is None:
            raise InvalidQuery(_unreadable(rest))
        terms.append(_term(found))
        text = rest[found.end() :]
    return tuple(terms)


def _term(found: re.Match[str]) -> Term:
    quoted = found["quoted"]
    value = (found["bare"] or "") if quoted is None else _ESCAPED.sub(r"\1", quoted)
    negated = found["not"] is not None
    if found["like"] is not None:
        return Term(value, "", Op.MATCHES, negated)
    if found["op"] is None:
        # A sign alone is text.
        alone = negated and not value and quoted is None
        return Term("-") if alone else Term(value, negated=negated)
    op = Op.MATCHES if found["op"] == "=~" else Op(found["op"])
    return Term(value, found["key"], op, negated)


def _unreadable(rest: str) -> str:
    if rest.count('"') % 2:
        return tr("a quote is not closed: {rest}", rest=rest)
    return tr("a blank is missing between terms: {rest}", rest=rest)


def _both(first: Shown, second: Shown) -> Shown:
    return lambda record: first(record) and second(record)


def _is_plain_word(term: Term) -> bool:
    return (
        term.key == ""
        and term.op is Op.HAS
        and not term.negated
        and _PLAIN_WORD.fullmatch(term.value) is not None
    )
