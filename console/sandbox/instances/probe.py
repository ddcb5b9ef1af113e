"""The start-up probe of a container: how often it is asked, and what counts as an answer.

Source: https://cloud.google.com/run/docs/configuring/healthchecks.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import httpx

from console.sandbox.run.conditions import NOT_LISTENING, PROBE_FAILED

DEFAULT_SECONDS: Final = 240
_RETRY_SECONDS: Final = 0.05
_LONGEST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupProbe:
    """How a container is asked whether it has started; times are in seconds.

    `path` is empty for a probe that only connects; `headers` go along with the others.
    `is_default` says that nobody configured it. A probe that is `late` came just too soon when the
    container was about to answer, and asks again so many seconds after it would have.
    """

    port: int
    path: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    timeout: float = DEFAULT_SECONDS
    period: float = DEFAULT_SECONDS
    threshold: int = 1
    is_default: bool = False
    late: float = 0.0

    @classmethod
    def of(cls, container: Any) -> StartupProbe:
        """Read the probe of a container, a raw message of the Admin API v2."""
        port = container.ports[0].container_port if container.ports else 8080
        probe = container.startup_probe
        if not container.HasField("startup_probe"):
            return cls(port=port, is_default=True)
        http = probe.WhichOneof("probe_type") == "http_get"
        return cls(
            port=(probe.http_get.port if http else probe.tcp_socket.port) or port,
            path=(probe.http_get.path or "/") if http else "",
            headers=tuple((each.name, each.value) for each in probe.http_get.http_headers),
            delay=probe.initial_delay_seconds,
            timeout=probe.timeout_seconds or 1,
            period=probe.period_seconds or 10,
            threshold=probe.failure_threshold or 3,
        )

    @property
    def title(self) -> str:
        """What the platform calls it."""
        return f"{'Default ' if self.is_default else ''}STARTUP {'HTTP' if self.path else 'TCP'}"

    @property
    def patience(self) -> float:
        """How long it takes at most until it gives up."""
        return self.delay + self.period * (self.threshold - 1) + self.timeout

    @property
    def refusal(self) -> str:
        """What the platform says of a revision whose containers fail it."""
        return NOT_LISTENING.format(port=self.port) if not self.path else PROBE_FAILED


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a probe found: after how many attempts, and why not where it failed."""

    attempts: int
    failure: str = ""


async def probed(probe: StartupProbe, port: Callable[[], Awaitable[int]]) -> Verdict:
    """Ask until the container answers or the probe gives up.

    `port` waits for the port of loopback at which the container listens.
    """
    began = asyncio.get_running_loop().time()
    await asyncio.sleep(probe.delay)
    failure = ""
    for attempt in range(1, probe.threshold + 1):
        ended = asyncio.get_running_loop().time() + probe.period
        failure = await _attempt(probe, port)
        if not failure:
            return await _asked_late(probe, port, began) if probe.late else Verdict(attempt)
        if attempt < probe.threshold:
            await asyncio.sleep(max(0.0, ended - asyncio.get_running_loop().time()))
    return Verdict(probe.threshold, failure)


async def _asked_late(
    probe: StartupProbe, port: Callable[[], Awaitable[int]], began: float
) -> Verdict:
    """Ask again when a probe would that asks as rarely as `probe` is late."""
    passed = asyncio.get_running_loop().time() - began
    await asyncio.sleep(probe.late)
    return Verdict(1 + math.ceil(passed / probe.late), await _attempt(probe, port))


async def _attempt(probe: StartupProbe, port: Callable[[], Awaitable[int]]) -> str:
    """Ask once; return why not, empty when the container answered."""
    try:
        async with asyncio.timeout(probe.timeout):
            number = await port()
            return await (_ask(probe, number) if probe.path else _connect(number))
    except TimeoutError:
        return "Connection failed with status DEADLINE_EXCEEDED"


async def _connect(port: int) -> str:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        writer.close()
        return ""


async def _ask(probe: StartupProbe, port: int) -> str:
    url = f"http://127.0.0.1:{port}{probe.path}"
    try:
        async with httpx.AsyncClient(timeout=probe.timeout, trust_env=False) as client:
            answer = await client.get(url, headers=list(probe.headers))
    except httpx.TimeoutException:
        return "Connection failed with status DEADLINE_EXCEEDED"
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return "Connection failed with status ERROR_CONNECTION_FAILED."
    if answer.is_success or answer.is_redirect:
        return ""
    said = answer.text[:_LONGEST_SHOWN]
    return (
        f"HTTP request returned status {answer.status_code} {answer.reason_phrase}.\n"
        f"Contents: {said}"
    )
