"""What to do when memory runs out in the middle of a picture: the same again, with less.

The result is the same; only the time that it takes differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from engine.exhaustion import ran_out_of_memory
from engine.model.vae import Convolution, VaeDecoder

_NARROWER = 16
_NARROWEST = 1 << 16

_Result = TypeVar("_Result")


def sparingly(compute: Callable[[], _Result], *mends: Callable[[], None]) -> _Result:
    """Return what `compute` returns, trying again after each of `mends` when memory runs out.

    Any other error is raised as it is, and the last one whatever it is.
    """
    for mend in mends:
        try:
            return compute()
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # Outside of the handler, where the error and all that its frames held is gone.
        mend()
    return compute()


def narrow(decoder: VaeDecoder) -> None:
    """Make the decoder convolve in narrower stripes from now on: less memory, a little slower."""
    for convolution in _convolutions(decoder):
        convolution.stripe = max(_NARROWEST, convolution.stripe // _NARROWER)


def _convolutions(decoder: VaeDecoder) -> Iterator[Convolution]:
    yield from (decoder.conv_in, decoder.conv_out)
    blocks = [decoder.block_1, decoder.block_2]
    for level in decoder.levels:
        blocks += level.blocks
        if level.upsample is not None:
            yield level.upsample
    for block in blocks:
        yield from (block.conv1, block.conv2)
        if block.shortcut is not None:
            yield block.shortcut
