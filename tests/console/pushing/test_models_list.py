"""`models list`: a table that fits, what it makes up, where it has room and what it costs."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from model_file_scenes import BUCKET, LIVE, NOW, OLD, REPLACED, UNET, UPLOAD, VAE, stored
from push_scene import Scene
from verb_scene import Run

from console.model.models.parts import PART_NOTE, ModelPart
from console.model.models.told_parts import HeaderRead, ToldParts
from console.model.storage import ObjectList, StoredObject
from console.session.transfer.place import Place
from console.sources.prices import packaged_prices
from console.terminal.sanitise import sanitise
from console.verbs.models_list_words import Listing, list_document, print_list


def listing(*objects: StoredObject, told: ToldParts | None = None, unseen: bool = False) -> Listing:
    found = ObjectList(objects, complete=not unseen)
    place = Place(BUCKET, found, (UPLOAD,) if OLD in objects else ())
    return Listing(place, told or ToldParts(), packaged_prices())


def printed(shown: Listing, width: int | None) -> str:
    stream = io.StringIO()
    print_list(shown, NOW, stream, width)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def test_on_a_terminal_of_80_columns_each_object_is_one_line() -> None:
    assert printed(listing(*LIVE, OLD, REPLACED), 80).splitlines() == [
        "gs://zimage-models in us-central1",
        "object                                 part              size  age  a month",
        "z_image_turbo-Q4_K_M.gguf              transformer     5.0 GB  1 d    $0.09",
        "Qwen3-4B-Q4_K_M.gguf                   text encoder    2.5 GB  1 d    $0.05",
        "ae.safetensors                         VAE           335.3 MB  1 d  < $0.01",
        "z_image_turbo-Q8_0.gguf    deleted     transformer     7.2 GB  1 d    $0.13",
        "ae.safetensors             replaced    VAE           335.3 MB  2 d  < $0.01",
        "z_image_turbo-Q8_0.gguf    unfinished  –               1.6 GB  4 d    $0.03",
        "The model is complete.",
        "Which file is which part is told by what was noted when they were sent.",
        "Pictures of 1024×1024 take 11.8 GB of memory (estimate): room enough on CPU 16",
        "GiB and on L4 24 GB.",
        "A month of this costs about $0.32 (estimate, prices of 2026-10-08).",
    ]


def test_without_a_terminal_nothing_is_cut_or_left_away() -> None:
    long = replace(LIVE[0], name=sanitise("z_image_turbo-" + "x" * 300 + ".gguf"))
    lines = printed(listing(long, *LIVE[1:], OLD), None).splitlines()
    assert lines[1].split() == ["object", "part", "size", "class", "crc32c", "age", "a", "month"]
    assert long.name in lines[2]
    assert [line for line in lines if UPLOAD.name.rpartition("/")[2] in line]


@pytest.mark.parametrize("width", [20, 40, 60, 79, 80, 100, 120])
def test_no_line_is_longer_than_the_terminal_is_wide(width: int) -> None:
    long = replace(LIVE[0], name=sanitise("模型" * 60 + "[bold]\x1b[31m.gguf"))
    for line in printed(listing(long, *LIVE, OLD, REPLACED), width).splitlines():
        assert len(line) <= width
        assert "\x1b" not in line


def test_a_set_that_lacks_something_is_said_to_and_gets_no_memory() -> None:
    said = printed(listing(*LIVE[:1]), 100)
    assert "No service can start from it: it lacks the text encoder and the VAE." in said
    assert "memory" not in said
    assert list_document("sandbox", listing(*LIVE[:1]))["fits"] == {
        "CPU 16 GiB": None,
        "L4 24 GB": None,
    }


def test_what_is_too_large_for_a_shape_is_said() -> None:
    large = replace(LIVE[0], size=12_309_866_400)
    said = printed(listing(large, *LIVE[1:]), 100)
    assert "take 19.1 GB of memory (estimate): room enough on L4 24 GB, too much for CPU" in said


def test_headers_of_files_here_are_believed_before_notes_and_names() -> None:
    odd = replace(stored(UNET), name=sanitise("odd.gguf"), metadata=())
    wrong = replace(stored(VAE), metadata=((sanitise(PART_NOTE), sanitise(ModelPart.TRANSFORMER)),))
    told = ToldParts(
        {
            "odd.gguf": HeaderRead(ModelPart.TRANSFORMER, odd.size),
            wrong.name: HeaderRead(ModelPart.VAE, wrong.size),
            LIVE[1].name: HeaderRead(None, 17),
        }
    )
    said = printed(listing(odd, LIVE[1], wrong, told=told), 200)
    assert "The model is complete." in said
    assert (
        "told by the headers of the files here that have the same names and sizes (2) and by what "
        "was noted when they were sent (1)."
    ) in said


def test_the_verb_looks_into_the_files_here_if_they_are_named(
    at: Scene, run: Run, models: Path
) -> None:
    assert run("push", str(models))[0] == 0
    for each in list(at.bucket.list_blobs()):
        at.bucket.rename_blob(each, each.name.replace("tiny_", "file-"))
    renamed = Path(shutil.copytree(models, models.parent / "renamed"))
    for path in list(renamed.iterdir()):
        path.rename(path.with_name(path.name.replace("tiny_", "file-")))
    for each in list(at.bucket.list_blobs()):
        each.metadata = None
        each.patch()

    _, by_names, _ = run("list")
    code, by_headers, errors = run("list", "--models", str(renamed))
    _, elsewhere, complaint = run("list", "--models", str(models.parent))

    assert "told by their names alone" in by_names
    assert (code, errors) == (0, "")
    assert "The model is complete." in by_headers
    assert "told by the headers of the files here that have the same names and sizes." in by_headers
    assert "told by their names alone" in elsewhere
    assert complaint.count("\n") <= 1


def test_prices_in_the_sandbox_are_those_of_a_region_that_has_some(
    run: Run, at: Scene, models: Path
) -> None:
    assert run("push", str(models))[0] == 0
    _, output, _ = run("list")
    document = json.loads(run("list", "--json")[1])
    assert "A month of this costs nothing here; in us-central1 it would be < $0.01" in output
    assert "–" not in output.splitlines()[2]
    assert document["priced_as"] == "us-central1"
    assert document["objects"][0]["month"]["usd"] is not None
    assert document["fits"] == {"CPU 16 GiB": True, "L4 24 GB": True}


def test_what_is_in_the_bucket_is_listed_with_what_is_not_there_any_more(
    at: Scene, run: Run, models: Path
) -> None:
    at.bucket.blob("tiny_z_image.gguf").upload_from_string(b"before")
    assert run("push", str(models), "--replace")[0] == 0
    at.writer().begin(".zimage-uploads/elsewhere/1/large.gguf", {})

    code, output, _ = run("list")

    assert code == 0
    rows = {tuple(line.split()[:2]) for line in output.splitlines() if ".gguf" in line}
    assert {("large.gguf", "unfinished"), ("tiny_z_image.gguf", "deleted")} <= rows
    assert "The model is complete." in output
    assert "told by what was noted when they were sent" in output
    document = json.loads(run("list", "--json")[1])
    assert document["complete"] is True
    assert [each["name"] for each in document["unfinished_uploads"]] == [
        ".zimage-uploads/elsewhere/1/large.gguf"
    ]
    live = [each for each in document["objects"] if each["kept"] == "live"]
    assert all(each["sha256"] and each["crc32c"] and each["part"] for each in live)
