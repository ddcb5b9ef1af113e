"""What a bucket may be called, and what the one of a project's models is called.

Names are shared by everybody on Google Cloud, and cannot be changed later. Source:
https://cloud.google.com/storage/docs/buckets#naming.
"""

from __future__ import annotations

import re
from typing import Final

from console.language import tr

SHORTEST: Final = 3
LONGEST: Final = 63
LONGEST_WITH_DOTS: Final = 222

_CHARACTERS: Final = re.compile(r"[a-z0-9._-]+")
_ADDRESS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_LIKE_GOOGLE: Final = re.compile(r"g[o0]{2}g[l1]e")


def usual_bucket(project: str) -> str:
    """Return what the bucket of a project's models is called unless the service says otherwise.

    The colon and the dots of a project that belongs to a domain are no matter of bucket names.
    """
    return f"{re.sub('[.:]', '-', project)}-z-image-models"


def name_problem(name: str, *, new: bool) -> str:
    """Say in one line why no bucket can be called so, and the mend; empty if one can.

    A `new` one is also held to what only the owner of a domain may use.
    """
    shown = ascii(name if len(name) <= LONGEST_WITH_DOTS else f"{name[:LONGEST]}…")
    why = _rule_broken(name)
    if new and not why and "." in name:
        why = tr("a name with dots is for whoever owns that domain; use dashes")
    return tr("no bucket can be called {name}: {why}", name=shown, why=why) if why else ""


def _rule_broken(name: str) -> str:
    if not SHORTEST <= len(name) <= LONGEST_WITH_DOTS:
        return tr("a name has {least} to {most} characters", least=SHORTEST, most=LONGEST)
    if not _CHARACTERS.fullmatch(name):
        return tr("write it in lower case, of letters, digits, dashes, underscores and dots")
    if not (name[0].isalnum() and name[-1].isalnum()):
        return tr("a name begins and ends with a letter or a digit")
    if any(not 0 < len(label) <= LONGEST for label in name.split(".")):
        return tr(
            "a name has at most {most} characters, and between two dots at least one", most=LONGEST
        )
    if _ADDRESS.fullmatch(name):
        return tr("it looks like an address; use dashes for the dots")
    if name.startswith("goog") or _LIKE_GOOGLE.search(name):
        return tr("names with google in them, or like it, are Google's; choose another")
    return ""
