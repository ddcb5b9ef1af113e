"""What was known of a context last, kept on disk, to be on screen before anybody has answered.

One JSON file for each context, private to the user. A file that is damaged, foreign or of another
version is as good as none. Log lines lose what looks like a secret before they are written.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from console.model.access import Access
from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.instances import Instances
from console.model.log.lines import LogRecord, Origin
from console.model.service import ServiceFacts, ServiceSnapshot, ServiceState
from console.paths import make_private_directory, write_atomically
from console.session.json_facts import from_json, to_json
from console.session.secrets import redacted
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import Phase

VERSION: Final = 1
LINES: Final = 300
"""How many of the latest log lines are kept."""

_LARGEST: Final = 8 * 1024 * 1024
_STARTUP: Final = frozenset(str(phase) for phase in Phase)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Memory:
    """What was known at `kept_at`: what Cloud Run and the policy said, and the latest lines."""

    version: int
    context: str
    kept_at: datetime
    facts: ServiceFacts
    access: Access | None = None
    lines: tuple[LogRecord, ...] = ()


class Snapshots:
    """The memories in one directory, which is made when the first one is kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def recall(self, context: str) -> Memory | None:
        """Return what was known of `context` last; None when nothing usable was kept."""
        path = self._path(context)
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            if path.stat().st_size > _LARGEST:
                return None
            said = json.loads(path.read_bytes())
            if said["version"] != VERSION:
                return None
            memory = from_json(Memory, said)
            return memory if memory.context == context else None
        return None

    def keep(self, memory: Memory) -> None:
        """Write a memory in place of the one before; raises `OSError`."""
        make_private_directory(self._directory)
        document = json.dumps(to_json(memory), ensure_ascii=False, separators=(",", ":"))
        write_atomically(self._path(memory.context), document.encode())

    def _path(self, context: str) -> Path:
        # Two contexts never share a name, whatever the letters that a file cannot have.
        told_apart = hashlib.sha256(context.encode()).hexdigest()[:8]
        return self._directory / f"{_UNSAFE.sub('-', context)[:80]}-{told_apart}.json"


def memory_of(store: Store, context: str) -> Memory | None:
    """Return what is worth remembering; None before anything was answered."""
    service = store.service
    kept_at = service.fresh.service.at
    if service.facts is None or kept_at is None:
        return None
    lines = [each for each in store.logs.tail(LINES) if each.provenance.origin != Origin.CONSOLE]
    kept = tuple(map(_without_secrets, lines))
    return Memory(VERSION, context, kept_at, service.facts, service.access, kept)


def remembering(memory: Memory) -> Store:
    """Return a store that knows what `memory` says, and how old that is."""
    store = Store()
    instances = Instances()
    for line in memory.lines:
        instances.note(line)
    store.add_records(memory.lines)
    latest = instances.latest
    stale = Freshness(Standing.STALE, memory.kept_at)
    store.set_service(
        ServiceSnapshot(
            state=ServiceState.CONNECTING,
            source=memory.context,
            url=memory.facts.url,
            facts=memory.facts,
            access=memory.access,
            instance=None if latest is None else latest.name,
            started_at=None if latest is None else latest.first_line,
            timeline=() if latest is None else latest.timeline,
            starts=instances.start_seconds,
            fresh=Freshnesses(service=stale, access=stale, log=stale),
        )
    )
    return store


def remembered(directory: Path, context: str) -> Store:
    """Return a store with what was known of `context` last, or one that knows nothing."""
    memory = Snapshots(directory).recall(context)
    return Store() if memory is None else remembering(memory)


def _without_secrets(line: LogRecord) -> LogRecord:
    """Return a line with what its start needs and with no secret in its text."""
    said = redacted(line.message)
    fields = line.fields if line.event in _STARTUP else {}
    return LogRecord(line.time, line.severity, sanitise(said), line.event, fields, line.provenance)
