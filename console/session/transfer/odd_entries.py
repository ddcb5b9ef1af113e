"""What is called like a model file in a directory, and is none that anybody could read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from console.language import tr, tr_later
from console.model.models.local_set import LeftOut
from console.model.models.parts import is_model_file

_WHY: Final = {
    errno.ENOENT: tr_later("a link that leads nowhere"),
    errno.ELOOP: tr_later("a link that leads in a circle"),
}


def odd_entries(directory: Path) -> tuple[LeftOut, ...]:
    """Return them with what each is; none for a directory that cannot be listed."""
    try:
        names = sorted(filter(is_model_file, os.listdir(directory)))
    except OSError:
        return ()
    told = ((name, _oddness(directory / name)) for name in names)
    return tuple(LeftOut(name, why) for name, why in told if why)


def _oddness(path: Path) -> str:
    """Say what stands in the place of a file, empty for a file."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if (why := _WHY.get(error.errno or 0)) is not None:
            return tr(why)
        return tr("not to be looked at ({error})", error=error.strerror or error)
    if stat.S_ISREG(mode):
        return ""
    return tr("a directory") if stat.S_ISDIR(mode) else tr("no file but a pipe or a device")
