"""What all tests share."""

from __future__ import annotations

import os
import signal

import pytest

# Textual reads these when it is imported.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ.pop("NO_COLOR", None)

# Consoles that tests start speak English, whatever whoever runs them does.
os.environ["LC_MESSAGES"] = "C"
if os.environ.get("LC_ALL"):
    os.environ["LC_ALL"] = "C.UTF-8"

# A shell starts what it puts in the background with SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch that keeps new goldens."""
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write the text of screens anew instead of comparing it with what is kept",
    )
