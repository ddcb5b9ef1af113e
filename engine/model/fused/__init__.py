"""Small operations of the transformer, each in one pass over memory where the device has that.

`plain` has them in torch, for every device; `kernels` has them in Triton, for GPUs. `choose` says
which are used: kernels only where they were tried and gave the same as `plain`.
"""

from __future__ import annotations

from engine.model.fused.choose import fused_for
from engine.model.fused.plain import Plain

__all__ = ["Plain", "fused_for"]
