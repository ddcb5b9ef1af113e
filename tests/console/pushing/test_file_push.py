"""One file into a bucket of the sandbox, over HTTP, while things go wrong."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from push_scene import BUCKET, MIB, PART, Away, Scene, until
from troubled_line import Trouble

from console.sandbox.faults import Fault
from console.session.transfer.file_push import Changed
from console.session.transfer.sending import Stopped
from console.sources.base import Denied, Offline, Unauthenticated
from console.sources.writing import Corrupted, Taken


def test_a_file_arrives_byte_for_byte_with_its_checksums(at: Scene) -> None:
    path = at.file(23 * MIB)

    stored, meter = at.push(path)

    assert at.holds(path)
    assert stored.size == path.stat().st_size
    assert stored.said("zimage-part") == "transformer"
    assert meter.file.sent == stored.size
    assert meter.file.again == 0
    assert at.records.of(BUCKET) == []


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART])
def test_files_of_every_length_arrive(at: Scene, size: int) -> None:
    path = at.file(size)

    at.push(path)

    assert at.holds(path)


@pytest.mark.parametrize("trouble", [Trouble.RESET, Trouble.STALL, Trouble.DAMAGE])
def test_what_breaks_on_its_way_is_sent_again_and_nothing_else(at: Scene, trouble: Trouble) -> None:
    path = at.file(23 * MIB)
    at.stalled_seconds = 1.0
    at.line.next(trouble)

    _, meter = at.push(path)

    assert at.line.seen == {trouble: 1}
    assert at.holds(path)
    assert meter.file.failures == 1
    assert 0 < meter.file.again <= PART
    assert at.line.sent - path.stat().st_size < PART + MIB


def test_an_answer_that_is_lost_costs_one_part(at: Scene) -> None:
    path = at.file(11 * MIB)
    at.line.next(Trouble.LOST_ANSWER)

    _, meter = at.push(path)

    assert at.holds(path)
    assert meter.file.again <= PART


def test_a_storage_that_is_busy_is_waited_for(at: Scene) -> None:
    path = at.file(11 * MIB)
    at.served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    away = Away(at, path)
    until(lambda: bool(at.meters) and at.meters[0].file.failures >= 2)
    at.served.faults.end(Fault.STORAGE_UNAVAILABLE)

    assert away.ended() is None
    assert at.holds(path)


def test_a_storage_that_stays_away_is_left_and_gone_back_to(at: Scene) -> None:
    path = at.file(11 * MIB)
    at.patience = replace(at.patience, quiet_seconds=0.3)
    at.served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    with pytest.raises(Offline, match="is there a network"):
        at.push(path)
    at.served.faults.end(Fault.STORAGE_UNAVAILABLE)

    at.push(path)

    assert at.holds(path)


def test_a_login_that_is_refused_for_good_is_said(at: Scene) -> None:
    at.served.faults.begin(Fault.TOKEN_EXPIRED)

    with pytest.raises(Unauthenticated, match="gcloud auth application-default login"):
        at.push(at.file(MIB))


def test_a_missing_permission_is_said_at_once_with_the_role(at: Scene) -> None:
    at.served.faults.begin(Fault.STORAGE_DENIED)

    with pytest.raises(Denied, match=r"storage\.multipartUploads\.create is missing; have roles"):
        at.push(at.file(MIB))


def test_what_was_stopped_is_gone_on_with(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: any(len(each.parts) >= 3 for each in at.records.of(BUCKET)))
    at.stop.set()
    assert isinstance(away.ended(), Stopped)
    record = at.records.of(BUCKET)[0]
    at.stop.clear()
    at.rate = None
    before = at.line.sent

    _, meter = at.push(path)

    assert at.holds(path)
    assert meter.file.there == record.sent_bytes
    assert meter.file.sent == path.stat().st_size - record.sent_bytes
    assert at.line.sent - before < meter.file.sent + MIB


def test_a_limit_is_kept(at: Scene) -> None:
    path = at.file(6 * MIB)
    at.rate = 6e6
    began = time.monotonic()

    at.push(path)

    assert time.monotonic() - began > 0.7


def test_an_object_that_appears_meanwhile_is_not_replaced(at: Scene) -> None:
    path = at.file(6 * MIB)
    at.bucket.blob(path.name).upload_from_string(b"of somebody else")

    with pytest.raises(Taken, match="changed by somebody else meanwhile"):
        at.push(path)

    assert at.bucket.get_blob(path.name).download_as_bytes() == b"of somebody else"


def test_what_was_sent_before_somebody_was_in_the_way_is_not_sent_again(at: Scene) -> None:
    path = at.file(6 * MIB)
    other = at.bucket.blob(path.name)
    other.upload_from_string(b"of somebody else")
    with pytest.raises(Taken):
        at.push(path)
    before = at.line.sent

    at.push(path, expected=other.generation)

    assert at.holds(path)
    assert at.line.sent - before < 10_000


def test_a_file_that_changed_since_it_was_begun_is_sent_anew(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    at.stop.set()
    away.ended()
    at.stop.clear()
    at.rate = None
    path = at.file(39 * MIB, seed=2)

    _, meter = at.push(path)

    assert at.holds(path)
    assert meter.file.there == 0


def test_a_file_that_is_written_to_meanwhile_gets_no_name(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    with path.open("r+b") as file:
        file.seek(39 * MIB)
        file.write(b"other")
    at_end = away.ended()

    assert isinstance(at_end, Changed)
    assert "push again once nothing writes to it" in at_end.message
    assert at.bucket.get_blob(path.name) is None
    assert at.leftovers() == []
    assert at.records.of(BUCKET) == []


def test_a_file_that_is_put_in_its_place_meanwhile_gets_no_name(at: Scene) -> None:
    path = at.file(40 * MIB)
    other = at.file(40 * MIB, "other.gguf", seed=2)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    other.replace(path)

    assert isinstance(away.ended(), Changed)
    assert at.bucket.get_blob(path.name) is None


def test_an_upload_that_somebody_gave_up_is_begun_anew(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    at.stop.set()
    away.ended()
    record = at.records.of(BUCKET)[0]
    at.means().writer.give_up(record.staged, record.upload)
    at.stop.clear()
    at.rate = None

    at.push(path)

    assert at.holds(path)


def test_a_part_that_never_arrives_whole_is_left_in_the_end(at: Scene) -> None:
    at.line.every, at.line.kinds = 1, (Trouble.DAMAGE,)

    with pytest.raises(Corrupted, match="is not what was sent"):
        at.push(at.file(MIB))
