"""A model from a bucket: the same numbers as from a directory, or no model at all."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from faulty_bucket import BUCKET, FaultyBucket, Trouble

from engine.errors import MalformedFile, ModelError, ModelNotFound
from engine.loading import load_pipeline
from engine.model.linear import Strategy
from engine.model.loading import load_model
from engine.schema import Done, GenerationRequest, Phase, Size
from engine.timeline import Timeline
from engine.weights.bucket.address import BucketAddress
from engine.weights.bucket.line import Patience
from engine.weights.bucket.place import BucketPlace, open_bucket
from engine.weights.discover import find_model
from engine.weights.early import reading
from engine.weights.place import Place

pytestmark = pytest.mark.parametrize(
    "bucket", [0, 2], ids=["in-threads", "in-processes"], indirect=True
)

QUICK = Patience(tries=4, stall=0.3, first_wait=0.001, longest_wait=0.01)
TROUBLES = [
    *(Trouble.UNAVAILABLE, Trouble.THROTTLED, Trouble.RESET, Trouble.SHORT, Trouble.STALL),
]


def opened(bucket: FaultyBucket, folder: str = "") -> BucketPlace:
    address = BucketAddress(BUCKET, folder)
    return open_bucket(address, bucket.environ, QUICK, threads=3, processes=bucket.processes)


def picture(models: Place, timeline: Timeline | None = None, linear: str = "auto") -> bytes:
    pipeline = load_pipeline(
        models, device="cpu", threads=None, timeline=timeline or Timeline(), linear=linear
    )
    *_, done = pipeline.generate(GenerationRequest("a cat", Size(64, 64), 2, seed=3))
    assert isinstance(done, Done)
    return done.picture.rgb


@pytest.mark.parametrize("linear", ["auto", "packed"])
def test_a_bucket_and_a_directory_give_the_same_picture(
    bucket: FaultyBucket, tiny_model: Path, linear: str
):
    assert picture(opened(bucket), linear=linear) == picture(tiny_model, linear=linear)


def test_where_no_process_can_be_started_the_picture_is_the_same(
    bucket: FaultyBucket, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert picture(opened(bucket)) == picture(tiny_model)


def test_each_file_is_told_with_its_bytes(bucket: FaultyBucket, tiny_model: Path):
    told = []
    for models in (opened(bucket), tiny_model):
        timeline = Timeline()
        picture(models, timeline)
        read = [event for event in timeline.events() if event.phase is Phase.WEIGHTS_READ]
        told.append([(event.file, event.bytes) for event in read])
    assert told[0] == told[1]
    assert len(told[0]) == 3


def test_every_byte_comes_once_beside_the_headers(bucket: FaultyBucket):
    picture(opened(bucket))
    for name, data in bucket.objects.items():
        beginning = min(len(data), 1 << 20)
        assert bucket.reads(name) == [f"bytes=0-{beginning - 1}", f"bytes=0-{len(data) - 1}"]


@pytest.mark.parametrize("linear", ["auto", "packed"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_network_that_fails_now_and_then_changes_nothing(
    bucket: FaultyBucket,
    tiny_model: Path,
    caplog: pytest.LogCaptureFixture,
    trouble: Trouble,
    linear: str,
):
    bucket.troubles.extend([trouble, Trouble.NONE] * 4)
    assert picture(opened(bucket), linear=linear) == picture(tiny_model, linear=linear)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("reading gs://models was interrupted 4 times")


def test_it_goes_on_at_the_byte_where_a_line_broke(bucket: FaultyBucket):
    bucket.troubles.append(Trouble.SHORT)
    picture(opened(bucket))
    # Of the first request for one of the files, which are looked at side by side, half has come.
    beginnings = {name: min(len(data), 1 << 20) for name, data in bucket.objects.items()}
    rests = {name: f"bytes={size // 2}-{size - 1}" for name, size in beginnings.items()}
    assert [name for name in rests if rests[name] in bucket.reads(name)[1:2]] != []


@pytest.mark.parametrize("linear", ["auto", "packed"])
def test_damage_on_the_way_is_read_again(bucket: FaultyBucket, tiny_model: Path, linear: str):
    models = opened(bucket)
    # The headers are read first, each in one request.
    bucket.troubles.extend([Trouble.NONE] * 3 + [Trouble.DAMAGED])
    assert picture(models, linear=linear) == picture(tiny_model, linear=linear)
    assert not bucket.troubles


@pytest.mark.parametrize("linear", ["auto", "packed"])
def test_damage_that_stays_is_refused_after_a_second_reading(bucket: FaultyBucket, linear: str):
    bucket.damaged = "tiny_z_image.gguf"
    with pytest.raises(MalformedFile, match=r"tiny_z_image.gguf does not have the checksum"):
        picture(opened(bucket), linear=linear)
    whole = f"bytes=0-{len(bucket.objects[bucket.damaged]) - 1}"
    assert bucket.reads(bucket.damaged)[1:] == [whole, whole]


def test_a_header_that_was_damaged_is_not_trusted(bucket: FaultyBucket):
    bucket.troubles.append(Trouble.DAMAGED)
    with pytest.raises(MalformedFile, match="gave other bytes when it was read again"):
        picture(opened(bucket))


def test_without_checksums_it_is_said_that_nothing_was_compared(
    bucket: FaultyBucket, caplog: pytest.LogCaptureFixture
):
    bucket.checksums = False
    picture(opened(bucket))
    assert [record.getMessage() for record in caplog.records] == [
        f"gs://models/{name} was not compared with its checksum: it has none"
        for name in ("tiny_qwen3.gguf", "tiny_z_image.gguf", "tiny_ae.safetensors")
    ]


@pytest.mark.parametrize("linear", ["auto", "packed"])
def test_a_file_that_is_replaced_meanwhile_is_refused(bucket: FaultyBucket, linear: str):
    reads = iter(range(1_000))

    def replace_after_headers() -> None:
        if next(reads) == 4:
            name = "tiny_z_image.gguf"
            bucket.replace(name, bytes(len(bucket.objects[name])))

    bucket.on_bytes = replace_after_headers
    with pytest.raises(MalformedFile, match="was replaced or deleted while it was being read"):
        picture(opened(bucket), linear=linear)


def test_a_network_that_is_gone_is_told(bucket: FaultyBucket):
    bucket.troubles.extend([Trouble.NONE] * 4)
    bucket.always = Trouble.UNAVAILABLE
    with pytest.raises(ModelNotFound, match="HTTP 503, 4 times in a row; check the network"):
        picture(opened(bucket))


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [(Trouble.TEAPOT, "HTTP 418"), (Trouble.OTHER_RANGE, "sends other bytes")],
)
def test_an_answer_that_makes_no_sense_is_not_asked_for_again(
    bucket: FaultyBucket, trouble: Trouble, reason: str
):
    bucket.always = trouble
    with pytest.raises(ModelNotFound, match=reason):
        picture(opened(bucket))
    assert len([each for each in bucket.asked if each.range]) <= len(bucket.objects)


def test_a_folder_of_a_bucket_is_a_place_too(bucket: FaultyBucket, tiny_model: Path):
    bucket.objects.clear()
    bucket.put(tiny_model, "z image/ä+%/")
    bucket.objects["other.gguf"] = b"GGUF"
    assert picture(opened(bucket, "z image/ä+%")) == picture(tiny_model)


def encoded(models: Place) -> list[list[float]]:
    """Return what a text encoder says that is read anew for each prompt."""
    with reading(models):
        streamed = Strategy.STREAMED
        nothing = (lambda: 0.0, lambda *_: None, lambda *_: None)
        model = load_model(find_model(models), "cpu", *nothing, streamed)
    numbers: list[list[float]] = model.text_encoder((1, 2, 3)).tolist()
    return numbers


def test_a_text_encoder_that_is_not_kept_is_read_for_each_prompt(
    bucket: FaultyBucket, tiny_model: Path
):
    assert encoded(opened(bucket)) == encoded(tiny_model)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lists": False}, "there is no bucket gs://models; check its name"),
        ({"objects": {}}, "gs://models holds no files"),
        ({"objects": {"a.txt": b"text"}}, "gs://models lacks the transformer"),
        ({"denied": "list"}, "lacks storage.objects.list; grant it the role Storage Object Viewer"),
        ({"denied": "get"}, "lacks storage.objects.get; grant it the role Storage Object Viewer"),
    ],
)
def test_a_bucket_without_a_model_is_refused_in_one_line(
    bucket: FaultyBucket, change: dict[str, object], reason: str
):
    for name, value in change.items():
        setattr(bucket, name, value)
    with pytest.raises(ModelError) as refused:
        picture(opened(bucket))
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
