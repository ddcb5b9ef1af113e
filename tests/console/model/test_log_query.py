from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.log.lines import LogQuery, LogRecord, Origin, Provenance, Severity
from console.model.log.query import EVERYTHING, EXAMPLES, Query, brief, marked_by, phrase
from console.model.log.terms import InvalidQuery, Op, Term
from console.model.text import SafeText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INSTANCE = SafeText("00f46b92859a7e3c4d5f6071")
TRACE = SafeText("projects/acme/traces/6c1e")

words = st.text('ab "\\=-~>é', min_size=1, max_size=5)
terms = st.one_of(
    st.builds(Term, words, negated=st.booleans()),
    st.builds(Term, st.from_regex(r"[ab]\*?", fullmatch=True), st.just(""), st.just(Op.MATCHES)),
    st.builds(
        Term, words, st.sampled_from(["a", "a.b", "x-y"]), st.sampled_from(["=", "!="]).map(Op)
    ),
    st.builds(
        Term, st.sampled_from([s.name for s in Severity]), st.just("severity"), st.just(Op.AT_LEAST)
    ),
)


def line(text: str = "", second: int = 0, **fields: object) -> LogRecord:
    origin = fields.pop("origin", Origin.APPLICATION)
    where = Provenance(origin=Origin(str(origin)), instance=INSTANCE, trace=TRACE)
    severity = Severity[str(fields.pop("severity", "INFO"))]
    moment = NOON + timedelta(seconds=second)
    return LogRecord(moment, severity, SafeText(text), "said", fields, where)


def means(query: str, record: LogRecord, now: datetime = NOON) -> bool:
    shown = Query.parse(query).compiled(now)
    return shown is None or shown(record)


def naively(term: Term, record: LogRecord) -> bool:
    """Decide on the few kinds of term made above in the plainest way."""
    if term.key == "severity":
        return record.severity >= Severity[term.value]
    if term.key:
        value = {"a": record.fields.get("a"), "x-y": record.fields.get("x-y")}.get(term.key)
        if term.key == "a.b" and isinstance(inner := record.fields.get("a"), dict):
            value = inner.get("b")
        same = value is not None and str(value).casefold() == term.value.casefold()
        return same == (term.op is Op.EQUAL)
    if term.op is Op.MATCHES:
        return re.search(term.value, record.message) is not None
    return (term.value.casefold() in record.message.casefold()) != term.negated


@given(
    asked=st.lists(terms, max_size=4),
    message=st.text("abé ", max_size=6),
    severity=st.sampled_from(Severity),
    fields=st.dictionaries(
        st.sampled_from(["a", "x-y"]),
        st.one_of(words, st.fixed_dictionaries({"b": words})),
        max_size=2,
    ),
)
def test_it_means_what_looking_at_each_term_means(
    asked: list[Term], message: str, severity: Severity, fields: dict[str, object]
) -> None:
    record = LogRecord(NOON, severity, SafeText(message), "", fields)
    shown = Query(tuple(asked)).compiled(NOON)
    expected = all(naively(term, record) for term in asked)
    assert (shown is None or shown(record)) == expected


@given(asked=st.lists(terms, max_size=4))
def test_what_is_written_reads_back_the_same(asked: list[Term]) -> None:
    query = Query(tuple(asked))
    assert Query.parse(str(query)) == query


@given(text=st.text('ab="~>< -\\.*+(', max_size=12) | st.text(max_size=12))
def test_any_text_is_a_query_or_is_refused_in_one_line(text: str) -> None:
    try:
        query = Query.parse(text)
    except InvalidQuery:
        return
    assert Query.parse(str(query)) == query
    means(str(query), line("some text"))


@pytest.mark.parametrize(
    ("query", "record"),
    [
        ("memory", line("CUDA out of MEMORY")),
        ('"of memory" cuda', line("CUDA out of memory")),
        ("-vae", line("CUDA out of memory")),
        (r"~out\s+of", line("CUDA OUT of memory")),
        ("severity=ERROR", line(severity="ERROR")),
        ("severity>=warning", line(severity="ERROR")),
        ("origin=platform", line(origin="platform")),
        (f"instance={INSTANCE}", line()),
        (f"instance={INSTANCE[-4:]}", line()),
        ("trace=6c1e", line()),
        ("event=said", line()),
        ("status>=500", line(httpRequest={"status": 503})),
        ("method=get size<2e3", line(httpRequest={"requestMethod": "GET", "responseSize": 1_000})),
        ("latency>250ms", line(httpRequest={"latency": 0.3})),
        ("httpRequest.status=503", line(httpRequest={"status": 503})),
        ("seconds>1.5", line(seconds="2")),
        ("retried=true", line(retried=True)),
        ("a.b=1", line(**{"a.b": 1.0})),
        ("gone!=1", line()),
        ("gone=", line()),
        ("from=11:59 to=12:01", line()),
        ("from=2026-11-23T12:00:00Z", line()),
        ("since=5m", line(second=-299)),
        ("10=1", line("step 10=1 of 8")),
        ('=" =', line('a =" = b')),
        ("http://here?a=1", line("see http://here?a=1")),
    ],
)
def test_a_query_means_this_line(query: str, record: LogRecord) -> None:
    assert means(query, record)


