"""Filters of log entries in the Logging query language, as far as the console and gcloud use it.

Comparisons `FIELD OP VALUE` with `=`, `!=`, `<`, `<=`, `>`, `>=`, `:` (has), `=~` and `!~`, bare
words that any field may hold, `log_id("…")`, parentheses, NOT or `-`, OR, and AND, which may be
left out; NOT binds closest, then OR, then AND. Source: "Logging query language" in the Cloud
Logging documentation.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from console.sandbox.logs.log_entries import SEVERITIES as SEVERITIES
from console.sandbox.logs.log_entries import Entry as Entry
from console.sandbox.moments import read, written

LONGEST: Final = 20_000
_DEEPEST: Final = 50
_TIMES: Final = frozenset({"timestamp", "receiveTimestamp"})

Match = Callable[[Entry], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?: --[^\n]* | (?P<text>"(?:\\.|[^"\\])*") | (?P<op><=|>=|!=|=~|!~|[=<>:])
        | (?P<mark>[(),]) | (?P<word>-|[^\s()=<>!:~",]+(?:"(?:\\.|[^"\\])*"[^\s()=<>!:~",]*)*) )""",
    re.VERBOSE,
)
_STEP: Final = re.compile(r'"((?:\\.|[^"\\])*)"|([^."]+)')
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidFilter(ValueError):
    """A filter that cannot be read; one line."""


def compiled(text: str) -> Match:
    """Read a filter; the empty one lets everything through. Raises `InvalidFilter`."""
    if len(text) > LONGEST:
        raise InvalidFilter(f"Filter is longer than {LONGEST} characters.")
    parser = _Parser(list(_tokens(text)))
    match = parser.conjunction(0) if parser.more else _everything
    if parser.more:
        raise InvalidFilter(f"Unparseable filter: unexpected {parser.next[1]!r}.")
    return match


def earliest(text: str) -> str:
    """Return the time before which no entry passes a filter that can be read, "" for any time.

    Only limits that hold for the filter as a whole are found.
    """
    tokens = [("start", ""), *_tokens(text), ("end", "")]
    limits, depth = [""], 0
    for at, token in enumerate(tokens[:-3]):
        depth += {("mark", "("): 1, ("mark", ")"): -1}.get(token, 0)
        if depth == 0 and token == ("word", "timestamp") and tokens[at + 1][1] in (">=", ">"):
            around = tokens[at - 1], tokens[at + 3]
            if not any(each in _LOOSENING for each in around):
                limits.append(written(read(_unquoted(tokens[at + 2][1]))))
    return max(limits)


def _everything(entry: Entry) -> bool:
    return True


def _every(parts: Sequence[Match]) -> Match:
    def match(entry: Entry) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than the parts do
            if not part(entry):
                return False
        return True

    return match


