from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from console.model.images import Run, RunState
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.progress_line import ProgressLine, progress_text
from console.reports import print_status, status_facts
from engine.schema import GenerationRequest, Phase, Readiness, StartupEvent

STARTING = ServiceSnapshot(
    state=ServiceState.STARTING, readiness=Readiness(False, Phase.WEIGHTS_READ, 40, "reading")
)
RUN = Run(1, GenerationRequest("x"), RunState.RUNNING, total=8)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": RunState.WAITING}, "starting the engine, 40 %: reading"),
        ({"position": 2}, "waiting, 2 before this"),
        ({}, "reading the prompt"),
        ({"tokens": 3, "step": 5}, "step 5 of 8"),
    ],
)
def test_progress_is_told_in_a_few_words(changes: dict[str, Any], said: str) -> None:
    assert progress_text(STARTING, [replace(RUN, **changes)]) == said


def test_progress_is_for_terminals_only() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    line.show(STARTING, [RUN])
    line.clear()
    assert stream.getvalue() == ""


def test_what_is_not_known_is_a_dash() -> None:
    facts = dict(status_facts(ServiceSnapshot()))
    assert (facts["model"], facts["ready after"]) == ("–", "–")
    assert facts["files"] == "bundled with the engine"
    assert "problem" not in facts


def test_names_that_look_like_markup_are_printed_as_they_are() -> None:
    stream = io.StringIO()
    snapshot = ServiceSnapshot(
        model=SafeText("[red]z[/blue]"),
        problem=SafeText("[/bad]"),
        timeline=(StartupEvent(Phase.WEIGHTS_READ, 1.0, "[link='a", 1_000_000, 0.5),),
    )
    print_status(snapshot, stream)
    for text in ("[red]z[/blue]", "[/bad]", "[link='a"):
        assert text in stream.getvalue()
