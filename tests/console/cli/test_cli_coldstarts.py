"""`zimage-console coldstarts`: from the history, and against a sandbox with a log of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.types import LogEntry
from in_languages import in_chinese
from start_scenes import NOW, SLOW, STARTS, here, poisoned, replace_time

from console import paths
from console.cli import main
from console.model.starts.reckoned import reckon
from console.model.starts.snapshot import StartsSnapshot
from console.session.history.database import History
from console.terminal.sanitise import sanitise
from console.verbs.starts_document import starts_document
from console.verbs.starts_table import print_starts

PATIENCE = 120.0
IN_CHINESE = """
UTC 时间  实例    修订版本   起因  总计        最长阶段    等待数  原因
12:02:00  000000  00002-xyz  流量     –  失败  权重 7.0 s  1       失败，14.2 s 后内存不足

阶段      中位数     p90     p95   n
总计      26.0 s  26.9 s  26.9 s  23
等待      0.02 s  0.02 s  0.02 s  17
容器      4.20 s  4.40 s  4.45 s  23
打开端口  0.40 s  0.40 s  0.40 s  23
导入      2.80 s  2.80 s  2.80 s  23
权重      12.6 s  13.0 s  13.1 s  23
送入设备  1.90 s  1.90 s  1.90 s  23
预热      1.40 s  1.40 s  1.40 s  23
探测      0.60 s  0.60 s  0.60 s  23
首次应答  2.40 s  2.40 s  2.40 s  17

24 次中有 1 次失败
没有变慢也没有变快：23 次中较早一半的中位数为 26.0 s，之后为 26.1 s
最近一次：000000，–
  失败，14.2 s 后内存不足：已用 16,469 MiB，限制为 16,384 MiB
    解决办法：把内存限制（--memory）提高到 17 GiB 以上；挂载的缓存和 /tmp 也计入内存
"""
INSTANCE = "00f7a1b2c3d4e5f60718293a4b5c6d7e8f90"
WEEK = NOW - timedelta(days=7)
Said = Callable[..., tuple[int, str, str]]


def document(known: StartsSnapshot) -> dict[str, Any]:
    made = starts_document("sandbox", WEEK, known, known.starts, reckon(known.timings))
    read: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return read


def table(known: StartsSnapshot, count: int = 3) -> str:
    stream = io.StringIO()
    print_starts(known, known.starts[:count], reckon(known.timings), stream, NOW)
    return stream.getvalue()


def test_a_document_has_every_phase_what_is_usual_and_the_mend() -> None:
    newest = document(STARTS["slow"])["starts"][0]
    weights = next(each for each in newest["phases"] if each["name"] == "weights")
    assert weights["seconds"] == pytest.approx(65.4)
    assert weights["usual"] == pytest.approx(12.6, abs=0.2)
    assert weights["stands_out"]
    assert newest["slow"]
    assert sum(each["seconds"] for each in newest["phases"]) == pytest.approx(newest["total"])
    assert newest["findings"][0]["cause"] == "reading slow"
    assert "to read it directly" in newest["findings"][0]["mend"]
    assert newest["files"][0]["name"] == "qwen3-q8_0.gguf"


def test_a_document_says_what_was_not_told_apart() -> None:
    newest = document(STARTS["untold"])["starts"][0]
    untold = next(each for each in newest["phases"] if not each["told_apart"])
    assert untold["name"].startswith("open port to ")
    assert untold["phases"][0] == "open port"
    assert untold["usual"] is None


def test_a_document_has_contradictions_failures_and_what_goes_on() -> None:
    early = document(STARTS["probed-early"])["starts"][0]
    assert early["doubts"] == [
        {"kind": "probe passed before the engine was ready", "seconds": pytest.approx(17.6)}
    ]
    failed = document(STARTS["failed"])
    assert failed["starts"][0]["failure"]["kind"] == "out of memory"
    assert failed["starts"][0]["total"] is None
    assert failed["figures"]["failed"] == 1


@in_chinese
def test_the_tables_are_in_the_language_of_whoever_reads_them(language: str) -> None:
    lines = [line.rstrip() for line in table(STARTS["failed"], 1).splitlines()]
    assert lines == IN_CHINESE.strip().splitlines()


def test_a_document_of_nothing_is_one_too() -> None:
    made = document(STARTS["denied"])
    assert (made["starts"], made["trend"], made["standing"]) == ([], None, "denied")
    assert "roles/logging.viewer" in made["problem"]


def test_a_table_has_the_diagnosis_and_what_is_usual() -> None:
    printed = table(STARTS["slow"])
    first = printed.splitlines()[1]
    assert "78.9 s  slow" in first
    assert "83 % reading weights at 110 MB/s" in first
    assert "total         26.1 s" in printed
    assert "mend: set ZIMAGE_MODELS=gs://BUCKET to read it directly" in printed


def test_a_table_marks_failures_and_contradictions() -> None:
    assert "failed" in table(STARTS["failed"]).splitlines()[1]
    assert "25.6 s  !" in table(STARTS["probed-early"]).splitlines()[1]


def test_nothing_from_outside_is_markup_or_control() -> None:
    known = poisoned(sanitise("\x1b]52;c;aGk=\x07[red]x[/bad]"))
    printed = table(known)
    assert "[/bad]" in printed
    assert "\x1b" not in printed


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Said:
    """Runs the verb; returns its exit code, its output and its messages."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["coldstarts", *arguments])
        except SystemExit as left:
            code = int(str(left.code))
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


