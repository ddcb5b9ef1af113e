"""What was typed or read from a file is told back by every verb, and obeyed by no terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import cloud_scenes
import pytest
from hostile_text import OWNED, poisoned

from console.cli import main
from console.terminal.last_look import PrintedOnly
from console.verbs import reports

TYPED = f"{OWNED}\x1b]0;title\x07\x1b]52;c;T1dORUQ=\x07\x1b[2J\x1bc\x9b31m\u202e[/bad]\ud800\n\x00"
VERBS = [
    ["status"],
    ["coldstarts"],
    ["logs"],
    ["cost"],
    ["doctor"],
    ["generate", "a fox"],
    ["models", "list"],
    ["models", "verify"],
    ["deploy", "--plan"],
    ["scale", "0"],
    ["destroy"],
]


def harmless(said: str) -> bool:
    return all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_hostile_context_is_refused_in_one_harmless_line(
    verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--context", TYPED]) == 2
    refused = capsys.readouterr()
    assert refused.out == ""
    assert OWNED in refused.err
    assert refused.err.count("\n") == 1
    assert harmless(refused.err)


def test_a_hostile_verb_or_flag_is_refused_harmlessly(capsys: pytest.CaptureFixture[str]) -> None:
    for typed in ([TYPED], ["status", TYPED], [f"--{TYPED}"], ["status", f"--{TYPED}"]):
        with pytest.raises(SystemExit) as ended:
            main(typed)
        assert ended.value.code == 2
        assert harmless(capsys.readouterr().err)


def test_a_hostile_configuration_is_refused_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = tmp_path / "zimage-console" / "config.toml"
    file.parent.mkdir()
    file.write_text('"\\u001b]0;OWNED\\u0007" = 1\n')
    assert main(["status"]) == 2
    said = capsys.readouterr().err
    assert OWNED in said
    assert harmless(said)


@pytest.mark.parametrize("name", sorted(cloud_scenes.SNAPSHOTS))
def test_a_report_of_what_nobody_made_safe_is_harmless(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = poisoned(cloud_scenes.SNAPSHOTS[name](), TYPED.replace("\n", ""))
    reports.print_status(evil, PrintedOnly(sys.stdout), cloud_scenes.NOW)  # type: ignore[arg-type]
    assert harmless(capsys.readouterr().out)
