"""`python -m engine inspect`: what is in a directory, and whether it is enough."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_models

from engine.cli import main


def test_a_complete_model_is_a_table_with_each_file(
    tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(tiny_model)]) == 0

    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:3] == ["FILE", "PART", "FORMAT"]
    for file in tiny_model.iterdir():
        assert file.name in out
    assert out.endswith("The model is complete.\n")


def test_the_document_says_the_same(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tiny_model), "--json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert (document["schema_version"], document["complete"]) == (1, True)
    assert {file["part"] for file in document["files"]} == {"transformer", "text_encoder", "vae"}


def test_the_plan_says_how_weights_would_be_kept_here(
    tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(tiny_model), "--plan"]) == 0
    assert "text encoder dense, transformer dense, vae dense" in capsys.readouterr().out

    assert main(["inspect", str(tiny_model), "--plan", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert plan["strategies"] == dict.fromkeys(("text_encoder", "transformer", "vae"), "dense")
    assert plan["bytes"] > 0


def test_a_missing_part_is_named_and_fails(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in tiny_model.glob("*.gguf"):
        (tmp_path / file.name).write_bytes(file.read_bytes())

    assert main(["inspect", str(tmp_path), "--json"]) == 1

    document = json.loads(capsys.readouterr().out)
    assert not document["complete"]
    assert "VAE" in document["problem"]


def test_a_damaged_file_is_told_beside_the_good_ones(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in tiny_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    damaged = next(tmp_path.glob("*.safetensors"))
    damaged.write_bytes(damaged.read_bytes()[:1_000])

    assert main(["inspect", str(tmp_path)]) == 1

    out = capsys.readouterr().out
    assert out.count(f"{damaged.name} is truncated") == 1
    assert "Traceback" not in out


def test_other_weights_of_the_right_shape_are_warned_of(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_model, tmp_path, dirs_exist_ok=True)
    instruct = replace(tiny_models.EncoderSizes(), theta=5e6)
    tiny_models.write_text_encoder(tmp_path / "tiny_qwen3.gguf", instruct)

    assert main(["inspect", str(tmp_path)]) == 0

    *_, warning, last = capsys.readouterr().out.splitlines()
    assert warning.startswith("Warning: tiny_qwen3.gguf is Qwen3-4B-Instruct-2507")
    assert last == "The model is complete."


def test_files_in_folders_are_shown_with_their_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "vae").mkdir()
    (tmp_path / "model_index.json").write_text("{}")
    for number in (1, 2):
        (tmp_path / f"vae/model-0000{number}-of-00002.safetensors").write_bytes(b"junk")

    assert main(["inspect", str(tmp_path)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("vae/model-00001-of-00002.safetensors")
    assert lines[3].startswith("vae/model-00001-of-00002.safetensors is truncated")


def test_an_empty_directory_is_not_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(tmp_path)]) == 1
    assert capsys.readouterr().out.strip()


def test_a_directory_that_does_not_exist_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(tmp_path / "missing")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_name_cannot_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evil\x1b[2J.gguf").write_bytes(b"GGUF")

    main(["inspect", str(tmp_path)])

    assert "\x1b" not in capsys.readouterr().out


def test_a_reader_that_has_seen_enough_is_not_an_error(tiny_model: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "engine", "inspect", str(tiny_model), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()

    with child.stderr:
        assert child.stderr.read() == b""
    assert child.wait(60) == 1


def test_torch_is_not_imported(tiny_model: Path) -> None:
    code = (
        "import sys; from engine.cli import main\n"
        f"main(['inspect', {str(tiny_model)!r}])\n"
        "print({'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "set()"
