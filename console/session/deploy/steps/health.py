"""Asks the service until it is ready, through a cold start."""

from __future__ import annotations

from typing import Final

from console.model.deploy.progress import StepState
from console.session.deploy.work import StepFailed, Work
from console.session.engine_connection import connect
from console.session.service_caller import PERMISSION, ROLE
from console.sources.base import Denied, Malformed, Offline, Throttled, Unauthenticated
from console.terminal.sanitise import sanitise
from engine.schema import Readiness

START_SECONDS: Final = 900.0
"""How long a start may take, with a model of 8 GB from a slow mount."""


async def ask_until_ready(work: Work) -> StepState:
    """Ask for `/readyz` until it is fine; raises `SourceError`, and `StepFailed` if it never is."""
    facts = await work.world.google.services.get(work.place)
    if not facts.url:
        raise StepFailed(sanitise(f"{work.place} has no address, so nobody can ask it"))
    work.course.answers_at(facts.url)
    token = await _token(work, facts.url)
    client = await connect(facts.url, token)
    until = work.pace.clock() + START_SECONDS
    work.say("asking it, which starts an instance if none is awake")
    try:
        while True:
            try:
                readiness = await client.readiness()
            except (Offline, Throttled, Malformed) as error:
                # Whoever comes while an instance starts waits, or is told to come again.
                if work.pace.clock() > until:
                    raise StepFailed(sanitise(f"it did not get ready: {error.message}")) from None
                work.say("waiting for an instance")
            except Denied as denied:
                raise _refused(denied) from None
            else:
                if readiness.ready:
                    return StepState.DONE
                _go_on_waiting(work, readiness, until)
            await work.pace.look_again()
    finally:
        await client.aclose()


def _go_on_waiting(work: Work, readiness: Readiness, until: float) -> None:
    if work.pace.clock() > until:
        raise StepFailed(sanitise(f"it did not get ready: {readiness.message}"))
    work.say(
        readiness.message or "starting", readiness.percent / 100 if readiness.percent else None
    )


async def _token(work: Work, url: str) -> str:
    """Return what shows who asks; whoever cannot show it asks all the same."""
    try:
        return await work.world.google.identity.token(url) or ""
    except Unauthenticated:
        return ""


def _refused(denied: Denied) -> Denied:
    return Denied(
        sanitise(
            f"the service runs, but lets this login not call it ({denied.message}); have {ROLE} "
            "granted on it, such as by --caller"
        ),
        PERMISSION,
        ROLE,
    )
