"""Asks the service until it is ready, through a cold start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.deploy.step import Subject
from console.session.deploy.work import StepFailed, Work
from console.session.engine_connection import connect
from console.session.service_caller import ROLE
from console.sources.base import (
    Denied,
    Malformed,
    Missing,
    Offline,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.terminal.sanitise import sanitise
from engine.schema import Readiness

if TYPE_CHECKING:
    from console.sources.engine_http import EngineClient

START_SECONDS: Final = 900.0
"""How long a start may take, with a model of 8 GB from a slow mount."""

SETTLE_SECONDS: Final = 60.0
"""How long it may take until an address that is new leads anywhere, or a role counts."""


async def ask_until_ready(work: Work) -> StepState:
    """Ask for `/readyz` until it is fine; raises `SourceError`, and `StepFailed` if it never is.

    A login that may not call the service cannot know: then the start-up probe's word has to do.
    """
    facts = await work.world.google.services.get(work.place)
    if not facts.url:
        raise StepFailed(
            sanitise(tr("{place} has no address, so nobody can ask it", place=work.place))
        )
    work.course.answers_at(facts.url)
    client = await connect(facts.url, await _token(work, facts.url))
    began = work.pace.clock()
    work.say(tr("asking it, which starts an instance if none is awake"))
    try:
        while True:
            waited = work.pace.clock() - began
            said = await _asked(client)
            if isinstance(said, Readiness):
                if said.ready:
                    return StepState.DONE
                _starting(work, said, waited)
            elif isinstance(said, Denied) and waited > _until_allowed(work):
                work.say(
                    tr(
                        "it lets in who has {role}, and this login has not; its probe passed",
                        role=ROLE,
                    )
                )
                return StepState.SKIPPED
            else:
                _unanswered(work, said, waited)
            await work.pace.look_again()
    finally:
        await client.aclose()


async def _asked(client: EngineClient) -> Readiness | SourceError:
    """Return what the engine says, or why nobody said anything that passes by itself."""
    try:
        return await client.readiness()
    except (Offline, Throttled, Malformed, Missing, Denied) as error:
        return error


def _starting(work: Work, said: Readiness, waited: float) -> None:
    words = sanitise(said.message or str(said.phase))
    if waited > START_SECONDS:
        raise StepFailed(sanitise(tr("it did not get ready: {why}", why=words)))
    work.say(words, said.percent / 100)


def _unanswered(work: Work, why: SourceError, waited: float) -> None:
    """Whoever comes while an instance starts waits, or is told to come again."""
    nowhere = isinstance(why, Missing)
    if waited > (SETTLE_SECONDS if nowhere else START_SECONDS):
        raise StepFailed(sanitise(tr("it did not get ready: {why}", why=why.message)))
    work.say(
        tr("waiting until its address leads to it") if nowhere else tr("waiting for an instance")
    )


def _until_allowed(work: Work) -> float:
    """Return how many seconds a refusal may be for want of knowing a role that was just given."""
    given = any(each.subject is Subject.ACCESS for each in work.plan.acting)
    return SETTLE_SECONDS if given else 0.0


async def _token(work: Work, url: str) -> str:
    """Return what shows who asks; whoever cannot show it asks all the same."""
    try:
        return await work.world.google.identity.token(url) or ""
    except Unauthenticated:
        return ""
