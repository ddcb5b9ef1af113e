"""A disk that fills up while files come: one line, no broken file, and on it goes with room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from published_scenes import ALL, ENCODER, TRANSFORMER, VAE, hold_published
from pull_process import pulling
from small_disk import SmallDisk, small_disk
from stand_in_hub import StandInHub

MIB = 1 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    path = tmp_path / "disk"
    path.mkdir()
    with small_disk(path, 100 * MIB) as made:
        if made is None:
            pytest.skip("this kernel lets nobody mount a disk")
        yield made


def named(directory: Path) -> dict[str, bytes]:
    """Return what is there under names that no part of a file has."""
    return {each.name: each.read_bytes() for each in directory.iterdir() if each.name in ALL}


def test_a_disk_that_fills_up_is_gone_on_with_once_there_is_room(
    hub: StandInHub, environment: dict[str, str], disk: SmallDisk
) -> None:
    held = hold_published(hub, transformer=24_000_000)
    hub.pause = 0.002
    models = disk.path / "m"
    with pulling(hub, environment, models, within=disk.enter) as child:
        hub.wait_sent(4_000_000)
        hub.pause = 0.5  # nothing may arrive whole while the disk is being filled
        ballast = disk.fill()
        hub.pause = 0.002
        out, err = child.communicate(timeout=60)

    assert child.returncode == 1, out
    assert err == (
        "zimage-console: the disk is full; what came is kept: make room and run it again\n"
    )
    assert all(held[name] == data for name, data in named(disk.seen / "m").items())
    parts = [each for each in (disk.seen / "m").iterdir() if each.name.endswith(".part")]
    assert sum(each.stat().st_size for each in parts) > 1_000_000

    ballast.unlink()
    before = hub.sent
    hub.pause = 0.0
    with pulling(hub, environment, models, within=disk.enter) as child:
        out, err = child.communicate(timeout=60)

    assert (child.returncode, err) == (0, ""), out
    assert named(disk.seen / "m") == held
    assert hub.sent - before < sum(map(len, held.values())) - 1_000_000, "what had come was kept"


def test_a_disk_with_too_little_room_is_said_before_anything_comes(
    hub: StandInHub, environment: dict[str, str], disk: SmallDisk
) -> None:
    hold_published(hub)
    disk.fill()
    with pulling(hub, environment, disk.path / "m", within=disk.enter) as child:
        _, err = child.communicate(timeout=60)

    assert child.returncode == 1
    assert "has 0 B free, and 70.9 MB more are needed; make room or choose a smaller" in err
    assert len(err.splitlines()) == 1
    assert hub.starts() == []


def test_a_file_that_is_too_large_for_the_disk_does_not_keep_the_others_from_coming(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    held = hold_published(hub)
    with pulling(hub, environment, tmp_path, largest=2 * MIB) as child:
        _, err = child.communicate(timeout=60)

    assert child.returncode == 1
    assert f"{TRANSFORMER} is larger than a file may be there (4 GiB on FAT32); name" in err
    assert len(err.splitlines()) == 1
    assert named(tmp_path) == {name: held[name] for name in (ENCODER, VAE)}

    with pulling(hub, environment, tmp_path) as child:
        child.communicate(timeout=60)

    assert child.returncode == 0
    assert named(tmp_path) == held
    assert hub.starts()[-1] == 2 * MIB
