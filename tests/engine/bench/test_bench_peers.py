"""Other programs turn about with ours. sd-cli is played by a script that prints what it prints."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from engine.bench.peers import sdcpp
from engine.bench.peers.compare import OURS, Comparison, DifferentPictures, psnr, turn_about
from engine.bench.peers.report import document, table
from engine.bench.peers.sdcpp import Listener
from engine.bench.peers.turn import Task, Turn, TurnFailed
from engine.cli import main
from engine.schema import Size

TASK = Task(Path("/models"), "Q4_K", Size(64, 96), steps=2, threads=3, linear="auto")

# In the form of sd-cli in stable-diffusion-cpp-python 0.4.7.
PRINTED = """\
[INFO ] model.cpp:216  - load /models/transformer-Q4_K.gguf using gguf format
[INFO ] stable-diffusion.cpp:305  - Version: Z-Image
  |=========================>                        | 226/453 - 812.31MB/s
  |==================================================| 453/453 - 1.02GB/s
[INFO ] model.cpp:993  - loading tensors completed, taking 9.31s (process: 0.01s, read: 4.20s)
[INFO ] stable-diffusion.cpp:3169 - get_learned_condition completed, taking 2.05s
  |========================>                         | 1/2 - 250.00s/it
  |==================================================| 2/2 - 234.75s/it
