"""`zimage-console cost`: of the engine on this machine, and against a sandbox with a real clock."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cost_scenes import NOW, SCENES

from console import paths
from console.cli import main
from console.model.contexts import LOCAL
from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord, Signs
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Freshness, Standing
from console.model.text import SafeText
from console.session.engine_session import utc_now
from console.session.history.database import History
from console.verbs.cost_document import cost_document
from console.verbs.cost_table import print_cost

PATIENCE = 300.0
HEAVY = ("textual", "torch", "numpy", "diffusers", "grpc")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a table have all the room that it needs."""
    monkeypatch.setenv("COLUMNS", "200")


def document(scene: str) -> dict[str, Any]:
    known = CostSnapshot(SCENES[scene](), Freshness(Standing.FRESH, NOW), True)
    read: dict[str, Any] = json.loads(json.dumps(cost_document("p/us-central1/z", known, "UTC")))
    return read


def table(scene: str) -> str:
    stream = io.StringIO()
    print_cost("p/us-central1/z", SCENES[scene](), stream)
    return " ".join(stream.getvalue().split())


@pytest.mark.parametrize("scene", SCENES)
def test_every_figure_is_an_estimate_with_the_date_of_its_prices(scene: str) -> None:
    made = document(scene)

    assert made["estimate"] is True
    assert made["currency"] == "USD"
    assert made["report"]["label"] == "estimate, prices of 2026-10-08"
    assert "estimate, prices of 2026-10-08" in table(scene)


def test_a_document_has_all_that_the_screen_says() -> None:
    made = document("awake")["report"]

    assert made["now"]["words"] == "awake 10 min, about $0.17 so far; billed up to 4 min more"
    assert made["now"]["billed_up_to_seconds_more"] == pytest.approx(234.1)
    assert made["storage"]["class"] == "STANDARD"
    assert [each["class"] for each in made["storage"]["classes"]] == [
        "STANDARD",
        "NEARLINE",
        "COLDLINE",
        "ARCHIVE",
    ]
    assert {each["dimension"] for each in made["what_ifs"]} == {
        "storage class",
        "region",
        "min instances",
        "GPU or CPU",
        "concurrency",
        "quantisation",
    }
    assert made["regions"]["together"] is True
    assert made["billed_time"]["agree"] is True
    assert made["pictures"]["made"] == 134
    assert made["prices"]["live"] == 61
    assert made["prices_counted"]


def test_the_parts_of_a_document_add_up_to_its_total() -> None:
    made = document("awake")["report"]
    parts = [Decimal(each["so_far"]["usd"]) for each in made["parts"]]

    assert abs(sum(parts, Decimal(0)) - Decimal(made["so_far"]["usd"])) < Decimal("0.00001")


def test_what_is_not_known_is_null_with_its_reason_and_never_nothing() -> None:
    made = document("bucket-denied")["report"]
    unknown = {each["name"]: each for each in made["parts"] if not each["known"]}

    assert set(unknown) == {
        "models in the bucket",
        "reading the model",
        "bucket operations",
        "log lines",
    }
    assert unknown["models in the bucket"]["so_far"] is None
    assert "storage.objects.list" in unknown["models in the bucket"]["note"]
    assert set(unknown) == set(made["so_far"]["missing"])
    said = table("bucket-denied")
    assert "models in the bucket – – – permission storage.objects.list is missing" in said
    assert "without bucket operations, log lines, models in the bucket and reading" in said


def test_without_any_report_the_document_says_why() -> None:
    refused = Freshness(Standing.DENIED, None, SafeText("no"), needs="run.services.get")
    made = cost_document("p/us-central1/z", CostSnapshot(None, refused), "UTC")

    assert made["report"] is None
    assert made["complete"] is False
    assert made["freshness"] == {
        "standing": "denied",
        "problem": "no",
        "permission": "run.services.get",
    }


def test_a_table_says_of_this_machine_that_it_costs_nothing() -> None:
    said = table("local")

    assert "costs nothing here; what it would cost in us-central1" in said
    assert document("local")["report"]["billed"] is False


