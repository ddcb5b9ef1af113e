"""How well each part of what is known is known, by the name under which a person knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from console.language import tr_later
from console.model.freshness import Freshness, Standing
from console.model.images import RunState
from console.model.text import SafeText
from console.store import Store, Topic

_WELL: Final = Freshness(Standing.FRESH)
Parts = Mapping[str, Freshness]


def troubled_parts(store: Store, topics: Iterable[Topic]) -> Parts:
    """Return how well the parts that `topics` are about are known; names are templates."""
    found: dict[str, Freshness] = {}
    for topic in topics:
        if (parts := _PARTS.get(topic)) is not None:
            found |= parts(store)
    return found


def _service(store: Store) -> Parts:
    service, fresh = store.service, store.service.fresh
    whole = fresh.service if fresh.service.troubled else _problem(service.problem)
    return {
        tr_later("Service"): whole,
        tr_later("Access"): fresh.access,
        tr_later("Metrics"): fresh.metrics,
        tr_later("Log"): fresh.log if fresh.log.troubled else _problem(service.log_problem),
        tr_later("Weights"): fresh.weights,
    }


def _beside(store: Store) -> Parts:
    beside = store.beside
    return {tr_later("Engine beside"): _WELL if beside is None else _problem(beside.problem)}


def _starts(store: Store) -> Parts:
    return {tr_later("Cold starts"): store.starts.fresh}


def _cost(store: Store) -> Parts:
    return {tr_later("Cost"): store.cost.fresh}


def _models(store: Store) -> Parts:
    known = store.models
    return {
        tr_later("Files here"): known.here_fresh,
        tr_later("Bucket"): known.there_fresh,
        tr_later("Files on their way"): _problem(None if known.job is None else known.job.problem),
    }


def _deploy(store: Store) -> Parts:
    known = store.deploy
    failure = None if known.application is None else known.application.failure
    return {
        tr_later("Plan"): _problem(known.problem),
        tr_later("Deployment"): _problem(None if failure is None else failure.reason),
    }


def _runs(store: Store) -> Parts:
    last = store.runs[-1] if store.runs else None
    failed = last is not None and last.state is RunState.FAILED
    return {tr_later("Picture"): _problem(last.problem if failed and last is not None else None)}


_PARTS: Final[Mapping[Topic, Callable[[Store], Parts]]] = {
    Topic.SERVICE: _service,
    Topic.BESIDE: _beside,
    Topic.STARTS: _starts,
    Topic.COST: _cost,
    Topic.MODELS: _models,
    Topic.DEPLOY: _deploy,
    Topic.RUNS: _runs,
}


def _problem(said: SafeText | None) -> Freshness:
    return _WELL if said is None else Freshness(Standing.ERROR, problem=said)
