from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pull_scenes import (
    FILE,
    NAME,
    REPOSITORY,
    PatientTime,
    content,
    names,
    part_path,
    published,
    source,
)
from stand_in_hub import CHUNK, Fault, StandInHub

from console.model.models.parts import ModelPart
from console.model.models.published import PublishedFile
from console.model.models.pulling import PullPlan, Stage, Standing
from console.session.transfer.fetching import Stopped
from console.session.transfer.part_file import PullError
from console.session.transfer.pull import Pull, measured, plan_pull

VAE = PublishedFile(
    part=ModelPart.VAE, quantisation="F32", repository=REPOSITORY, path="ae.safetensors", size=9
)


def plan(hub: StandInHub, directory: Path, time: PatientTime | None = None) -> PullPlan:
    """Plan to pull both files."""
    around = (time or PatientTime()).surroundings()
    return plan_pull(source(hub), hub.endpoint, (FILE, VAE), directory, around)


def both(hub: StandInHub) -> tuple[bytes, bytes]:
    """Have the stand-in hold both files."""
    vae = content(200_000, seed=2)
    hub.publish(REPOSITORY, VAE.path, vae)
    return published(hub), vae


def pulled(
    hub: StandInHub, planned: PullPlan, time: PatientTime | None = None, **more: bool
) -> Pull:
    """Return a pull of the plan."""
    return Pull(planned, source(hub), (time or PatientTime()).surroundings(), **more)


def test_a_plan_says_what_is_missing_and_touches_nothing(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    planned = plan(hub, tmp_path / "new" / "models")
    assert [each.standing for each in planned.files] == [Standing.MISSING] * 2
    assert planned.missing == planned.size == 1_200_000
    assert planned.free > planned.missing
    assert planned.lacking == 0
    assert names(tmp_path) == []


def test_a_plan_says_what_is_there_begun_or_something_else(hub: StandInHub, tmp_path: Path) -> None:
    made, vae = both(hub)
    part_path(tmp_path, hub).write_bytes(made[:250_000])
    (tmp_path / VAE.name).write_bytes(vae)
    planned = plan(hub, tmp_path)
    assert [each.standing for each in planned.files] == [Standing.BEGUN, Standing.HERE]
    assert planned.missing == 750_000
    (tmp_path / VAE.name).write_bytes(vae[:-1] + b"x")
    planned = plan(hub, tmp_path)
    assert planned.files[1].standing is Standing.DIFFERENT
    assert planned.different == (planned.files[1],)


def test_a_link_to_nowhere_counts_as_something_else(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    (tmp_path / NAME).symlink_to(tmp_path / "nowhere")
    assert plan(hub, tmp_path).files[0].standing is Standing.DIFFERENT


def test_files_of_the_same_part_beside_are_named(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    (tmp_path / "z_image_turbo-Q8_0.gguf").write_bytes(b"other")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    assert plan(hub, tmp_path).beside == ("z_image_turbo-Q8_0.gguf",)


def test_the_time_is_told_at_the_rate_that_was_measured(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    time = PatientTime()
    planned = plan(hub, tmp_path)
    assert planned.seconds is None

    def ticking() -> float:
        time.now += 0.25
        return time.now

    around = replace(time.surroundings(), clock=ticking)
    rated = measured(planned, source(hub), around)
    assert rated.rate is not None
    assert rated.seconds == pytest.approx(planned.missing / rated.rate)
    assert names(tmp_path) == []


def test_a_rate_that_cannot_be_measured_is_not_known(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    planned = plan(hub, tmp_path)
    hub.cdn_faults.append(Fault("status", status=500))
    rated = measured(planned, source(hub), PatientTime().surroundings())
    assert rated.measured
    assert (rated.rate, rated.seconds) == (None, None)


def test_a_disk_that_is_too_small_is_reckoned_with_some_room_to_spare(
    hub: StandInHub, tmp_path: Path
) -> None:
    both(hub)
    planned = replace(plan(hub, tmp_path), free=1_200_000)
    assert planned.lacking == 64 * 2**20


def test_a_hub_that_stumbles_while_it_is_asked_is_asked_again(
    hub: StandInHub, tmp_path: Path
) -> None:
    both(hub)
    time = PatientTime()
    hub.hub_faults.extend([Fault("status", status=503), Fault("status", status=500)])
    assert plan(hub, tmp_path, time).size == 1_200_000
    assert time.waits == [1.0, 2.0]


def test_a_file_in_the_place_of_the_directory_is_refused(hub: StandInHub, tmp_path: Path) -> None:
    both(hub)
    (tmp_path / "models").write_text("a file")
    with pytest.raises(PullError, match="models is no directory; name one"):
        plan(hub, tmp_path / "models" / "z-image")
    assert not hub.asked, "said before anybody is asked"


def test_all_files_come_and_a_second_pull_fetches_nothing(hub: StandInHub, tmp_path: Path) -> None:
    made, vae = both(hub)
    progress = pulled(hub, plan(hub, tmp_path / "m")).run()
    assert [each.stage for each in progress.files] == [Stage.DONE, Stage.DONE]
    assert (tmp_path / "m" / NAME).read_bytes() == made
    assert (tmp_path / "m" / VAE.name).read_bytes() == vae
    before = len(hub.starts())
    again = pulled(hub, plan(hub, tmp_path / "m")).run()
    assert [each.stage for each in again.files] == [Stage.HERE, Stage.HERE]
    assert (again.passed, again.done) == (0, again.size)
    assert len(hub.starts()) == before
    assert names(tmp_path / "m") == [VAE.name, NAME]


def test_one_file_that_cannot_be_had_does_not_keep_the_other_from_coming(
    hub: StandInHub, tmp_path: Path
) -> None:
    made, vae = both(hub)
    planned = plan(hub, tmp_path)
    hub.files[f"{REPOSITORY}/{VAE.path}"] = vae + b"grown since"
    progress = pulled(hub, planned).run()
    assert [each.stage for each in progress.files] == [Stage.DONE, Stage.FAILED]
    assert "sends 200011 bytes as ae.safetensors, and states 200000" in str(
        progress.files[1].problem
    )
    assert (tmp_path / NAME).read_bytes() == made
    assert not (tmp_path / VAE.name).exists()


def test_a_pull_that_is_stopped_ends_with_all_that_came_kept(
    hub: StandInHub, tmp_path: Path
) -> None:
    both(hub)
    time = PatientTime()
    planned = plan(hub, tmp_path)
    hub.cdn_faults.extend([Fault("reset", CHUNK), Fault("reset", CHUNK)])
    time.stop.set()
    with pytest.raises(Stopped):
        pulled(hub, planned, time).run()
    assert all(name.endswith(".part") for name in names(tmp_path))


def test_the_link_in_the_place_of_a_file_is_replaced_and_what_it_means_is_not_touched(
    hub: StandInHub, tmp_path: Path
) -> None:
    made, _ = both(hub)
    kept = tmp_path / "elsewhere.gguf"
    kept.write_text("precious")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / NAME).symlink_to(kept)
    pulled(hub, plan(hub, tmp_path / "m"), replace_other=True).run()
    assert kept.read_text() == "precious"
    assert (tmp_path / "m" / NAME).read_bytes() == made
    assert not (tmp_path / "m" / NAME).is_symlink()
