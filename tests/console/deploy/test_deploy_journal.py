"""What is remembered of deployments: whole or not at all, for one process at a time, no secrets."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.snapshot import Applied
from console.model.deploy.wish import DeployWish, Variant, Visibility
from console.model.service import ServiceName
from console.session.deploy.journal import Busy, Journal, Remembered

PLACE = ServiceName("some-project", "us-central1", "z-image")
OTHER = ServiceName("some-project", "us-central1", "z-image-gpu")
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
PUBLIC = replace(
    gpu_wish(PLACE, models="/models", max_instances=3),
    visibility=Visibility.PUBLIC,
    callers=("user:somebody@example.com",),
)


@pytest.mark.parametrize(
    "wish",
    [cpu_wish(PLACE), PUBLIC, guide_wish(PLACE, Variant.GPU)],
    ids=["cpu", "gpu-public", "guide"],
)
def test_what_was_deployed_is_read_as_it_was_written(tmp_path: Path, wish: DeployWish) -> None:
    Journal(tmp_path).note(PLACE, applied=Applied(wish=wish, at=NOON))

    assert Journal(tmp_path).read(PLACE).applied == Applied(wish=wish, at=NOON)


def test_each_thing_stays_until_it_is_replaced(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(PLACE, plan="deploy it", build="builds/1", tag="a 1")
    journal.note(PLACE, build="")

    assert journal.read(PLACE) == Remembered(place=str(PLACE), plan="deploy it", tag="a 1")
    assert journal.read(OTHER) == Remembered(place=str(OTHER))


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"version": 2}', b'{"version": 1, "place": 7}'],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    journal = Journal(tmp_path)
    journal.note(PLACE, plan="deploy it")
    (file,) = tmp_path.glob("*.json")
    file.write_bytes(damage)

    assert journal.read(PLACE) == Remembered(place=str(PLACE))
    journal.note(PLACE, plan="once more")
    assert journal.read(PLACE).plan == "once more"


def test_one_field_of_another_kind_makes_all_of_it_useless(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(PLACE, applied=Applied(wish=cpu_wish(PLACE), at=NOON))
    (file,) = tmp_path.glob("*.json")
    said = json.loads(file.read_text())
    said["applied"]["wish"]["settings"]["timeout"] = "soon"
    file.write_text(json.dumps(said))

    assert journal.read(PLACE).applied is None


def test_two_services_never_share_a_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    elsewhere = replace(PLACE, region="europe-west4")
    journal.note(PLACE, plan="here")
    journal.note(elsewhere, plan="there")

    assert (journal.read(PLACE).plan, journal.read(elsewhere).plan) == ("here", "there")


def test_one_at_a_time_and_free_again_after_an_error(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with suppress(RuntimeError), journal.alone(PLACE):
        with pytest.raises(Busy), Journal(tmp_path).alone(PLACE):
            pass
        with Journal(tmp_path).alone(OTHER):
            pass
        raise RuntimeError
    with journal.alone(PLACE):
        pass


def test_what_looks_like_a_secret_is_not_written(tmp_path: Path) -> None:
    wish = cpu_wish(PLACE)
    told = (("API_KEY", "hunter2"), ("GREETING", "good morning"), ("X", "ya29.abcdefgh"))
    wish = replace(wish, settings=replace(wish.settings, variables=told))
    Journal(tmp_path).note(PLACE, applied=Applied(wish=wish, at=NOON))

    written = b"".join(each.read_bytes() for each in tmp_path.glob("*.json"))
    assert b"good morning" in written
    assert b"hunter2" not in written
    assert b"ya29" not in written


def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deployments")
    journal.note(PLACE, plan="deploy it")

    assert (tmp_path / "deployments").stat().st_mode & 0o777 == 0o700
