"""A file gets its name in the bucket where nothing can be moved, and where answers are lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from door import Door, open_door
from push_scene import MIB, Scene

from console.sources.writing import Taken


class NoMoving(Door):
    """Before a storage that knows no moving; the first answers of some kind can be lost."""

    status = 501
    losing = ""

    def refusal(self, method: str, path: str, authorization: str) -> tuple[int, bytes] | None:
        return (self.status, b"Not Implemented") if "/moveTo/" in path else None

    def loses(self, method: str, path: str) -> bool:
        lost = bool(self.losing) and self.losing in f"{method} {path}"
        if lost:
            self.losing = ""
        return lost


class Losing(NoMoving):
    """Before a storage that knows moving, but answers may be lost."""

    def refusal(self, method: str, path: str, authorization: str) -> tuple[int, bytes] | None:
        return None


@pytest.fixture
def door(at: Scene) -> Iterator[NoMoving]:
    with open_door(NoMoving, at.served.url) as opened:
        at.endpoint = opened.url
        yield opened


def copies(door: Door) -> int:
    return sum("/rewriteTo/" in path for _, path in door.asked)


@pytest.mark.parametrize("status", [501, 405, 404])
def test_where_nothing_can_be_moved_it_is_copied_and_nothing_is_left(
    at: Scene, door: NoMoving, status: int
) -> None:
    door.status = status
    path = at.file(6 * MIB)

    stored, _ = at.push(path)

    assert at.holds(path)
    assert stored.said("zimage-part") == "transformer"
    assert copies(door) == 1


def test_a_copy_takes_the_place_of_no_other_object(at: Scene, door: NoMoving) -> None:
    path = at.file(6 * MIB)
    other = at.bucket.blob(path.name)
    other.upload_from_string(b"of somebody else")

    with pytest.raises(Taken, match="changed by somebody else meanwhile"):
        at.push(path)
    assert at.bucket.get_blob(path.name).download_as_bytes() == b"of somebody else"

    at.push(path, expected=other.generation)
    assert at.holds(path)


@pytest.mark.parametrize("losing", ["/rewriteTo/", "DELETE /storage/v1/b/"])
def test_a_copy_whose_answer_is_lost_is_known_for_ones_own(
    at: Scene, door: NoMoving, losing: str
) -> None:
    door.losing = losing
    path = at.file(6 * MIB)

    _, meter = at.push(path)

    assert door.losing == ""
    assert at.holds(path)
    assert meter.file.again == 0


def test_a_move_whose_answer_is_lost_is_known_for_ones_own(at: Scene) -> None:
    path = at.file(6 * MIB)
    with open_door(Losing, at.served.url) as door:
        at.endpoint = door.url
        door.losing = "/moveTo/"
        _, meter = at.push(path)

        assert door.losing == ""
        assert copies(door) <= 1
    assert at.holds(path)
    assert meter.file.again == 0