def remember(context: str, *ages: timedelta) -> None:
    """Put starts of so long ago into the history."""
    now, history = datetime.now(UTC), History.open(paths.history_file())
    one = here(1)[0] if context == "local" else SLOW[0]
    history.keep_starts(context, [replace_time(one, one.began - (now - age)) for age in ages])
    history.close()


def test_starts_on_this_machine_are_told_from_the_history(said: Said) -> None:
    remember("local", timedelta(minutes=5), timedelta(days=3), timedelta(days=30))
    code, printed, errors = said()
    assert (code, errors) == (0, "")
    assert printed.count(" here ") == 2
    assert said("--since", "60d")[1].count(" here ") == 3
    assert said("--since", "60d", "--limit", "1")[1].count(" here ") == 1


def test_json_of_the_history_is_one_document(said: Said) -> None:
    remember("local", timedelta(minutes=5))
    code, printed, _ = said("--json")
    assert code == 0
    made = json.loads(printed)
    assert made["schema_version"] == 1
    assert [each["reason"] for each in made["starts"]] == ["LOCAL"]


def test_more_than_a_page_of_the_history_can_be_asked_for(said: Said) -> None:
    remember("local", *(timedelta(minutes=5 * number + 1) for number in range(450)))
    made = json.loads(said("--json", "--limit", "420")[1])
    assert len(made["starts"]) == 420
    assert made["figures"]["count"] == 450


def test_nothing_known_is_said_with_what_to_try(said: Said) -> None:
    code, printed, errors = said()
    assert (code, printed) == (0, "")
    assert "--since looks further back, and --context names a service" in errors


def test_a_span_that_is_none_is_refused_in_one_line(said: Said) -> None:
    code, _, errors = said("--since", "yesterday")
    assert code == 2
    assert errors.count("\n") == 1
    assert "write since=30s, 5m, 2h or 7d" in errors


def test_no_screen_is_imported_for_it(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom console.cli import main\nmain(['coldstarts', '--json'])\n"
        "print([name for name in ('textual', 'torch', 'grpc') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A sandbox that runs, with the log of one start five minutes ago, where it is looked for."""
    home = tmp_path_factory.mktemp("state")
    (home / "zimage-console" / "sandbox").mkdir(parents=True, mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        process = subprocess.Popen(
            [sys.executable, "-m", "console.sandbox", "--exit-on-stdin-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        channel = grpc.insecure_channel(json.loads(process.stdout.readline())["logging"])
        transport = LoggingServiceV2Client.get_transport_class("grpc")(channel=channel)
        LoggingServiceV2Client(transport=transport).write_log_entries(entries=lines())
        yield
        channel.close()
        process.communicate(timeout=PATIENCE)


def lines() -> list[LogEntry]:
    """What the platform and a silent engine leave of a start."""
    begun = datetime.now(UTC) - timedelta(minutes=5)

    def entry(log: str, after: float, **more: Any) -> LogEntry:
        labels = {
            "location": "local-1",
            "service_name": "zimage",
            "revision_name": "zimage-00001-abc",
        }
        return LogEntry(
            log_name=f"projects/sandbox/logs/run.googleapis.com%2F{log}",
            resource={"type": "cloud_run_revision", "labels": labels},
            labels={"instanceId": INSTANCE},
            timestamp=begun + timedelta(seconds=after),
            **more,
        )

    request = {
        "request_method": "POST",
        "request_url": "https://zimage.example/v1/images/generations",
        "status": 200,
        "latency": timedelta(seconds=31),
    }
    system = "varlog%2Fsystem"
    started = "Starting new instance. Reason: AUTOSCALING - Instance started due to traffic."
    probed = (
        'Default STARTUP TCP probe succeeded after 1 attempt for container "worker" on port 8080.'
    )
    return [
        entry(system, 0.02, text_payload=started),
        entry(system, 29.0, text_payload=probed),
        entry("requests", 0.0, http_request=request),
    ]


@pytest.mark.usefixtures("sandbox")
def test_a_service_is_told_from_its_log_and_not_woken(said: Said) -> None:
    code, printed, errors = said("--context", "sandbox", "--json")
    assert (code, errors) == (0, "")
    made = json.loads(printed)
    (start,) = made["starts"]
    assert start["instance"] == INSTANCE
    assert start["total"] == pytest.approx(31.0)
    assert start["waited"] == 1
    assert made["standing"] == "fresh"
    code, printed, errors = said("--context", "sandbox", "--json")
    assert [each["instance"] for each in json.loads(printed)["starts"]] == [INSTANCE]
