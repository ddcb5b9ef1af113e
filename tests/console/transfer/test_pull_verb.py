from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published_scenes import ALL, ENCODER, TRANSFORMER, VAE, hold_published
from pull_scenes import names
from stand_in_hub import Fault, StandInHub

from console.cli import main

Pulled = tuple[int, str, str]
Puller = Callable[..., Pulled]


@pytest.fixture
def pull(
    hub: StandInHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Puller:
    """Pulls from the stand-in as a person would; returns exit code, output and complaints."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_TOKEN", "hf_verysecret")
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str) -> Pulled:
        code = main(["models", "pull", *arguments])
        said = capsys.readouterr()
        assert "hf_verysecret" not in said.out + said.err
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run


def test_the_files_come_and_what_to_do_with_them_is_said(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    held = hold_published(hub)
    code, out, err = pull(str(tmp_path / "m"), "--accept-changed")
    assert (code, err) == (0, "")
    assert names(tmp_path / "m") == ALL
    assert {name: (tmp_path / "m" / name).read_bytes() for name in ALL} == held
    assert f"{TRANSFORMER}: 3.0 MB, verified against the hub's checksum" in out
    assert f"zimage-console --models {tmp_path / 'm'}" in out


def test_a_directory_with_a_hostile_name_is_no_harm(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub, transformer=100_000)
    directory = tmp_path / "m\x1b[2J\udcff"
    code, out, _ = pull(str(directory), "--accept-changed")
    assert code == 0
    assert "\x1b" not in out
    assert names(directory) == ALL


def test_a_second_pull_fetches_nothing(hub: StandInHub, pull: Puller, tmp_path: Path) -> None:
    hold_published(hub)
    pull(str(tmp_path), "--accept-changed")
    before = len(hub.starts())
    code, out, _ = pull(str(tmp_path), "--accept-changed")
    assert code == 0
    assert out.count("was here already, and is right") == 3
    assert len(hub.starts()) == before


def test_files_that_are_other_than_known_are_taken_only_on_request(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub)
    code, _, err = pull(str(tmp_path))
    assert code == 3
    assert f"states other checksums than are known of {ENCODER}, {VAE}" in err
    assert "--accept-changed takes them" in err
    assert names(tmp_path) == []
    assert hub.starts() == []


def test_the_plan_says_what_it_takes_and_fetches_nothing_to_keep(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub)
    code, out, err = pull(str(tmp_path / "m"), "--plan")
    assert (code, err) == (0, "")
    assert "to fetch   3.8 MB of 3.8 MB" in out
    assert "measured now" in out
    assert "Apache-2.0" in out
    assert "--quant Q4_K_M ←" in out
    assert "--encoder BF16" in out
    assert not (tmp_path / "m").exists()


def test_another_file_of_that_name_is_refused_unless_it_may_be_replaced(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    held = hold_published(hub)
    (tmp_path / VAE).write_text("mine")
    code, _, err = pull(str(tmp_path), "--accept-changed")
    assert code == 3
    assert f"{VAE} is there and is another file" in err
    assert names(tmp_path) == [VAE]
    code, _, _ = pull(str(tmp_path), "--accept-changed", "--replace")
    assert code == 0
    assert (tmp_path / VAE).read_bytes() == held[VAE]


def test_a_wrong_hash_fails_and_the_other_files_are_there(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub, transformer=100_000)
    hub.cdn_faults.extend([Fault("corrupt", 10)] * 6)
    code, out, err = pull(str(tmp_path), "--accept-changed")
    assert code == 1
    assert err.count("is not what") == 3
    assert all(line.startswith("zimage-console: ") for line in err.splitlines())
    assert "complete" not in out
    assert names(tmp_path) == []


def test_the_document_says_all_that_was_done(hub: StandInHub, pull: Puller, tmp_path: Path) -> None:
    hold_published(hub)
    (tmp_path / "z_image_turbo-Q8_0.gguf").write_bytes(b"other")
    code, out, _ = pull(str(tmp_path), "--accept-changed", "--json")
    document: dict[str, Any] = json.loads(out)
    assert code == 0
    assert document["done"] is True
    assert document["beside"] == ["z_image_turbo-Q8_0.gguf"]
    assert document["missing_bytes"] == document["bytes"]
    file = document["files"][0]
    assert (file["name"], file["part"], file["licence"]) == (
        TRANSFORMER,
        "transformer",
        "Apache-2.0",
    )
    assert (file["before"], file["now"], file["problem"]) == ("to fetch", "fetched", None)
    assert file["fetched_bytes"] == file["bytes"] == 3_000_000


def test_two_files_for_one_part_are_told_of(hub: StandInHub, pull: Puller, tmp_path: Path) -> None:
    hold_published(hub)
    (tmp_path / "z_image_turbo-Q8_0.gguf").write_bytes(b"other")
    _, out, _ = pull(str(tmp_path), "--accept-changed")
    assert "take z_image_turbo-Q8_0.gguf away" in out


def test_an_encoder_without_its_tokenizer_inside_comes_with_it(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub, encoder="BF16")
    code, _, _ = pull(str(tmp_path), "--encoder", "bf16", "--accept-changed")
    assert code == 0
    assert names(tmp_path) == sorted((TRANSFORMER, "qwen_3_4b.safetensors", VAE, "tokenizer.json"))


def test_what_nobody_published_is_answered_with_what_there_is(pull: Puller, tmp_path: Path) -> None:
    code, _, err = pull(str(tmp_path), "--quant", "Q9_X")
    assert code == 2
    assert "--quant 'Q9_X' is not published; there is Q3_K_S, " in err
    assert len(err.splitlines()) == 1


def test_an_address_that_is_none_is_a_mistake_of_usage(
    pull: Puller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "hf-mirror.com")
    code, _, err = pull(str(tmp_path))
    assert code == 2
    assert "HF_ENDPOINT='hf-mirror.com' is no address; write https://hf-mirror.com" in err


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            Fault("status", status=403, headers=(("X-Error-Code", "GatedRepo"),)),
            "accept them at https://huggingface.co/jayn7/Z-Image-Turbo-GGUF and set HF_TOKEN",
        ),
        (
            Fault("status", status=404, headers=(("X-Error-Code", "EntryNotFound"),)),
            "has no z_image_turbo-Q4_K_M.gguf in jayn7/Z-Image-Turbo-GGUF; was it renamed?",
        ),
        (
            Fault("status", status=429, headers=(("Retry-After", "3000"),)),
            "asked too often, and allows more in 3000 s; with HF_TOKEN it allows more",
        ),
    ],
)
def test_what_the_hub_refuses_is_one_line_with_the_mend(
    hub: StandInHub, pull: Puller, tmp_path: Path, fault: Fault, said: str
) -> None:
    hold_published(hub)
    hub.hub_faults.append(fault)
    code, _, err = pull(str(tmp_path))
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1
    assert names(tmp_path) == []


def test_a_directory_that_cannot_be_written_is_said(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub)
    (tmp_path / "file").write_text("")
    code, _, err = pull(str(tmp_path / "file"))
    assert code == 1
    assert f"{tmp_path / 'file'} is no directory" in err


def _in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


def _to_nothing(path: Path) -> None:
    path.symlink_to("/nowhere/at.all")


@pytest.mark.parametrize("make", [_in_a_circle, _to_nothing], ids=["circle", "nothing"])
def test_links_that_lead_nowhere_are_no_place_and_no_file(
    hub: StandInHub, pull: Puller, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    held = hold_published(hub)
    make(tmp_path / "link")
    code, _, err = pull(str(tmp_path / "link"))
    assert (code, len(err.splitlines())) == (1, 1)
    assert "link is no directory; name one for the files" in err

    (tmp_path / "m").mkdir()
    make(tmp_path / "m" / VAE)
    code, _, err = pull(str(tmp_path / "m"), "--accept-changed")
    assert (code, len(err.splitlines())) == (3, 1)
    assert f"{VAE} is there and is another file" in err
    assert pull(str(tmp_path / "m"), "--accept-changed", "--replace")[0] == 0
    assert (tmp_path / "m" / VAE).read_bytes() == held[VAE]
    assert not (tmp_path / "m" / VAE).is_symlink()


def test_a_directory_in_the_place_of_a_file_is_not_removed(
    hub: StandInHub, pull: Puller, tmp_path: Path
) -> None:
    hold_published(hub)
    (tmp_path / VAE).mkdir()
    code, _, err = pull(str(tmp_path), "--accept-changed", "--replace")
    assert code == 1
    assert err.splitlines() == [
        f"zimage-console: {VAE} cannot be kept in {tmp_path} (Is a directory); mend that"
    ]
    assert (tmp_path / VAE).is_dir()


@pytest.mark.parametrize("name", ["", "  "])
def test_a_variable_that_was_never_set_is_not_this_directory(
    hub: StandInHub, pull: Puller, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with pytest.raises(SystemExit) as left:
        pull(name)
    assert left.value.code == 2
    assert "an empty name is no directory; write . for this one" in capsys.readouterr().err
    assert hub.asked == []


def test_a_name_longer_than_any_is_one_line(hub: StandInHub, pull: Puller, tmp_path: Path) -> None:
    code, _, err = pull(str(tmp_path / ("y" * 500)))
    assert code == 1
    assert "File name too long; name another directory" in err
    assert len(err.splitlines()) == 1


def test_switched_off_by_the_environment_is_said_in_one_line(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "console", "models", "pull", str(tmp_path)],
        env=environment | {"HF_ENDPOINT": hub.endpoint, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "HF_HUB_OFFLINE forbids to ask" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert not hub.asked


def test_only_a_pull_imports_the_client_of_the_hub(environment: dict[str, str]) -> None:
    code = (
        "import sys; import console.cli, console.verbs.models, console.verbs.models_pull;"
        "heavy = ('huggingface_hub', 'httpx2', 'textual', 'torch', 'google.cloud');"
        "print([name for name in heavy if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_cache_of_the_hub_is_not_written(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    hold_published(hub, transformer=100_000)
    home = tmp_path / "home"
    home.mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "console", "models", "pull", "m", "--accept-changed"],
        env=environment | {"HF_ENDPOINT": hub.endpoint, "HOME": str(home)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert os.listdir(home) == []
    assert names(tmp_path / "m") == ALL
