"""The engine reading its model from the sandbox's storage, as it does from Google's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.cloud import storage
from served_storage import BUCKET, Served

from console.sandbox.faults import Fault
from engine.cli import main
from engine.demo import files_directory
from engine.errors import MalformedFile
from engine.loading import load_pipeline
from engine.schema import Done, GenerationRequest, Size
from engine.timeline import Timeline
from engine.weights.bucket.address import BucketAddress
from engine.weights.place import Place, place_of


@pytest.fixture
def filled(served: Served) -> storage.Bucket:
    """A bucket with the demo model in a folder, put there by Google's client."""
    bucket = served.bucket()
    for file in sorted(files_directory().iterdir()):
        bucket.blob(f"demo/{file.name}").upload_from_filename(str(file))
    return bucket


def in_bucket(served: Served) -> Place:
    return place_of(BucketAddress(BUCKET, "demo"), {"STORAGE_EMULATOR_HOST": served.url})


def picture(models: Place) -> bytes:
    pipeline = load_pipeline(models, device="cpu", threads=None, timeline=Timeline())
    *_, done = pipeline.generate(GenerationRequest("a red circle", Size(64, 64), 2, seed=7))
    assert isinstance(done, Done)
    return done.picture.rgb


@pytest.mark.usefixtures("filled")
def test_the_picture_is_the_same_as_from_the_directory(served: Served):
    assert picture(in_bucket(served)) == picture(files_directory())


@pytest.mark.usefixtures("filled")
def test_answers_that_break_off_in_the_middle_change_nothing(served: Served):
    served.faults.begin(Fault.STORAGE_BROKEN)
    assert picture(in_bucket(served)) == picture(files_directory())


@pytest.mark.usefixtures("filled")
def test_an_object_that_is_damaged_where_it_lies_is_refused(served: Served):
    original = (files_directory() / "z_image_demo-Q8_0.gguf").read_bytes()
    kept = [file for file in served.directory.rglob("*") if file.is_file()]
    contents = [file for file in kept if file.read_bytes() == original]
    assert contents
    for content in contents:
        content.write_bytes(original[:-1] + bytes([original[-1] ^ 1]))
    with pytest.raises(MalformedFile, match="does not have the checksum that its metadata states"):
        picture(in_bucket(served))


def test_inspect_and_generate_take_a_bucket(
    served: Served,
    filled: storage.Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", served.url)
    models = f"gs://{filled.name}/demo"
    assert main(["inspect", models, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["directory"] == models
    assert [file["path"] for file in document["files"]] == [
        f"{models}/{name}"
        for name in ("ae_demo.safetensors", "qwen3_demo-Q8_0.gguf", "z_image_demo-Q8_0.gguf")
    ]
    here, there = tmp_path / "here.png", tmp_path / "there.png"
    asked = ["generate", "a red circle", "--size", "64x64", "--steps", "1", "--seed", "7"]
    assert main([*asked, "-o", str(there), "--models", models]) == 0
    assert main([*asked, "-o", str(here)]) == 0
    assert there.read_bytes() == here.read_bytes()


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("gs://weights-of-nobody", "there is no bucket gs://weights-of-nobody; check its name"),
        (f"gs://{BUCKET}/elsewhere", f"gs://{BUCKET}/elsewhere holds no files"),
    ],
)
@pytest.mark.usefixtures("filled")
def test_a_place_without_a_model_is_told_in_one_line(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    named: str,
    reason: str,
):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", served.url)
    assert main(["inspect", named]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"engine: {reason}")
    assert said.count("\n") == 1


@pytest.mark.usefixtures("filled")
def test_who_may_not_read_is_told_the_permission_and_the_role(
    served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", served.url)
    served.faults.begin(Fault.STORAGE_DENIED)
    assert main(["inspect", f"gs://{BUCKET}/demo"]) == 1
    said = capsys.readouterr().err
    assert "storage.objects.list" in said
    assert "roles/storage.objectViewer" in said
