"""What all tests share."""

from __future__ import annotations

import gc
import os
import signal
import sys

import pytest

# Textual reads these when it is imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

# Readline, which pytest imports, has told all workers of a terminal that tests do not have.
for _size in ("COLUMNS", "LINES"):
    os.environ.pop(_size, None)

# Consoles that tests start speak English, whatever whoever runs them does.
os.environ["LC_MESSAGES"] = "C"
if os.environ.get("LC_ALL"):
    os.environ["LC_ALL"] = "C.UTF-8"

# Some machines are told to keep no bytecode: there every worker would compile all tests anew, which
# takes ten seconds each time, and every process that is started what changed in the console.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Looking for garbage among all that torch and Textual have made takes a quarter of a screen's test.
gc.set_threshold(100_000, 20, 100)

# A shell starts what it puts in the background with SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that keeps new goldens."""
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write the text of screens anew instead of comparing it with what is kept",
    )
    parser.addoption(
        "--thorough", action="store_true", help="run the tests too that take long for what they add"
    )


LONGEST = ("e2e", "pty", "deploy", "pushing", "bench", "sandbox")
"""Directories of tests that run whole programs."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nobody waits for one file of it in the end.

    What is marked as thorough is left out, unless it is asked for or what it holds is renewed.
    """
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)
    if config.getoption("--thorough") or config.getoption("--update-goldens"):
        return
    left_out = pytest.mark.skip(reason="takes long: make test THOROUGH=1, or pytest --thorough")
    for item in items:
        if item.get_closest_marker("thorough") or _large_in_chinese(item):
            item.add_marker(left_out)


def pytest_collection_finish() -> None:
    """Look for garbage only among what tests make: what was imported for them stays."""
    gc.collect()
    gc.freeze()


def _large_in_chinese(item: pytest.Item) -> bool:
    """Say whether a golden is one of a large screen in Chinese: the small one shows more faults."""
    given = getattr(item, "callspec", None)
    return given is not None and {"zh", "120x36"} <= {
        each for each in given.params.values() if isinstance(each, str)
    }
