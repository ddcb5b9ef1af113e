"""Somebody who types `zimage-console deploy` and the like, with a sandbox of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pty_terminal import Terminal, terminal
from whole_state import differing, whole_state

CONSOLE = (sys.executable, "-P", "-m", "console")
DOCKERFILE = "FROM scratch\nCOPY greeting.txt /\n"
PATIENCE = 120.0


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    output: str
    errors: str

    @property
    def document(self) -> Any:
        return json.loads(self.output)

    @property
    def complaint(self) -> str:
        """The one line of errors that there is."""
        (line,) = self.errors.splitlines()
        return line


@dataclass(frozen=True)
class Operator:
    """Types commands; `state` is where the sandbox keeps what it knows, `http` where it answers."""

    environment: Mapping[str, str]
    state: Path
    http: str
    source: Path
    models: Path

    @property
    def deploy(self) -> tuple[str, ...]:
        """A small deployment to the sandbox, by Cloud Build."""
        # Every container of the sandbox runs the engine here, and has to be told of the model.
        model = ("--models", str(self.models), "--env", "ZIMAGE_MODELS=/models")
        return ("deploy", "--cpu", "--source", str(self.source), *model)

    @property
    def journal(self) -> Path:
        return self.state.parent / "deployments"

    def type(
        self,
        *arguments: str,
        typed: str | None = None,
        within: Sequence[str] = (),
        **variables: str,
    ) -> Ran:
        """Run a command in the context of the sandbox to its end; `within` wraps it."""
        ran = subprocess.run(
            [*within, *self.command(arguments)],
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            **({"stdin": subprocess.DEVNULL} if typed is None else {"input": typed}),  # type: ignore[call-overload]
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    @contextmanager
    def begun(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Begin a command whose output and errors are read as they come."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self.command(arguments),
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def command(self, arguments: Sequence[str]) -> list[str]:
        return [*CONSOLE, *arguments, "--context", "sandbox"]

    @contextmanager
    def on_terminal(self, *arguments: str) -> Iterator[Terminal]:
        """Run a command on a terminal that is wide enough for whole lines."""
        with terminal(self.command(arguments), self.environment, (200, 50)) as opened:
            yield opened

    def switch(self, fault: str, *, on: bool, amount: float | None = None) -> None:
        """Let something go wrong, or no longer."""
        with httpx.Client(trust_env=False) as http:
            address = f"http://{self.http}/sandbox/faults/{fault}"
            parameters = {} if amount is None else {"amount": amount}
            answer = http.request("PUT" if on else "DELETE", address, params=parameters)
            answer.raise_for_status()

    @contextmanager
    def gone_wrong(self, fault: str, amount: float | None = None) -> Iterator[None]:
        """Let something go wrong for a while."""
        self.switch(fault, on=True, amount=amount)
        try:
            yield
        finally:
            self.switch(fault, on=False)

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Hold all that the sandbox keeps to be afterwards what it was before."""
        before = whole_state(self.state)
        yield
        assert differing(before, whole_state(self.state)) == {}

    def builds(self) -> list[str]:
        """How each build ended, oldest first."""
        platform = json.loads((self.state / "platform.json").read_text())
        return [each["status"] for each in platform["builds"].values()]

    def revisions(self) -> int:
        services = json.loads((self.state / "services.json").read_text())
        return sum(len(each["revisions"]) for each in services["deployments"])


@contextmanager
def operator(
    folder: Path, models: Path, environment: Mapping[str, str], *arguments: str
) -> Iterator[Operator]:
    """Somebody with a sandbox in a process of its own, a small source, and a model in `models`."""
    places = {
        f"XDG_{name}_HOME": str(folder / name.lower())
        for name in ("STATE", "DATA", "CONFIG", "CACHE")
    }
    complete = {**environment, **places, "COLUMNS": "200", "NO_GCE_CHECK": "true"}
    state = folder / "state" / "zimage-console" / "sandbox"
    command = [sys.executable, "-P", "-m", "console.sandbox", "--state", str(state)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*command, "--exit-on-stdin-eof", *arguments],
        env=complete,
        stdin=pipe,
        stdout=pipe,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            opened = json.loads(process.stdout.readline())
            yield Operator(complete, state, opened["http"], small_source(folder), models)
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


def small_source(folder: Path, greeting: str = "good morning\n") -> Path:
    """Make what an image is built from in a moment."""
    source = folder / "source"
    source.mkdir()
    for name in ("Dockerfile.optimized", "Dockerfile.gpu"):
        (source / name).write_text(DOCKERFILE)
    (source / "greeting.txt").write_text(greeting)
    return source
