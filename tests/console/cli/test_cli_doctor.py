"""`zimage-console doctor`: what it prints, how it ends, and what it takes."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from in_languages import in_chinese

from console.cli import main
from console.model.doctor.checks import Check
from console.model.doctor.finding import Finding, Mend, Report, State
from console.verbs.doctor_report import doctor_document, print_report

PATIENCE = 120.0
HEAVY = ("textual", "torch", "numpy", "diffusers", "grpc", "google", "httpx")
LONG = "gcloud services enable " + " ".join(f"number-{each}.googleapis.com" for each in range(9))
REPORT = Report.of(
    "p/us-central1/z",
    [
        Finding(Check.NETWORK, State.OK, "google answers"),
        Finding(Check.INTERFACES, State.WRONG, "off: run [bold]and[/bold] more", (Mend(LONG),)),
        Finding(Check.DOCKER, State.WARNING, "it is not installed", (Mend(words="get one"),)),
        Finding(Check.QUOTAS, State.UNKNOWN, "nobody says"),
        Finding(Check.ENGINE, State.NOT_ASKED, "no matter"),
    ],
)
TABLE = f"""\
p/us-central1/z: 1 wrong, 1 warning, 1 not known, 1 ok, 1 not asked

✗ wrong      APIs              off: run [bold]and[/bold] more
                               what is switched off in the project refuses every request
                               $ {LONG}
▲ warning    Docker            it is not installed
                               it builds images here; Cloud Build does so without it
                               get one
? not known  quotas            nobody says
✓ ok         network           google answers

not asked here: engine
"""

IN_CHINESE = Report.of(
    "p/us-central1/z",
    [
        Finding(Check.NETWORK, State.OK, "google 有响应"),
        Finding(
            Check.INTERFACES,
            State.WRONG,
            "未启用：run.googleapis.com（服务）、artifactregistry.googleapis.com（镜像）",
            (Mend(LONG),),
        ),
        Finding(Check.STORING, State.WARNING, "未知", (Mend("a --flag", "说明"),)),
        Finding(Check.ENGINE, State.NOT_ASKED, "无关"),
    ],
)
CHINESE_TABLE = f"""\
p/us-central1/z：1 项错误、1 项警告、1 项正常、1 项未检查

✗ 错误       API               未启用：run.googleapis.com（服务）、
                               artifactregistry.googleapis.com（镜像）
                               项目中未启用的 API 会拒绝所有请求
                               $ {LONG}
▲ 警告       存储模型权限      未知
                               模型必须放进存储桶
                               $ a --flag
                                 说明
✓ 正常       网络              google 有响应

此处未检查：引擎
"""


def printed(report: Report) -> str:
    stream = io.StringIO()
    print_report(report, stream)
    return stream.getvalue()


def test_a_person_reads_what_is_wrong_first_and_copies_commands_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    assert printed(REPORT) == TABLE


@in_chinese
def test_in_chinese_columns_stand_under_one_another(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "76")
    stream = Terminal()

    print_report(IN_CHINESE, stream)

    assert re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()) == CHINESE_TABLE


def test_a_long_line_is_broken_between_words_under_its_beginning() -> None:
    finding = Finding(Check.DISK, State.WARNING, "many words " * 30)
    lines = printed(Report.of("local", [finding])).splitlines()[2:]

    assert len(lines) > 2
    assert all(line == line.rstrip() and len(line) <= 160 for line in lines)


def test_of_a_sandbox_is_said_how_gcloud_gets_there() -> None:
    finding = Finding(Check.BILLING, State.WRONG, "off", (Mend("gcloud billing"),))

    assert "docs/sandbox.md" in printed(Report.of("sandbox", [finding]))
    assert "docs/sandbox.md" not in printed(Report.of("p/r/s", [finding]))


def test_a_program_reads_every_finding() -> None:
    document: Any = json.loads(json.dumps(doctor_document(REPORT)))

    assert document["schema_version"] == 1
    assert document["well"] is False
    assert [each["check"] for each in document["findings"]] == [
        *("network", "interfaces", "quotas", "docker", "engine")
    ]
    wrong = document["findings"][1]
    assert wrong["state"] == "wrong"
    assert wrong["mends"] == [{"command": LONG, "words": ""}]


class Verb:
    """Runs `doctor` in this process, with a home of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        try:
            code = main(["doctor", *arguments])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def doctor(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Verb:
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in [each for each in os.environ if each.startswith("ZIMAGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Verb(capsys)


def test_help_shows_examples(doctor: Verb) -> None:
    code, said, _ = doctor("--help")

    assert code == 0
    assert "zimage-console doctor --context P/R/S --gpu" in said


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--cpu", "--gpu"), "not allowed with"),
        (("--context", "nonsense"), "does not name a service"),
        (("now",), "unrecognized arguments"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    doctor: Verb, arguments: tuple[str, ...], why: str
) -> None:
    code, said, complaint = doctor(*arguments)

    assert (code, said) == (2, "")
    assert why in complaint
    assert len(complaint.splitlines()) == 1


def test_this_machine_is_well_and_says_so(doctor: Verb) -> None:
    code, said, complaint = doctor("--json")
    document = json.loads(said)

    assert (code, complaint) == (0, "")
    assert document["well"] is True
    states = {each["check"]: each["state"] for each in document["findings"]}
    assert (states["engine"], states["models"], states["terminal"]) == ("ok", "ok", "ok")
    assert states["service"] == "not asked"


def test_what_is_wrong_is_told_by_the_exit_code_too(doctor: Verb, tmp_path: Path) -> None:
    code, said, _ = doctor("--models", str(tmp_path))

    assert code == 1
    assert said.splitlines()[2].startswith("✗ wrong      models here")


def test_a_terminal_that_can_do_nothing_is_a_warning(
    doctor: Verb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    code, said, _ = doctor()

    assert code == 0
    assert "▲ warning    terminal          TERM is 'dumb'" in said


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        env=environment,
    )


def test_for_the_engine_here_nothing_heavy_is_imported(environment: dict[str, str]) -> None:
    program = (
        "import json, sys\nfrom console.cli import main\nmain(['doctor'])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = run(environment, "-c", program)

    modules = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in HEAVY if name in modules] == []


def test_where_signs_cannot_be_written_they_are_spelled(environment: dict[str, str]) -> None:
    plain = {**environment, "PYTHONIOENCODING": "ascii", "TERM": "xterm"}
    done = run(plain, "-m", "console", "doctor")

    assert done.returncode == 0, done.stderr
    assert "+ ok         engine            installed" in done.stdout


def test_a_sandbox_is_examined_without_being_woken(
    environment: dict[str, str], tmp_path: Path
) -> None:
    own = {**environment, "XDG_STATE_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    sandbox = ("--context", "sandbox", "--json")
    done = run(own, "-m", "console", "doctor", "--gpu", *sandbox)
    document = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    states = {each["check"]: each for each in document["findings"]}
    assert states["bucket"]["state"] == states["permissions-deploy"]["state"] == "ok"
    assert "nvidia-l4" in states["quotas"]["found"]
    assert json.loads(run(own, "-m", "console", "status", *sandbox).stdout)["state"] == "at zero"
