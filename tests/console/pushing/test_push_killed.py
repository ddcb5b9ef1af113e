"""`zimage-console models push` as a process of its own: killed, ended, begun again, asked twice."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest
from push_process import (
    PART,
    PATIENCE,
    THREADS,
    killed_at,
    large_model,
    said,
    size_of,
    started,
    until_parts_arrived,
    whole,
)
from push_scene import MIB, Scene
from troubled_line import Trouble


@pytest.fixture
def models(tiny_model_directory: Path, tmp_path: Path) -> Path:
    return large_model(tiny_model_directory, tmp_path / "models")


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
    # It holds the bucket while it stands still, however long the second one takes to begin.
    first.send_signal(signal.SIGSTOP)

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