@pytest.mark.parametrize(
    ("query", "record"),
    [
        ("memory vae", line("CUDA out of memory")),
        ("-memory", line("CUDA out of memory")),
        ("severity>=ERROR", line(severity="WARNING")),
        ("origin=request", line()),
        (f"revision={INSTANCE[-4:]}", line()),
        ("status>=500", line(status="none")),
        ("status>=500", line()),
        ("retried>0", line(retried=True)),
        ("since=5m", line(second=-301)),
        ("to=12:00", line()),
        ("seconds!=2", line(seconds=2)),
    ],
)
def test_a_query_does_not_mean_that_line(query: str, record: LogRecord) -> None:
    assert not means(query, record)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("~(", "~( is no regular expression: missing ), unterminated subpattern at position 0"),
        ("~" + "a" * 301, "the expression has 301 characters; 300 are allowed"),
        ("~a{99999999999}", "is no regular expression"),
        ('"out of', 'a quote is not closed: "out of'),
        ('"a"b', 'a blank is missing between terms: "a"b'),
        ("severity>=LOUD", "severity 'LOUD' is not known; write DEBUG, INFO, WARNING or ERROR"),
        ("origin=moon", "origin 'moon' is not known; write application, platform, request"),
        ("since=soon", "since=soon is no span of time; write since=30s, 5m, 2h or 7d"),
        ("from=noon", "from=noon is no time; write from=14:00 or 2000-01-01T14:00"),
        ("since>1h", "since>1h is not known; write since=…"),
        ("a>b", "'b' is no number; to look for the text write \"a>b\""),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(query: str, said: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        Query.parse(query)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_time_of_day_is_one_of_the_zone_that_is_looked_at() -> None:
    there = timezone(timedelta(hours=8))
    assert means("from=19:59 to=20:01", line(), NOON.astimezone(there))


@pytest.mark.parametrize(("query", "meaning"), EXAMPLES)
def test_every_example_can_be_read(query: str, meaning: str) -> None:
    assert len(Query.parse(query).terms) == 1
    assert meaning


def test_an_empty_query_means_everything() -> None:
    assert Query.parse("  ") == EVERYTHING
    assert EVERYTHING.compiled(NOON) is None


def test_a_term_replaces_the_one_about_the_same_and_becomes_the_last() -> None:
    query = Query.parse("severity>=INFO memory").having("severity", Op.AT_LEAST, "ERROR")
    assert str(query) == "memory severity>=ERROR"
    assert str(query.shorter()) == "memory"
    assert query.shorter().of("severity") is None


def test_a_search_is_a_phrase_or_an_expression() -> None:
    assert phrase("out of").terms == (Term("out of"),)
    assert phrase("~o+ f").terms == (Term("o+ f", op=Op.MATCHES),)
    assert phrase("") == EVERYTHING


def test_what_was_asked_for_is_marked_and_what_was_excluded_is_not() -> None:
    marks = marked_by(Query.parse("mem ~o.t -vae severity>=INFO"))
    assert [mark.findall("out of MEMory vae") for mark in marks] == [["MEM"], ["out"]]


def test_a_source_is_asked_for_as_much_as_it_can_look_for() -> None:
    query = Query.parse(
        f"severity>=ERROR memory of trace={TRACE} instance={INSTANCE} "
        "revision=zimage-00042-vek origin=platform to=12:30 status>1"
    )
    assert query.for_source(NOON) == LogQuery(
        severity=Severity.ERROR,
        text="memory",
        revision="zimage-00042-vek",
        instance=INSTANCE,
        trace=TRACE,
        origin=Origin.PLATFORM,
        until=NOON + timedelta(minutes=30),
    )


@pytest.mark.parametrize(
    "query", ["-memory", "~memory", "instance=6071", "-severity=ERROR", "origin=application", "503"]
)
def test_a_source_is_not_asked_for_what_it_would_leave_too_much_out_of(query: str) -> None:
    assert Query.parse(query).for_source(NOON) == LogQuery()


def test_the_latest_of_all_beginnings_counts() -> None:
    assert Query.parse("since=1h from=11:30").since(NOON) == NOON - timedelta(minutes=30)
    assert Query.parse("memory").since(NOON) is None


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("severity>=ERROR", "≥ERROR"),
        (f"instance={INSTANCE}", "instance …6071"),
        (f"trace={TRACE}", "request …6c1e"),
        ("since=1h", "since 1h"),
        ('-"out of"', '-"out of"'),
    ],
)
def test_a_term_is_said_in_few_characters(query: str, said: str) -> None:
    assert brief(Query.parse(query).terms[0]) == said
