from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.models.parts import ModelPart
from console.model.models.published import VAE, PublishedFile
from console.model.models.pulling import (
    SPARE_BYTES,
    Checksum,
    Digest,
    FileProgress,
    PlannedFile,
    PullPlan,
    PullProgress,
    Standing,
    StatedFile,
    stated_checksum,
)
from console.model.models.rate_window import RateWindow
from console.model.text import SafeText

FILE = PublishedFile(
    part=ModelPart.TRANSFORMER, quantisation="Q4_K_M", repository="a/b", path="c/d.gguf", size=100
)
SHA = Checksum(Digest.SHA256, "a" * 64)


def planned(standing: Standing, have: int = 0, size: int = 100) -> PlannedFile:
    """A file of the plan."""
    return PlannedFile(StatedFile(FILE, size, SHA, "main"), standing, have)


def plan(*files: PlannedFile, free: int = 10**12, rate: float | None = None) -> PullPlan:
    """A plan of such files."""
    return PullPlan(directory="m", endpoint=SafeText("e"), files=files, free=free, rate=rate)


def test_the_hub_names_large_files_by_sha_256_and_small_ones_as_git_does() -> None:
    assert stated_checksum("a" * 64) == SHA
    assert stated_checksum("b" * 40) == Checksum(Digest.GIT, "b" * 40)


@pytest.mark.parametrize("tag", [None, "", "A" * 64, "a" * 63, "d41d8cd98f00b204e9800998ecf8427e"])
def test_any_other_tag_is_no_checksum(tag: str | None) -> None:
    assert stated_checksum(tag) is None


def test_a_file_grows_under_a_name_that_says_its_content() -> None:
    stated = StatedFile(FILE, 1, SHA, "main")
    other = StatedFile(FILE, 1, Checksum(Digest.SHA256, "b" * 64), "main")
    assert stated.part_name == f".d.gguf.{'a' * 12}.part"
    assert other.part_name != stated.part_name


def test_a_file_is_as_known_other_than_known_or_not_known() -> None:
    assert VAE.sha256 is not None
    known = StatedFile(VAE, 1, Checksum(Digest.SHA256, VAE.sha256), "main")
    other = StatedFile(VAE, 1, SHA, "main")
    unknown = StatedFile(FILE, 1, SHA, "main")
    assert [(each.as_known, each.other_than_known) for each in (known, other, unknown)] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_what_is_there_has_not_to_come_and_what_is_begun_only_in_part() -> None:
    some = plan(
        planned(Standing.HERE, 100),
        planned(Standing.BEGUN, 30),
        planned(Standing.DIFFERENT),
        planned(Standing.MISSING),
    )
    assert (some.size, some.missing) == (400, 270)


def test_room_is_needed_for_what_has_to_come_and_some_to_spare() -> None:
    assert plan(planned(Standing.MISSING), free=100 + SPARE_BYTES).lacking == 0
    assert plan(planned(Standing.MISSING), free=99 + SPARE_BYTES).lacking == 1
    assert plan(planned(Standing.HERE, 100), free=0).lacking == 0, "nothing has to come"


def test_the_time_is_known_if_the_rate_is_or_nothing_has_to_come() -> None:
    assert plan(planned(Standing.MISSING), rate=10.0).seconds == 10.0
    assert plan(planned(Standing.MISSING)).seconds is None
    assert plan(planned(Standing.HERE, 100)).seconds == 0.0


def test_time_left_is_what_is_missing_at_the_rate() -> None:
    files = (FileProgress("a", 100, 50, 20), FileProgress("b", 100, 100, 0))
    assert PullProgress(files, 10.0).seconds_left == 5.0
    assert PullProgress(files).seconds_left is None
    assert (PullProgress(files).done, PullProgress(files).passed) == (150, 20)


def test_the_rate_is_that_of_the_last_seconds_alone() -> None:
    window = RateWindow(seconds=10.0)
    assert window.rate(0.0, 0) is None
    for second in range(61):
        window.add(float(second), min(second, 30) * 100 + max(0, second - 30) * 10)
    assert window.rate(60.0, 3_300) == pytest.approx(10.0)


@given(st.lists(st.tuples(st.floats(0.001, 100), st.integers(0, 10**9)), max_size=200))
def test_a_rate_is_never_negative_and_the_window_never_grows_beyond_its_seconds(
    steps: list[tuple[float, int]],
) -> None:
    window, now, count = RateWindow(seconds=5.0), 0.0, 0
    for seconds, came in steps:
        now, count = now + seconds, count + came
        window.add(now, count)
        rate = window.rate(now, count)
        assert rate is None or rate >= 0.0
    assert len(window._samples) <= 102
