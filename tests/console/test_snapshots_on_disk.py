from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from cloud_scenes import LAST_WORDS, NOW, SNAPSHOTS, THEN, at_zero, split

from console.model.freshness import Standing
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.session.snapshots import LINES, Memory, Snapshots, memory_of, remembered, remembering
from console.store import Store

CONTEXT = "my-project/us-central1/z-image"


def known(service: ServiceSnapshot | None = None, *lines: LogRecord) -> Store:
    store = Store()
    store.set_service(service or at_zero())
    store.add_records(lines or LAST_WORDS)
    return store


def kept(directory: Path, store: Store, context: str = CONTEXT) -> Memory:
    memory = memory_of(store, context)
    assert memory is not None
    Snapshots(directory).keep(memory)
    return memory


def only_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


@pytest.mark.parametrize("service", [at_zero(), split(), SNAPSHOTS["broken"]()])
def test_what_was_known_is_recalled_as_it_was(tmp_path: Path, service: ServiceSnapshot) -> None:
    memory = kept(tmp_path, known(service))
    assert memory.facts == service.facts
    assert Snapshots(tmp_path).recall(CONTEXT) == memory


def test_it_is_shown_with_its_age_until_somebody_answers(tmp_path: Path) -> None:
    kept(tmp_path, known())
    store = remembered(tmp_path, CONTEXT)
    assert (store.service.state, store.service.source) == (ServiceState.CONNECTING, CONTEXT)
    assert store.service.facts == at_zero().facts
    assert store.service.fresh.service.standing is Standing.STALE
    assert store.service.fresh.service.at == NOW
    assert [each.message for each in store.logs] == [each.message for each in LAST_WORDS]


def test_the_last_start_is_read_from_the_lines(tmp_path: Path) -> None:
    where = Provenance(instance=SafeText("00a"), insert_id=SafeText("1"))
    ready = LogRecord(THEN, Severity.INFO, SafeText("ready"), "ready", {"at": 6.5}, where)
    kept(tmp_path, known(at_zero(), ready))
    store = remembered(tmp_path, CONTEXT)
    assert (store.service.ready_after, store.service.started_at) == (6.5, THEN)


def test_what_nobody_answered_is_not_worth_keeping() -> None:
    assert memory_of(known(SNAPSHOTS["denied"]()), CONTEXT) is None
    assert memory_of(known(SNAPSHOTS["connecting"]()), CONTEXT) is None


def test_each_context_has_a_memory_of_its_own(tmp_path: Path) -> None:
    kept(tmp_path, known(), "a/b/c")
    kept(tmp_path, known(split()), "a/b-c/d")
    recalled = Snapshots(tmp_path).recall("a/b/c")
    assert recalled is not None
    assert recalled.facts == at_zero().facts
    assert Snapshots(tmp_path).recall("a/b/d") is None


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version": 1}',
        b"[" * 100_000,
        b'{"version": 1, "context": "my-project/us-central1/z-image", "kept_at": "x", "facts": {}}',
    ],
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    kept(tmp_path, known())
    only_file(tmp_path).write_bytes(damage)
    assert Snapshots(tmp_path).recall(CONTEXT) is None
    assert remembered(tmp_path, CONTEXT).service == ServiceSnapshot()


@pytest.mark.parametrize(
    ("key", "value"),
    [("version", 2), ("kept_at", "2026-01-01T00:00:00"), ("lines", 7), ("facts", {"name": "x"})],
)
def test_another_version_or_a_wrong_value_is_as_good_as_none(
    tmp_path: Path, key: str, value: object
) -> None:
    kept(tmp_path, known())
    file = only_file(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    assert Snapshots(tmp_path).recall(CONTEXT) is None


def test_a_file_that_was_tampered_with_shows_no_escape_sequences(tmp_path: Path) -> None:
    kept(tmp_path, known())
    file = only_file(tmp_path)
    said = json.loads(file.read_text())
    said["lines"][0]["message"] = "\x1b]0;owned\x07\x1b[2Jhello"
    said["facts"]["name"]["service"] = "\x1b[31mzimage"
    file.write_text(json.dumps(said))
    memory = Snapshots(tmp_path).recall(CONTEXT)
    assert memory is not None
    assert memory.lines[0].message == "hello"
    assert memory.facts.name.service == "zimage"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Authorization: Bearer abc.def-123 came", "Authorization: Bearer … came"),
        ('{"access_token": "abc-def"}', '{"access_token": "…"}'),
        ("sent bearer abc123", "sent bearer …"),
        ("api_key=sk-12345, size=1", "api_key=…, size=1"),
        ("token: ya29.a0AfH6S", "token: …"),
        ("got eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOi.sig here", "got … here"),
        ("prompt of 9 tokens read", "prompt of 9 tokens read"),
    ],
)
def test_what_looks_like_a_secret_is_not_written(tmp_path: Path, said: str, written: str) -> None:
    line = LogRecord(THEN, Severity.INFO, SafeText(said), "request", {"headers": "secret"})
    memory = kept(tmp_path, known(at_zero(), line))
    assert memory.lines[0].message == written
    assert "secret" not in only_file(tmp_path).read_text()


def test_the_file_is_private_and_small(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "contexts"
    line = LAST_WORDS[0]
    kept(directory, known(at_zero(), *[replace(line, event=str(n)) for n in range(2 * LINES)]))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    memory = Snapshots(directory).recall(CONTEXT)
    assert memory is not None
    assert len(memory.lines) == LINES


def test_the_consoles_own_words_are_not_kept() -> None:
    own = LogRecord(
        THEN, Severity.ERROR, SafeText("denied"), provenance=Provenance(origin=Origin.CONSOLE)
    )
    memory = memory_of(known(at_zero(), own, LAST_WORDS[0]), CONTEXT)
    assert memory is not None
    assert [each.message for each in memory.lines] == [LAST_WORDS[0].message]
    assert [each.message for each in remembering(memory).logs] == [LAST_WORDS[0].message]
