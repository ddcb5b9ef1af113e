from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from console.model.log.expressions import finding

PIECES = r"""
    a B ok bk7 7 . | (a|B) (?:b7) (?i:A) (?-i:a) ^ $ * + ? {2} {,1} {1,} \. \x41 取
    [ab] [^a-k] [A-K] [^A] [?-_] [^7] [\w.] \w \W \d \D \s \S \b \B
"""
pieces = st.sampled_from([" ", *PIECES.split()])


@given(
    asked=st.lists(pieces, min_size=1, max_size=6).map("".join),
    text=st.text("abABkK7 .取", max_size=8),
)
def test_what_is_found_is_what_python_finds(asked: str, text: str) -> None:
    try:
        found = re.search(asked, text, re.IGNORECASE) is not None
    except re.error:
        return
    assert finding(asked)(text) == found
