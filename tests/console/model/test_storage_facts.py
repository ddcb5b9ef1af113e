"""What is said of a bucket in one line."""

from __future__ import annotations

import pytest

from console.model.storage import Kept, ObjectList, StoredObject, Weights, size_text, weights_text
from console.terminal.sanitise import sanitise


def stored(size: int, kept: Kept = Kept.LIVE) -> StoredObject:
    return StoredObject(
        name=sanitise("a"),
        size=size,
        storage_class=sanitise("STANDARD"),
        crc32c=sanitise(""),
        generation=1,
        kept=kept,
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (7_352_870, "7.4 MB"),
        (999_949_999, "999.9 MB"),
        (999_999_999, "1.0 GB"),
        (7_800_000_000, "7.8 GB"),
        (12_345_000_000_000_000, "12,345.0 TB"),
    ],
)
def test_sizes_are_written_for_people(size: int, text: str) -> None:
    assert size_text(size) == text


def test_only_live_objects_count_as_weights() -> None:
    found = ObjectList((stored(4_000), stored(3_400), stored(9_999, Kept.SOFT_DELETED)))
    weights = Weights.of(sanitise("models"), found)
    assert weights_text(weights) == "2 objects, 7.4 kB"
    assert weights.kept_bytes == 9_999


def test_an_empty_bucket_says_so() -> None:
    found = ObjectList((stored(9_999, Kept.NONCURRENT),))
    assert weights_text(Weights.of(sanitise("models"), found)) == "empty"


def test_a_list_that_was_cut_says_so() -> None:
    found = ObjectList((stored(1), stored(2)), complete=False)
    assert weights_text(Weights.of(sanitise("models"), found)) == "more than 2 objects, 3 B"
