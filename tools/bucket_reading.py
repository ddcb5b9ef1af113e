"""Measure how a model comes in from a bucket, beside the same files from a directory.

    python tools/bucket_reading.py [--directory DIR] [--layers N] [--encrypted]

Writes a synthetic model of about 1.5 GB, serves it with `tools/range_server.py` as a network of
some rate and latency would, and loads it in new processes: from the directory, from the bucket.
Prints seconds from the process's start until the model is on the device, ratios, the most memory
that the process had, and the seconds for which it and the server kept processors busy: half of
their sum is the least that two processors can do it in. With `--reading` nothing is made of the
bytes, and the rate at which they come and are checked is printed. Processes take turns, and the
best of each counts: what else the machine does makes them slower, never quicker.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from synthetic_model import ROOT, write_synthetic_model

# Loads and tells; the arguments are where from, how many connections at most, and by how many
# processes beside this one, `None` for as many as the engine thinks useful.
_LOADER: Final = """
import json, os, sys, threading
sys.path.insert(0, os.getcwd())
from pathlib import Path

def kilobytes(path, name):
    return int(dict(l.split(":") for l in open(path) if ":" in l)[name].split()[0])

shared = kilobytes("/proc/meminfo", "Shmem")
from engine.loading import load_pipeline
from engine.settings import read_models
from engine.timeline import Timeline
from engine.weights.bucket.place import open_bucket
timeline = Timeline()
place = read_models(sys.argv[1])
if not isinstance(place, Path):
    threads, processes = json.loads(sys.argv[2])
    place = open_bucket(place, os.environ, threads=threads, processes=processes)
pipeline = load_pipeline(place, device="cpu", threads=None, timeline=timeline, linear="packed")
moments = {str(e.phase): e.at for e in timeline.events()}
# Processes that read count once they have ended, which these see to.
for thread in threading.enumerate():
    if thread.name == "engine-reader":
        thread.join()
# Memory that other processes wrote into belongs to this one, whether it has looked at it or not.
own = kilobytes("/proc/self/status", "VmHWM") - kilobytes("/proc/self/status", "RssShmem")
peak = own + kilobytes("/proc/meminfo", "Shmem") - shared << 10
print(json.dumps({"imports": moments["imports_done"], "ready": moments["on_device"],
    "peak": peak, "processor": sum(os.times()[:4])}))
"""

# Reads and checks every part, without torch.
_READER: Final = """
import json, os, sys, time
sys.path.insert(0, os.getcwd())
from pathlib import Path
from engine.settings import read_models
from engine.weights.bucket.place import open_bucket
from engine.weights.discover import find_model, open_part
from engine.weights.early import begin_reading, reading
from engine.weights.source import JoinedFiles
place = read_models(sys.argv[1])
if not isinstance(place, Path):
    threads, processes = json.loads(sys.argv[2])
    place = open_bucket(place, os.environ, threads=threads, processes=processes)
began = time.perf_counter()
with reading(place):
    files = find_model(place)
    begin_reading(files, one_prompt=False)
    buffer = memoryview(bytearray(1 << 28))
    for facts in (files.text_encoder, files.transformer, files.vae):
        part = open_part(facts.path)
        with JoinedFiles(part.header.files, part.tensors.extents) as source:
            for offset, size in part.tensors.extents:
                source.read_into(offset, buffer[:size])
            source.check()
print(json.dumps({"ready": time.perf_counter() - began, "imports": 1e-9, "peak": 0,
    "processor": 0}))
"""


@dataclass(frozen=True, slots=True)
class Network:
    """What the server is told: MB/s in all and of one connection, and seconds of latency."""

    name: str
    total: float
    stream: float
    latency: float


@dataclass(frozen=True, slots=True)
class Server:
    """The server that is running: its address, its process, and whom to trust for it."""

    url: str
    pid: int
    certificate: Path | None

    def busy(self) -> float:
        """Return for how many seconds it has kept processors busy."""
        user, system = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Way:
    """Where a model is loaded from, and by how many threads and processes beside the loader's."""

    where: str
    threads: int = 12
    processes: int | None = None


