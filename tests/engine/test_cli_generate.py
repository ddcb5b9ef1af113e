"""`python -m engine generate`: a file from a prompt, and one line for whatever is wrong."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from engine.cli import main

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("ZIMAGE_")] + ["PORT"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.png"


def run(tiny_model: Path, output: Path, *flags: str) -> int:
    small = ("--size", "64x64", "--steps", "1", "--models", str(tiny_model))
    return main(["generate", "a red circle", "-o", str(output), *small, *flags])


def test_a_prompt_becomes_a_file(
    tiny_model: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tiny_model, output) == 0

    with Image.open(output) as image:
        assert image.size == (64, 64)
    assert capsys.readouterr() == (f"{output}\n", "")
    assert list(output.parent.iterdir()) == [output]


def test_the_same_seed_gives_the_identical_file(tiny_model: Path, output: Path) -> None:
    run(tiny_model, output, "--seed", "7")
    first = output.read_bytes()
    run(tiny_model, output, "--seed", "7")

    assert output.read_bytes() == first


def test_the_document_says_how_to_make_it_again(
    tiny_model: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tiny_model, output, "--json")
    document = json.loads(capsys.readouterr().out)
    first = output.read_bytes()

    assert (document["schema_version"], document["path"]) == (1, str(output))
    assert (document["width"], document["height"], document["steps"]) == (64, 64, 1)
    assert document["bytes"] == len(first)
    run(tiny_model, output, "--seed", str(document["seed"]))
    assert output.read_bytes() == first


def test_guidance_and_noise_change_the_picture(
    tiny_model: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = set()
    for flags in ([], ["--noise", "philox"], ["--guidance", "2", "--negative-prompt", "white"]):
        assert run(tiny_model, output, "--seed", "7", "--json", *flags) == 0
        with Image.open(output) as image:
            files.add(image.tobytes())
    assert len(files) == 3
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (document["guidance"], document["negative_prompt"]) == (2.0, "white")
    assert document["noise"] == "cpu"


def test_a_pipe_gets_the_picture_itself(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "engine", "generate", "一只猫", "-o", "-"]
    flags = ["--size", "64x64", "--steps", "1", "--models", str(tiny_model)]

    done = subprocess.run([*command, *flags], capture_output=True, check=True)

    image = Image.open(io.BytesIO(done.stdout))
    assert image.info["parameters"].startswith("一只猫\n")
    assert done.stderr == b""


def test_an_interrupted_run_leaves_no_file_behind(tiny_model: Path, output: Path) -> None:
    keeper, terminal = os.openpty()
    flags = ["--size", "768x768", "--steps", "50", "--models", str(tiny_model)]
    with os.fdopen(keeper, "rb", buffering=0) as screen:
        child = subprocess.Popen(
            [sys.executable, "-m", "engine", "generate", "x", "-o", str(output), *flags],
            stderr=terminal,
        )
        os.close(terminal)
        shown = b""
        while b"step 1 of 50" not in shown:
            shown += screen.read(4_096)
        child.send_signal(signal.SIGTERM)

        assert child.wait(PATIENCE) == 143

    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "code", "message"),
    [
        (["--size", "100x100"], 2, "the nearest is 96x96"),
        (["--size", "big"], 2, "'big' is not WIDTHxHEIGHT"),
        (["--steps", "0"], 2, "0 steps are not possible"),
        (["--steps", "many"], 2, "--steps is 'many'"),
        (["--seed", "-1"], 2, "seed -1 is not between"),
        (["--guidance", "much"], 2, "--guidance is 'much'"),
        (["--guidance", "nan"], 2, "guidance nan is not possible"),
        (["--negative-prompt", "blue"], 2, "add for example --guidance 3"),
        (["--noise", "white"], 2, "choose cpu or philox"),
        (["--threads", "none"], 2, "--threads is 'none'"),
        (["--device", "tpu"], 2, "--device is 'tpu'"),
        (["-o", "out.jpg"], 2, "end the name in .png"),
        (["-o", "/nowhere/out.png"], 1, "directory /nowhere does not exist"),
        (["-o", "-", "--json"], 2, "choose one"),
        (["--models", "/nowhere"], 2, "model directory /nowhere does not exist"),
        (["--models", "/dev/null"], 2, "is a file, not a directory"),
        (["--models", "/no\nwhere\x1b[2J"], 2, "does not exist"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    output: Path,
    tiny_model: Path,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    code: int,
    message: str,
) -> None:
    assert run(tiny_model, output, *flags) == code

    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("engine: ")
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("prompt", "message"),
    [("", "the prompt is empty"), ("x" * 10_000, "10,000 characters"), ("\udc80", "Unicode")],
)
def test_a_prompt_that_cannot_be_read_is_one_line(
    tiny_model: Path,
    output: Path,
    capsys: pytest.CaptureFixture[str],
    prompt: str,
    message: str,
) -> None:
    code = main(["generate", prompt, "-o", str(output), "--models", str(tiny_model)])

    assert code == 2
    assert message in capsys.readouterr().err


def test_an_incomplete_model_is_one_line(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, output) == 1

    err = capsys.readouterr().err
    assert err.startswith("engine: ")
    assert err.count("\n") == 1
    assert not output.exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["generate", "x"], "-o/--output"),
        (["generate", "x", "-o", "a.png", "--colour", "red"], "--colour"),
        (["generate", "x", "-o", "a.png", "--two\nlines"], "--two lines"),
    ],
)
def test_wrong_usage_is_one_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)

    err = capsys.readouterr().err
    assert end.value.code == 2
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("argv", [["--help"], ["generate", "--help"], ["serve", "--help"]])
def test_help_shows_what_is_possible(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)

    assert end.value.code == 0
    assert "usage: engine" in capsys.readouterr().out


def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])

    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("engine 0.")
