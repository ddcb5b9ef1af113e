from __future__ import annotations

import pytest

from console.model.log.lines import Severity


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("INFO", Severity.INFO),
        ("info", Severity.INFO),
        ("DEFAULT", Severity.INFO),
        (" warn ", Severity.WARNING),
        ("CRITICAL", Severity.ERROR),
        ("EMERGENCY", Severity.ERROR),
        ("DEBUG", Severity.DEBUG),
        ("", Severity.INFO),
        ("ünknown", Severity.INFO),
    ],
)
def test_severities_are_read_as_cloud_logging_and_python_spell_them(
    word: str, severity: Severity
) -> None:
    assert Severity.parse(word) is severity


def test_severities_are_ordered_and_have_one_letter_each() -> None:
    assert sorted(Severity) == [Severity.DEBUG, Severity.INFO, Severity.WARNING, Severity.ERROR]
    assert "".join(severity.letter for severity in Severity) == "DIWE"
