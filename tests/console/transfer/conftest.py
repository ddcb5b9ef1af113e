from __future__ import annotations

from collections.abc import Iterator

import pytest
from stand_in_hub import StandInHub, stand_in_hub


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    """A stand-in for the hub that holds nothing yet."""
    with stand_in_hub() as hub:
        yield hub
