from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_bucket import FaultyBucket, faulty_bucket


@pytest.fixture
def bucket(tiny_model: Path, request: pytest.FixtureRequest) -> Iterator[FaultyBucket]:
    """A bucket with the small model's files, read by as many processes as a test's parameter."""
    with faulty_bucket() as served:
        served.processes = getattr(request, "param", 0)
        served.put(tiny_model)
        yield served
