"""How far a push is, in one line."""

from __future__ import annotations

from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.text import SafeText
from console.verbs.transfer_line import progress_text

HALF = PushProgress(
    (
        PushedFile("ae.safetensors", 300_000_000, stage=FileStage.FINISHING),
        PushedFile("z.gguf", 5_700_000_000, arrived=2_700_000_000, stage=FileStage.SENDING),
    ),
    10e6,
)


def test_it_says_how_far_how_fast_and_how_long_for_all_and_for_the_file() -> None:
    assert progress_text(HALF) == (
        "50 % of 6.0 GB · 10.0 MB/s · 5 min left · z.gguf 47 %, 5 min left"
    )


def test_what_is_waited_for_is_said() -> None:
    waiting = PushedFile("z.gguf", 100, stage=FileStage.SENDING, note=SafeText("no network"))

    assert (
        progress_text(PushProgress((waiting,))) == "0 % of 100 B · z.gguf 0 % · waiting: no network"
    )
