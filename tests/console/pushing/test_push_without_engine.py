"""What a directory holds is told by names where there is no engine, whatever language is spoken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from in_languages import in_every_language

from console.language import ENGLISH
from console.session.transfer.push_planning import described
from console.sources import engine_inspect
from console.sources.base import EngineFailed


def dying(monkeypatch: pytest.MonkeyPatch, last_words: str) -> None:
    """Have the engine end at once with these words."""
    command = [sys.executable, "-c", "import sys; sys.exit(sys.argv[1])", last_words]
    monkeypatch.setattr(engine_inspect, "inspect_command", lambda directory: command)


@in_every_language
async def test_without_an_engine_names_have_to_do(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("z_image_turbo-Q4_K_M.gguf", "ae.safetensors"):
        (tmp_path / name).write_bytes(b"x")
    dying(monkeypatch, "ModuleNotFoundError: No module named 'torch'")

    facts = await described(tmp_path, {})

    assert not facts.known.checked
    assert "zimage-console[engine]" in facts.unchecked
    if language == ENGLISH:
        assert facts.known.problem.startswith(
            f"{tmp_path} has no file that is called like the text encoder"
        )
    else:
        assert facts.known.problem.startswith(f"{tmp_path} 中没有名称像“文本编码器”的文件")


@in_every_language
async def test_an_engine_that_fails_is_no_missing_one(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying(monkeypatch, "the disk is not installed")

    with pytest.raises(EngineFailed, match="the disk is not installed"):
        await described(tmp_path, {})
