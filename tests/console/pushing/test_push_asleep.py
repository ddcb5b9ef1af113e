"""A push that is put to sleep, as a laptop is: nobody on the other side waits for it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from push_process import (
    PART,
    THREADS,
    large_model,
    said,
    size_of,
    started,
    until_parts_arrived,
    whole,
)
from push_scene import BUCKET, MIB, Away, Scene, until

from console.sandbox.faults import Fault
from console.session.transfer.upload_records import UploadRecords


def nothing_more(at: Scene) -> None:
    """The connections are gone, and that is all."""


def the_upload_is_given_up(at: Scene) -> None:
    """A rule of the bucket takes away what was begun."""
    for each in UploadRecords(at.folder / "home" / "zimage-console" / "uploads").of(BUCKET):
        at.writer().give_up(each.staged, each.upload)


def the_login_has_run_out(at: Scene) -> None:
    """Nothing is taken until the login is renewed, which takes a moment."""
    at.served.faults.begin(Fault.TOKEN_EXPIRED)


@pytest.mark.parametrize(
    ("meanwhile", "lost"),
    [
        pytest.param(nothing_more, THREADS * PART, id="connections"),
        pytest.param(the_login_has_run_out, THREADS * PART, id="login"),
        pytest.param(the_upload_is_given_up, 68 * MIB + THREADS * PART, id="upload"),
    ],
)
def test_a_machine_that_slept_goes_on_and_the_bytes_are_the_same(
    at: Scene,
    tiny_model_directory: Path,
    tmp_path: Path,
    meanwhile: Callable[[Scene], None],
    lost: int,
) -> None:
    models = large_model(tiny_model_directory, tmp_path / "models")
    process = started(at, models, "--limit", "30M")
    until_parts_arrived(at, 2)
    process.send_signal(signal.SIGSTOP)
    at.line.break_off()
    meanwhile(at)
    asleep = at.line.sent
    process.send_signal(signal.SIGCONT)
    end = time.monotonic() + 60
    while at.line.sent == asleep and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.005)
    at.served.faults.end(Fault.TOKEN_EXPIRED)

    code, document, errors = said(process)

    assert (code, errors) == (0, "")
    assert document["complete"] is True
    assert whole(at, models)
    passed = sum(each["bytes_sent"] + each["bytes_sent_again"] for each in document["files"])
    assert passed - size_of(models) <= lost


def test_hours_of_sleep_are_no_hours_of_patience(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = at.file(40 * MIB)
    at.rate = 30e6
    slept = [0.0]
    monkeypatch.setattr(at, "clock", lambda: time.monotonic() + slept[0])
    away = Away(at, path)
    until(lambda: any(each.parts for each in at.records.of(BUCKET)))
    slept[0] += 7_200
    at.line.break_off()

    assert away.ended() is None
    assert at.holds(path)
    assert at.meters[0].file.failures > 0


def test_sleep_while_nothing_can_be_reached_is_no_patience_either(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = at.file(6 * MIB)
    slept = [0.0]
    monkeypatch.setattr(at, "clock", lambda: time.monotonic() + slept[0])
    at.served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    away = Away(at, path)
    for hours in range(1, 4):
        until(lambda hours=hours: at.meters[-1:] and at.meters[0].file.failures >= 2 * hours)
        slept[0] += 7_200
    at.served.faults.end(Fault.STORAGE_UNAVAILABLE)

    assert away.ended() is None
    assert at.holds(path)
