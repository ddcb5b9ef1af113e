"""Find what the console's catalogues lack, and compile them.

    python tools/catalogues.py                    what is missing, left over or wrong; then compile
    python tools/catalogues.py console/screens    entries to translate, for the texts of a folder

A text that no catalogue holds is printed as an entry of a PO file, ready to be put into the file
of its part under console/language/zh_CN/LC_MESSAGES/. Format: GNU gettext manual, "The Format of
PO Files"; compiled files are committed, so that an installation needs nothing of this.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
CATALOGUES: Final = ROOT / "console" / "language" / "zh_CN" / "LC_MESSAGES"
KEYWORDS: Final[dict[str, Any]] = {"tr": None, "tr_many": (1, 2), "tr_later": None}
TIMELESS: Final = datetime(2026, 1, 1, tzinfo=UTC)

Text = str | tuple[str, str]


def main(arguments: Sequence[str]) -> int:
    """Do what was asked for; return the exit code."""
    folders = [Path(argument).resolve() for argument in arguments]
    texts = texts_in(folders or [ROOT / "console"])
    catalogues = read_catalogues()
    missing = lacking(texts, catalogues)
    if missing:
        print(as_entries(missing))
    if folders:
        return 0
    problems = [*left_over(texts, catalogues), *wrong(catalogues)]
    for problem in problems:
        print(problem, file=sys.stderr)
    compile_all(catalogues)
    print(f"{len(texts)} texts, {len(missing)} not translated", file=sys.stderr)
    return 1 if missing or problems else 0


def texts_in(folders: Sequence[Path]) -> dict[Text, str]:
    """Return what is said in files and folders, each text with where it is said first."""
    found: dict[Text, str] = {}
    for folder in folders:
        for file in [folder] if folder.is_file() else sorted(folder.rglob("*.py")):
            place = file.relative_to(ROOT).as_posix()
            for line, text, _, _ in extract_from_file("python", file, KEYWORDS):
                found.setdefault(key_of(text), f"{place}:{line}")
    return found


def read_catalogues() -> dict[Path, Catalog]:
    """Return every catalogue by its file."""
    catalogues = {}
    for file in sorted(CATALOGUES.glob("*.po")):
        with file.open("rb") as opened:
            catalogue = read_po(opened, locale="zh_CN", abort_invalid=True)
        # Or each compilation would say when it was made.
        catalogue.creation_date = catalogue.revision_date = TIMELESS
        catalogues[file] = catalogue
    return catalogues


def entries(catalogue: Catalog) -> Iterator[tuple[Text, tuple[str, ...]]]:
    """Go through what a catalogue translates, each with its translations, empty where none is."""
    for message in catalogue:
        if message.id and not message.fuzzy:
            yield key_of(message.id), in_a_row(message.string)


def key_of(text: str | Sequence[str]) -> Text:
    """Return a text as it is looked up: one for a number with both of its forms."""
    return text if isinstance(text, str) else (text[0], text[1])


def in_a_row(translations: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return one or more translations as several."""
    return (translations,) if isinstance(translations, str) else tuple(translations or ())


def lacking(texts: dict[Text, str], catalogues: dict[Path, Catalog]) -> dict[Text, str]:
    """Return the texts that have no translation, with where they are said."""
    held = {
        text
        for catalogue in catalogues.values()
        for text, translations in entries(catalogue)
        if translations and all(translations)
    }
    return {text: place for text, place in texts.items() if text not in held}


def left_over(texts: dict[Text, str], catalogues: dict[Path, Catalog]) -> Iterator[str]:
    """Go through what is translated though nobody says it, or more than once."""
    seen: dict[Text, str] = {}
    for file, catalogue in catalogues.items():
        for text, _ in entries(catalogue):
            if text not in texts:
                yield f"{file.name}: nobody says {text!r}"
            if text in seen:
                yield f"{file.name}: {text!r} is in {seen[text]} already"
            seen[text] = file.name


def wrong(catalogues: dict[Path, Catalog]) -> Iterator[str]:
    """Go through the translations whose fields are not those of the text."""
    for file, catalogue in catalogues.items():
        for text, translations in entries(catalogue):
            wanted = fields_of(in_a_row(text)[-1])
            for target in translations:
                if target and fields_of(target) != wanted:
                    yield f"{file.name}: the fields of {target!r} are not {sorted(wanted)}"


def fields_of(template: str) -> set[tuple[str, str]]:
    """Return the fields of a template, each with its format; none where it is none."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return set()
    return {(name, form or "") for _, name, form, _ in parts if name is not None}


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as `gettext` reads it."""
    written = io.BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def compile_all(catalogues: dict[Path, Catalog]) -> None:
    """Write what `gettext` reads beside each catalogue that changed."""
    for file, catalogue in catalogues.items():
        target, content = file.with_suffix(".mo"), compiled(catalogue)
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)


def as_entries(texts: dict[Text, str]) -> str:
    """Return texts as entries of a PO file that wait for their translation."""
    catalogue = Catalog(locale="zh_CN")
    for text, place in texts.items():
        file, _, line = place.rpartition(":")
        catalogue.add(text, locations=[(file, int(line))])
    written = io.BytesIO()
    write_po(written, catalogue, omit_header=True, width=10_000)
    return written.getvalue().decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
