"""The verbs that deploy: what they refuse before anything is asked, and what a plan looks like."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.model.deploy.choices import Choices
from console.model.deploy.observed import Observed, SourceSeen
from console.model.deploy.planning import plan_deployment
from console.model.deploy.progress import Application, Failure, StepProgress, StepState
from console.model.deploy.step import Change, Confirmation, Effect, Plan, Step, Subject
from console.model.deploy.wish import ImageWay, Variant
from console.model.service import ServiceName
from console.model.text import SafeText
from console.sources.prices import packaged_prices
from console.verbs.apply_lines import Teller, failure_lines
from console.verbs.confirming import unconfirmed
from console.verbs.plan_lines import Telling, end_lines, plan_lines
from console.verbs.status_line import StatusLine

PLACE = ServiceName("acme", "us-central1", "z-image")
EXPLAINED = Telling(explain=True)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line as somebody without any login, far from Google."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("PATH", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize("shape", ["--cpu", "--gpu"])
def test_a_plan_needs_no_login_and_no_project(run: Run, shape: str) -> None:
    code, output, errors = run("deploy", shape, "--plan", "--json")
    assert code == 0, errors
    assert "no project is known, my-project stands for it" in errors
    document: Any = json.loads(output)
    assert document["schema_version"] == 1
    template = document["service"]["template"]
    limits = template["containers"][0]["resources"]["limits"]
    assert ("nvidia.com/gpu" in limits) == (shape == "--gpu")
    assert "delete" not in {each["effect"] for each in document["steps"]}
    assert all(each["assumed"] for each in document["steps"] if each["effect"] == "create")
    assert document["blocked"], "without a login it cannot be carried out"


def test_a_plan_without_a_login_is_not_carried_out(run: Run) -> None:
    code, output, errors = run("deploy", "--cpu", "--project", "acme-1", "--apply")
    assert (code, output) == (1, "")
    assert "gcloud auth application-default login" in errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["deploy", "--cpu", "--apply"], "no project is known: name one by --project ID"),
        (["deploy", "--project", "A B"], "cannot be a project"),
        (["deploy", "--cpu", "--gpu"], "not allowed with argument"),
        (["deploy", "--cpu", "--gpu-type", "l4"], "contradict each other"),
        (["deploy", "--image", "x", "--build", "cloud"], "--image is a finished one"),
        (["deploy", "--image", "evil\x1b[31m\nname"], "names no image: write HOST/NAME:TAG"),
        (["deploy", "--image", "x", "--build-disk", "50"], "--image is a finished one"),
        (["deploy", "--build", "docker", "--build-disk", "50"], "no machine of Cloud Build"),
        (["deploy", "--build-timeout", "5"], "no number from 60 to 86400"),
        (["deploy", "--env", "PORT=1"], "PORT is set by Cloud Run itself"),
        (["deploy", "--caller", "allUsers"], "everybody may call is what --public says"),
        (["deploy", "--memory", "lots"], "no memory in GiB"),
        (["deploy", "--max-instances", "-1"], "no number from 0 to 3600"),
        (["deploy", "--source", "/nowhere/at/all", "--env", "broken"], "NAME=VALUE"),
        (["deploy", "--as-in-guide", "--memory", "8Gi"], "guide has: leave out --memory"),
        (["scale", "many", "--project", "acme-1"], "no number of instances"),
        (["scale", "0"], "no service is named"),
        (["rollback", "Not A Revision", "--project", "acme-1"], "names no revision"),
        (["traffic", "LATEST", "--project", "acme-1"], "is no share"),
        (["destroy"], "no service is named"),
    ],
    ids=lambda each: " ".join(each)[:40] if isinstance(each, list) else "",
)
def test_what_makes_no_sense_is_refused_in_one_line(
    run: Run, arguments: list[str], said: str
) -> None:
    code, output, errors = run(*arguments)
    assert (code, output) == (2, "")
    assert said in errors
    assert errors.count("\n") == 1


def test_read_only_refuses_to_carry_out_but_shows(run: Run) -> None:
    code, _, errors = run("scale", "0", "--project", "acme-1", "--read-only")
    assert (code, "read-only" in errors) == (3, True)
    code, output, _ = run("deploy", "--cpu", "--project", "acme-1", "--read-only")
    assert code == 0
    assert "make the repository z-image-cpu" in output


def a_plan(variant: Variant = Variant.GPU, **choices: Any) -> Plan:
    wish = Choices(variant=variant, **choices).wish(PLACE)
    return plan_deployment(wish, Observed(), packaged_prices(), date(2026, 11, 30))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_plan_fits_the_terminal_but_for_commands_and_long_names(width: int) -> None:
    for line in plan_lines(a_plan(), width, Telling(commands=True, explain=True)):
        is_command = line.startswith(("     do", "     undo"))
        is_one_word = len(line.split()) == 1
        assert len(line) <= width or is_command or is_one_word, line


def test_what_the_guide_does_otherwise_is_told_if_asked_for() -> None:
    short = "\n".join(plan_lines(a_plan(), 100))
    assert "things are not as in the guide; --explain says which" in short
    long = "\n".join(plan_lines(a_plan(), 100, EXPLAINED))
    assert "the guide  " in long
    assert "because    " in long
    assert "the guide  " not in "\n".join(plan_lines(a_plan(as_in_guide=True), 100, EXPLAINED))


def test_a_plan_is_read_on_a_screen_or_two_and_says_how_to_hear_more() -> None:
    plan = a_plan()
    short = list(plan_lines(plan, 80))
    assert len(short) <= 2 * 24 + 8
    assert not [line for line in short if "gcloud " in line]
    said = "\n".join(short)
    assert "off → on: run.googleapis.com, storage.googleapis.com," in said
    assert "most instances: 1;" in " ".join(said.split())
    assert "for steps 1 to 9 nobody could look at what is there;" in " ".join(said.split())
    (end,) = end_lines(plan, "--apply", Telling(), 200)
    assert end.endswith("--apply carries it out. --commands shows what does the same by hand.")


def test_commands_are_shown_if_asked_for_each_in_a_line() -> None:
    plan = a_plan()
    lines = list(plan_lines(plan, 80, Telling(commands=True)))
    does = [line.split(maxsplit=1)[1] for line in lines if line.startswith("     do ")]
    assert does == [command for step in plan.steps for command in step.commands]
    undoes = [line.split(maxsplit=1)[1] for line in lines if line.startswith("     undo ")]
    assert undoes == [command for step in plan.steps for command in step.undo]
    (end,) = end_lines(plan, "--apply", Telling(commands=True), 200)
    assert "--commands" not in end


def test_few_changes_are_told_with_their_reasons() -> None:
    changes = (Change("timeout", "300 s", "600 s", "a picture takes long"),)
    step = Step(subject=Subject.SERVICE, effect=Effect.CHANGE, title="change", changes=changes)
    lines = list(plan_lines(replace(a_plan(), steps=(step,)), 80))
    assert lines[4:6] == ["     timeout: 300 s → 600 s", "       a picture takes long"]


def test_a_plan_moves_no_cursor_whatever_a_directory_is_called() -> None:
    for telling in (Telling(), Telling(commands=True, explain=True)):
        for line in plan_lines(a_plan(models="/tmp/\x1b[2Jmodels\r"), 80, telling):
            assert line.isprintable(), line


def test_the_page_shows_a_plan_as_it_is_told() -> None:
    source = SourceSeen(checksum="0" * 64, files=164, bytes=8_100_000)
    wish = Choices(variant=Variant.GPU, way=ImageWay.CLOUD_BUILD).wish(
        ServiceName("my-project", "us-central1", "z-image-gpu")
    )
    prices = packaged_prices()
    plan = plan_deployment(wish, Observed(source=source), prices, prices.date)
    told = [*plan_lines(plan, 80), "", *end_lines(plan, "--apply", Telling(), 80)]
    page = (Path(__file__).parents[3] / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert "\n".join(("```text", *told, "```")) in page


class Keys(io.StringIO):
    def isatty(self) -> bool:
        return True


def never(question: str) -> str:
    raise AssertionError(f"nobody is to be asked: {question}")


def test_a_plain_plan_asks_nobody() -> None:
    assert unconfirmed(a_plan(), "", Keys(), never) is None


def test_a_public_service_is_confirmed_by_a_word_with_its_price() -> None:
    plan = a_plan(public=True)
    assert plan.confirmation is Confirmation.PUBLIC
    asked: list[str] = []

    def says(answer: str) -> Callable[[str], str]:
        return lambda question: asked.append(question) or answer  # type: ignore[func-returns-value]

    assert unconfirmed(plan, "", Keys(), says("public\n")) is None
    assert "$" in asked[0]
    assert "a day at most; type public to go on" in asked[0]
    refused = unconfirmed(plan, "", Keys(), says("yes\n"))
    assert refused is not None
    assert refused.endswith("public was not typed; nothing was changed")
    assert "add --confirm public" in (unconfirmed(plan, "", io.StringIO(), never) or "")
    assert unconfirmed(plan, "public", io.StringIO(), never) is None
    assert "not 'z-image'" in (unconfirmed(plan, "z-image", io.StringIO(), never) or "")


def test_every_step_is_told_once_and_a_failure_with_its_mend() -> None:
    plan = a_plan()
    plan = replace(plan, steps=plan.steps[:3])
    stream = io.StringIO()
    teller = Teller(stream, StatusLine(stream, live=False, seldom=None), lambda: NOW)
    running = StepProgress(state=StepState.RUNNING, began=NOW)
    done = StepProgress(state=StepState.DONE, began=NOW, ended=NOW + timedelta(seconds=2.34))
    waiting = StepProgress()
    teller(Application(plan=plan, steps=(running, waiting, waiting)))
    teller(Application(plan=plan, steps=(done, running, waiting)))
    teller(Application(plan=plan, steps=(done, running, waiting)))
    failed = replace(running, state=StepState.FAILED, ended=NOW + timedelta(minutes=3))
    failure = Failure(
        step=1,
        reason=SafeText("quota exceeded"),
        lines=(SafeText("last words"),),
        mend=SafeText("ask for more"),
    )
    end = Application(plan=plan, steps=(done, failed, waiting), failure=failure)
    teller(end)
    told = stream.getvalue().splitlines()
    assert told == [
        f"done     1/3 {plan.steps[0].title} (2.3 s)",
        f"FAILED   2/3 {plan.steps[1].title} (3 min)",
    ]
    assert list(failure_lines(end)) == [
        "  | last words",
        f"{plan.steps[1].title}: quota exceeded",
        "mend: ask for more",
    ]
