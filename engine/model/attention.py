"""Scaled dot-product attention (Vaswani et al. 2017) for one sequence."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def attend(query: Tensor, key: Tensor, value: Tensor, *, causal: bool = False) -> Tensor:
    """Mix `value` [tokens, heads, size] as `query` and `key` ask; return [tokens, heads * size].

    With `causal` a token sees only itself and earlier ones.
    """
    # torch has fast kernels for four dimensions alone, so a batch of one is made.
    query, key, value = (t.transpose(0, 1).unsqueeze(0) for t in (query, key, value))
    mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
    return mixed.squeeze(0).transpose(0, 1).flatten(1)
