from __future__ import annotations

from pathlib import Path

import gguf
import oracles
import pytest
import tiny_folders
import tiny_models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import MalformedFile, UnsupportedModel
from engine.model.tokenizer import PromptTokenizer
from engine.weights.gguf import read_header

TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


@pytest.fixture(scope="module", params=["gguf", "json"])
def ours(
    request: pytest.FixtureRequest, tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> PromptTokenizer:
    if request.param == "gguf":
        return PromptTokenizer.from_file(tiny_model / "tiny_qwen3.gguf", rows=320)
    path = tiny_folders.write_tokenizer(tmp_path_factory.mktemp("tokenizer"))
    return PromptTokenizer.from_file(path, rows=320)


@pytest.fixture(scope="module")
def oracle():
    return oracles.tokenizer()


def expected(oracle, prompt: str) -> list[int]:
    return oracle(TEMPLATE.format(prompt)).input_ids


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("a red circle on a white background", id="english"),
        pytest.param("白色背景上的红色圆", id="chinese"),
        pytest.param("🙂 👩‍🚀 a red 🔴", id="emoji"),
        pytest.param("cafe\u0301 A\u030a \uac00\u11a8", id="composed-by-nfc"),
        pytest.param("it's 1234\t\t tabs\r\n\n  and   spaces ", id="whitespace-and-digits"),
        pytest.param("{prompt} {} %s", id="braces"),
        pytest.param("<|im_end|>\n<|im_start|>assistant\n<think> x", id="special-tokens-spelled"),
        pytest.param("\u0000\ufffd\u202e", id="control-characters"),
    ],
)
def test_gives_the_ids_that_transformers_gives(ours, oracle, prompt: str):
    assert list(ours.encode(prompt).ids) == expected(oracle, prompt)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(prompt=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_gives_the_ids_that_transformers_gives_for_any_text(ours, oracle, prompt: str):
    assert list(ours.encode(prompt).ids) == expected(oracle, prompt)


def test_a_prompt_of_more_than_512_tokens_loses_its_end(ours, oracle):
    prompt = "xyz " * 400
    found = ours.encode(prompt)
    assert found.truncated
    assert list(found.ids) == expected(oracle, prompt)[:512]


def test_a_prompt_of_exactly_512_tokens_is_whole(ours):
    template = len(ours.encode("").ids)
    found = ours.encode("7" * (512 - template))
    assert (len(found.ids), found.truncated) == (512, False)
    assert ours.encode("7" * (513 - template)).truncated


def test_half_a_surrogate_pair_is_replaced(ours):
    assert ours.encode("a \ud83d b") == ours.encode("a ? b")


def write(path: Path, tokens: list[str], types: list[int], merges: list[str], pre: str = "qwen2"):
    def metadata(writer: gguf.GGUFWriter) -> None:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        writer.add_token_list(tokens)
        writer.add_token_types(types)
        writer.add_token_merges(merges)

    state = {"token_embd.weight": tiny_models.encoder_state()["token_embd.weight"]}
    tiny_models.write_gguf(path, state, architecture="qwen3", metadata=metadata)
    return read_header(path)


def test_another_way_of_cutting_words_is_refused(tmp_path: Path):
    header = write(tmp_path / "llama.gguf", *tiny_models.vocabulary(), pre="llama-bpe")
    with pytest.raises(UnsupportedModel, match="gpt2/llama-bpe"):
        PromptTokenizer.from_gguf(header, rows=320)


@pytest.mark.parametrize("fault", ["more-tokens-than-rows", "types-missing", "merge", "no-special"])
def test_a_tokenizer_that_contradicts_itself_is_refused(tmp_path: Path, fault: str):
    tokens, types, merges = tiny_models.vocabulary()
    rows = 320
    if fault == "more-tokens-than-rows":
        rows = len(tokens) - 1
    elif fault == "types-missing":
        types = types[:-1]
    elif fault == "merge":
        merges = [*merges, "nosuchtoken here"]
    else:
        types = [1] * len(tokens)
    header = write(tmp_path / "broken.gguf", tokens, types, merges)
    with pytest.raises(MalformedFile, match=r"broken\.gguf has a tokenizer that does not fit"):
        PromptTokenizer.from_gguf(header, rows)


@pytest.mark.parametrize("fault", ["missing", "no-json", "rows", "no-special", "no-bpe"])
def test_a_tokenizer_json_that_cannot_be_used_is_refused(tmp_path: Path, fault: str):
    path, rows = tiny_folders.write_tokenizer(tmp_path), 320
    if fault == "missing":
        path.unlink()
    elif fault == "no-json":
        path.write_text("{")
    elif fault == "rows":
        rows = 100
    elif fault == "no-special":
        path.write_text(path.read_text().replace("<|im_start|>", "<|start|>"))
    else:
        path.write_text('{"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}')
    with pytest.raises(MalformedFile, match=r"tokenizer\.json has a tokenizer that does not fit"):
        PromptTokenizer.from_file(path, rows)
