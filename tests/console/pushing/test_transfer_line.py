"""How far a push is: one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io

import pytest

from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.text import SafeText
from console.verbs.transfer_line import TransferLine, progress_text

HALF = PushProgress(
    (
        PushedFile("ae.safetensors", 300_000_000, stage=FileStage.FINISHING),
        PushedFile("z.gguf", 5_700_000_000, arrived=2_700_000_000, stage=FileStage.SENDING),
    ),
    10e6,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")


def test_it_says_how_far_how_fast_and_how_long_for_all_and_for_the_file() -> None:
    assert progress_text(HALF) == (
        "50 % of 6.0 GB · 10.0 MB/s · 5 min left · z.gguf 47 %, 5 min left"
    )


def test_what_is_waited_for_is_said() -> None:
    waiting = PushedFile("z.gguf", 100, stage=FileStage.SENDING, note=SafeText("no network"))

    assert (
        progress_text(PushProgress((waiting,))) == "0 % of 100 B · z.gguf 0 % · waiting: no network"
    )


def test_a_terminal_has_one_line_that_is_gone_in_the_end() -> None:
    stream = Terminal()
    line = TransferLine(stream)

    line.show(HALF, 1.0)
    line.show(HALF, 1.2)
    line.clear()

    assert stream.getvalue().count("50 %") == 1
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "\n" not in stream.getvalue()


def test_a_line_is_never_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()

    TransferLine(stream).show(HALF, 1.0)

    assert len(stream.getvalue().removeprefix("\r\x1b[K")) == 39


def test_elsewhere_there_is_a_plain_line_every_half_minute() -> None:
    stream = io.StringIO()
    line = TransferLine(stream)

    line.say("comparing z.gguf")
    for elapsed in range(0, 95):
        line.show(HALF, float(elapsed))
    line.clear()

    assert stream.getvalue().splitlines() == [progress_text(HALF)] * 3


def test_a_dumb_terminal_gets_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    line = TransferLine(stream)

    line.show(HALF, 31.0)
    line.clear()

    assert stream.getvalue() == progress_text(HALF) + "\n"