NETWORKS: Final = (
    Network("250 MB/s, 60 a connection, 40 ms", 250, 60, 0.04),
    Network("1 GB/s, 100 a connection, 40 ms", 1000, 100, 0.04),
    Network("unlimited", 0, 0, 0),
)


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--directory", type=Path, help="where the files are kept (temporary)")
    parser.add_argument("--layers", type=int, default=12, help="of the transformer, of 100 MB each")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--encrypted", action="store_true", help="over TLS, as Google answers")
    parser.add_argument("--reading", action="store_true", help="read, and make nothing of it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, tempfile.TemporaryDirectory() as scratch:
        directory = given.directory or Path(temporary)
        size = write_synthetic_model(directory, given.layers)
        print(f"{size / 1e9:.2f} GB in three files; the machine has {os.cpu_count()} processors")
        certificate = _certificate(Path(scratch)) if given.encrypted else None
        for network in NETWORKS:
            with served(directory, network, certificate) as server:
                if given.reading:
                    _rates(directory, server, network, size, given.turns)
                else:
                    _compare(directory, server, network, size, given.turns)
    return 0


def _compare(directory: Path, server: Server, network: Network, size: int, turns: int) -> None:
    ways = {
        "directory": Way(str(directory)),
        "bucket": Way("gs://models"),
        "bucket, read by threads alone": Way("gs://models", processes=0),
    }
    found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for _ in range(turns):
        for name, way in ways.items():
            found[name].append(_loaded(way, server))
    print(f"\n{network.name}")
    imports = min(each["imports"] for each in found["directory"])
    ideal = max(size / (network.total * 1e6) if network.total else 0.0, imports)
    width = max(map(len, ways))
    for name, turn in found.items():
        best = min(turn, key=lambda each: each["ready"])
        peak = max(each["peak"] for each in turn)
        print(
            f"  {name:{width}} {best['ready']:6.2f} s to the device, imports done after "
            f"{best['imports']:5.2f} s, peak {peak / 2**30:5.2f} GiB, "
            f"{best['ready'] / ideal:5.2f} x max(transfer, imports); busy for "
            f"{best['processor']:.2f} s, the server {best['server']:.2f} s",
            flush=True,
        )


def _rates(directory: Path, server: Server, network: Network, size: int, turns: int) -> None:
    print(f"\n{network.name}")
    for name, way in (
        ("directory", Way(str(directory))),
        ("bucket, 12 connections", Way("gs://models")),
        ("bucket, 1 connection", Way("gs://models", threads=1)),
    ):
        best = min(_loaded(way, server, _READER)["ready"] for _ in range(turns))
        print(f"  {name:24} {best:6.2f} s, {size / best / 1e6:7.0f} MB/s")


def _loaded(way: Way, server: Server, program: str = _LOADER) -> dict[str, float]:
    environ = {**os.environ, "STORAGE_EMULATOR_HOST": server.url}
    if server.certificate:
        environ["SSL_CERT_FILE"] = str(server.certificate)
    before = server.busy()
    done = subprocess.run(
        [sys.executable, "-c", program, way.where, json.dumps([way.threads, way.processes])],
        cwd=ROOT,
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return {**measured, "server": server.busy() - before}


def _certificate(directory: Path) -> Path:
    """Make a certificate for this machine's loopback, with its key in the same file."""
    path = directory / "loopback.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", "-"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    path.write_text(path.read_text() + done.stdout)
    return path


@contextmanager
def served(directory: Path, network: Network, certificate: Path | None) -> Iterator[Server]:
    """Serve a directory's files as a bucket over such a network, encrypted with a certificate."""
    command = [sys.executable, str(ROOT / "tools" / "range_server.py"), str(directory)]
    command += ["--latency", str(network.latency), "--stream", str(network.stream)]
    command += ["--total", str(network.total)]
    if certificate:
        command += ["--certificate", str(certificate)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield Server(server.stdout.readline().strip(), server.pid, certificate)
        finally:
            server.stdin.close()


if __name__ == "__main__":
    sys.exit(main())
