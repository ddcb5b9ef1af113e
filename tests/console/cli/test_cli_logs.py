"""`zimage-console logs`, against a sandbox that runs as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.types import LogEntry

from console.cli import main
from console.language import ENGLISH, use
from console.sandbox.fault_command import switched
from console.sandbox.faults import Fault

PATIENCE = 120.0
ESCAPES = "\x1b[2J\x1b]52;c;cm0=\x07[red]bold[/red]"
Write = Callable[..., None]
Said = Callable[..., tuple[int, list[str], list[str]]]


def entry(
    text: str, minutes_ago: float, severity: str = "INFO", instance: str = "00a1"
) -> LogEntry:
    return LogEntry(
        log_name="projects/sandbox/logs/run.googleapis.com%2Fstdout",
        resource={
            "type": "cloud_run_revision",
            "labels": {
                "location": "local-1",
                "service_name": "zimage",
                "revision_name": "zimage-00001-abc",
            },
        },
        labels={"instanceId": instance},
        severity=severity,
        timestamp=datetime.now(UTC) - timedelta(minutes=minutes_ago),
        text_payload=text,
    )


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a sandbox that runs, where the console looks for it."""
    home = tmp_path_factory.mktemp("state")
    directory = home / "zimage-console" / "sandbox"
    directory.mkdir(parents=True, mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(home))
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        process = subprocess.Popen(
            [sys.executable, "-m", "console.sandbox", "--exit-on-stdin-eof"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        addresses = json.loads(process.stdout.readline())
        channel = grpc.insecure_channel(addresses["logging"])
        writer(channel)(
            entry("long ago", 90),
            entry("loading the model", 30),
            entry("out of memory", 20, "ERROR", "00b2"),
            entry(ESCAPES, 10, "WARNING"),
            entry("猫 ready", 5),
        )
        yield directory
        channel.close()
        process.communicate(timeout=PATIENCE)


def writer(channel: grpc.Channel) -> Write:
    transport = LoggingServiceV2Client.get_transport_class("grpc")(channel=channel)
    client = LoggingServiceV2Client(transport=transport)
    return lambda *entries: client.write_log_entries(entries=list(entries)) and None


@pytest.fixture
def said(state: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """Runs the verb, and returns its exit code and the lines of its output and of its messages."""

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        try:
            code = main(["logs", "--context", "sandbox", *arguments])
        except SystemExit as left:
            code = int(str(left.code))
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err.splitlines()

    return run


def messages(lines: list[str]) -> list[str]:
    return [line[32:] for line in lines]


def test_the_last_hour_is_printed_oldest_first_and_harmless(said: Said) -> None:
    code, lines, errors = said()
    assert (code, errors) == (0, [])
    assert messages(lines) == ["loading the model", "out of memory", "[red]bold[/red]", "猫 ready"]
    assert lines[1][24:31] == "ERROR  "
    assert datetime.fromisoformat(lines[1][:23])


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (["--since", "2h", "--limit", "9"], 5),
        (["--severity", "error"], 1),
        (["--severity", "warning"], 2),
        (["--grep", "MEMORY"], 1),
        (["--instance", "b2"], 1),
        (["--revision", "zimage-00001-abc"], 4),
        (["--revision", "zimage-00002-abc"], 0),
        (["--", "-memory", "~(model|memory)"], 1),
        (["--", "severity>=WARNING", "-severity=ERROR"], 1),
    ],
)
def test_lines_are_chosen_by_flags_and_by_a_query(said: Said, flags: list[str], found: int) -> None:
    code, lines, _ = said(*flags)
    assert (code, len(lines)) == (0, found)


def test_the_latest_are_those_that_a_limit_leaves(said: Said) -> None:
    code, lines, errors = said("--limit", "1")
    assert (code, messages(lines)) == (0, ["猫 ready"])
    assert errors == [
        "zimage-console: there are more lines than these; narrow them down, or ask by --limit"
    ]
    assert said("--limit", "0")[1] == []


def test_what_is_said_beside_the_lines_is_in_the_language_of_whoever_reads_it(said: Said) -> None:
    try:
        code, lines, errors = said("--limit", "1", "--lang", "zh")
    finally:
        use(ENGLISH)
    assert (code, messages(lines)) == (0, ["猫 ready"])
    assert errors == ["zimage-console: 还有更多日志行；请缩小范围，或用 --limit 指定行数"]


def test_json_is_one_document(said: Said) -> None:
    code, lines, errors = said("--json", "--grep", "memory")
    document = json.loads("\n".join(lines))
    assert (code, errors) == (0, [])
    assert (document["schema_version"], document["context"]) == (1, "sandbox")
    assert (document["complete"], document["query"]) == (True, "memory since=1h")
    (line,) = document["lines"]
    assert line["message"] == "out of memory"
    assert (line["severity"], line["instance"], line["origin"]) == ("ERROR", "00b2", "application")
    assert "trace" not in line


def test_when_nothing_is_found_that_is_said(said: Said) -> None:
    code, lines, errors = said("--grep", "nothing of the kind")
    assert (code, lines) == (0, [])
    assert errors[0].startswith("zimage-console: no such line since ")


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--severity", "loud"], "severity 'LOUD' is not known"),
        (["--since", "yesterday"], "since=yesterday is no span of time"),
        (["~("], "~( is no regular expression"),
        (["--limit", "many"], "'many' is no number"),
    ],
)
def test_what_cannot_be_asked_is_a_matter_of_usage(said: Said, flags: list[str], why: str) -> None:
    code, lines, errors = said(*flags)
    assert (code, lines, len(errors)) == (2, [], 1)
    assert why in errors[0]


@pytest.mark.parametrize("flags", [[], ["-f"]])
def test_who_may_not_read_is_told_what_it_takes(said: Said, state: Path, flags: list[str]) -> None:
    switched(state, Fault.LOGS_DENIED, on=True)
    try:
        code, lines, errors = said(*flags)
    finally:
        switched(state, Fault.LOGS_DENIED, on=False)
    assert (code, lines, len(errors)) == (1, [], 1)
    assert "roles/logging.viewer" in errors[0]


def test_a_log_that_is_there_only_while_an_engine_runs_is_not_made_up(said: Said) -> None:
    code, lines, errors = said("--context", "local")
    assert (code, lines) == (1, [])
    assert "follow one by -f" in errors[0]


def follow(*flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "console", "logs", "--context", "sandbox", "-f", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def test_following_prints_what_comes_until_it_is_interrupted(state: Path) -> None:
    addresses = json.loads((state / "address.json").read_text())
    process = follow("--json", "--severity", "error")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["message"] == "out of memory"
    with grpc.insecure_channel(addresses["logging"]) as channel:
        writer(channel)(entry("harmless", 0), entry("it broke", 0, "ERROR"))
    assert json.loads(process.stdout.readline())["message"] == "it broke"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, error) == (130, "", "zimage-console: ended by SIGINT\n")


def test_it_ends_without_a_word_when_nobody_reads_any_more(state: Path) -> None:
    addresses = json.loads((state / "address.json").read_text())
    process = follow("--grep", "kept")
    assert process.stdout is not None
    process.stdout.close()
    with grpc.insecure_channel(addresses["logging"]) as channel:
        writer(channel)(*(entry(f"kept {number}", 0) for number in range(9)))
    with process:
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 1
