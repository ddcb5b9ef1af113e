"""The flags of recordings: which of them belong together, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cli import parser
from console.config import Config, ConfigError
from console.startup.recording_flags import check_recording, run_console

REFUSED = {
    "with-a-verb": (["--record", "a", "status"], "--record is for the console on the screen"),
    "speed-alone": (["--speed", "2"], "--speed is how fast a recording goes"),
    "speed-of-record": (["--record", "a", "--speed", "2"], "name it with --replay FILE"),
    "other-context": (["--replay", "a", "--context", "local"], "--context is settled by"),
    "other-models": (["--replay", "a", "--models", "m"], "--models is settled by"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_flags_that_contradict_each_other_are_refused(case: str) -> None:
    arguments, why = REFUSED[case]
    with pytest.raises(ConfigError) as refused:
        check_recording(vars(parser().parse_args(arguments)))
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "1e9", "fast", ""])
def test_a_speed_that_cannot_be_is_a_usage_error(
    speed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args(["--replay", "a", f"--speed={speed}"])
    assert left.value.code == 2
    assert "is no number from 0.01 to 1000" in capsys.readouterr().err


def test_recording_and_replaying_at_once_is_a_usage_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_args(["--replay", "a", "--record", "b"])
    assert left.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["record", "replay"])
def test_a_file_that_cannot_be_used_is_told_in_one_line(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine\n")
    assert run_console(Config(), {flag: str(path)}) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"zimage-console: {'cannot record to ' if flag == 'record' else ''}")
    assert len(said.splitlines()) == 1
    assert path.read_text() == "mine\n"
