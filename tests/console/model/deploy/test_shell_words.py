"""Words in commands that are shown and copied."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.deploy import service_commands
from console.model.deploy.defaults import cpu_wish
from console.model.deploy.differences import changes
from console.model.deploy.settings import Mount, Secret
from console.model.deploy.shell_words import line, quoted
from console.model.service import ServiceName

PLACE = ServiceName("a-project", "us-central1", "z-image")
CPU = cpu_wish(PLACE).settings
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m\nrm -rf ~"
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


def as_bash_reads(command: str) -> list[str]:
    done = subprocess.run(
        ["bash", "-c", command],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@settings(max_examples=25, deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=8))
def test_a_shell_reads_what_was_meant_and_a_terminal_sees_nothing_else(words: list[str]) -> None:
    shown = line(("printf", "%s\\0", *words))
    assert shown.isprintable()
    assert as_bash_reads(shown) == words


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("plain", "plain"),
        ("two words", "'two words'"),
        ("it's", "'it'\"'\"'s'"),
        ("图片", "'图片'"),
        ("a\nb", "$'a\\nb'"),
        ("\x1b[31m", "$'\\u001b[31m'"),
        ("\U000e0001", "$'\\U000e0001'"),
        ("", "''"),
    ],
)
def test_words_are_shown_so(word: str, shown: str) -> None:
    assert quoted(word) == shown


def test_nothing_that_a_service_has_in_it_reaches_the_terminal_as_it_is() -> None:
    hostile = replace(
        CPU,
        image=HOSTILE,
        service_account=HOSTILE,
        mounts=(Mount(bucket=HOSTILE, path=f"/{HOSTILE}", options=(HOSTILE,)),),
        variables=((HOSTILE, HOSTILE), ("LONG", "x" * 40_000)),
        secrets=(Secret(variable=HOSTILE, secret=HOSTILE),),
        labels=((HOSTILE, HOSTILE),),
    )
    for observed, wanted in ((hostile, CPU), (CPU, hostile), (None, hostile)):
        for change in changes(observed, wanted):
            assert (change.setting + change.observed + change.wanted + change.why).isprintable()
            assert len(change.observed) + len(change.wanted) < 500
    assert service_commands.deploy(PLACE, hostile).isprintable()
    assert service_commands.update(PLACE, hostile, CPU).isprintable()
    assert service_commands.update(PLACE, CPU, hostile).isprintable()
