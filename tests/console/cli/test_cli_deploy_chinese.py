"""The verbs that deploy in Chinese: what they print in full, their help, and what stays."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from deploy_screen_scenes import REVISIONS
from in_languages import in_chinese
from rich.cells import cell_len

from console.cli import main
from console.language import CHINESE, ENGLISH, use
from console.model.deploy.choices import Choices
from console.model.deploy.destroying import plan_destroy
from console.model.deploy.document import plan_document
from console.model.deploy.moving import plan_rollback, plan_scale, plan_traffic
from console.model.deploy.observed import Observed
from console.model.deploy.planning import plan_deployment
from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.step import Confirmation, Plan
from console.model.deploy.wish import Variant
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText
from console.sources.prices import packaged_prices
from console.verbs.apply_lines import Teller, failure_lines
from console.verbs.confirming import unconfirmed
from console.verbs.plan_lines import SHORT, Telling, end_lines, plan_lines
from console.verbs.status_line import StatusLine

PLACE = ServiceName("acme", "us-central1", "z-image")
SEEN = Observed(service=REVISIONS)
TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
Matches = Callable[[str, str], None]


def deployment(variant: Variant = Variant.GPU) -> Plan:
    wish = Choices(variant=variant).wish(PLACE)
    return plan_deployment(wish, Observed(), packaged_prices(), TODAY)


def destruction() -> Plan:
    wish = Choices().wish(PLACE)
    return plan_destroy(wish, SEEN, packaged_prices(), with_bucket=True)


PLANS: dict[str, Callable[[], Plan]] = {
    "deploy": deployment,
    "scale": lambda: plan_scale(PLACE, SEEN, 0, packaged_prices()),
    "rollback": lambda: plan_rollback(PLACE, SEEN),
    "traffic": lambda: plan_traffic(
        PLACE,
        SEEN,
        (TrafficShare(90, REVISIONS.revisions[1].name), TrafficShare(10)),
    ),
    "destroy": destruction,
}


def printed(plan: Plan, telling: Telling = SHORT, width: int = 80) -> str:
    lines = (*plan_lines(plan, width, telling), "", *end_lines(plan, "--apply", telling, width))
    return "".join(f"{each}\n" for each in lines)


@in_chinese
@pytest.mark.parametrize("verb", PLANS)
def test_a_plan_is_printed_in_chinese(language: str, verb: str, matches_golden: Matches) -> None:
    matches_golden(f"verb-{verb}-plan", printed(PLANS[verb]()))


@in_chinese
def test_every_reason_and_command_is_printed_in_chinese(
    language: str, matches_golden: Matches
) -> None:
    matches_golden(
        "verb-deploy-explained", printed(deployment(), Telling(commands=True, explain=True))
    )


@in_chinese
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_plan_fits_the_terminal_in_cells(language: str, width: int) -> None:
    for line in plan_lines(deployment(), width, Telling(explain=True)):
        assert cell_len(line) <= width or len(line.split()) == 1, line


@in_chinese
def test_how_a_plan_is_carried_out_is_printed_in_chinese(
    language: str, matches_golden: Matches
) -> None:
    plan = deployment(Variant.CPU)
    plan = replace(plan, steps=plan.steps[2:6])
    began, ended = NOW, NOW + timedelta(seconds=71)
    done = StepProgress(state=StepState.DONE, began=began, ended=ended)
    failed = StepProgress(state=StepState.FAILED, began=began, ended=began + timedelta(seconds=2))
    skipped = StepProgress(state=StepState.SKIPPED)
    application = Application(
        plan=plan,
        steps=(done, skipped, failed, StepProgress()),
        failure=Failure(step=2, reason=SafeText("PERMISSION_DENIED"), mend=SafeText("gcloud …")),
    )
    stream = io.StringIO()
    Teller(stream, StatusLine(io.StringIO(), live=False, seldom=None), lambda: NOW)(application)
    matches_golden(
        "verb-deploy-applied", stream.getvalue() + "\n".join(failure_lines(application)) + "\n"
    )


@in_chinese
@pytest.mark.parametrize(
    ("confirmation", "word"), [(Confirmation.NAME, "z-image"), (Confirmation.PUBLIC, "public")]
)
def test_what_has_to_be_typed_is_the_same_in_chinese(
    language: str, confirmation: Confirmation, word: str
) -> None:
    plan = replace(deployment(), confirmation=confirmation)
    asked: list[str] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def answer(question: str) -> str:
        asked.append(question)
        return f"{word}\n"

    assert unconfirmed(plan, "", Terminal(), answer) is None
    assert re.search(rf"输入 {word} ", asked[0])
    assert f"--confirm {word}" in str(unconfirmed(plan, "", io.StringIO(), answer))


def test_the_document_of_a_plan_names_its_steps_in_any_language() -> None:
    keys = []
    for language in (ENGLISH, CHINESE):
        use(language)
        document = plan_document(destruction())
        steps = document["steps"]
        assert isinstance(steps, list)
        kept = [
            {name: each[name] for name in ("subject", "effect", "target", "commands", "undo")}
            for each in steps
        ]
        keys.append((document["confirmation"], kept))
    assert keys[0] == keys[1]


@in_chinese
@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("verb", PLANS)
def test_the_help_is_in_chinese(
    language: str, verb: str, matches_golden: Matches, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--lang", language, verb, "--help"])
    assert not left.value.code
    matches_golden(f"verb-{verb}-help", capsys.readouterr().out)


@pytest.mark.usefixtures("at_home")
def test_json_is_the_same_in_every_language(capsys: pytest.CaptureFixture[str]) -> None:
    documents = []
    for language in (ENGLISH, CHINESE):
        assert main(["--lang", language, "deploy", "--gpu", "--plan", "--json"]) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1]
