from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_bucket import FaultyBucket, faulty_bucket


@pytest.fixture
def bucket(tiny_model: Path) -> Iterator[FaultyBucket]:
    """A bucket with the small model's files."""
    with faulty_bucket() as served:
        served.put(tiny_model)
        yield served
