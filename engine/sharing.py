"""How threads of a product wait for each other on processors that others use too."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Final

_SPINS: Final = "1000"
_CHOSEN_BY: Final = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def wait_briefly(environ: MutableMapping[str, str]) -> None:
    """Have threads go to sleep soon, unless `environ` says how they wait.

    At the end of every product the threads of OpenMP wait for the last one. As GNU's library comes,
    they keep a processor busy for milliseconds meanwhile, which is what another process, or their
    own last thread, needs: two engines on two processors take ten times as long as one after the
    other. It is read when torch is imported.
    Source: https://gcc.gnu.org/onlinedocs/libgomp/GOMP_005fSPINCOUNT.html
    """
    if not any(name in environ for name in _CHOSEN_BY):
        environ["GOMP_SPINCOUNT"] = _SPINS
