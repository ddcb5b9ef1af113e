"""Puts the service under load on this machine and says how it bore that.

    python tools/load_test.py [--requests 300] [--rounds 3] [--seconds 15] [--size 128x128]

Starts `python -m engine serve`, and measures in turn:

- overhead: requests one after another, each against the seconds that its picture itself took;
- health: how fast `/healthz` answers while pictures are made on all cores;
- load: rounds of requests all at once; each must end in a picture or in 429 with `Retry-After`,
  and the memory of the process must not grow from round to round.

Exits with 1 if a request ended in any other way.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

PING_EVERY = 0.01
SEQUENTIAL = 30
LONGEST = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer and the seconds until its last byte."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


class Client:
    """One kept connection: no HTTP library, so that what is measured is the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, method: str, path: str, fields: object = None) -> Answer:
        """Send a request and read its answer."""
        body = b"" if fields is None else json.dumps(fields).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: localhost\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        content = await self._reader.readexactly(int(headers["content-length"]))
        seconds = time.perf_counter() - began
        return Answer(int(lines[0].split(" ")[1]), headers, content, seconds)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def engine(models: str | None) -> AsyncIterator[int]:
    """Yield the port of a ready engine."""
    command = [sys.executable, "-m", "engine", "serve", "--port", "0"]
    command += ["--models", models] if models else []
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    port = 0
    async for text in child.stdout:
        line = json.loads(text)
        port = line.get("port", port)
        if line["event"] == "ready":
            break
    # Whatever is logged has to be read, or the engine would wait for somebody to.
    reading = asyncio.create_task(child.stdout.read())
    try:
        yield port
    finally:
        child.terminate()
        await reading
        await child.wait()


async def resident(port: int) -> float:
    """Return the megabytes of memory that the engine holds."""
    client = await Client.to(port)
    figures = (await client.ask("GET", "/metrics")).body.decode()
    await client.close()
    line = next(each for each in figures.splitlines() if each.startswith("process_resident"))
    return float(line.split()[-1]) / 1e6


class Pings:
    """Asks `/healthz` again and again, from a process that has nothing else to do."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator[None]:
        """Ask for as long as the block runs."""
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--ping", str(port), stdin=pipe, stdout=pipe, limit=1 << 24
        )
        assert child.stdin is not None
        assert child.stdout is not None
        await child.stdout.readline()
        try:
            yield
        finally:
            child.stdin.close()
            self.seconds = json.loads(await child.stdout.readline())
            await child.wait()


async def ping(port: int) -> int:
    """Ask until standard input ends, and print how many seconds each answer took."""
    client = await Client.to(port)
    print("begun", flush=True)
    ending = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    seconds: list[float] = []
    while not ending.done():
        answer = await client.ask("GET", "/healthz")
        assert answer.status == 200
        seconds.append(answer.seconds)
        await asyncio.sleep(PING_EVERY)
    await client.close()
    print(json.dumps(seconds))
    return 0


def spread(seconds: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum in milliseconds."""
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return (
        f"median {statistics.median(ordered) * 1e3:.1f} ms, "
        f"p99 {high * 1e3:.1f} ms, max {ordered[-1] * 1e3:.1f} ms of {len(ordered)}"
    )


async def measure_overhead(port: int, wish: dict[str, object]) -> None:
    """Compare the whole request with the picture's own seconds, which its answer tells."""
    client = await Client.to(port)
    over, own = [], []
    for seed in range(SEQUENTIAL):
        answer = await client.ask("POST", "/v1/images/generations", {**wish, "seed": seed})
        made: float = json.loads(answer.body)["data"][0]["seconds"]
        over.append(answer.seconds - made)
        own.append(made)
    await client.close()
    share = statistics.median(over) / statistics.median(own)
    print(f"overhead: {spread(over)}; {share:.1%} of {statistics.median(own) * 1e3:.0f} ms")


async def measure_health(port: int, wish: dict[str, object], seconds: float) -> None:
    """Ask for the health without and with pictures being made."""
    calm, busy = Pings(), Pings()
    async with calm.to(port):
        await asyncio.sleep(min(3.0, seconds))
    client = await Client.to(port)
    until = time.perf_counter() + seconds
    async with busy.to(port):
        while time.perf_counter() < until:
            await client.ask("POST", "/v1/images/generations", wish)
    await client.close()
    print(f"/healthz at rest:  {spread(calm.seconds)}")
    print(f"/healthz computing on {os.cpu_count()} cores: {spread(busy.seconds)}")


async def one_of_many(port: int, wish: dict[str, object]) -> tuple[str, float]:
    """Return how a request ended, and after how many seconds."""
    try:
        client = await Client.to(port)
        answer = await asyncio.wait_for(client.ask("POST", "/v1/images/generations", wish), LONGEST)
        await client.close()
    except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
        return type(error).__name__, 0.0
    if answer.status == 429 and int(answer.headers.get("retry-after", "0")) > 0:
        return "429 with Retry-After", answer.seconds
    complete = answer.status == 200 and b'"b64_json"' in answer.body
    return "picture" if complete else f"status {answer.status}", answer.seconds


async def measure_load(port: int, wish: dict[str, object], requests: int, rounds: int) -> bool:
    """Send rounds of requests all at once; returns whether each ended as it should."""
    ends: Counter[str] = Counter()
    memory: list[float] = []
    health: list[float] = []
    for number in range(1, rounds + 1):
        pings = Pings()
        async with pings.to(port):
            found = await asyncio.gather(*(one_of_many(port, wish) for _ in range(requests)))
        ends.update(end for end, _ in found)
        health += pings.seconds
        memory.append(await resident(port))
        told = ", ".join(f"{n} {end}" for end, n in Counter(end for end, _ in found).items())
        refused = [seconds for end, seconds in found if end.startswith("429")]
        print(f"round {number}: {told}; {memory[-1]:.0f} MB")
        if refused:
            print(f"         refused after {spread(refused)}")
    print(f"/healthz meanwhile: {spread(health)}")
    print(f"memory: last round / first round = {memory[-1] / memory[0]:.3f}")
    return set(ends) <= {"picture", "429 with Retry-After"}


async def run(arguments: argparse.Namespace) -> int:
    """Measure everything; returns the exit code."""
    wish = {"prompt": "a red circle on a white background", "size": arguments.size}
    async with engine(arguments.models) as port:
        await measure_overhead(port, wish)
        await measure_health(port, {**wish, "size": "512x512"}, arguments.seconds)
        sound = await measure_load(port, wish, arguments.requests, arguments.rounds)
    print("every request ended as it should" if sound else "some requests ended otherwise")
    return 0 if sound else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Put the service under load on this machine.")
    parser.add_argument("--requests", type=int, default=300, help="at once in a round (300)")
    parser.add_argument("--rounds", type=int, default=3, help="of that many requests (3)")
    parser.add_argument("--seconds", type=float, default=15.0, help="of asking for health (15)")
    parser.add_argument("--size", default="128x128", help="of the pictures (128x128)")
    parser.add_argument("--models", help="directory with model files (the bundled demo)")
    parser.add_argument("--ping", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    return asyncio.run(ping(arguments.ping) if arguments.ping else run(arguments))


if __name__ == "__main__":
    sys.exit(main())
