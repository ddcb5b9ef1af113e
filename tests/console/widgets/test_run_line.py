from __future__ import annotations

from dataclasses import replace

import pytest
from console_scenes import made

from console.model.images import Run, RunState, Target
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.widgets.run_line import picture_caption, run_line
from engine.schema import GenerationRequest, Phase, Readiness, StartupEvent

RUN = Run(1, GenerationRequest("a cat"), total=8)
READY = ServiceSnapshot(state=ServiceState.READY)
LOADING = ServiceSnapshot(
    state=ServiceState.STARTING,
    readiness=Readiness(False, Phase.WEIGHTS_READ, 62, "reading z_image.gguf"),
)


def line(run: Run | None, service: ServiceSnapshot = READY, width: int = 80) -> str:
    return run_line(run, service, width).plain


def test_nothing_without_a_run() -> None:
    assert line(None) == ""


def test_a_prompt_typed_while_the_engine_loads_waits_and_says_for_what() -> None:
    assert line(RUN, LOADING) == "◔ waiting for the engine (62 %: reading z_image.gguf)"


def test_what_the_log_said_last_is_not_what_is_being_done() -> None:
    said = "port 8000 is open after 0.2 s"
    service = replace(
        LOADING,
        readiness=Readiness(False, Phase.PORT_OPEN, 3, said),
        timeline=(StartupEvent(Phase.PORT_OPEN, 0.2, message=said),),
    )
    assert line(RUN, service) == "◔ waiting for the engine (3 %: importing torch)"


@pytest.mark.parametrize("state", [ServiceState.FAILED, ServiceState.UNREACHABLE])
def test_a_prompt_is_kept_when_the_engine_is_gone(state: ServiceState) -> None:
    assert line(RUN, ServiceSnapshot(state=state)) == "◔ kept: it runs once the engine is ready"


def test_a_queue_has_an_order() -> None:
    assert line(replace(RUN, position=2)) == "◔ waiting for its turn, 2 before it"


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (replace(RUN, state=RunState.RUNNING), "◔ reading the prompt"),
        (replace(RUN, state=RunState.RUNNING, tokens=9), "◔ prompt of 9 tokens read"),
        (
            replace(RUN, state=RunState.RUNNING, step=2),
            "◔ step 2 of 8 ██████                   25 %",
        ),
        (
            replace(RUN, state=RunState.RUNNING, step=8),
            "◔ drawing the pixels ████████████████████████ 100 %",
        ),
        (
            replace(RUN, state=RunState.DONE, result=made()),
            "✓ 1.92 s · 128x128 · 8 steps · seed 42 · saved as a-red-circle-42.png",
        ),
        (
            replace(RUN, state=RunState.FAILED, problem=SafeText("out of memory; go smaller")),
            "✗ out of memory; go smaller",
        ),
        (replace(RUN, state=RunState.CANCELLED, step=3), "– cancelled at step 3 of 8"),
        (replace(RUN, state=RunState.CANCELLED), "– cancelled"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_run_says_where_it_stands(run: Run, said: str) -> None:
    assert line(run) == said


def test_it_never_takes_more_than_its_row() -> None:
    failed = replace(RUN, state=RunState.FAILED, problem=SafeText("很长" * 100))
    assert run_line(failed, READY, 40).cell_length <= 40


AT_ZERO = ServiceSnapshot(state=ServiceState.AT_ZERO)
SENT = replace(RUN, state=RunState.RUNNING, target=Target.DEPLOYED)


def test_a_service_at_zero_is_announced_with_what_its_start_may_take() -> None:
    unknown = line(None, AT_ZERO)
    assert unknown == "◎ at zero: this starts an instance; how long is not known yet"
    known = line(None, replace(AT_ZERO, starts=(5.0, 7.0)))
    assert known == "◎ at zero: this starts an instance; about 6 s, from 2 starts"


@pytest.mark.parametrize(
    ("service", "waited", "said"),
    [
        (AT_ZERO, None, "◔ waiting for an instance to start"),
        (AT_ZERO, 3.2, "◔ waiting for an instance to start, 3 s"),
        (
            replace(AT_ZERO, starts=(6.1,)),
            3.2,
            "◔ waiting for an instance to start, 3 s of about 6 s",
        ),
        (
            replace(LOADING, starts=(6.1,)),
            4.0,
            "◔ waiting for the engine, 4 s of about 6 s (62 %: reading z_image.gguf)",
        ),
        (READY, 9.0, "◔ reading the prompt"),
    ],
)
def test_a_start_is_waited_for_with_what_is_known_of_it(
    service: ServiceSnapshot, waited: float | None, said: str
) -> None:
    assert run_line(SENT, service, 80, waited).plain == said


def test_a_prompt_for_a_service_that_is_still_looked_for_is_kept() -> None:
    looking = ServiceSnapshot(state=ServiceState.CONNECTING)
    assert line(RUN, looking) == "◔ kept: it is sent once the service is found"


def test_of_a_service_the_time_is_told_that_somebody_waited() -> None:
    picture = replace(made(), took=6.31, target=Target.DEPLOYED, maker="sandbox")
    assert picture_caption(picture).plain.startswith("6.31 s (engine 1.92 s) · 128x128")
