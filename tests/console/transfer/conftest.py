from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Those of pushing have a line on which things go wrong.
sys.path.insert(0, str(Path(__file__).parent.parent / "pushing"))

from stand_in_hub import StandInHub, stand_in_hub


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    """A stand-in for the hub that holds nothing yet."""
    with stand_in_hub() as hub:
        yield hub
