"""What can go wrong outside, as one tree.

    SourceError
    ├── Denied         the key or the permission is missing
    ├── Missing        there is no such thing
    ├── Throttled      too much was asked for; `retry_after` seconds from now it may work
    ├── Offline        no answer: refused, timed out, or broken off
    ├── Malformed      an answer that makes no sense
    └── EngineFailed   the engine answered that it cannot, or its process died

Every message is one line of `SafeText`: what, why, and where there is one, the mend.
"""

from __future__ import annotations

from console.model.text import SafeText


class SourceError(Exception):
    """Base of everything that the outside world refuses; `message` is one line, safe to show."""

    def __init__(self, message: SafeText) -> None:
        super().__init__(message)
        self.message = message


class Denied(SourceError):
    """The key or the permission is missing."""


class Missing(SourceError):
    """There is no such thing."""


class Throttled(SourceError):
    """Too much was asked for; `retry_after` is in seconds, None when it was not said."""

    def __init__(self, message: SafeText, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Offline(SourceError):
    """No answer came: refused, timed out, or broken off."""


class Malformed(SourceError):
    """An answer came that makes no sense."""


class EngineFailed(SourceError):
    """The engine answered that it cannot do this, or its process died."""
