"""Measuring a cold start on purpose: what it would take, and what was seen from both sides."""

from __future__ import annotations

from dataclasses import dataclass

from console.language import tr
from console.model.cost.money import Amount
from console.model.cost.snapshot import CostSnapshot
from console.model.expectation import expected_start
from console.model.service import ServiceSnapshot, ServiceState
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.start import ColdStart, WaitingRequest


@dataclass(frozen=True, slots=True)
class MeasurePlan:
    """What measuring would do, said before it is done.

    `price` is what it is expected to cost, None where nothing is billed; `price_words` the same for
    a person. `expected_seconds` is the median of the starts that are known. `at_zero` says whether
    the service is at zero now, None if nobody knows. `refused` is why it cannot be measured.
    """

    says: str
    price: Amount | None
    price_words: str
    expected_seconds: float | None = None
    at_zero: bool | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A start seen from both sides.

    `outside` is the seconds from sending the request to the last byte of its answer. `start` is
    what the log told of it, None if it told nothing in time. `says` explains the difference.
    """

    outside: float
    start: ColdStart | None
    says: tuple[str, ...]


def cloud_plan(service: ServiceSnapshot, cost: CostSnapshot) -> MeasurePlan:
    """Return what measuring a service on Google Cloud would do."""
    expected = expected_start(service.starts)
    pictures = None if cost.report is None else cost.report.pictures
    price = None if pictures is None else pictures.cold
    if price is None:
        words = tr("what it costs is not known yet")
    else:
        words = tr("{price}, an estimate", price=price.about())
    if cost.report is not None and cost.report.hypothetical:
        words = tr("nothing here; in {region} {words}", region=cost.report.region, words=words)
    says = tr("waits until no instance is awake, then asks for one small picture")
    seconds = None if expected is None else expected.seconds
    at_zero = None if service.instances is None else service.state is ServiceState.AT_ZERO
    return MeasurePlan(says, price, words, seconds, at_zero, refused(service))


def local_plan(service: ServiceSnapshot, starts: StartsSnapshot) -> MeasurePlan:
    """Return what measuring an engine on this machine would do."""
    expected = expected_start([each.total for each in starts.timings if each.total is not None])
    return MeasurePlan(
        tr("ends the engine, starts it again and asks for one small picture"),
        None,
        tr("nothing: it is this machine"),
        None if expected is None else expected.seconds,
        False,
    )


def refused(service: ServiceSnapshot) -> str | None:
    """Say why no cold start of a service can be measured; None when one can."""
    facts = service.facts
    if facts is None:
        return tr("nothing is known of the service yet; wait until it answers")
    if service.log_problem is not None:
        return tr(
            "its log cannot be read, so that nobody knows who is awake: {why}",
            why=service.log_problem,
        )
    if facts.manual_instances is not None:
        return tr(
            "it does not scale by itself (manual scaling), so that no request starts an instance"
        )
    if facts.min_instances:
        return tr(
            "it keeps {count} awake (minimum instances), so that nobody waits for a start; set "
            "the minimum to 0 to measure one",
            count=facts.min_instances,
        )
    if service.state in (ServiceState.FAILED, ServiceState.MISSING, ServiceState.DENIED):
        return service.problem or tr("the service is {state}", state=service.state.word)
    return None


def request_of(start: ColdStart, trace: str) -> WaitingRequest | None:
    """Return the request with this trace that waited for a start."""
    return next((each for each in start.requests if each.trace.endswith(trace)), None)


def explained(outside: float, start: ColdStart | None, trace: str) -> tuple[str, ...]:
    """Return in words where a request spent its time, as seen from outside and from inside."""
    total = tr(
        "{seconds:.1f} s from sending the request to the last byte of the picture", seconds=outside
    )
    if start is None:
        return total, tr("the log did not tell of its start in time; look at the list again later")
    request = request_of(start, trace)
    if request is None or request.latency is None:
        return total, tr("instance {name} was started for it", name=start.instance[-6:])
    way = outside - request.latency
    lines = [
        total,
        tr(
            "{seconds:.1f} s of them by Cloud Run's clock, from arrival to answer",
            seconds=request.latency,
        ),
    ]
    if abs(way) >= 0.05:
        lines.append(
            tr(
                "{seconds:.1f} s on the way there and back: name look-up, connection, encryption, "
                "and the picture's bytes",
                seconds=way,
            )
        )
    return tuple(lines)


def explained_here(outside: float, start: ColdStart | None) -> tuple[str, ...]:
    """Return the same for an engine on this machine, which nothing lies in between."""
    total = tr(
        "{seconds:.1f} s from ending the old engine to the last byte of the picture",
        seconds=outside,
    )
    ended = None if start is None else start.total
    if ended is None:
        return (total,)
    around = outside - ended
    return (
        total,
        tr("{seconds:.1f} s of them are the start itself", seconds=ended),
        tr(
            "{seconds:.1f} s to end the old engine, to notice that the new one is ready, and for "
            "the picture",
            seconds=around,
        ),
    )
