"""No room to write down how far a push is: one line, and what arrived is not sent again."""

from __future__ import annotations

from pathlib import Path

from push_process import large_model, said, started, until_parts_arrived, whole
from push_scene import BUCKET, Scene

from console.session.transfer.upload_records import UploadRecords


def test_a_push_ends_in_one_line_and_goes_on_once_there_is_room(
    at: Scene, tiny_model_directory: Path, tmp_path: Path
) -> None:
    models = large_model(tiny_model_directory, tmp_path / "models")
    head = 900
    process = started(at, models, "--limit", "60M", largest=head)
    until_parts_arrived(at, 2)

    code, _, errors = said(process)

    assert code == 1
    assert "cannot write down in " in errors
    assert "how far the upload is (File too large); make room there or mend it" in errors
    assert len(errors.splitlines()) == 1
    assert at.bucket.get_blob("tiny_z_image.gguf") is None
    arrived = UploadRecords(at.folder / "home" / "zimage-console" / "uploads").of(BUCKET)[0]
    assert len(arrived.parts) >= 2

    code, document, errors = said(started(at, models))

    assert (code, errors) == (0, "")
    assert sum(each["bytes_sent_before"] for each in document["files"]) == arrived.sent_bytes
    assert whole(at, models)


def test_a_place_that_cannot_be_written_at_all_is_said_before_anything_is_sent(
    at: Scene, tiny_model_directory: Path
) -> None:
    uploads = at.folder / "home" / "zimage-console" / "uploads"
    uploads.parent.mkdir(parents=True)
    uploads.write_text("in the way")

    code, _, errors = said(started(at, tiny_model_directory))

    assert code == 1
    assert f"cannot write down in {uploads} how far the upload is (File exists)" in errors
    assert len(errors.splitlines()) == 1
    assert not list(at.bucket.list_blobs())


def test_a_line_that_was_written_by_half_costs_its_part_alone(
    at: Scene, tiny_model_directory: Path, tmp_path: Path
) -> None:
    models = large_model(tiny_model_directory, tmp_path / "models")
    process = started(at, models, "--limit", "40M")
    until_parts_arrived(at, 3)
    process.kill()
    process.communicate()
    uploads = at.folder / "home" / "zimage-console" / "uploads"
    record = next(uploads.glob("*.upload"))
    written, parts = record.read_bytes(), len(UploadRecords(uploads).of(BUCKET)[0].parts)
    *_, last = written.splitlines(keepends=True)
    for torn in (len(last) - 1, len(last) // 2, 2):
        record.write_bytes(written[:-torn])
        assert len(UploadRecords(uploads).of(BUCKET)[0].parts) == parts - 1

    code, document, errors = said(started(at, models))

    assert (code, errors) == (0, "")
    assert sum(each["bytes_sent_before"] for each in document["files"]) > 0
    assert whole(at, models)
