"""Which language to speak: a flag over the environment over the configuration over the locale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from console.language import CHINESE, ENGLISH, LANGUAGES

FLAG: Final = "--lang"
VARIABLE: Final = "ZIMAGE_LANG"
SETTING: Final = "lang"
# In the order in which POSIX (XBD 8.2) has them override one another.
_LOCALE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_CHINESE_SIGN: Final = "中"


def language_of(tag: str) -> str | None:
    """Return the one of `LANGUAGES` that a tag such as `zh_CN.UTF-8` or `zh-Hans` means."""
    primary = tag.replace("_", "-").partition("-")[0].partition(".")[0].lower()
    return primary if primary in LANGUAGES else None


def language_of_locale(environment: Mapping[str, str]) -> str:
    """Return the language that the locale of an environment asks for, English for all others."""
    for name in _LOCALE:
        if value := environment.get(name):
            return language_of(value) or ENGLISH
    return ENGLISH


def language_asked_for(
    arguments: Sequence[str], environment: Mapping[str, str], configured: str | None
) -> str:
    """Return what to speak, before the command line is understood and whatever else is in it.

    A language that does not exist counts as not given: whoever reads the flag complains about it.
    """
    given = [environment.get(VARIABLE, ""), configured or ""]
    for index, argument in enumerate(arguments):
        if argument == FLAG and index + 1 < len(arguments):
            given.insert(0, arguments[index + 1])
        elif argument.startswith(f"{FLAG}="):
            given.insert(0, argument.removeprefix(f"{FLAG}="))
    found = (language_of(tag) for tag in given if tag)
    return next((one for one in found if one), None) or language_of_locale(environment)


def language_shown(language: str, environment: Mapping[str, str], streams: Iterable[TextIO]) -> str:
    """Return what to speak where that goes to `streams`: English where they can show no Chinese.

    Neither an encoding without Chinese signs can, nor the console of Linux, which has no such font.
    """
    able = all(_takes_chinese(each, environment) for each in streams)
    return language if language != CHINESE or able else ENGLISH


def _takes_chinese(stream: TextIO, environment: Mapping[str, str]) -> bool:
    if environment.get("TERM") == "linux" and stream.isatty():
        return False
    try:
        _CHINESE_SIGN.encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
