"""Directories as people have them: links to nothing, pipes, names that no terminal should see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from push_process import environment_of
from push_scene import BUCKET, MIB, Away, Scene, until
from verb_scene import Run, refused

from console.session.transfer.file_push import Changed

LARGE = "tiny_z_image.gguf"


def link_to_nothing(path: Path) -> None:
    path.symlink_to("/nowhere/at.all")


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (link_to_nothing, "a link that leads nowhere"),
        (link_to_itself, "a link that leads in a circle"),
        (Path.mkdir, "a directory"),
        (os.mkfifo, "no file but a pipe or a device"),
    ],
    ids=["dangling", "circle", "directory", "pipe"],
)
def test_what_is_called_like_a_model_and_is_no_file_is_named(
    run: Run, models: Path, make: Callable[[Path], None], why: str
) -> None:
    make(models / "more.gguf")
    code, output, errors = run("push", str(models), "--plan")
    assert (code, errors) == (0, "")
    assert f"  left out: more.gguf: {why}" in output.splitlines()

    (models / LARGE).unlink()
    make(models / LARGE)
    refused(run("push", str(models)), 3, "lacks the transformer", f"{LARGE} there is {why}")


def test_links_to_files_and_to_the_directory_are_followed(
    at: Scene, run: Run, models: Path
) -> None:
    real = models.parent / "elsewhere.bin"
    (models / LARGE).rename(real)
    (models / LARGE).symlink_to(real)
    (models / "loop").symlink_to(models)
    (models.parent / "link").symlink_to(models)

    assert run("push", str(models.parent / "link"))[0] == 0
    assert at.holds(models / LARGE)


@pytest.mark.parametrize(
    "name",
    ["a\nb.gguf", "\x1b[31mred.gguf", "a\u202efugg.gguf", os.fsdecode(b"\xff\xfe.gguf")],
    ids=["newline", "escape", "right-to-left", "bytes"],
)
def test_a_name_that_cannot_be_shown_is_refused_and_not_shown(
    run: Run, models: Path, name: str
) -> None:
    (models / LARGE).rename(models / name)

    said = run("push", str(models))

    refused(said, 3, "has characters that cannot be shown; rename the file")
    assert not {"\x1b", "\u202e"} & set(said[2])


def test_a_file_that_is_left_out_with_such_a_name_is_told_safely(run: Run, models: Path) -> None:
    (models / "bad\x1b[2J\n.gguf").write_bytes(b"GGUF")
    code, output, _ = run("push", str(models), "--plan")
    assert code == 0
    assert "\x1b" not in output
    assert len([line for line in output.splitlines() if line.startswith("  left out: bad")]) == 1


@pytest.mark.parametrize(
    "name", ["图像模型.gguf", "x" * 245 + ".gguf", "[bold]a b[b].gguf", "-f.gguf"]
)
def test_every_other_name_arrives_as_it_is(at: Scene, run: Run, models: Path, name: str) -> None:
    (models / LARGE).rename(models / name)

    code, output, errors = run("push", str(models))

    assert (code, errors) == (0, "")
    assert name in output
    assert at.holds(models / name)
    assert run("verify", str(models))[0] == 0
    assert name in run("list")[1]


@pytest.mark.parametrize(
    ("directory", "why"),
    [
        ("/tmp/" + "y" * 500, r"yyy … yyy.* cannot be looked at \(File name too long\); name the"),
        ("/no/such\n\x1b[2J/place", "place does not exist; name the directory"),
    ],
    ids=["long", "escapes"],
)
def test_a_directory_that_nobody_can_have_meant(run: Run, directory: str, why: str) -> None:
    for verb in ("push", "verify"):
        said = run(verb, directory)
        refused(said, 3, why)
        assert "\x1b" not in said[2]
        assert len(said[2]) < 400


def test_a_link_in_a_circle_is_no_directory(run: Run, tmp_path: Path) -> None:
    link_to_itself(tmp_path / "circle")
    refused(run("push", str(tmp_path / "circle")), 3, "circle cannot be looked at ")


def test_a_file_that_may_not_be_read_is_said_before_anything_is_sent(
    at: Scene, models: Path
) -> None:
    (models / LARGE).chmod(0)
    caps = "-dac_override,-dac_read_search"
    # Root reads everything, unless it gives that up.
    humbly = ["setpriv", f"--inh-caps={caps}", f"--bounding-set={caps}"] if not os.geteuid() else []
    ran = subprocess.run(
        [
            *(*humbly, sys.executable, "-m", "console", "models", "push", str(models)),
            *("--context", "sandbox", "--bucket", BUCKET),
        ],
        env=environment_of(at),
        capture_output=True,
        text=True,
        timeout=60,
    )
    refused((ran.returncode, ran.stdout, ran.stderr), 3, f"{LARGE}.*(Permission|permission)")
    assert not list(at.bucket.list_blobs())


def test_a_file_that_is_taken_away_meanwhile_gets_no_name(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    path.unlink()
    at_end = away.ended()

    assert isinstance(at_end, Changed)
    assert "was taken away while it was sent, and is not stored" in at_end.message
    assert at.bucket.get_blob(path.name) is None
    assert at.leftovers() == []


def test_a_file_that_is_cut_short_meanwhile_gets_no_name(at: Scene) -> None:
    path = at.file(40 * MIB)
    at.rate = 20e6
    away = Away(at, path)
    until(lambda: bool(at.records.of(BUCKET) and at.records.of(BUCKET)[0].parts))
    os.truncate(path, 30 * MIB)

    assert isinstance(away.ended(), Changed)
    assert at.bucket.get_blob(path.name) is None
    assert at.leftovers() == []


def test_a_directory_that_vanishes_is_an_error_of_one_line(run: Run, models: Path) -> None:
    shutil.rmtree(models)
    refused(run("verify", str(models)), 3, "models does not exist")
