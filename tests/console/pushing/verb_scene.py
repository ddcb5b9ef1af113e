"""A verb of `models` as a person runs it, against the bucket behind the line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from push_scene import BUCKET, Scene

from console.cli import main

Said = tuple[int, str, str]
Run = Callable[..., Said]


def verb_runner(
    at: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Return what runs a verb; it gives the exit code, the output and the complaints."""
    home = at.folder / "home"
    state = home / "zimage-console" / "sandbox"
    state.mkdir(parents=True)
    nowhere = "127.0.0.1:1"
    told = {"run": nowhere, "logging": nowhere, "http": at.line.address}
    (state / "address.json").write_text(json.dumps(told))
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))

    def run(*arguments: str, bucket: str = BUCKET) -> Said:
        place = ("--context", "sandbox", "--bucket", bucket)
        code = main(["models", *arguments, *place])
        output, errors = capsys.readouterr()
        return code, output, errors

    return run


def refused(said: Said, code: int, *words: str) -> None:
    """Hold an answer to its code, and to one line on standard error that has these words."""
    assert said[0] == code, said
    assert said[2].startswith("zimage-console: ")
    assert said[2].count("\n") == 1, said[2]
    for each in words:
        assert re.search(each, said[2]), said[2]
