"""Every error can be told in one line."""

from __future__ import annotations

import pytest

from engine.errors import MalformedFile, one_line
from engine.schema import InvalidRequest


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MalformedFile("z.gguf is truncated"), "z.gguf is truncated"),
        (InvalidRequest("n", "n is 11"), "n is 11"),
        (RuntimeError("two\n  lines"), "unexpected RuntimeError: two lines"),
        (KeyError(), "unexpected KeyError: no explanation"),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            "torch is not installed; run: pip install 'zimage-console[engine]'",
        ),
    ],
)
def test_an_error_is_told_in_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line
