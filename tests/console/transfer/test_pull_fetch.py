from __future__ import annotations

import fcntl
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pull_scenes import (
    FILE,
    NAME,
    Heard,
    PatientTime,
    content,
    fetch,
    names,
    part_path,
    published,
    source,
    stated_file,
)
from stand_in_hub import CHUNK, Fault, StandInHub

from console.model.models.pulling import FileProgress, Stage
from console.session.transfer.fetching import Fetch, Stopped
from console.session.transfer.part_file import NoSpace, PullError, append, not_written
from console.session.transfer.waiting import WaitLimits
from console.sources.base import Malformed


def test_a_file_comes_under_its_own_name_and_nothing_else_is_left(
    hub: StandInHub, tmp_path: Path
) -> None:
    made = published(hub)
    heard = fetch(hub, tmp_path)
    assert names(tmp_path) == [NAME]
    assert (tmp_path / NAME).read_bytes() == made
    assert not (tmp_path / NAME).is_symlink()
    assert (heard.last.stage, heard.last.done, heard.last.fetched) == (
        Stage.DONE,
        len(made),
        len(made),
    )


def test_a_connection_that_breaks_off_goes_on_at_the_very_byte(
    hub: StandInHub, tmp_path: Path
) -> None:
    made = published(hub)
    hub.cdn_faults.extend(Fault("reset", after) for after in (3 * CHUNK, 0, 2 * CHUNK))
    heard = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made
    assert heard.last.fetched == len(made), "no byte came twice"
    assert hub.starts() == sorted(hub.starts())
    assert hub.starts()[0] == 0 < hub.starts()[1] < hub.starts()[3]


def test_a_line_that_falls_silent_is_made_anew(hub: StandInHub, tmp_path: Path) -> None:
    made = published(hub)
    hub.cdn_faults.append(Fault("stall", 4 * CHUNK))
    heard = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made
    assert heard.last.fetched == len(made)
    assert any("fell silent" in note for note in heard.notes)


@pytest.mark.parametrize("whom", ["hub", "cdn"])
def test_a_server_that_is_busy_is_waited_for_longer_each_time(
    hub: StandInHub, tmp_path: Path, whom: str
) -> None:
    made, time = published(hub), PatientTime()
    stated = stated_file(hub)
    faults = hub.hub_faults if whom == "hub" else hub.cdn_faults
    faults.extend([Fault("status", status=503)] * 4)
    heard = Heard()
    Fetch(source(hub), stated, tmp_path, heard, time.surroundings()).run()
    assert (tmp_path / NAME).read_bytes() == made
    assert time.waits == [1.0, 2.0, 4.0, 8.0]
    assert any("answered 503; again in 8 s" in note for note in heard.notes)


def test_a_server_that_wants_time_is_given_it(hub: StandInHub, tmp_path: Path) -> None:
    published(hub)
    time = PatientTime()
    hub.cdn_faults.append(Fault("status", status=429, headers=(("Retry-After", "55"),)))
    hub.cdn_faults.append(Fault("status", status=429, headers=(("RateLimit", '"api";r=0;t=77'),)))
    heard = fetch(hub, tmp_path, time)
    assert time.waits == [55.0, 77.0]
    assert any("asked too often, and allows more in 55 s" in note for note in heard.notes)


def test_an_end_in_good_order_before_the_end_is_not_believed(
    hub: StandInHub, tmp_path: Path
) -> None:
    made = published(hub)
    hub.cdn_faults.append(Fault("ends-early", 5 * CHUNK))
    heard = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made
    assert hub.starts() == [0, 5 * CHUNK]
    assert heard.last.fetched == len(made)


def test_what_came_damaged_is_fetched_once_more_as_a_whole(hub: StandInHub, tmp_path: Path) -> None:
    made = published(hub)
    hub.cdn_faults.append(Fault("corrupt", 500_000))
    heard = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made
    assert heard.last.fetched == 2 * len(made)
    assert any("came damaged" in note for note in heard.notes)


def test_a_wrong_hash_is_refused_and_nothing_of_it_is_kept(hub: StandInHub, tmp_path: Path) -> None:
    published(hub)
    hub.cdn_faults.extend([Fault("corrupt", 1), Fault("corrupt", 999_999)])
    seen: list[list[str]] = []
    heard = Heard(also=lambda progress: seen.append(names(tmp_path)))
    with pytest.raises(PullError, match=r"is not what 127.+ states: sha256 .*another HF_END"):
        fetch(hub, tmp_path, heard=heard)
    assert names(tmp_path) == []
    assert all(NAME not in each for each in seen), "never under the final name, not for a moment"


def test_a_server_that_cannot_go_on_midway_begins_anew(hub: StandInHub, tmp_path: Path) -> None:
    made = published(hub)
    hub.cdn_faults.extend([Fault("reset", 6 * CHUNK), Fault("ignores-range")])
    fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made


def test_more_than_was_stated_is_refused(hub: StandInHub, tmp_path: Path) -> None:
    published(hub)
    hub.cdn_faults.append(Fault("longer"))
    with pytest.raises(Malformed, match="sends more than shapes"):
        fetch(hub, tmp_path)
    assert not (tmp_path / NAME).exists()


