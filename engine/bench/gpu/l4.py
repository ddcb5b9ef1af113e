"""What an L4 may do, reckoned from what another GPU did. Nothing here was measured on an L4.

Rates are operations per second, without sparsity; bandwidth is bytes per second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.bench.gpu.figures import FP8, INT8, Ceilings, Found, Kept, PictureFigures, multiplied
from engine.schema import Size

FLOATS: Final = "bfloat16"


@dataclass(frozen=True, slots=True)
class Peaks:
    """What a maker says that a GPU can do at most; a type that it lacks is not in `rates`."""

    rates: Mapping[str, float]
    bandwidth: float


def _peaks(floats: float, int8: float, fp8: float, bandwidth: float) -> Peaks:
    rates = {FLOATS: floats * 1e12, INT8: int8 * 1e12, FP8: fp8 * 1e12}
    return Peaks({kind: rate for kind, rate in rates.items() if rate}, bandwidth * 1e9)


# NVIDIA's data sheets, where rates with sparsity are twice these. The L4's are 121 and 242, its
# memory's 300 GB/s, its limit 72 W.
L4: Final = _peaks(121, 242, 242, 300)
PUBLISHED: Final = {
    "NVIDIA L4": L4,
    "NVIDIA L40S": _peaks(362, 733, 733, 864),
    "NVIDIA A100-SXM4-40GB": _peaks(312, 624, 0, 1_555),
    "NVIDIA A100-SXM4-80GB": _peaks(312, 624, 0, 2_039),
    "NVIDIA H100 80GB HBM3": _peaks(989, 1_979, 1_979, 3_350),
    "NVIDIA H200": _peaks(989, 1_979, 1_979, 4_800),
}
# torch.matmul of bfloat16 reached 57 of the 121 T on an L4 (github.com/zzc0721/
# torch-performance-test-data, issue 120: 54 to 59 from 4096² to 10240²), where a GPU of the same
# kind and peak without that limit of power reached 105 and more.
HELD: Final = 57 / 121
# Of 24 GB, what is left to a process.
L4_MEMORY: Final = int(22.5 * 2**30)

ASSUMPTIONS: Final = (
    "No L4 was measured. Its maker says 121 T operations/s in bfloat16, 242 T in 8-bit integers "
    "and floats, without sparsity, and 300 GB/s of memory.",
    "Matrix products and attention are assumed to reach the same share of the L4's peak as they "
    "reached of this GPU's peak, alone in a loop, with as many tokens.",
    "All the rest of a step, the encoding and the decoding are assumed to wait for memory, and "
    "take longer by as much as the makers' bandwidths differ. What waits on this GPU for the "
    "program, or for arithmetic in float32, is reckoned too slow on an L4 by that.",
    "The L4's power limit of 72 W was not measured. Others saw torch.matmul reach 57 of the 121 T "
    "in bfloat16 there. 'Held' takes no product for quicker than that share, 47 %, of the peak of "
    "its type; for 8-bit types nobody has published such a figure.",
    "8-bit floats with a scale for each row have to be there in torch for the L4's generation.",
)


@dataclass(frozen=True, slots=True)
class Seconds:
    """Estimated seconds of a step and of a picture."""

    step: float
    picture: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An L4 at one strategy and size.

    `same_share` is by the share of the peak that was reached here, `held` no quicker than torch is
    known to be under the L4's power limit; `fits` is whether the memory that was taken here is
    there.
    """

    strategy: str
    size: Size
    same_share: Seconds
    held: Seconds
    fits: bool


def estimate(found: Found, here: Peaks | None = None) -> tuple[Estimate, ...]:
    """Return an L4's figures for each strategy and size, none if this GPU's peaks are not known.

    `here` are the peaks of the GPU that was measured, by default those published for its name.
    """
    here = here or PUBLISHED.get(found.device.name)
    if here is None:
        return ()
    return tuple(
        _estimate(found, here, kept, picture) for kept in found.kept for picture in kept.pictures
    )


def _estimate(found: Found, here: Peaks, kept: Kept, picture: PictureFigures) -> Estimate:
    ceilings = found.ceilings[picture.size]
    slower = here.bandwidth / L4.bandwidth
    products = _products(kept.strategy, picture, ceilings, ceilings.block, ceilings.attention)

    def seconds(most: float) -> Seconds:
        rates = {
            kind: min(rate / here.rates[kind], most) * L4.rates[kind]
            for kind, rate in ceilings.block.items()
        }
        mixing = min(ceilings.attention / here.rates[FLOATS], most) * L4.rates[FLOATS]
        there = _products(kept.strategy, picture, ceilings, rates, mixing)
        step = there + slower * max(0.0, picture.step - products)
        rest = max(0.0, picture.picture - found.steps * products)
        return Seconds(step, found.steps * there + slower * rest)

    fits = picture.peak_bytes <= L4_MEMORY
    return Estimate(kept.strategy, picture.size, seconds(1.0), seconds(HELD), fits)


def _products(
    strategy: str,
    picture: PictureFigures,
    ceilings: Ceilings,
    rates: Mapping[str, float],
    attention: float,
) -> float:
    """Return the seconds that a step's products take at some rates."""
    linear = picture.work.linear / rates[multiplied(strategy, ceilings)]
    return linear + picture.work.attention / attention
