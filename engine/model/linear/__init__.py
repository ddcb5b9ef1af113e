"""Linear layers behind one interface, and how their weights are kept in memory.

A layer is called with x [..., columns of W] and returns y = x W' + b [..., rows of W]. `DENSE`
weights are floats, `PACKED` ones stay as the file stores them, `INT8` ones are 8-bit integers with
a scale per row: see the module of each.
"""

from engine.model.linear.byte_products import int8_available
from engine.model.linear.dense import DenseLinear
from engine.model.linear.int8 import Int8Linear
from engine.model.linear.packed import PackedLinear
from engine.model.linear.parameters import Linear, Parameters
from engine.model.linear.strategy import Strategy

__all__ = [
    "DenseLinear",
    "Int8Linear",
    "Linear",
    "PackedLinear",
    "Parameters",
    "Strategy",
    "int8_available",
]