def test_a_part_that_was_damaged_on_the_disk_is_found_out(hub: StandInHub, tmp_path: Path) -> None:
    made = published(hub)
    part_path(tmp_path, hub).write_bytes(b"\0" * 400_000)
    heard = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == made
    assert hub.starts() == [400_000, 0]
    assert heard.last.fetched == len(made) - 400_000 + len(made)


def test_a_part_of_another_version_is_not_continued_and_goes(
    hub: StandInHub, tmp_path: Path
) -> None:
    hub.publish(FILE.repository, FILE.path, content(seed=7))
    old = part_path(tmp_path, hub)
    old.write_bytes(content(seed=7)[:300_000])
    made = published(hub)
    fetch(hub, tmp_path)
    assert hub.starts() == [0]
    assert (tmp_path / NAME).read_bytes() == made
    assert names(tmp_path) == [NAME]


def test_whoever_stops_goes_on_later_at_the_same_byte(hub: StandInHub, tmp_path: Path) -> None:
    made, time = published(hub), PatientTime()

    def stop_at_half(progress: FileProgress) -> None:
        if progress.done > 500_000:
            time.stop.set()

    with pytest.raises(Stopped):
        fetch(hub, tmp_path, time, Heard(also=stop_at_half))
    kept = part_path(tmp_path, hub).stat().st_size
    assert 500_000 < kept < len(made)
    heard = fetch(hub, tmp_path)
    assert hub.starts() == [0, kept]
    assert heard.last.fetched == len(made) - kept
    assert (tmp_path / NAME).read_bytes() == made


def test_two_pulls_never_write_the_same_file(hub: StandInHub, tmp_path: Path) -> None:
    published(hub)
    with part_path(tmp_path, hub).open("wb") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        with pytest.raises(PullError, match="is being written by another pull"):
            fetch(hub, tmp_path)
    fetch(hub, tmp_path)
    assert names(tmp_path) == [NAME]


def test_a_file_that_appeared_meanwhile_is_not_overwritten(hub: StandInHub, tmp_path: Path) -> None:
    made = published(hub)

    def somebody_else(progress: FileProgress) -> None:
        (tmp_path / NAME).write_text("mine")

    with pytest.raises(PullError, match="is another file; move it away, or --replace"):
        fetch(hub, tmp_path, heard=Heard(also=somebody_else))
    assert (tmp_path / NAME).read_text() == "mine"
    heard = fetch(hub, tmp_path, replace_other=True)
    assert heard.last.fetched == 0, "what had come was kept"
    assert (tmp_path / NAME).read_bytes() == made


def test_who_never_answers_is_left_soon_and_the_mirror_named(
    hub: StandInHub, tmp_path: Path
) -> None:
    published(hub)
    stated, time = stated_file(hub), PatientTime()
    nobody = StandInHub(endpoint="http://127.0.0.1:1")
    with pytest.raises(PullError, match=r"cannot be reached: .*HF_ENDPOINT=https://hf-mirror"):
        Fetch(source(nobody), stated, tmp_path, Heard(), time.surroundings()).run()
    assert time.now <= 20.0


def test_who_stays_away_after_having_answered_is_waited_for_a_quarter_of_an_hour(
    hub: StandInHub, tmp_path: Path
) -> None:
    published(hub)
    time = PatientTime()
    hub.cdn_faults.append(Fault("reset", 4 * CHUNK))
    hub.cdn_faults.extend([Fault("status", status=502)] * 60)
    with pytest.raises(PullError, match=r"answered 502; what came of shapes.* is kept"):
        fetch(hub, tmp_path, time)
    assert 840.0 < time.now <= 900.0
    assert max(time.waits) == 30.0
    assert part_path(tmp_path, hub).stat().st_size >= 3 * CHUNK


def test_a_full_disk_is_told_from_other_trouble() -> None:
    with pytest.raises(OSError, match="No space") as full, open("/dev/full", "wb", 0) as device:
        append(device, b"more")

    assert isinstance(not_written(full.value, Path("/dev/full")), NoSpace)
    told = not_written(PermissionError(13, "Permission denied"), Path("/there/a\x1b.gguf"))
    assert "cannot be kept in /there (Permission denied); mend that" in str(told)
    assert "\x1b" not in str(told)


_FAULTS = st.builds(
    Fault,
    st.sampled_from(["reset", "status", "ends-early", "ignores-range"]),
    st.integers(0, 16).map(lambda count: count * CHUNK),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_FAULTS, max_size=6))
def test_whatever_goes_wrong_on_the_way_the_file_is_right_in_the_end(
    hub: StandInHub, tmp_path: Path, faults: list[Fault]
) -> None:
    made = published(hub)
    hub.cdn_faults.clear()
    hub.cdn_faults.extend(faults)
    (tmp_path / NAME).unlink(missing_ok=True)
    heard = fetch(hub, tmp_path, limits=WaitLimits(in_all=10_000.0))
    assert (tmp_path / NAME).read_bytes() == made
    assert names(tmp_path) == [NAME]
    anew = sum(fault.kind == "ignores-range" for fault in faults)
    assert heard.last.fetched <= (1 + anew) * len(made)
