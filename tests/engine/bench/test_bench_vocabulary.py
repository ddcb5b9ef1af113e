from __future__ import annotations

from pathlib import Path

import pytest

from engine.bench.gguf_file import gguf_header
from engine.bench.measure import PROMPT
from engine.bench.sizes import FULL, SMALL, ModelSizes
from engine.bench.tensors import text_encoder_metadata
from engine.model.tokenizer import PromptTokenizer

# "a red circle on a white background", by Qwen's own tokenizer.
SCENE = [2518, 12671, 389, 264, 4158, 4004]


def tokenizer(path: Path, sizes: ModelSizes) -> PromptTokenizer:
    path.write_bytes(gguf_header(text_encoder_metadata(sizes), []))
    return PromptTokenizer.from_file(path, sizes.vocabulary)


def test_the_prompt_has_the_tokens_that_qwen_gives_it(tmp_path: Path):
    found = tokenizer(tmp_path / "encoder.gguf", FULL).encode(PROMPT)
    first, again = [64, *SCENE], [11, 264, *SCENE]
    opening, closing = [151644, 872, 198], [151645, 198, 151644, 77091, 198]
    assert list(found.ids) == [*opening, *first, *again, *again, 13, *closing]


@pytest.mark.parametrize("sizes", [FULL, SMALL], ids=["full", "small"])
def test_the_prompt_fills_32_tokens(tmp_path: Path, sizes: ModelSizes):
    assert len(tokenizer(tmp_path / "encoder.gguf", sizes).encode(PROMPT).ids) == 32
