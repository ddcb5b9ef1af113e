"""A real `python -m engine serve` on a free port; its own log lines say what it has reached."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

PATIENCE = 60.0

Line = dict[str, Any]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what would configure an engine, plus `extra`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PORT" and not name.startswith("ZIMAGE_")
    }
    return {**kept, "OMP_NUM_THREADS": "1", **(extra or {})}


class RunningEngine:
    """The child, its log so far, and an HTTP client for it. Use as a context manager."""

    def __init__(self, models: Path, *flags: str, env: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "engine", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--models", str(models), *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(env),
        )
        self.lines: list[Line] = []
        self._ended = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port: int = self.wait_for("port_open")["port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=False)

    def __enter__(self) -> RunningEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
        self.wait()

    def wait_for(self, event: str, **fields: object) -> Line:
        """Return the first log line with that event and those fields, once it is written."""

        def found() -> Line | None:
            for line in self.lines:
                if line["event"] == event and fields.items() <= line.items():
                    return line
            return None

        with self._changed:
            self._changed.wait_for(lambda: found() or self._ended, PATIENCE)
            line = found()
        assert line is not None, f"no line {event} {fields} in {self.lines}"
        return line

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(by)
        return self.wait()

    def wait(self) -> int:
        """Return the exit code, once the child has ended and all its output is read."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return code

    def generate(self, **fields: object) -> httpx.Response:
        """Ask for pictures."""
        return self.client.post(
            "/v1/images/generations",
            content=json.dumps(fields),
            headers={"content-type": "application/json"},
        )

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            with self._changed:
                self.lines.append(json.loads(text))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