_Token = tuple[str, str]
_LOOSENING: Final = (("word", "NOT"), ("word", "-"), ("word", "OR"))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidFilter(f"Unparseable filter: syntax error at {text[at : at + 20]!r}.")
        if found.lastgroup is not None:
            yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._tokens)

    @property
    def next(self) -> _Token:
        return self._tokens[self._at] if self.more else ("end", "end of filter")

    def _take(self) -> _Token:
        token = self.next
        self._at += 1
        return token

    def _took(self, *tokens: _Token) -> bool:
        if self.next not in tokens:
            return False
        self._at += 1
        return True

    def _expect(self, token: _Token) -> None:
        if not self._took(token):
            raise InvalidFilter(
                f"Unparseable filter: expected {token[1]!r}, found {self.next[1]!r}."
            )

    def conjunction(self, depth: int) -> Match:
        if depth > _DEEPEST:
            raise InvalidFilter("Unparseable filter: it is nested too deeply.")
        parts = [self._disjunction(depth)]
        while self.more and self.next != ("mark", ")"):
            self._took(("word", "AND"))
            parts.append(self._disjunction(depth))
        return parts[0] if len(parts) == 1 else _every(parts)

    def _disjunction(self, depth: int) -> Match:
        parts = [self._negation(depth)]
        while self._took(("word", "OR")):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else lambda entry: any(part(entry) for part in parts)

    def _negation(self, depth: int) -> Match:
        negative = False
        while self._took(("word", "NOT"), ("word", "-")):
            negative = not negative
        match = self._term(depth)
        return (lambda entry: not match(entry)) if negative else match

    def _term(self, depth: int) -> Match:
        if self._took(("mark", "(")):
            inner = self.conjunction(depth + 1)
            self._expect(("mark", ")"))
            return inner
        kind, text = self._take()
        if kind not in ("word", "text") or text in ("AND", "OR"):
            raise InvalidFilter(f"Unparseable filter: unexpected {text!r}.")
        if self.next[0] == "op":
            return self._comparison(text)
        if kind == "word" and self._took(("mark", "(")):
            return self._function(text)
        wanted = _unquoted(text).lower()
        return lambda entry: any(wanted in said.lower() for said in _texts(entry))

    def _comparison(self, name: str) -> Match:
        path = tuple(
            _unquoted(f'"{quoted}"') if quoted else bare for quoted, bare in _STEP.findall(name)
        )
        if not path:
            raise InvalidFilter(f"Unparseable filter: {name!r} names no field.")
        _, op = self._take()
        if not self._took(("mark", "(")):
            return _compared(path, op, self._value())
        choices = [_compared(path, op, self._value())]
        every = self.next == ("word", "AND")
        while self._took(("word", "AND" if every else "OR")):
            choices.append(_compared(path, op, self._value()))
        self._expect(("mark", ")"))
        return lambda entry: (all if every else any)(choice(entry) for choice in choices)

    def _value(self) -> str:
        kind, text = self._take()
        if kind not in ("word", "text"):
            raise InvalidFilter(f"Unparseable filter: expected a value, found {text!r}.")
        return _unquoted(text)

    def _function(self, name: str) -> Match:
        argument = self._value()
        self._expect(("mark", ")"))
        if name != "log_id":
            raise InvalidFilter(f"Unparseable filter: unknown function {name!r}.")
        ending = "/logs/" + quote(argument, safe="")
        return lambda entry: str(entry.get("logName", "")).endswith(ending)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _compared(path: tuple[str, ...], op: str, value: str) -> Match:
    if op in ("!=", "!~"):
        match = _compared(path, "=" if op == "!=" else "=~", value)
        return lambda entry: not match(entry)
    true, get = _condition(path, op, value), _getter(path)

    def holds(entry: Entry) -> bool:
        said = get(entry)
        return said is not None and true(said)

    return holds


def _condition(path: tuple[str, ...], op: str, value: str) -> Callable[[object], bool]:
    wanted = value.lower()
    if op == "=~":
        pattern = _pattern(value)
        return lambda said: pattern.search(_text(said)) is not None
    if op == ":":
        return lambda said: _has(said, wanted)
    if op == "=" and path != ("severity",) and path[-1] not in _TIMES:
        return lambda said: said == value or _text(said).lower() == wanted
    rank, compare = _ranking(path), _ORDER[op]
    try:
        limit = rank(value)
    except ValueError:
        raise InvalidFilter(f"Unparseable filter: {value!r} is no {path[-1]}.") from None
    if len(path) == 1 and path[0] in _TIMES:
        # The entries' own times are all written alike, so that their order is that of the text.
        moment = written(read(value))
        return lambda said: compare(str(said), moment)
    return lambda said: _ordered(compare, rank, said, limit)


def _pattern(text: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidFilter(f"Unparseable filter: regular expression: {error}.") from None


def _ranking(path: tuple[str, ...]) -> Callable[[object], float]:
    if path == ("severity",):
        return _severity_rank
    if path[-1] in _TIMES:
        return lambda value: read(str(value)).timestamp()
    return lambda value: float(str(value).removesuffix("s"))


def _ordered(
    compare: Callable[[float, float], bool],
    rank: Callable[[object], float],
    said: object,
    limit: float,
) -> bool:
    try:
        return compare(rank(said), limit)
    except ValueError:
        return False


def _severity_rank(value: object) -> float:
    try:
        return SEVERITIES[str(value).upper()]
    except KeyError as unknown:
        raise ValueError(unknown) from None


def _getter(path: tuple[str, ...]) -> Callable[[Entry], object]:
    """Return what finds the value of a field; None means that there is none."""
    # Fields may be written in the protocol's spelling as well as in JSON's.
    steps = tuple((step, _camel(step)) for step in path)
    otherwise = "DEFAULT" if path == ("severity",) else None

    def get(entry: Entry) -> object:
        value: object = entry
        for step, camel in steps:
            if not isinstance(value, dict):
                return None
            value = value.get(step, value.get(camel))
        return otherwise if value is None else value

    return get


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def _has(said: object, wanted: str) -> bool:
    if wanted == "*":
        return True
    return any(wanted in text.lower() for text in _texts(said))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    else:
        yield _text(value)
