"""What the console says, in the language of whoever reads it.

Texts stand in the code in English, as templates of `str.format` with named fields, and are looked
up in catalogues of GNU gettext, one folder a language beside this file and one file a part of the
console (`tools/catalogues.py` finds what they lack, and compiles them):

    tr("{bucket} is in {region}", bucket=name, region=region)
    tr_many("one line", "{count} lines", count)

What is written down before the language is known, such as a constant of a module, is only
`tr_later` there, and translated where it is shown. Values are put in as they are: a value that is
a word of ours has to be translated itself. What is for programs (JSON, names, the log) stays.
"""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ENGLISH: Final = "en"
CHINESE: Final = "zh"
LANGUAGES: Final = (ENGLISH, CHINESE)
_FOLDERS: Final = {CHINESE: Path(__file__).parent / "zh_CN" / "LC_MESSAGES"}


class _Spoken:
    """The language of this process, English until another is chosen."""

    language: str = ENGLISH
    translations: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Speak one of `LANGUAGES` from now on."""
    translations = gettext.NullTranslations()
    for catalogue in sorted(_FOLDERS[language].glob("*.mo")) if language in _FOLDERS else ():
        with catalogue.open("rb") as file:
            part = gettext.GNUTranslations(file)
        part.add_fallback(translations)
        translations = part
    _Spoken.language = language
    _Spoken.translations = translations


def spoken() -> str:
    """Return the language that is spoken, one of `LANGUAGES`."""
    return _Spoken.language


def tr(template: str, /, **values: object) -> str:
    """Return a text in the language that is spoken, with its fields filled in."""
    translated = _Spoken.translations.gettext(template) if template else ""
    return translated.format(**values) if values else translated


def tr_many(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the text that fits a number, which is the field `count` of both templates."""
    translated = _Spoken.translations.ngettext(one, many, count)
    return translated.format(count=count, **values)


def tr_list(items: Sequence[str], /) -> str:
    """Return things in a row, as a sentence has them: `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return tr("{others} and {last}", others=tr(", ").join(items[:-1]), last=items[-1])


def tr_any(items: Sequence[str], /) -> str:
    """Return things of which one is meant, as a sentence has them: `a, b or c`."""
    if len(items) < 2:
        return "".join(items)
    return tr("{others} or {last}", others=tr(", ").join(items[:-1]), last=items[-1])


def tr_later(template: str, /) -> str:
    """Return a template as it is; it is put into the catalogues, and said where it is shown."""
    return template
