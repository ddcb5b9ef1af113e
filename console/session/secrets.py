"""What looks like a secret in a text that is going to be kept."""

from __future__ import annotations

import re
from typing import Final

_SECRET: Final = re.compile(
    r"(?i)(?<![a-z0-9])("
    r"(?:api[-_ ]?key|token|secret|password|authorization)[\"']?\s*[=:]\s*[\"']?"
    r"(?:(?:bearer|basic)\s+)?"
    r"|bearer\s+|basic\s+)"
    r"[^\s,;\"']+"
)
_TOKEN: Final = re.compile(r"\b(?:ya29\.|eyJ[A-Za-z0-9_-]{8,512}\.)[A-Za-z0-9_.-]+")


def redacted(text: str) -> str:
    """Return `text` with an ellipsis in place of what looks like a key, a password or a token."""
    return _TOKEN.sub("…", _SECRET.sub(r"\1…", text))
