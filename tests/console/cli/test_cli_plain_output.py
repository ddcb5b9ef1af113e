"""Every verb where nothing but ASCII can be written: no sign ends it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from start_scenes import here, replace_time

from console import paths
from console.cli import parser
from console.model.contexts import LOCAL
from console.session.history.database import History

PATIENCE = 120.0
PICTURE = ("generate", "红圆 – a circle", "--size", "64x64", "--steps", "1")
SAID = {
    "status": ("status",),
    "generate": ("generate", "红圆 – a circle", "-o", "/nowhere/…/红.png"),
    "logs": ("logs", "--since", "1d"),
    "coldstarts": ("coldstarts",),
    "cost": ("cost",),
    "models list": ("models", "list"),
    "models verify": ("models", "verify", "engine/demo/files"),
    "models push": ("models", "push", "engine/demo/files", "--plan"),
    "models bucket": ("models", "bucket", "--create", "--name", "fresh-z-image-models"),
    "models pull": ("models", "pull", "/nowhere/红", "--quant", "…"),
    "doctor": ("doctor",),
    "deploy": ("deploy", "--gpu", "--env", "GREETING=你好…", "--explain"),
    "scale": ("scale", "0", "--plan"),
    "rollback": ("rollback", "--plan"),
    "traffic": ("traffic", "LATEST=100", "--plan"),
    "destroy": ("destroy", "--plan"),
}
Run = Callable[..., subprocess.CompletedProcess[bytes]]
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def plain(home: Path, environment: dict[str, str]) -> Run:
    """Run the console in a home of its own, with an output that takes nothing but ASCII."""
    own = {f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    variables = {**environment, **own, "PYTHONIOENCODING": "ascii", "COLUMNS": "120"}

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "console", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            cwd=ROOT,
            env=variables,
        )

    return run


@pytest.fixture(scope="module")
def sandbox(home: Path, environment: dict[str, str]) -> Iterator[None]:
    """A sandbox that runs where the console looks for it."""
    directory = home / "zimage-console" / "sandbox"
    with subprocess.Popen(
        [sys.executable, "-m", "console.sandbox", "--exit-on-stdin-eof", "--state", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE)


def whole(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return what a verb said; it did not break down, and wrote nothing but ASCII."""
    said = done.stdout.decode("ascii") + done.stderr.decode("ascii")
    assert said
    assert "defect" not in said
    assert "codec" not in said
    assert "\\u" not in said
    return said


def verbs_of(root: argparse.ArgumentParser, before: str = "") -> set[str]:
    """Return the verbs of a parser, each with those that it is below."""
    found = set()
    for each in root._actions:
        if isinstance(each, argparse._SubParsersAction):
            for name, below in each.choices.items():
                found |= verbs_of(below, f"{before}{name} ") or {f"{before}{name}"}
    return found


def test_no_verb_is_forgotten() -> None:
    assert set(SAID) == verbs_of(parser())


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("verb", SAID)
def test_every_verb_says_what_it_can_of_a_sandbox(verb: str, plain: Run) -> None:
    whole(plain(*SAID[verb], "--context", "sandbox"))


def test_what_is_not_known_is_a_dash_there_too(
    plain: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    history, one = History.open(paths.history_file()), here(1)[0]
    history.keep_starts(LOCAL, [replace_time(one, one.began - datetime.now(UTC))])
    history.close()
    done = plain("coldstarts")

    assert done.returncode == 0
    assert " - " in whole(done)
