"""The programs of a desktop, which may be missing, fail or never answer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from console.terminal.desktop import Desktop, is_here

X11 = {"DISPLAY": ":0"}
BOTH = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def desktop(folder: Path, environment: dict[str, str], platform: str = "linux") -> Desktop:
    found = {**environment, "PATH": f"{folder}:/usr/bin:/bin", "FOLDER": str(folder)}
    return Desktop(found, platform, patience=5.0)


@pytest.mark.parametrize(
    ("environment", "platform", "here"),
    [
        (X11, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({**X11, "SSH_CONNECTION": "a b c d"}, "linux", False),
        ({"SSH_TTY": "/dev/pts/0"}, "darwin", False),
    ],
)
def test_a_desktop_is_here_only_if_somebody_sits_at_it(
    environment: dict[str, str], platform: str, here: bool
) -> None:
    assert is_here(environment, platform) is here


@pytest.mark.parametrize(
    ("environment", "platform", "name", "arguments"),
    [
        (BOTH, "linux", "wl-copy", ""),
        (X11, "linux", "xclip", "-selection clipboard"),
        (X11, "linux", "xsel", "--clipboard --input"),
        ({}, "darwin", "pbcopy", ""),
    ],
)
def test_the_program_of_the_desktop_gets_the_text(
    environment: dict[str, str], platform: str, name: str, arguments: str, programs: Path
) -> None:
    program(programs, name, 'cat > "$FOLDER/text"; echo "$@" > "$FOLDER/arguments"')
    assert desktop(programs, environment, platform).copy("红 line\nline") == name
    assert (programs / "text").read_text() == "红 line\nline"
    assert (programs / "arguments").read_text() == f"{arguments}\n"


def test_one_that_fails_leaves_it_to_the_next(programs: Path) -> None:
    program(programs, "wl-copy", "exit 1")
    program(programs, "xclip", "cat > /dev/null")
    assert desktop(programs, BOTH).copy("x" * 200_000) == "xclip"


def test_elsewhere_no_program_is_started(programs: Path) -> None:
    program(programs, "xclip", 'touch "$FOLDER/started"')
    assert desktop(programs, {**X11, "SSH_TTY": "/dev/pts/0"}).copy("text") == ""
    assert not (programs / "started").exists()


def test_one_that_hangs_is_ended_and_not_asked_again(programs: Path) -> None:
    program(programs, "xclip", 'echo begun >> "$FOLDER/begun"; exec sleep 60')
    environment = {**X11, "PATH": f"{programs}:/usr/bin:/bin", "FOLDER": str(programs)}
    stuck = Desktop(environment, "linux", patience=1.0)
    begun = time.monotonic()
    assert stuck.copy("x" * 200_000) == ""
    assert stuck.copy("text") == ""
    assert time.monotonic() - begun < 20
    assert (programs / "begun").read_text() == "begun\n"


def test_a_viewer_may_stay_and_one_that_fails_is_told_apart(programs: Path) -> None:
    path = f"PATH={programs}:/usr/bin:/bin"
    environment = {**X11, "PATH": path.removeprefix("PATH="), "FOLDER": str(programs)}
    quick = Desktop(environment, "linux", patience=0.3)
    assert Desktop({**X11, "PATH": str(programs)}, "linux").open("/a.png") == ""
    program(programs, "xdg-open", 'echo "$@" > "$FOLDER/opened"; exec sleep 2')
    assert quick.open("/pictures/a b.png") == "xdg-open"
    assert (programs / "opened").read_text() == "/pictures/a b.png\n"
    program(programs, "xdg-open", "exit 3")
    assert Desktop(environment, "linux", patience=20.0).open("/a.png") == ""
