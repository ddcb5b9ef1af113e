"""What is wrong is said in one line with the mend, before a byte of a file is sent."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from push_scene import Scene
from verb_scene import Run, refused

from console.sandbox.faults import Fault
from console.sources.object_writer import BucketWriter

ASKING = 16_384
"""How many bytes questions take, without any bytes of a file."""

MADE = frozenset({"CreateBucket"})
LATER = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


@pytest.fixture
def tiny(tiny_model_directory: Path) -> Any:
    return sys.modules["tiny_models"]


def writes(at: Scene) -> list[str]:
    """Return what the storage was asked for beside what only looks."""
    counted = at.served.requests.between(datetime.min.replace(tzinfo=UTC), LATER)
    asked = {method for _, (_, method, _), _ in counted}
    return sorted(each for each in asked - MADE if not each.startswith(("Get", "List", "Test")))


def nothing_sent(at: Scene) -> bool:
    """Say whether nothing but questions was asked, and no byte of a file went."""
    return (
        at.line.sent < ASKING
        and writes(at) == []
        and not list(at.bucket.list_blobs())
        and not at.leftovers()
    )


def test_a_directory_without_models(at: Scene, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    refused(run("push", str(tmp_path / "empty")), 3, "empty lacks the transformer", "put the file")
    assert nothing_sent(at)


def test_no_directory_and_a_file(at: Scene, run: Run, models: Path) -> None:
    refused(run("push", str(models / "none")), 3, "none does not exist; name the directory")
    file = next(models.iterdir())
    refused(run("push", str(file)), 3, "is a file; name the directory that it is in")
    assert nothing_sent(at)


def test_two_transformers(at: Scene, run: Run, models: Path) -> None:
    shutil.copy(models / "tiny_z_image.gguf", models / "second.gguf")

    said = run("push", str(models))

    refused(said, 3, "second.gguf and tiny_z_image.gguf could both be the transformer; keep one")
    assert nothing_sent(at)


def test_a_truncated_file(at: Scene, run: Run, models: Path) -> None:
    path = models / "tiny_z_image.gguf"
    path.write_bytes(path.read_bytes()[:-1_000])

    refused(run("push", str(models)), 3, r"tiny_z_image\.gguf.*(truncated|short|cut|download)")
    assert nothing_sent(at)


def test_an_encoder_of_another_width(at: Scene, run: Run, models: Path, tiny: Any) -> None:
    wide = dataclasses.replace(tiny.EncoderSizes(), width=128)
    tiny.write_text_encoder(models / "tiny_qwen3.gguf", wide)

    refused(run("push", str(models)), 3, "tiny_qwen3.gguf is 128 wide", "use the encoder")
    assert nothing_sent(at)


def test_an_encoder_of_8_billion_weights(at: Scene, run: Run, models: Path, tiny: Any) -> None:
    # As wide as Qwen3-8B, whose files have the same names of tensors as those of the 4B.
    wide = tiny.EncoderSizes(width=4_096)
    tiny.write_text_encoder(models / "Qwen3-8B-Q4_K_M.gguf", wide)
    (models / "tiny_qwen3.gguf").unlink()

    said = run("push", str(models))

    refused(said, 3, "Qwen3-8B-Q4_K_M.gguf is 4096 wide", "use the encoder")
    assert nothing_sent(at)


def test_questions_are_told_from_what_writes(at: Scene, run: Run, models: Path) -> None:
    assert writes(at) == []
    assert run("push", str(models))[0] == 0
    assert "UploadPart" in writes(at)


def test_two_text_encoders_and_two_vaes(at: Scene, run: Run, models: Path) -> None:
    shutil.copy(models / "tiny_qwen3.gguf", models / "other.gguf")
    refused(run("push", str(models)), 3, "other.gguf and tiny_qwen3.gguf could both be the text")
    (models / "other.gguf").unlink()
    shutil.copy(models / "tiny_ae.safetensors", models / "vae.safetensors")
    refused(run("push", str(models)), 3, "tiny_ae.safetensors and vae.safetensors could both be")
    assert nothing_sent(at)


@pytest.mark.parametrize(
    ("name", "words"),
    [("tiny_qwen3.gguf", "text encoder"), ("tiny_ae.safetensors", "VAE")],
    ids=["encoder", "vae"],
)
def test_a_part_that_is_missing(at: Scene, run: Run, models: Path, name: str, words: str) -> None:
    (models / name).unlink()

    refused(run("push", str(models)), 3, f"lacks the {words}", "put the file there")
    assert nothing_sent(at)


@pytest.mark.parametrize("name", ["tiny_qwen3.gguf", "tiny_ae.safetensors"])
def test_other_files_that_are_truncated(at: Scene, run: Run, models: Path, name: str) -> None:
    path = models / name
    path.write_bytes(path.read_bytes()[:-100])

    refused(run("push", str(models)), 3, f"{name}.*(truncated|short|cut|download)")
    assert nothing_sent(at)


def test_an_empty_file(at: Scene, run: Run, models: Path) -> None:
    (models / "tiny_ae.safetensors").write_bytes(b"")

    refused(run("push", str(models)), 3, "tiny_ae.safetensors")
    assert nothing_sent(at)


def test_no_such_bucket(at: Scene, run: Run, models: Path) -> None:
    said = run("push", str(models), bucket="no-such-bucket-here")

    mend = "models bucket --create --apply --name no-such-bucket-here --region local-1"
    refused(said, 1, "no bucket gs://no-such-bucket-here", mend)
    assert nothing_sent(at)


def test_a_bucket_of_somebody_else(at: Scene, run: Run, models: Path) -> None:
    refused(run("push", str(models), bucket="z-image-models"), 1, "may be somebody else's")
    at.served.faults.begin(Fault.STORAGE_DENIED)
    said = run("push", str(models))
    at.served.faults.end(Fault.STORAGE_DENIED)

    refused(said, 1, "may be somebody else's", "roles/storage.object")
    assert nothing_sent(at)


def test_a_permission_that_would_be_missing_at_the_end(
    at: Scene, run: Run, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at.writer().lacking() == ()
    monkeypatch.setattr(BucketWriter, "lacking", lambda self: ("storage.objects.delete",))

    said = run("push", str(models))

    refused(said, 3, "storage.objects.delete is missing; have roles/storage.objectUser granted")
    assert nothing_sent(at)


def test_a_bucket_in_another_region(at: Scene, run: Run, models: Path) -> None:
    far = at.served.client().create_bucket("far-from-here", location="us-east1")

    said = run("push", str(models), bucket="far-from-here")

    refused(said, 3, "is in us-east1 and the service in local-1", "make a bucket in local-1")
    assert not list(far.list_blobs())
    assert run("push", str(models), "--any-region", bucket="far-from-here")[0] == 0


def test_another_object_of_that_name(at: Scene, run: Run, models: Path) -> None:
    at.bucket.blob("tiny_z_image.gguf").upload_from_string(b"of somebody else")

    code, _, errors = run("push", str(models))

    assert code == 3
    assert "tiny_z_image.gguf in the bucket is another file; --replace" in errors
    blob = at.bucket.get_blob("tiny_z_image.gguf")
    assert blob.download_as_bytes() == b"of somebody else"
    code, output, _ = run("push", str(models), "--replace")
    assert code == 0
    assert "replaces another file of 16 B" in output
    assert "is kept, and paid for, for 7 more days" in output
    assert at.holds(models / "tiny_z_image.gguf")


def test_another_transformer_beside(at: Scene, run: Run, models: Path) -> None:
    at.bucket.blob("z_image_turbo-Q4_K.gguf").upload_from_string(b"another transformer")

    code, _, errors = run("push", str(models))

    assert code == 3
    assert "gcloud storage rm gs://pushed-by-tests/z_image_turbo-Q4_K.gguf" in errors
    assert [each.name for each in at.bucket.list_blobs()] == ["z_image_turbo-Q4_K.gguf"]
    assert run("push", str(models), "--beside")[0] == 0


def test_read_only_lets_nothing_but_the_plan(at: Scene, run: Run, models: Path) -> None:
    refused(run("push", str(models), "--read-only"), 3, "refused because the console is read-only")
    code, output, _ = run("push", str(models), "--read-only", "--plan")

    assert code == 0
    assert "To be sent: 4.9 MB of 4.9 MB." in output
    assert nothing_sent(at)


def test_a_limit_that_is_none(run: Run, models: Path) -> None:
    refused(run("push", str(models), "--limit", "fast"), 2, "'fast' is no rate; write one such as")


def test_a_plan_as_a_document_says_all_and_sends_nothing(at: Scene, run: Run, models: Path) -> None:
    (models / "control.safetensors").write_bytes(b"no header at all")

    code, output, _ = run("push", str(models), "--plan", "--json")

    assert code == 0
    document = json.loads(output)
    assert document["bytes_to_send"] == document["bytes"] > 4_000_000
    assert {each["part"] for each in document["files"]} == {"transformer", "text_encoder", "vae"}
    assert {each["standing"] for each in document["files"]} == {"new"}
    assert [each["name"] for each in document["left_out"]] == ["control.safetensors"]
    assert nothing_sent(at)


def test_a_bucket_is_compared_with_files_here_and_with_what_was_noted(
    at: Scene, run: Run, models: Path
) -> None:
    assert run("push", str(models))[0] == 0
    code, output, _ = run("verify", str(models))
    assert code == 0
    assert output.count("the same") == 3
    code, output, _ = run("verify", "--read", "--json")
    assert code == 0
    assert {each["verdict"] for each in json.loads(output)["objects"]} == {"as it was sent"}

    changed = at.bucket.get_blob("tiny_ae.safetensors")
    data = bytearray(changed.download_as_bytes())
    data[-1] ^= 1
    at.bucket.blob("tiny_ae.safetensors").upload_from_string(bytes(data))
    code, output, _ = run("verify", str(models))

    assert code == 1
    assert "tiny_ae.safetensors  differs: its CRC32C is another" in output
    refused(run("verify"), 2, "say what to compare gs://pushed-by-tests with: DIR", "--read")
