"""The command line as a person meets it: a process with arguments, output and an exit code."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from console.terminal.pictures import picture_size

PATIENCE = 300.0
FORBIDDEN = ("textual", "torch", "google", "numpy", "diffusers")


class Shell:
    """Runs `zimage-console` in an environment of its own, with its pictures below `home`."""

    def __init__(self, environment: dict[str, str], home: Path) -> None:
        self.home = home
        self.environment = {
            **environment,
            "XDG_CONFIG_HOME": str(home / "config"),
            "ZIMAGE_PICTURES": str(home / "pictures"),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "console", *arguments],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            env={**self.environment, **variables},
        )

    def refused(self, *arguments: str, code: int, **variables: str) -> str:
        """Return the one line that says why nothing was done."""
        done = self.run(*arguments, **variables)
        assert done.returncode == code, done.stderr
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> Shell:
    return Shell(environment, tmp_path)


def test_help_shows_examples(shell: Shell) -> None:
    done = shell.run("--help")
    assert done.returncode == 0
    assert 'zimage-console generate "a red circle" -o a.png' in done.stdout


def test_the_version_is_one_line(shell: Shell) -> None:
    done = shell.run("--version")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stats"], "status"),
        (["--no-such-flag"], "--no-such-flag"),
        (["generate"], "prompt"),
        (["generate", " "], "prompt is empty"),
        (["generate", "x" * 10_000], "10,000 characters"),
        (["generate", "x", "--size", "100x100"], "the nearest is"),
        (["generate", "x", "--size", "big"], "512x512"),
        (["generate", "x", "--steps", "many"], "many"),
        (["generate", "x", "--steps", "0"], "choose 1 to 50"),
        (["generate", "x", "--seed", "-1"], "seed -1"),
        (["generate", "x", "-o", "/"], "is a directory"),
        (["generate", "x", "-o", "/nowhere/at/all.png"], "no directory /nowhere/at"),
        (["--context", "cloud"], "write PROJECT/REGION/SERVICE"),
        (["status", "--context", "a/b/c/d"], "does not name a service"),
        (["status", "--models", " "], "'models'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    shell: Shell, arguments: list[str], said: str
) -> None:
    assert said in shell.refused(*arguments, code=2)


def test_an_unknown_setting_in_the_file_is_refused_with_a_hint(shell: Shell) -> None:
    file = shell.home / "config" / "zimage-console" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('modles = "/x"\n')
    line = shell.refused("status", code=2)
    assert "did you mean 'models'?" in line
    assert str(file) in line


def test_read_only_makes_no_picture(shell: Shell) -> None:
    assert "read-only" in shell.refused("--read-only", "generate", "x", code=3)
    assert "read-only" in shell.refused("generate", "x", code=3, ZIMAGE_READ_ONLY="1")


def test_without_a_terminal_there_is_no_console_but_a_hint(shell: Shell) -> None:
    line = shell.refused(code=2)
    assert "needs a terminal" in line
    assert "zimage-console status" in line


def test_a_terminal_without_a_cursor_gets_no_console(shell: Shell) -> None:
    manager, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "console"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        timeout=PATIENCE,
        env={**shell.environment, "TERM": "dumb"},
    )
    os.close(terminal)
    assert done.returncode == 2
    assert b"TERM is 'dumb'" in os.read(manager, 4_096)
    os.close(manager)


@pytest.mark.parametrize("arguments", [["--help"], ["status", "--json", "--models", "/nowhere"]])
def test_verbs_without_a_screen_import_nothing_heavy(shell: Shell, arguments: list[str]) -> None:
    program = (
        "import json, sys\nfrom console.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=shell.environment,
    )
    modules = json.loads(done.stdout.splitlines()[-1])
    assert [name for name in FORBIDDEN if name in modules] == []


def test_the_console_of_a_cloud_comes_up_to_its_first_frame_without_googles_clients(
    shell: Shell,
) -> None:
    program = (
        "import sys\nimport console.app\nfrom console.config import Config\n"
        "from console.contexts.opening import open_session\nfrom console.store import Store\n"
        "open_session(Store(), Config(context='sandbox'))\n"
        "print([name for name in ('google.cloud', 'google.auth', 'grpc') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=shell.environment,
    )
    assert done.stdout == "[]\n", done.stderr


def test_the_sandbox_is_reported_as_data_without_being_woken(shell: Shell) -> None:
    state = {"XDG_STATE_HOME": str(shell.home / "state")}
    done = shell.run("status", "--json", "--context", "sandbox", **state)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["context"], document["state"]) == ("sandbox", "at zero")
    assert document["service"]["name"] == "sandbox/local-1/zimage"
    assert document["instances"] == 0
    assert document["timeline"] == []
    assert document["access"]["openness"] in ("public", "private")
    assert {known["standing"] for known in document["freshness"].values()} == {"fresh"}
    assert document["weights"]["objects"] > 0


def test_a_failed_start_is_reported_as_data(shell: Shell) -> None:
    done = shell.run("status", "--json", "--models", "/nowhere")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert (document["context"], document["state"]) == ("local", "failed")
    assert "/nowhere does not exist" in document["problem"]
    assert document["ready_after"] is None
    assert done.stderr == ""


def test_a_failed_start_is_reported_to_a_person(shell: Shell) -> None:
    done = shell.run("status", "--models", "/nowhere")
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert "/nowhere" in done.stdout


def test_a_picture_that_cannot_be_made_says_why(shell: Shell) -> None:
    line = shell.refused("generate", "x", "--models", "/nowhere", code=1)
    assert "/nowhere does not exist" in line


def test_pictures_are_made_where_asked_and_the_same_seed_is_the_same_file(
    shell: Shell, tiny_model_directory: Path
) -> None:
    models = str(tiny_model_directory)
    output = shell.home / "a.png"
    output.write_bytes(b"old")
    request = ["generate", "a red circle", "--size", "64x64", "--steps", "1", "--seed", "5"]

    done = shell.run(*request, "--models", models, "-o", str(output), "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    assert (document["path"], document["size"]) == (str(output), "64x64")
    assert (document["seed"], document["steps"]) == (5, 1)
    assert output.read_bytes().startswith(b"\x89PNG")
    assert not (shell.home / "pictures").exists()

    again = shell.run(*request, ZIMAGE_MODELS=models)
    assert again.returncode == 0, again.stderr
    kept = Path(again.stdout.strip())
    assert kept.parent == shell.home / "pictures"
    assert kept.read_bytes() == output.read_bytes()


def test_a_ready_engine_is_reported_as_data(shell: Shell, tiny_model_directory: Path) -> None:
    done = shell.run("status", "--json", "--models", str(tiny_model_directory))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["state"] == "ready"
    assert document["ready_after"] > 0
    assert document["model"]
    assert {event["event"] for event in document["timeline"]} >= {"port_open", "ready"}
    assert {span["name"] for span in document["spans"]} >= {"import", "warm-up"}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_the_engine_too(
    shell: Shell, tiny_model_directory: Path, number: signal.Signals, code: int
) -> None:
    mark = uuid.uuid4().hex
    manager, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "status", "--models", str(tiny_model_directory)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env={**shell.environment, "MARK": mark},
    )
    os.close(terminal)
    seen = b""
    # The port is open: from here on there is an engine that could be left behind.
    while b"importing" not in seen:
        seen += os.read(manager, 4_096)
    assert len(marked(mark)) == 2
    process.send_signal(number)
    assert process.wait(PATIENCE) == code
    assert marked(mark) == []
    os.close(manager)


def marked(mark: str) -> list[str]:
    """Return the processes that have `mark` in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in entry.read_bytes():
                found.append(entry.parent.name)
        except OSError:
            continue
    return found


def test_a_picture_is_made_by_a_service_that_starts_for_it(shell: Shell) -> None:
    output = shell.home / "circle.png"
    done = shell.run(
        *("generate", "a red circle", "-o", str(output), "--seed", "7"),
        *("--context", "sandbox", "--json"),
        XDG_STATE_HOME=str(shell.home / "state"),
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["path"], document["seed"]) == (str(output), 7)
    assert document["context"] == "sandbox"
    assert document["took"] > document["seconds"]
    assert picture_size(output.read_bytes())
