"""`zimage-console models push` as a process of its own: killed, ended, begun again, asked twice."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from push_scene import BUCKET, MIB, Scene
from troubled_line import Trouble

from console.session.transfer.upload_records import UploadRecords

PATIENCE = 120.0
PART = 8 * MIB
THREADS = 8


@pytest.fixture
def models(tiny_model_directory: Path, tmp_path: Path) -> Path:
    """A whole model with bytes enough; the engine minds none after the last tensor of a GGUF."""
    directory = tmp_path / "models"
    directory.mkdir()
    for each in tiny_model_directory.iterdir():
        (directory / each.name).write_bytes(each.read_bytes())
    with (directory / "tiny_z_image.gguf").open("ab") as file:
        file.write(random.Random(5).randbytes(60 * MIB))
    return directory


def size_of(models: Path) -> int:
    return sum(each.stat().st_size for each in models.iterdir())


def started(at: Scene, models: Path, *more: str) -> subprocess.Popen[str]:
    state = at.folder / "home" / "zimage-console" / "sandbox"
    state.mkdir(parents=True, exist_ok=True)
    nowhere = "127.0.0.1:1"
    told = {"run": nowhere, "logging": nowhere, "http": at.line.address}
    (state / "address.json").write_text(json.dumps(told))
    home = str(at.folder / "home")
    inherited = {key: value for key, value in os.environ.items() if "ZIMAGE" not in key}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "console", "models", "push", str(models), "--json"),
            *("--context", "sandbox", "--bucket", BUCKET, *more),
        ],
        env=inherited | {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_parts_arrived(at: Scene, count: int = 1) -> None:
    """Wait until so many parts of the large file are remembered to have arrived."""
    records = UploadRecords(at.folder / "home" / "zimage-console" / "uploads")
    end = time.monotonic() + PATIENCE
    while not any(len(each.parts) >= count for each in records.of(BUCKET)):
        assert time.monotonic() < end
        time.sleep(0.01)


def said(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, json.loads(output or "{}"), errors


def killed_at(at: Scene, process: subprocess.Popen[str], sent: int) -> None:
    """Kill a process once so many bytes have passed the line."""
    end = time.monotonic() + PATIENCE
    while at.line.sent < sent and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=PATIENCE)


def whole(at: Scene, models: Path) -> bool:
    for path in models.iterdir():
        blob = at.bucket.get_blob(path.name)
        data = path.read_bytes()
        if blob is None or blob.download_as_bytes() != data:
            return False
        assert blob.metadata["sha256"] == hashlib.sha256(data).hexdigest()
    return not at.leftovers()


def test_a_process_that_is_killed_again_and_again_loses_a_part_of_each_thread(
    at: Scene, models: Path
) -> None:
    dice = random.Random(11)
    kills = 4
    for _ in range(kills):
        process = started(at, models, "--limit", "60M")
        killed_at(at, process, at.line.sent + dice.randint(1 * MIB, 40 * MIB))

    code, document, errors = said(started(at, models))

    assert (code, errors) == (0, "")
    assert document["complete"] is True
    assert whole(at, models)
    assert at.line.sent - size_of(models) <= (kills * THREADS + 1) * PART


def test_a_second_push_sends_nothing(at: Scene, models: Path) -> None:
    assert said(started(at, models))[0] == 0
    before = at.line.sent

    code, document, _ = said(started(at, models))

    assert code == 0
    assert {each["became"] for each in document["files"]} == {"was there"}
    assert at.line.sent - before < 10_000


def test_ctrl_c_says_how_to_go_on(at: Scene, models: Path) -> None:
    process = started(at, models, "--limit", "20M")
    until_parts_arrived(at, 2)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert output == ""
    assert errors == (
        "zimage-console: ended by SIGINT; the same command goes on where this ended\n"
    )

    code, document, _ = said(started(at, models))

    assert code == 0
    assert sum(each["bytes_sent_before"] for each in document["files"]) > 0
    assert whole(at, models)


def test_everything_at_once_comes_to_a_good_end(at: Scene, models: Path) -> None:
    at.line.every = 20 * MIB
    at.line.kinds = (Trouble.RESET, Trouble.DAMAGE, Trouble.LOST_ANSWER)

    code, document, errors = said(started(at, models))

    assert (code, errors) == (0, "")
    at.line.every = None
    assert whole(at, models)
    assert sum(at.line.seen.values()) > 0
    again = sum(each["bytes_sent_again"] for each in document["files"])
    assert again <= PART * sum(each["failures"] for each in document["files"])


def test_two_pushes_to_a_bucket_do_not_meet(at: Scene, models: Path) -> None:
    first = started(at, models, "--limit", "20M")
    until_parts_arrived(at)

    code, _, errors = said(started(at, models))
    first.send_signal(signal.SIGKILL)
    first.communicate()

    assert code == 1
    assert "another process pushes to this bucket" in errors


def test_what_was_begun_of_a_file_that_is_gone_is_cleaned_up(at: Scene, models: Path) -> None:
    process = started(at, models, "--limit", "20M")
    until_parts_arrived(at)
    process.kill()
    process.communicate()
    assert at.leftovers()
    large = models / "tiny_z_image.gguf"
    large.rename(models / "renamed.gguf")

    assert said(started(at, models, "--beside"))[0] == 0

    assert at.leftovers() == []