class Verb:
    """Runs `cost` in this process, with a home of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        try:
            code = main(["cost", *arguments])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def cost(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Verb:
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in [each for each in os.environ if each.startswith("ZIMAGE_")]:
        monkeypatch.delenv(name)
    return Verb(capsys)


def test_help_shows_examples(cost: Verb) -> None:
    code, said, _ = cost("--help")

    assert code == 0
    assert "zimage-console cost --context P/R/S" in said
    assert "--month-zone America/Los_Angeles" in said
    assert "--free shared" in said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--month-zone", "Mars/Olympus"), "'Mars/Olympus' is no time zone"),
        (("--month-zone", "../../etc/passwd"), "is no time zone"),
        (("--free", "much"), "invalid choice: 'much'"),
        (("--context", "nonsense"), "does not name a service"),
        (("now",), "unrecognized arguments"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    cost: Verb, arguments: tuple[str, ...], why: str
) -> None:
    code, said, complaint = cost(*arguments)

    assert code == 2
    assert said == ""
    assert why in complaint
    assert len(complaint.splitlines()) == 1


def test_nothing_that_was_ever_started_here_cost_nothing(cost: Verb) -> None:
    code, said, _ = cost("--json")
    made = json.loads(said)

    assert code == 0
    assert made["context"] == LOCAL
    assert made["complete"] is True
    assert made["report"]["billed"] is False
    assert made["report"]["now"] is None
    assert made["report"]["parts"][0]["so_far"]["usd"] == "0"


def test_what_the_engine_here_did_is_told_from_what_was_kept_of_it(cost: Verb) -> None:
    # Asked for, ready ten seconds later, and a picture of 150 s: 160 s × 0.000136 = 0.02176, and a
    # request.
    began = utc_now() - timedelta(minutes=20)
    ready, done = began + timedelta(seconds=10), began + timedelta(seconds=160)
    signs = Signs(
        revision=SafeText("local"),
        first_line=began,
        last_line=done,
        asked_for=began,
        loaded=ready,
        ended=done,
    )
    history = History.open(paths.history_file())
    history.keep_lives(LOCAL, [InstanceRecord(SafeText("one"), signs, (Window(ready, done),))])
    history.close()

    code, said, _ = cost("--json", "--month-zone", "Pacific/Kiritimati")
    made = json.loads(said)["report"]

    assert code == 0
    # Within 20 minutes of the turn of a month a part of it is of the month before.
    assert made["known_since"] == began.isoformat()
    assert json.loads(said)["month_zone"] == "Pacific/Kiritimati"
    if began.month == utc_now().month:
        assert cost("--json")[1].count('"usd": "0.02176"') >= 1


def test_the_verb_imports_nothing_heavy_for_the_engine_here(
    environment: dict[str, str], tmp_path: Path
) -> None:
    program = (
        "import json, sys\nfrom console.cli import main\nmain(['cost'])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**environment, "XDG_DATA_HOME": str(tmp_path)},
    )

    modules = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in HEAVY if name in modules] == []


def test_a_sandbox_is_told_of_without_being_woken(
    environment: dict[str, str], tmp_path: Path
) -> None:
    own = {**environment, "XDG_STATE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    own["XDG_CACHE_HOME"] = str(tmp_path)

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "console", *arguments, "--context", "sandbox"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            env=own,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = json.loads(run("cost", "--json", "--free", "shared"))

    assert made["complete"] is True
    assert made["freshness"]["standing"] == "fresh"
    assert made["report"]["free_tier"] == "shared"
    assert made["report"]["region"] == "us-central1"
    assert made["report"]["billed"] is False
    parts = {each["name"]: each for each in made["report"]["parts"]}
    assert parts["instances"]["so_far"]["usd"] == "0"
    # What they cost until the month ends may be less than there are digits for.
    for name in ("models in the bucket", "images in the registry"):
        assert parts[name]["known"]
        assert parts[name]["month_end"]["usd"] is not None
    standard = made["report"]["storage"]["classes"][0]
    assert Decimal(standard["keeping"]["usd"]) > 0
    assert made["report"]["prices"]["live"] > 0
    assert json.loads(run("status", "--json"))["state"] == "at zero"
