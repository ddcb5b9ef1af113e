"""What lines told of one instance, as far as it may have to do with its starts.

Lines come late, twice and in any order; the same lines make the same evidence. It is bounded, so
that an instance that serves for days takes no more room than one that just started.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.model.log.lines import LogRecord, Origin
from console.model.log.request import answer_seconds, request_facts
from console.model.starts.engine_words import EngineWord, engine_word
from console.model.starts.first_of import FirstOf
from console.model.starts.platform_words import PlatformWord, platform_word
from console.model.starts.start import WaitingRequest
from console.model.text import SafeText

MOST_WORDS: Final = 256
MOST_REQUESTS: Final = 16
"""So many of the earliest requests and of the longest: those that waited are among them."""

MOST_TRACES: Final = 16

_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the platform said, and when."""

    time: datetime
    word: PlatformWord
    says: SafeText


class Evidence:
    """What is known of one instance; `heard` is the time of its latest line that told something."""

    __slots__ = ("_earliest", "_longest", "_marks", "_revision", "_traces", "_words", "heard")

    def __init__(self, heard: datetime) -> None:
        self.heard = heard
        self._revision = SafeText("")
        self._marks = FirstOf[Mark](MOST_WORDS, _mark_key)
        self._words = FirstOf[EngineWord](MOST_WORDS, _word_key)
        self._earliest = FirstOf[WaitingRequest](MOST_REQUESTS, request_key)
        self._longest = FirstOf[WaitingRequest](MOST_REQUESTS, _by_length)
        self._traces = FirstOf[tuple[datetime, SafeText]](MOST_TRACES, lambda each: each)

    def note(self, record: LogRecord) -> bool:
        """Take in a line of the instance; whether it told anything new."""
        told = self._take(record)
        if told:
            self.heard = max(self.heard, record.time)
            self._revision = max(self._revision, record.provenance.revision)
        return told

    def note_trace(self, record: LogRecord) -> bool:
        """Take in that a line of its own belongs to a request; whether that was new."""
        provenance = record.provenance
        if not provenance.trace or provenance.origin is not Origin.APPLICATION:
            return False
        return self._traces.offer((record.time, record.provenance.trace))

    @property
    def revision(self) -> SafeText:
        """The revision of the instance."""
        return self._revision

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What the platform said, oldest first."""
        return tuple(self._marks)

    @property
    def words(self) -> tuple[EngineWord, ...]:
        """What the engine said of its starts."""
        return tuple(self._words)

    @property
    def requests(self) -> tuple[WaitingRequest, ...]:
        """The requests that it answered and that may have waited for a start, oldest first."""
        each = {request_key(one): one for one in (*self._earliest, *self._longest)}
        return tuple(each[key] for key in sorted(each))

    @property
    def traces(self) -> frozenset[SafeText]:
        """The traces of the first requests of which its own lines tell."""
        return frozenset(trace for _, trace in self._traces)

    def _take(self, record: LogRecord) -> bool:
        match record.provenance.origin:
            case Origin.PLATFORM:
                word = platform_word(record.message)
                return word is not None and self._marks.offer(
                    Mark(record.time, word, record.message)
                )
            case Origin.APPLICATION:
                said = engine_word(record)
                return said is not None and self._words.offer(said)
            case Origin.REQUEST:
                request = waiting_request(record)
                earliest, longest = self._earliest.offer(request), self._longest.offer(request)
                return earliest or longest
        return False


def waiting_request(record: LogRecord) -> WaitingRequest:
    """Return the request that a line of requests tells of; its time is when it arrived."""
    facts = request_facts(record)
    return WaitingRequest(
        record.time,
        answer_seconds(record),
        None if facts is None else facts.status,
        SafeText((facts.path if facts else None) or ""),
        record.provenance.trace,
    )


def request_key(request: WaitingRequest) -> tuple[object, ...]:
    """Return what tells a request from others, in the order of arrival."""
    took = -1.0 if request.latency is None else request.latency
    return (request.arrived, took, request.status or 0, request.trace, request.path)


def _by_length(request: WaitingRequest) -> tuple[object, ...]:
    return (-(request.latency or 0.0), *request_key(request))


def _mark_key(mark: Mark) -> tuple[object, ...]:
    return (mark.time, mark.word.kind, mark.says)


def _word_key(word: EngineWord) -> tuple[object, ...]:
    event = word.event
    when = (word.time, event.at, event.phase, event.file, word.received or _NEVER)
    return (*when, event.bytes, event.seconds, event.message, word.kept_as)
