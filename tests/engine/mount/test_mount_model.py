"""A model from a mount: the same numbers as from a disk, or no model at all."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine import loading
from engine.errors import MalformedFile, ModelError, ModelNotFound
from engine.loading import load_pipeline
from engine.model.linear import Strategy
from engine.model.loading import load_model
from engine.schema import Done, GenerationRequest, Phase, Size
from engine.timeline import Timeline
from engine.weights.ahead import shelf
from engine.weights.discover import find_model
from engine.weights.early import reading
from engine.weights.mount.files import Patience
from engine.weights.mount.place import MountPlace
from engine.weights.mount.shelf import MountShelf
from engine.weights.place import Place

QUICK = Patience(tries=4, first_wait=0.001, longest_wait=0.01)


def mounted(directory: Path) -> MountPlace:
    return MountPlace(MountShelf(QUICK, threads=3), directory)


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def picture(models: Place, timeline: Timeline | None = None, linear: str = "auto") -> bytes:
    pipeline = load_pipeline(
        models, device="cpu", threads=None, timeline=timeline or Timeline(), linear=linear
    )
    *_, done = pipeline.generate(GenerationRequest("a cat", Size(64, 64), 2, seed=3))
    assert isinstance(done, Done)
    return done.picture.rgb


class Reads:
    """Stands between a reader and the system: counts, and lets some reads go wrong."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = os.preadv
        self._lock = threading.Lock()
        self.count = 0
        self.bytes = 0  # that came ahead of their use
        self.descriptors: dict[str, set[int]] = {}
        self.fault: Callable[[int], int | None] = lambda number: None
        monkeypatch.setattr(os, "preadv", self)

    def __call__(self, descriptor: int, buffers: list[memoryview], offset: int) -> int:
        with self._lock:
            self.count += 1
            number = self.count
        if (code := self.fault(number)) is not None:
            if code == 0:
                return self._real(descriptor, [buffers[0][:7]], offset)
            raise OSError(code, os.strerror(code))
        done = self._real(descriptor, buffers, offset)
        with self._lock:
            if threading.current_thread().name == "engine-reader":
                self.bytes += done
            self.descriptors.setdefault(threading.current_thread().name, set()).add(descriptor)
        return done


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


@pytest.mark.parametrize("linear", ["auto", "packed"])
def test_a_mount_and_a_disk_give_the_same_picture(tiny_model: Path, linear: str) -> None:
    assert picture(mounted(tiny_model), linear=linear) == picture(tiny_model, linear=linear)


def test_each_file_is_told_with_its_bytes(tiny_model: Path) -> None:
    told = []
    for models in (mounted(tiny_model), tiny_model):
        timeline = Timeline()
        picture(models, timeline)
        read = [event for event in timeline.events() if event.phase is Phase.WEIGHTS_READ]
        told.append([(event.file, event.bytes) for event in read])
    assert told[0] == told[1]
    assert len(told[0]) == 3


def test_no_byte_comes_twice_beside_the_headers_and_no_descriptor_stays(
    tiny_model: Path, reads: Reads
) -> None:
    before = set(os.listdir("/proc/self/fd"))
    picture(mounted(tiny_model))
    weights = sum(f.stat().st_size for f in tiny_model.rglob("*") if f.is_file())
    assert 0 < reads.bytes <= weights
    # The threads close what they opened when they end, which may be a moment later.
    for thread in threading.enumerate():
        if thread.name.startswith("engine-reader"):
            thread.join(5)
    assert set(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("linear", ["auto", "packed"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ETIMEDOUT, errno.EAGAIN, 0])
def test_reads_that_fail_for_a_moment_or_fall_short_are_mended(
    code: int, linear: str, tiny_model: Path, reads: Reads, caplog: pytest.LogCaptureFixture
) -> None:
    expected = picture(tiny_model, linear=linear)
    reads.fault = lambda number: code if number % 2 else None
    with caplog.at_level(logging.WARNING):
        assert picture(mounted(tiny_model), linear=linear) == expected
    assert bool(code) == ("was interrupted" in caplog.text)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.EIO, ModelNotFound, "cannot be read"),
        (errno.EACCES, ModelNotFound, "cannot be read"),
        (errno.ESTALE, MalformedFile, "was replaced or deleted"),
    ],
)
def test_reads_that_go_on_failing_are_refused_with_the_reason(
    code: int, kind: type[ModelError], words: str, tiny_model: Path, reads: Reads
) -> None:
    reads.fault = lambda number: code
    with pytest.raises(kind, match=words):
        picture(mounted(tiny_model))


