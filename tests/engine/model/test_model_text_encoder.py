from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import loaded
import oracles
import pytest
import tiny_models
import torch

from engine.model.linear import Strategy

SIZES = tiny_models.EncoderSizes()


def expected(sizes: tiny_models.EncoderSizes, ids: list[int]) -> torch.Tensor:
    with torch.no_grad():
        output = oracles.text_encoder(sizes)(torch.tensor([ids]), output_hidden_states=True)
    return output.hidden_states[-2][0]


@pytest.mark.parametrize("length", [1, 2, 40, 512])
def test_encodes_what_transformers_encodes(tmp_path: Path, length: int):
    path = tiny_models.write_text_encoder(tmp_path / "qwen3.gguf")
    ids = [(7 * i) % SIZES.vocabulary for i in range(length)]
    found = loaded.text_encoder(path)(ids)
    assert oracles.relative_error(found, expected(SIZES, ids)) < 1e-4


def test_takes_epsilon_and_theta_from_the_file(tmp_path: Path):
    sizes = replace(SIZES, epsilon=1e-2, theta=50.0)
    path = tiny_models.write_text_encoder(tmp_path / "qwen3.gguf", sizes)
    ids = list(range(100, 130))
    found = loaded.text_encoder(path)(ids)
    assert oracles.relative_error(found, expected(sizes, ids)) < 1e-4
    assert oracles.relative_error(found, expected(SIZES, ids)) > 1e-3


def test_padding_to_512_would_change_nothing(tmp_path: Path):
    path = tiny_models.write_text_encoder(tmp_path / "qwen3.gguf")
    encoder = loaded.text_encoder(path)
    ids = list(range(50, 80))
    padded = encoder(ids + [0] * (512 - len(ids)))
    assert oracles.relative_error(padded[: len(ids)], encoder(ids)) < 1e-5


def test_the_last_layer_may_be_missing_from_the_file(tmp_path: Path):
    state = tiny_models.encoder_state(SIZES)
    used = {n: a for n, a in state.items() if not n.startswith(("blk.2.", "output_norm"))}
    whole = tiny_models.write_text_encoder(tmp_path / "whole.gguf", SIZES, state)
    part = tiny_models.write_text_encoder(tmp_path / "part.gguf", SIZES, used)
    ids = [1, 2, 3]
    assert torch.equal(loaded.text_encoder(part)(ids), loaded.text_encoder(whole)(ids))


def test_packed_weights_give_what_dense_weights_give(tmp_path: Path):
    kind = tiny_models.matrices_as(tiny_models.Type.Q4_0)
    path = tiny_models.write_text_encoder(tmp_path / "q4.gguf", types=kind)
    dense = loaded.text_encoder(path, Strategy.DENSE)([5, 6, 7, 8])
    packed = loaded.text_encoder(path, Strategy.PACKED)([5, 6, 7, 8])
    assert oracles.relative_error(packed, dense) < 1e-5
