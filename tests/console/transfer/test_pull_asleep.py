"""A pull that is put to sleep, as a laptop is: nobody on the other side waits for it."""

from __future__ import annotations

import signal
from pathlib import Path

from published_scenes import ALL, hold_published
from pull_process import pulling
from pull_scenes import NAME, Heard, PatientTime, fetch, names, published
from stand_in_hub import CHUNK, Fault, StandInHub
from troubled_line import troubled_line

from console.model.models.pulling import FileProgress


def test_a_machine_that_slept_goes_on_at_the_very_byte(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    held = hold_published(hub, transformer=24_000_000)
    hub.pause = 0.002
    with troubled_line(hub.cdn.removeprefix("http://")) as line:
        hub.cdn = f"http://{line.address}"
        with pulling(hub, environment, tmp_path) as child:
            hub.wait_sent(8_000_000)
            child.send_signal(signal.SIGSTOP)
            line.break_off()
            child.send_signal(signal.SIGCONT)
            out, err = child.communicate(timeout=60)

    assert (child.returncode, err) == (0, ""), out
    assert {name: (tmp_path / name).read_bytes() for name in ALL} == held
    assert names(tmp_path) == ALL
    assert any(start > 0 for start in hub.starts())


def test_hours_of_sleep_are_no_hours_of_patience(hub: StandInHub, tmp_path: Path) -> None:
    made, time = published(hub), PatientTime()
    hub.cdn_faults.extend([Fault("reset", 4 * CHUNK), *[Fault("status", status=502)] * 3])
    slept: list[FileProgress] = []

    def sleep(progress: FileProgress) -> None:
        if progress.note and len(slept) < 3:
            slept.append(progress)
            time.now += 7_200

    fetch(hub, tmp_path, time, Heard(also=sleep))

    assert len(slept) == 3
    assert (tmp_path / NAME).read_bytes() == made
