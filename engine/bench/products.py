"""Matrix products of one shape and nothing else, ready to be timed.

Each function makes x [tokens, columns] and W [rows, columns] of random numbers, since a GPU that
multiplies zeros needs less power, and returns what multiplies them once.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.attention import attend
from engine.model.linear.byte_products import quickest_product
from engine.model.linear.fp8 import E4M3

Product = Callable[[], object]


def float_product(
    tokens: int, rows: int, columns: int, device: str, dtype: torch.dtype = torch.float32
) -> Product:
    """Return a product of floats."""
    x = torch.randn(tokens, columns, device=device, dtype=dtype)
    weight = torch.randn(rows, columns, device=device, dtype=dtype)
    return lambda: F.linear(x, weight)


def int8_product(tokens: int, rows: int, columns: int, device: str) -> Product:
    """Return a product of 8-bit integers, as the device is quickest at; it has to have one."""
    kind, limit = quickest_product(device)

    def integers(count: int) -> Tensor:
        between, shape = (-limit, limit + 1), (count, columns)
        return torch.randint(*between, shape, dtype=torch.int8, device=device)

    multiply = kind(integers(rows), torch.rand(rows, device=device), limit)
    x = integers(tokens).add_(multiply.zero).to(kind.dtype)
    return lambda: multiply.bare(x)


def fp8_product(tokens: int, rows: int, columns: int, device: str) -> Product:
    """Return a product of 8-bit floats with a scale for each row; the device has to have them."""
    x = torch.randn(tokens, columns, device=device).to(E4M3)
    weight = torch.randn(rows, columns, device=device).to(E4M3)
    of_x, of_weight = torch.ones(tokens, 1, device=device), torch.ones(1, rows, device=device)
    return lambda: torch._scaled_mm(
        x, weight.T, scale_a=of_x, scale_b=of_weight, out_dtype=torch.bfloat16
    )


def attention(tokens: int, dim: int, heads: int, device: str, dtype: torch.dtype) -> Product:
    """Return the attention of so many tokens to one another, 4 * tokens² * dim operations."""
    shape = (tokens, heads, dim // heads)
    query, key, value = (torch.randn(shape, device=device, dtype=dtype) for _ in range(3))
    return lambda: attend(query, key, value)