[INFO ] stable-diffusion.cpp:3432 - sampling completed, taking 469.53s
[INFO ] stable-diffusion.cpp:3208 - latent 1 decoded, taking 96.30s
[INFO ] stable-diffusion.cpp:3212 - decode_first_stage completed, taking 96.31s
"""
REFUSED = """\
[ERROR] model.cpp:1035 - tensor 'model.diffusion_model.x_pad_token' has wrong shape in model file
[INFO ] main.cpp:713  - new_sd_ctx_t failed
"""


def script(path: Path, printed: str, code: int = 0) -> Path:
    text = path.with_suffix(".txt")
    text.write_text(printed)
    path.write_text(f"#!/bin/sh\ncat '{text}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def picture(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (8, 4)) -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def test_sd_clis_times_are_read(tmp_path: Path):
    turn = sdcpp.run(script(tmp_path / "sd-cli", PRINTED), TASK, tmp_path / "out.png")
    assert turn.seconds.pop("load") > 0
    assert turn.seconds == {"encode": 2.05, "step": 234.75, "decode": 96.31}
    assert turn.details == {"tensors_seconds": 9.31}
    assert turn.peak_bytes > 0


def test_other_units_are_read_too():
    listener = Listener(steps=8)
    listener.hear("[INFO ] x.cpp:1 - get_learned_condition completed, taking 2141 ms", 1.0)
    listener.hear("\r  |====| 8/8 - 4.00it/s\x1b[K", 2.0)
    assert listener.seconds == {"encode": 2.141, "step": 0.25}


def test_sd_cli_is_asked_for_the_same_picture(tmp_path: Path):
    words = sdcpp.command(Path("/bin/sd-cli"), TASK, tmp_path / "out.png")
    options = dict(pairwise(words))
    assert options["--diffusion-model"] == "/models/transformer-Q4_K.gguf"
    assert options["--llm"] == "/models/encoder-Q4_K.gguf"
    assert options["--sigmas"] == "1,0.75,0"
    assert (options["--width"], options["--height"], options["--steps"]) == ("64", "96", "2")
    assert (options["--rng"], options["--seed"], options["--cfg-scale"]) == ("cuda", "42", "1")
    assert options["-t"] == "3"


@pytest.mark.parametrize(
    ("printed", "code", "message"),
    [
        (REFUSED, 1, "sd-cli ended with 1: .*wrong shape"),
        ("", 3, "sd-cli ended with 3: it said nothing"),
        (PRINTED.replace("decode_first_stage", "else"), 0, "how long it took to decode;"),
    ],
)
def test_a_program_that_fails_is_one_line(tmp_path: Path, printed: str, code: int, message: str):
    with pytest.raises(TurnFailed, match=message) as caught:
        sdcpp.run(script(tmp_path / "sd-cli", printed, code), TASK, tmp_path / "out.png")
    assert "\n" not in str(caught.value)


def test_a_program_that_cannot_be_run_is_one_line(tmp_path: Path):
    (tmp_path / "sd-cli").write_text("no program")
    (tmp_path / "sd-cli").chmod(0o755)
    with pytest.raises(TurnFailed, match="cannot be run: Exec format error"):
        sdcpp.run(tmp_path / "sd-cli", TASK, tmp_path / "out.png")


def test_every_program_has_its_turn_in_every_round():
    heard = []
    turn = Turn({"load": 1.0}, 1, {})
    programs = {OURS: lambda: turn, "other": lambda: turn}
    found = turn_about(programs, 2, heard.append, heard.append)
    assert heard == [OURS, "other"] * 2
    assert found == {OURS: [turn, turn], "other": [turn, turn]}


def test_a_program_that_fails_does_not_cost_the_others_their_turns():
    turn, failure = Turn({"load": 1.0}, 1, {}), TurnFailed("no")

    def fail() -> Turn:
        raise failure

    heard = []
    found = turn_about({OURS: lambda: turn, "other": fail}, 2, heard.append, heard.append)
    assert heard == [OURS, "other", failure, OURS]
    assert found == {OURS: [turn, turn]}
    with pytest.raises(TurnFailed):
        turn_about({OURS: fail}, 2, heard.append, heard.append)


def test_ratios_are_of_medians_and_say_where_there_is_none():
    ours = [Turn({"load": load, "step": 2.0}, 4 << 30, {}) for load in (1.0, 9.0, 2.0)]
    other = [Turn({"load": 4.0, "decode": 1.0}, 8 << 30, {})]
    found = Comparison({OURS: ours, "other": other}, {"other": 41.25})
    assert document(found)["ratios"] == {
        "other": {"load": 0.5, "step": None, "decode": None, "peak_bytes": 0.5}
    }
    lines = table(found)
    assert lines[1].split() == ["load,", "s", "2.00", "4.00", "0.50"]
    assert lines[3].split() == ["decode,", "s", "–", "1.00", "–"]
    assert lines[4].split() == ["peak,", "GiB", "4.00", "8.00", "0.50"]
    assert lines[-1] == "our picture and that of other: 41.2 dB PSNR"


def test_how_far_pictures_agree(tmp_path: Path):
    first = picture(tmp_path / "a.png", (100, 100, 100))
    # 20 log10(255 / 1) = 48.13 dB for a difference of one level everywhere.
    second = picture(tmp_path / "b.png", (101, 99, 101))
    assert psnr(first, second) == pytest.approx(48.13, abs=0.01)
    found = Comparison({OURS: [], "other": []}, {"other": psnr(first, first)})
    assert document(Comparison({}, found.agreement))["agreement_psnr"] == {"other": None}
    with pytest.raises(DifferentPictures, match=r"a\.png and c\.png"):
        psnr(first, picture(tmp_path / "c.png", (1, 1, 1), (4, 4)))


@pytest.mark.thorough
def test_diffusers_runs_turn_about_on_the_small_model(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    command = ["bench", "--small", "--diffusers", "--directory", str(tmp_path), "--threads", "1"]
    assert main([*command, "--size", "96x64", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert set(found["programs"]) == {"engine", "diffusers"}
    ratios = found["ratios"]["diffusers"]
    assert ratios["step"] > 0
    assert ratios["decode"] > 0
    assert ratios["encode"] is None


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--sdcpp", "/nowhere/sd-cli"], "name the program sd-cli"),
        (["--sdcpp", "/bin/sh", "--small"], "leave out --small"),
        (["--diffusers", "--turns", "0"], "choose 1 to 20"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], message: str
):
    assert main(["bench", "--directory", str(tmp_path), *flags]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
