"""What scenes say, in the language of the test."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from console.language import ENGLISH, spoken
from console.model.text import SafeText

T = TypeVar("T")


def said(english: str, chinese: str) -> SafeText:
    """What a scene says in words of its own, in the language that is spoken."""
    return SafeText(english if spoken() == ENGLISH else chinese)


def once_a_language(build: Callable[[], T]) -> Callable[[], T]:
    """Build something when it is asked for: one for each language, the same for whoever asks."""

    @cache
    def built(language: str) -> T:
        return build()

    return lambda: built(spoken())
