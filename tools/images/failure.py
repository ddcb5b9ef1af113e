"""How a check of the images ends early."""

from __future__ import annotations


class CheckFailed(Exception):
    """Something is not as it should be; the message is one line that says what, and why."""


class CannotCheck(Exception):
    """This machine cannot build or run images; the message says what it lacks."""
