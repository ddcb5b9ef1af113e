"""What the device is still working out, known without keeping it from going on."""

from __future__ import annotations

import torch
from torch import Tensor


class Answer:
    """A yes or no that is on its way from a device; on the CPU it is there at once.

    A GPU works through what it was given in order, and to read a number from it waits for all of
    that. A copy that was asked for earlier arrives earlier.
    """

    def __init__(self, yes: Tensor) -> None:
        """Ask for a tensor of one bool."""
        self._answer = yes
        self._arrived: torch.cuda.Event | None = None
        if yes.is_cuda:
            self._answer = torch.empty((), dtype=torch.bool, pin_memory=True)
            self._answer.copy_(yes, non_blocking=True)
            self._arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._arrived.record()

    def wait(self) -> bool:
        """Return it, as soon as the device has got so far."""
        if self._arrived is not None:
            self._arrived.synchronize()
        return bool(self._answer)
