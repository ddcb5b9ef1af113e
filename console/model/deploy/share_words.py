"""A split of requests between revisions as it is written: `z-image-00003-abc=90 LATEST=10`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from console.language import tr
from console.model.service import TrafficShare
from console.model.text import SafeText

LATEST: Final = "LATEST"
"""Whatever revision is the newest."""

_SHARE: Final = re.compile(r"(LATEST|[a-z][a-z0-9-]{0,62})=([0-9]{1,3})(?::([a-z0-9-]{1,63}))?")


def read_share(said: str) -> TrafficShare:
    """Read `REVISION=PERCENT` or `REVISION=PERCENT:TAG`; raises `ValueError` with the mend."""
    match = _SHARE.fullmatch(said)
    if match is None:
        raise ValueError(
            tr(
                "{share!r} is no share; write REVISION=PERCENT or REVISION=PERCENT:TAG, such "
                "as LATEST=10",
                share=said[:70],
            )
        )
    revision, percent, tag = match.groups()
    return TrafficShare(
        percent=int(percent),
        revision=None if revision == LATEST else SafeText(revision),
        tag=SafeText(tag or ""),
    )


def read_instances(said: str) -> int | None:
    """Read how many instances are held by hand, None for `auto`; raises `ValueError`."""
    if said == "auto":
        return None
    if said.isascii() and said.isdigit() and len(said) < 6:
        return int(said)
    raise ValueError(
        tr("{number!r} is no number of instances; write 0, 1, … or auto", number=said[:20])
    )


def shares_text(shares: Sequence[TrafficShare]) -> str:
    """Return a split as it is written, those that get nothing left out."""
    return " ".join(f"{each.revision or LATEST}={each.percent}" for each in shares if each.percent)
