"""What an image is built from."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from console.sources.base import EngineFailed, Missing
from console.sources.deploying.build_context import BuildContext, find_source

IGNORE = """\
# What never goes into an image
.git
**/*.gguf
**/__pycache__
docs/*
!docs/images.md
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small checkout with a model in it."""
    for name, text in {
        "Dockerfile.optimized": "FROM scratch\nCOPY engine /engine\n",
        "Dockerfile.gpu": "FROM scratch\n",
        ".dockerignore": IGNORE,
        "engine/__main__.py": "print('hello')\n",
        "engine/__pycache__/x.pyc": "bytes",
        "docs/images.md": "kept",
        "docs/costs.md": "not kept",
        ".git/HEAD": "ref",
        "中文.txt": "你好",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with (tmp_path / "z_image.gguf").open("wb") as file:
        file.truncate(6_000_000_000)
    return tmp_path


def names(context: BuildContext) -> list[str]:
    return [each.name for each in context.files]


def test_the_ignore_file_keeps_models_and_history_out(source: Path) -> None:
    context = BuildContext(source, "Dockerfile.optimized")
    assert names(context) == [
        ".dockerignore",
        "Dockerfile.gpu",
        "Dockerfile.optimized",
        "docs/images.md",
        "engine/__main__.py",
        "中文.txt",
    ]
    seen = context.seen()
    assert (seen.files, seen.bytes) == (6, context.bytes)
    assert seen.bytes < 1_000
    assert seen.left_out == (("z_image.gguf", 6_000_000_000),)


def test_a_model_that_nobody_keeps_out_is_told_as_the_largest(source: Path) -> None:
    (source / "ae.safetensors").write_bytes(bytes(100_000))
    seen = BuildContext(source, "Dockerfile.optimized").seen()
    assert seen.largest[0] == ("ae.safetensors", 100_000)
    assert seen.bytes > 100_000


def test_the_checksum_knows_names_contents_modes_and_dockerfile_alone(source: Path) -> None:
    def checksum(dockerfile: str = "Dockerfile.optimized") -> str:
        return BuildContext(source, dockerfile).checksum()

    first = checksum()
    os.utime(source / "engine/__main__.py", (1, 1))
    (source / "docs/costs.md").write_text("changed, and left out")
    assert checksum() == first
    assert checksum("Dockerfile.gpu") != first
    (source / "engine/__main__.py").chmod(0o755)
    executable = checksum()
    assert executable != first
    (source / "engine/__main__.py").write_text("print('changed')\n")
    changed = checksum()
    assert changed != executable
    (source / "engine/__main__.py").rename(source / "engine/main.py")
    assert checksum() not in (first, executable, changed)


def test_the_same_files_give_the_same_archive(source: Path) -> None:
    def packed() -> bytes:
        target = io.BytesIO()
        BuildContext(source, "Dockerfile.optimized").archive(target)
        return target.getvalue()

    first = packed()
    for each in source.rglob("*"):
        os.utime(each, (1_000, 1_000))
    assert packed() == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        assert archive.getnames() == names(BuildContext(source, "Dockerfile.optimized"))
        found = archive.extractfile("中文.txt")
        assert found is not None
        assert found.read().decode() == "你好"


def test_links_and_pipes_are_not_read(source: Path) -> None:
    (source / "loop").symlink_to(source)
    (source / "dangling").symlink_to("nowhere")
    os.mkfifo(source / "pipe")
    assert "engine/__main__.py" in names(BuildContext(source, "Dockerfile.optimized"))
    assert not {"loop", "dangling", "pipe"} & set(
        names(BuildContext(source, "Dockerfile.optimized"))
    )


def test_what_is_missing_or_unreadable_is_told_in_one_line(source: Path) -> None:
    with pytest.raises(Missing, match=r"there is no Dockerfile\.other in .*--source"):
        BuildContext(source, "Dockerfile.other")
    (source / ".dockerignore").write_bytes(b"\xff\xfe*")
    with pytest.raises(EngineFailed, match=r"\.dockerignore is not written in UTF-8"):
        BuildContext(source, "Dockerfile.optimized")


def test_a_file_that_vanishes_is_told(source: Path) -> None:
    context = BuildContext(source, "Dockerfile.optimized")
    (source / "中文.txt").unlink()
    with pytest.raises(EngineFailed, match=r"cannot build from .*中文\.txt cannot be read"):
        context.archive(io.BytesIO())


def test_the_source_is_found_from_below(source: Path) -> None:
    assert find_source(source / "engine") == source