@pytest.mark.parametrize("change", ["longer", "shorter", "touched", "gone"])
def test_a_file_that_changes_after_it_was_looked_at_is_refused(change: str, model: Path) -> None:
    place = mounted(model)
    with reading(place):
        files = find_model(place)
        for facts in (files.text_encoder, files.transformer, files.vae):
            assert isinstance(facts.path, MountPlace)
            facts.path.stored()
        path = files.transformer.path
        assert isinstance(path, MountPlace)
        _change(path.path, change)
        # What its header says is looked at once more before, where that tells already.
        with pytest.raises(ModelError, match=r"tiny_z_image.gguf .*; "):
            load_model(
                files,
                "cpu",
                lambda: 0.0,
                lambda *_: None,
                lambda *_: None,
                Strategy.DENSE,
            )


def test_a_file_that_changes_while_it_is_read_is_refused_in_the_end(
    model: Path, reads: Reads
) -> None:
    changed = threading.Event()

    def overwrite(number: int) -> None:
        ahead = threading.current_thread().name == "engine-reader"
        if ahead and not changed.is_set():
            changed.set()
            os.utime(model / "tiny_qwen3.gguf", ns=(1, 1))

    reads.fault = overwrite
    with pytest.raises(MalformedFile, match=r"tiny_qwen3.gguf was replaced or deleted"):
        picture(mounted(model))


def _change(path: Path, how: str) -> None:
    content = path.read_bytes()
    match how:
        case "longer":
            path.write_bytes(content + b"more")
        case "shorter":
            path.write_bytes(content[:-1])
        case "touched":
            os.utime(path, ns=(1, 1))
        case _:
            path.unlink()


def test_a_file_that_changes_after_the_model_was_loaded_is_refused_at_the_next_prompt(
    model: Path,
) -> None:
    place = mounted(model)
    with reading(place):
        files = find_model(place)
        encoder = files.text_encoder.path
        assert isinstance(encoder, MountPlace)
        encoder.stored()
    os.utime(encoder.path, ns=(1, 1))
    with (
        pytest.raises(MalformedFile, match=r"was replaced or deleted"),
        closing(encoder.source([(0, 16)])) as source,
    ):
        source.read_into(0, memoryview(bytearray(16)))


def test_the_same_files_are_read_by_another_place_as_they_are_now(model: Path) -> None:
    first = picture(mounted(model))
    for file in model.rglob("*"):
        if file.is_file():
            os.utime(file, ns=(1, 1))
    assert picture(mounted(model)) == first


@pytest.mark.parametrize(
    ("linear", "gpu", "stay"),
    [("packed", False, True), ("packed", True, False), ("dense", False, False)],
)
def test_weights_stay_where_they_come_if_they_are_kept_as_stored_and_here(
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    linear: str,
    gpu: bool,
    stay: bool,
) -> None:
    rooms: list[int] = []
    made = shelf.Room
    monkeypatch.setattr(shelf, "Room", lambda count, **k: rooms.append(count) or made(count, **k))
    monkeypatch.setattr(loading, "_NVIDIA", tmp_path if gpu else tmp_path / "none")
    load_pipeline(
        mounted(tiny_model), device="auto", threads=None, timeline=Timeline(), linear=linear
    )
    assert bool(rooms) == stay
