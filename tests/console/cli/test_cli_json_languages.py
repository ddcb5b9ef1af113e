"""What programs read is the same in every language, and what people read is not.

Verbs run in this process, one after the other in each language, so that nothing that one language
leaves behind may show in another.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from in_languages import HAN
from running_session import SCRIPTED

from console.cli import main
from console.language import CHINESE, ENGLISH

NUMBER = re.compile(rb"[0-9]+(?:[.:,T-][0-9]+)*|null")
"""What is another at each run: times, sizes of memory, ages. What is not known yet is as good."""

ALONE = {
    "status": ("status",),
    "generate": (
        *("generate", "a red circle", "--size", "64x64", "--steps", "1"),
        *("--seed", "1", "-o", "a.png"),
    ),
    "doctor": ("doctor",),
    "coldstarts": ("coldstarts",),
    "cost": ("cost",),
    "logs": ("logs", "--severity", "error"),
    "models bucket": ("models", "bucket"),
    "deploy": ("deploy", "--plan"),
    "scale": ("scale", "0", "--plan"),
    "rollback": ("rollback", "--plan"),
    "traffic": ("traffic", "LATEST=100", "--plan"),
    "destroy": ("destroy", "--plan"),
    "a refusal": ("generate", "x", "--steps", "0"),
    "no such flag": ("status", "--nowhere"),
}
"""Verbs that need no cloud, or say without one what they need."""

WORDLESS = "generate"
"""Says nothing but where the picture is."""


class Said(NamedTuple):
    """What a verb wrote, and how it ended."""

    code: int
    output: bytes
    errors: bytes

    @property
    def but_for_numbers(self) -> tuple[int, list[bytes], list[bytes]]:
        """What is the same at each run: phases of a start end in another order each time."""
        output, errors = (NUMBER.sub(b"0", each) for each in (self.output, self.errors))
        return self.code, sorted(output.splitlines()), sorted(errors.splitlines())


Run = Callable[..., Said]


@pytest.fixture
def run(at_home: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a verb with output in an encoding; its engine is one that does without torch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("console.session.engine_session.serve_command", lambda _: SCRIPTED)

    def run(*arguments: str, language: str, encoding: str = "utf-8") -> Said:
        monkeypatch.setenv("ZIMAGE_LANG", language)
        if "doctor" in arguments:
            # It tells of this machine's programs, for which no other verb has to wait.
            monkeypatch.setenv("PATH", "/usr/bin:/bin")
        output, errors = io.BytesIO(), io.BytesIO()
        with (
            io.TextIOWrapper(output, encoding, write_through=True) as out,
            io.TextIOWrapper(errors, encoding, "backslashreplace", write_through=True) as err,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = main(arguments)
            except SystemExit as ended:
                code = int(str(ended.code))
            return Said(code, output.getvalue(), errors.getvalue())

    return run


@pytest.mark.parametrize("verb", ALONE)
def test_json_is_the_same_in_every_language(verb: str, run: Run) -> None:
    in_english = run(*ALONE[verb], "--json", language=ENGLISH)
    in_chinese = run(*ALONE[verb], "--json", language=CHINESE)
    assert in_chinese.but_for_numbers == in_english.but_for_numbers
    assert in_english.output or in_english.errors


@pytest.mark.parametrize("verb", [each for each in ALONE if each != WORDLESS])
def test_a_person_is_told_in_chinese_what_the_output_can_hold(verb: str, run: Run) -> None:
    in_chinese = run(*ALONE[verb], language=CHINESE)
    assert HAN.search((in_chinese.output + in_chinese.errors).decode("utf-8"))
    # Where there are no such signs it is English, and not a row of question marks.
    in_chinese = run(*ALONE[verb], language=CHINESE, encoding="ascii")
    in_english = run(*ALONE[verb], language=ENGLISH, encoding="ascii")
    assert in_chinese.but_for_numbers == in_english.but_for_numbers
