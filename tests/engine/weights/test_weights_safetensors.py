from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from engine.weights.safetensors import read_header
from engine.weights.tensors import TensorFacts


def bytes_of(path: Path, tensor: TensorFacts) -> bytes:
    return path.read_bytes()[tensor.offset : tensor.end]


def test_finds_every_tensor_where_the_safetensors_package_finds_it(tmp_path: Path):
    path = tmp_path / "some.safetensors"
    state = {
        "matrix": torch.randn(3, 5),
        "half": torch.randn(4).half(),
        "brain": torch.randn(2, 2, 2).bfloat16(),
        "whole": torch.arange(6),
        "scalar": torch.tensor(2.5),
        "empty": torch.empty(0, 7),
        "红": torch.ones(1),
    }
    save_file(state, path, {"made by": "a test"})

    header = read_header(path)

    with safe_open(path, "pt") as theirs:
        assert set(header.tensors) == set(theirs.keys())
        assert dict(header.metadata) == theirs.metadata()
        for name, tensor in header.tensors.items():
            assert list(tensor.shape) == theirs.get_slice(name).get_shape()
            numbers = theirs.get_tensor(name).contiguous().flatten().view(torch.uint8)
            assert bytes_of(path, tensor) == numbers.numpy().tobytes()


def test_numbers_written_as_text_are_read_as_numbers(tmp_path: Path):
    path = tmp_path / "some.safetensors"
    save_file({"x": torch.ones(1)}, path, {"scaling_factor": "0.3611"})
    assert np.isclose(read_header(path).number("scaling_factor") or 0, 0.3611)
