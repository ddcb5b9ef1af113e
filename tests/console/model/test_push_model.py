"""What a push reckons with: parts, rates, records, names, regions, patience, a plan."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from console.model.models.bucket_check import region_problem
from console.model.models.local_set import LocalFile, bad_name, local_set, set_by_names
from console.model.models.part_size import MIB, MOST_PARTS, SMALLEST, part_size, threads_for
from console.model.models.parts import ModelPart, part_by_name, part_of
from console.model.models.patience import Patience
from console.model.models.push_plan import PlannedFile, PushPlan, Standing, other_parts
from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.rate_text import parse_rate, rate_text, span_text
from console.model.models.staging import final_name, sender_of, staged_name
from console.model.models.stored_set import stored_set
from console.model.models.upload_record import (
    FileIdentity,
    SentPart,
    UploadRecord,
    part_line,
    read_record,
)
from console.model.storage import Kept, ObjectList, StoredObject
from console.model.text import SafeText
from console.terminal.sanitise import sanitise

IDENTITY = FileIdentity(size=20 * MIB + 1, modified=1, changed=2, inode=3, device=4)
RECORD = UploadRecord(
    bucket="b",
    name="z.gguf",
    staged=".zimage-uploads/a/b/z.gguf",
    upload="id",
    part_size=5 * MIB,
    path="/m/z.gguf",
    identity=IDENTITY,
)


def stored(name: str, size: int = 1, part: str = "", kept: Kept = Kept.LIVE) -> StoredObject:
    notes = ((SafeText("zimage-part"), SafeText(part)),) if part else ()
    return StoredObject(
        name=SafeText(name),
        size=size,
        storage_class=SafeText("STANDARD"),
        crc32c=SafeText("AAAAAA=="),
        generation=7,
        kept=kept,
        metadata=notes,
    )


@given(some.integers(1, 1 << 45))
def test_parts_are_neither_too_small_nor_too_many(size: int) -> None:
    each = part_size(size)

    assert each >= SMALLEST
    assert -(-size // each) <= MOST_PARTS


def test_the_usual_files_go_in_the_usual_parts() -> None:
    assert part_size(8_000_000_000) == 8 * MIB


@pytest.mark.parametrize(
    ("text", "rate"),
    [("20M", 20e6), ("20MB/s", 20e6), ("1.5 G", 1.5e9), ("100Mbit", 12.5e6), ("800kbps", 100e3)],
)
def test_rates_are_read_as_people_type_them(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-1M", "0", "1e9", "20MM", "nan", "1" * 40])
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate; write one such as 20M"):
        parse_rate(text)


def test_rates_and_spans_are_short() -> None:
    assert rate_text(18_312_345.0) == "18.3 MB/s"
    assert [span_text(each) for each in (0, 42.4, 380, 5_100, 7_200)] == [
        *("0 s", "42 s", "6 min", "1 h 25 min", "2 h"),
    ]


def test_a_record_is_read_as_it_was_written() -> None:
    parts = {number: SentPart(number, f'"t{number}"', number) for number in (1, 3, 5)}
    lines = [RECORD.first_line(), *(part_line(each) for each in parts.values())]

    assert read_record(lines) == replace(RECORD, parts=parts)


def test_a_line_that_was_cut_off_was_never_written() -> None:
    whole = part_line(SentPart(1, "t", 9))
    cut = part_line(SentPart(2, "t", 9))[:-9]

    read = read_record([RECORD.first_line(), whole, cut])

    assert read is not None
    assert list(read.parts) == [1]
    assert read.sent_bytes == 5 * MIB


@given(some.text() | some.binary().map(lambda data: data.decode("latin-1")))
def test_a_record_of_anything_else_is_none(text: str) -> None:
    assert read_record([text]) is None


def test_parts_that_cannot_be_are_forgotten() -> None:
    lines = [part_line(SentPart(number, "t", 1)) for number in (0, 6, 4)]

    read = read_record([RECORD.first_line(), *lines])

    assert read is not None
    assert list(read.parts) == [4]


@pytest.mark.parametrize("key", ["bucket", "staged", "upload", "part_size", "identity", "version"])
def test_a_record_that_lacks_something_is_none(key: str) -> None:
    head = json.loads(RECORD.first_line())
    del head[key]

    assert read_record([json.dumps(head)]) is None


def test_only_what_arrived_counts_of_a_record() -> None:
    parts = {number: SentPart(number, f'"t{number}"', number) for number in (1, 2, 5)}
    record = replace(RECORD, parts=parts)
    there = {1: ("t1", 5 * MIB), 2: ("other", 5 * MIB), 5: ('"t5"', 1)}

    assert sorted(record.only(there).parts) == [1, 5]
    assert record.part_bytes(5) == 1


@given(some.text(min_size=1))
def test_a_staged_name_tells_who_sent_what(name: str) -> None:
    staged = staged_name("0f" * 8, "abc", name)

    assert sender_of(staged) == "0f" * 8
    assert final_name(staged) == name
    assert sender_of(name) is None or name.startswith(".zimage-uploads/")


def test_waiting_grows_is_spread_and_does_as_it_is_asked() -> None:
    patience = Patience(first_seconds=1, longest_seconds=30, brief_seconds=2)

    assert [patience.delay(failures, 1.0) for failures in (1, 2, 3, 9, 9_999)] == [1, 2, 4, 30, 30]
    assert patience.delay(9, 0.0) == 15
    assert patience.delay(9, 1.0, alone=True) == 2
    assert patience.delay(1, 1.0, asked=77.0) == 77


@pytest.mark.parametrize(
    ("location", "region"),
    [
        *(("US-CENTRAL1", "us-central1"), ("US", "us-east4"), ("EU", "europe-west4")),
        *(("ASIA", "asia-southeast1"), ("NAM4", "us-central1"), ("", "us-central1")),
        ("US-EAST1", ""),
    ],
)
def test_a_bucket_that_is_near_is_no_problem(location: str, region: str) -> None:
    assert region_problem(SafeText("b"), location, region) == ""


@pytest.mark.parametrize("location", ["US-EAST1", "EU", "NAM4X", "ASIA", "EUR4"])
def test_a_bucket_that_is_far_is_one_with_the_mend(location: str) -> None:
    said = region_problem(SafeText("b"), location, "us-central1")

    assert said.startswith(f"gs://b is in {location.lower()} and the service in us-central1")
    assert "make a bucket in us-central1" in said


def test_names_tell_the_published_files() -> None:
    names = {
        "z_image_turbo-Q4_K.gguf": ModelPart.TRANSFORMER,
        "z_image_turbo_bf16.safetensors": ModelPart.TRANSFORMER,
        "Qwen3-4B-Q4_K_M.gguf": ModelPart.TEXT_ENCODER,
        "qwen_3_4b.safetensors": ModelPart.TEXT_ENCODER,
        "Z-Image_Qwen_3_4b_text_encoder-Q6_K.gguf": ModelPart.TEXT_ENCODER,
        "ae.safetensors": ModelPart.VAE,
        "tokenizer.json": ModelPart.TOKENIZER,
        "README.md": None,
        "dreamshaper.safetensors": None,
    }

    assert {name: part_by_name(name) for name in names} == names


def test_what_was_noted_counts_more_than_the_name() -> None:
    assert part_of(stored("qwen.gguf", part="vae")) is ModelPart.VAE
    assert part_of(stored("qwen.gguf", part="nonsense")) is ModelPart.TEXT_ENCODER


def a_set(*names: str) -> str:
    return stored_set(ObjectList(tuple(stored(name) for name in names))).problem


def test_a_set_in_a_bucket_is_whole_or_it_is_said_why_not() -> None:
    whole = ("z_image-Q4.gguf", "Qwen3-4B.gguf", "ae.safetensors")

    assert a_set(*whole) == ""
    assert a_set() == "it lacks the transformer and the text encoder and the VAE"
    assert a_set(*whole[1:]) == "it lacks the transformer"
    assert a_set(*whole, "z_image-Q8.gguf") == (
        "z_image-Q4.gguf and z_image-Q8.gguf could both be the transformer"
    )
    assert a_set("z_image.gguf", "qwen_3_4b.safetensors", "ae.safetensors") == (
        "qwen_3_4b.safetensors needs a tokenizer.json beside it"
    )
    assert a_set("z_image.gguf", "qwen.safetensors", "ae.safetensors", "tokenizer.json") == ""
    shards = [f"z_image-{number:05}-of-00002.safetensors" for number in (1, 2)]
    assert a_set(*shards, *whole[1:]) == ""


def test_what_is_not_live_or_in_a_folder_is_no_part_of_a_set() -> None:
    found = ObjectList(
        (
            stored("z_image-Q4.gguf"),
            stored("z_image-Q8.gguf", kept=Kept.SOFT_DELETED),
            stored("old/z_image-Q2.gguf"),
            stored("Qwen3-4B.gguf"),
            stored("ae.safetensors"),
        )
    )

    assert stored_set(found).complete


def planned(name: str, standing: Standing, begun: int = 0) -> PlannedFile:
    file = LocalFile(path=f"/m/{name}", name=name, part=ModelPart.TRANSFORMER)
    there = None if standing is Standing.NEW else stored(name, 5)
    return PlannedFile(file, replace(IDENTITY, size=100), standing, there, begun)


def test_a_plan_adds_up() -> None:
    plan = PushPlan(
        bucket="b",
        directory="/m",
        files=(
            planned("a", Standing.NEW, begun=40),
            planned("b", Standing.SAME),
            planned("c", Standing.DIFFERENT),
        ),
        rate=80.0,
    )

    assert (plan.size, plan.missing, plan.seconds) == (300, 160, 2.0)
    assert plan.added == 100 + 95
    assert [each.file.name for each in plan.replaced] == ["c"]
    assert [each.generation for each in plan.files] == [0, 7, 7]
    assert replace(plan, rate=None).seconds is None


@pytest.mark.parametrize(
    ("part", "types", "size"),
    [
        (ModelPart.TRANSFORMER, (("Q4_K", 180), ("F32", 145)), 6_100),
        (ModelPart.TRANSFORMER, (("I8", 180), ("F32", 505)), 0),
        (ModelPart.VAE, (("F32", 244),), 0),
    ],
)
def test_a_transformer_can_be_rounded_once(
    part: ModelPart, types: tuple[tuple[str, int], ...], size: int
) -> None:
    file = LocalFile(path="/m/z.gguf", name="z.gguf", part=part, types=types, parameters=6_100)
    assert file.prepared_size == size
    assert replace(file, parameters=0).prepared_size == 0


def test_other_files_for_a_part_are_found_at_the_top_alone() -> None:
    files = (LocalFile(path="/m/z.gguf", name="z.gguf", part=ModelPart.TRANSFORMER),)
    found = ObjectList(
        (stored("z.gguf", part="transformer"), stored("z_image-Q8.gguf"), stored("x/z_image.gguf"))
    )

    assert [each.name for each in other_parts(files, found)] == ["z_image-Q8.gguf"]


def test_progress_is_what_arrived_and_what_is_on_its_way() -> None:
    files = (
        PushedFile("a", 100, arrived=40, passing=20, stage=FileStage.SENDING),
        PushedFile("b", 50, stage=FileStage.THERE),
    )

    progress = PushProgress(files, 45.0)

    assert (progress.done, progress.size, progress.seconds_left) == (110, 150, 40 / 45)
    assert PushProgress(files).seconds_left is None


def document(**row: object) -> dict[str, object]:
    usual = {"path": "/m/z.gguf", "part": "transformer", "format": "gguf", "files": ["/m/z.gguf"]}
    return {"problem": "", "files": [{**usual, **row}]}


def test_the_engine_says_what_is_sent_and_what_is_left_out() -> None:
    said = document()
    said["files"] = [
        *document()["files"],  # type: ignore[misc]
        {"path": "/m/control.safetensors", "part": None, "problem": "it is a ControlNet"},
    ]

    known = local_set(said, "/m", ["/m/tokenizer.json"])

    assert [(each.name, each.part) for each in known.files] == [
        ("z.gguf", ModelPart.TRANSFORMER),
        ("tokenizer.json", ModelPart.TOKENIZER),
    ]
    assert [(each.name, each.why) for each in known.left_out] == [
        ("control.safetensors", "it is a ControlNet")
    ]


def test_all_pieces_of_a_part_are_sent_under_their_own_names() -> None:
    pieces = [f"/m/transformer/d-0000{n}-of-00002.safetensors" for n in (1, 2)]

    known = local_set(document(path=pieces[0], files=pieces), "/m", [])

    assert [each.name for each in known.files] == [
        "transformer/d-00001-of-00002.safetensors",
        "transformer/d-00002-of-00002.safetensors",
    ]


def test_a_mend_for_another_command_is_not_passed_on() -> None:
    said = {
        **document(),
        "problem": "/m lacks it; put it there, or name another directory with --models",
    }

    assert local_set(said, "/m", []).problem == "/m lacks it; put it there"


@pytest.mark.parametrize("said", [{}, {"files": "none"}, {"files": None}])
def test_a_document_without_files_makes_no_sense(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="without files"):
        local_set(said, "/m", [])


def test_names_alone_make_a_set_only_if_nothing_is_in_doubt() -> None:
    paths = ["/m/z_image.gguf", "/m/Qwen3-4B.gguf", "/m/ae.safetensors"]

    assert not set_by_names("/m", paths).problem
    assert not set_by_names("/m", paths).checked
    assert "no file that is called like the VAE" in set_by_names("/m", paths[:2]).problem
    assert (
        "2 files called like the transformer"
        in set_by_names("/m", [*paths, "/m/z_image-2.gguf"]).problem
    )


@pytest.mark.parametrize("name", ["a\x1b[2J.gguf", "a\u202e.gguf", "a\nb.gguf", "é" * 600])
def test_names_that_nobody_can_show_or_store_are_refused(name: str) -> None:
    assert "rename the file" in bad_name(name, sanitise(name))


def test_usual_names_are_good() -> None:
    assert bad_name("模型 (1).gguf", sanitise("模型 (1).gguf")) == ""


def test_few_parts_are_sent_at_once_on_a_slow_way_and_all_on_a_fast_one() -> None:
    assert threads_for(None, 8) == 8
    assert threads_for(1_000_000, 8) == 2
    assert threads_for(8_000_000, 8) == 4
    assert threads_for(100_000_000, 8) == 8
    assert threads_for(1_000, 1) == 1, "never more than there may be"
