"""The Qwen3 language model as a text encoder (arXiv 2505.09388).

Z-Image reads a prompt as the language model's hidden states before its last layer: that layer,
the final norm and the output head are neither read nor run. Tokens see only earlier ones, so a
prompt needs no padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.attention import attend
from engine.model.linear import Parameters
from engine.weights.text_encoder_layout import EncoderDims


class TextEncoder(Protocol):
    """Turns token ids into one vector for each."""

    def __call__(self, ids: Sequence[int]) -> Tensor:
        """Return the hidden states [tokens, width] for the token ids of one prompt."""


class ResidentTextEncoder:
    """A text encoder whose weights stay in memory."""

    def __init__(self, parameters: Parameters, dims: EncoderDims) -> None:
        self.dims = dims
        self._device, self._dtype = parameters.device, parameters.dtype
        # Rows are unpacked as a prompt needs them: the whole table would be half of the model.
        self.embedding = parameters.stored("token_embd.weight")
        self.layers = [
            Layer(parameters.within(f"blk.{index}"), dims) for index in range(dims.layers)
        ]

    def __call__(self, ids: Sequence[int]) -> Tensor:
        """Return the hidden states [tokens, width] for the token ids of one prompt."""
        index = torch.tensor(ids, device=self._device)
        return _run(self.embedding.rows(index, self._dtype), self.layers, self.dims)


class StreamedTextEncoder:
    """A text encoder that is read again for each prompt, one layer ahead of the one at work."""

    def __init__(
        self, open_parameters: Callable[[], AbstractContextManager[Parameters]], dims: EncoderDims
    ) -> None:
        """Take what opens the file; it is closed again after each prompt."""
        self.dims = dims
        self._open_parameters = open_parameters

    def __call__(self, ids: Sequence[int]) -> Tensor:
        """Return the hidden states [tokens, width] for the token ids of one prompt.

        Raises `ModelError` if the file can no longer be read.
        """
        with self._open_parameters() as parameters:
            embedded = parameters.rows("token_embd.weight", ids)
            return _run(embedded, self._layers(parameters), self.dims)

    def _layers(self, parameters: Parameters) -> Iterator[Layer]:
        with ThreadPoolExecutor(1, "encoder-layers") as reader:
            made = [reader.submit(Layer, parameters.within("blk.0"), self.dims)]
            for index in range(1, self.dims.layers):
                layer = made.pop().result()
                made.append(reader.submit(Layer, parameters.within(f"blk.{index}"), self.dims))
                yield layer
            yield made.pop().result()


def _run(x: Tensor, layers: Iterable[Layer], dims: EncoderDims) -> Tensor:
    cosines, sines = rotary_tables(len(x), dims, x.device)
    cosines, sines = cosines.to(x.dtype), sines.to(x.dtype)
    for layer in layers:
        x = layer(x, cosines, sines)
    return x


class Layer:
    """One decoder layer: causal attention and a gated feed-forward layer."""

    def __init__(self, parameters: Parameters, dims: EncoderDims) -> None:
        self.dims = dims
        self.attention_norm = parameters.vector("attn_norm.weight")
        self.query = parameters.linear("attn_q")
        self.key = parameters.linear("attn_k")
        self.value = parameters.linear("attn_v")
        self.query_norm = parameters.vector("attn_q_norm.weight")
        self.key_norm = parameters.vector("attn_k_norm.weight")
        self.output = parameters.linear("attn_output")
        self.feed_forward_norm = parameters.vector("ffn_norm.weight")
        self.gate = parameters.linear("ffn_gate")
        self.up = parameters.linear("ffn_up")
        self.down = parameters.linear("ffn_down")

    def __call__(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        """Return the hidden states after this layer for those before it, both [tokens, width]."""
        x = x + self._attend(self._norm(x, self.attention_norm), cosines, sines)
        h = self._norm(x, self.feed_forward_norm)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))

    def _attend(self, x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        heads, kv_heads = self.dims.heads, self.dims.kv_heads
        query = self._norm(self.query(x).view(len(x), heads, -1), self.query_norm)
        key = self._norm(self.key(x).view(len(x), kv_heads, -1), self.key_norm)
        value = self.value(x).view(len(x), kv_heads, -1)
        query, key = rotate(query, cosines, sines), rotate(key, cosines, sines)
        key, value = (t.repeat_interleave(heads // kv_heads, dim=1) for t in (key, value))
        return self.output(attend(query, key, value, causal=True))

    def _norm(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.rms_norm(x, weight.shape, weight, self.dims.epsilon)


def rotary_tables(tokens: int, dims: EncoderDims, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return cosines and sines float32 [tokens, 1, head_dim] of the rotary embedding."""
    exponents = torch.arange(0, dims.head_dim, 2, dtype=torch.float32) / dims.head_dim
    angles = torch.outer(torch.arange(tokens, dtype=torch.float32), 1.0 / dims.theta**exponents)
    angles = torch.cat([angles, angles], dim=-1).unsqueeze(1).to(device)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn pairs of [tokens, heads, head_dim] that lie half of the last dimension apart."""
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat([-second, first], dim=-1) * sines
