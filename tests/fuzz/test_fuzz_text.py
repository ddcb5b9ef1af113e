"""A short run of the fuzzer of text, and that it finds what it looks for."""

from __future__ import annotations

import fuzz_text
import pytest

from console.model.text import SafeText


def test_hostile_text_is_harmless_afterwards() -> None:
    assert fuzz_text.run(2_000, seed=7).total() == 2_000


@pytest.mark.parametrize(
    ("kept", "fault"),
    [("\x1b[31m", "hidden"), ("a" + 9 * "\u0301", "pile up"), ("x" * 9_000, "bytes are left")],
)
def test_what_must_not_come_out_is_found(
    kept: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_text, "sanitise", lambda text: SafeText(kept))
    with pytest.raises(fuzz_text.Fault, match=fault):
        fuzz_text.run(1, seed=7)
