"""What `scale`, `rollback`, `traffic` and `destroy` ask for, read from the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from console.language import tr
from console.model.deploy.share_words import read_instances, read_share
from console.session.deploy import moves

_REVISION: Final = re.compile(r"LATEST|[a-z][a-z0-9-]{0,62}|")


def asked_of(verb: str, arguments: Mapping[str, object]) -> moves.Move:
    """Return what the command line asks for; raises `ValueError` with what is wrong with it."""
    match verb:
        case "scale":
            return moves.scale(read_instances(str(arguments["instances"])))
        case "rollback":
            return moves.roll_back(_revision(str(arguments["revision"])))
        case "traffic":
            said = arguments["shares"]
            texts = said if isinstance(said, list) else []
            return moves.split(tuple(read_share(str(each)) for each in texts))
        case _:
            return moves.destroy(with_bucket=arguments["with_bucket"] is True)


def _revision(said: str) -> str:
    if not _REVISION.fullmatch(said):
        raise ValueError(
            tr("{said!r} names no revision; write it as z-image-00003-abc", said=said[:70])
        )
    return said
