"""No secret comes into a recording, wherever it stands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_sandbox import recorder

from console.model.log.lines import LogRecord, Severity
from console.recording.masking import MASK, masked, masked_text, may_need_masking
from console.terminal.sanitise import sanitise

TOKEN = "ya29.a0AfH6SMBx-verySecret_0123456789"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
API_KEY = "AIza" + "SyD3v3l0pm3nt-Only_0123456789abcdef"
SIGNED = (
    "https://storage.googleapis.com/models/a.gguf?X-Goog-Algorithm=GOOG4-RSA-SHA256"
    "&X-Goog-Credential=me%40p.iam&X-Goog-Signature=0123456789abcdef0123456789"
)
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----"
HUB = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWx"
LOGIN = "https://operator:correct-horse@registry.test/v2"
SECRETS = {
    "token": (f"called with {TOKEN} today", TOKEN),
    "identity-token": (f"got {JWT}", JWT),
    "bearer": ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
    "api-key": (f"key is {API_KEY}.", API_KEY),
    "signed-url": (f"reading {SIGNED}", "0123456789abcdef0123456789"),
    "signed-url-credential": (f"reading {SIGNED}", "me%40p.iam"),
    "private-key": (f"loaded {PEM} from disk", "MIIEvQIBADANBgkq"),
    "cut-private-key": (PEM[:48], "MIIEvQIBADANBgkq"[:10]),
    "hub": (f"HF_TOKEN={HUB}", HUB),
    "login": (f"pull {LOGIN}", "correct-horse"),
    "password": ("password=hunter2hunter2", "hunter2hunter2"),
}


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_in_a_line_of_the_log_is_not_in_the_file(case: str, tmp_path: Path) -> None:
    said, secret = SECRETS[case]
    path = tmp_path / "a.jsonl"
    recording = recorder(path)
    recording.begin("sandbox")
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    fields = {"note": said, "headers": {"seen": [said]}, said: 1}
    line = LogRecord(moment, Severity.INFO, sanitise(said), fields=fields)
    recording.note({"of": 1, "item": line})
    recording.note({"call": "services.get", "with": {"name": said}, "error": {"message": said}})
    recording.close()
    text = path.read_text()
    assert secret not in text
    assert MASK in text
    assert len(text.splitlines()) == 4


def test_a_field_that_is_called_a_secret_is_hidden_however_it_looks() -> None:
    assert masked({"access_token": "short", "x-api-key": "s", "token": 5, "author": "me"}) == {
        "access_token": MASK,
        "x-api-key": MASK,
        "token": 5,
        "author": "me",
    }


@given(st.text(), st.sampled_from(sorted(SECRETS)), st.text())
def test_what_stands_around_a_secret_does_not_bring_it_through(
    before: str, case: str, after: str
) -> None:
    said, secret = SECRETS[case]
    assert secret not in masked_text(f"{before} {said} {after}")


@given(st.text(), st.sampled_from(sorted(SECRETS)), st.text())
def test_whatever_is_masked_is_looked_at_more_closely(before: str, case: str, after: str) -> None:
    said = json.dumps([before, SECRETS[case][0], after], ensure_ascii=False)
    assert may_need_masking(said)


@given(st.dictionaries(st.text(), st.text()))
def test_whatever_masking_would_change_is_looked_at_more_closely(facts: dict[str, str]) -> None:
    changed = masked(facts) != facts
    assert not changed or may_need_masking(json.dumps(facts, ensure_ascii=False))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_what_is_masked_is_not_changed_by_masking_it_again(value: object) -> None:
    once = masked(value)
    assert masked(once) == once
    assert json.dumps(once)
