"""Pushes model files into a sandbox through everything that can go wrong, and races the others.

    python tools/push_models.py [--gb 2] [--kills 20] [--only faults|race] [--seed N]

`faults`: `zimage-console models push` sends files of 2 GB through a line that resets, stalls,
damages bytes and loses answers, to a storage that answers 503 and forgets the login for a while;
its process is killed at random moments and begun again, until it comes to its end. Then the bytes
that the storage has are compared with the files, what passed the line with their size, and another
push has to send nothing.

`race`: the same file goes to the same storage by `gcloud storage cp`, by Google's
`upload_chunks_concurrently`, and by the console, one after the other and all of it again; ratios of
the best runs and of the medians, and the peak of the console's memory are printed.

Exits with 1 if bytes differ, too many are sent twice, or a second push sends anything.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from console.sandbox.fault_command import switched
from console.sandbox.faults import Fault

ROOT: Final = Path(__file__).resolve().parent.parent
BUCKET: Final = "pushed"
PART: Final = 8 << 20
THREADS: Final = 8
MOST_MEMORY: Final = 300 * 10**6
ROUNDS: Final = 3
_BREAKS: Final = 8
SENDING: Final = "console, sending alone"


def main() -> int:
    """Do what the command line asks for; returns the exit code."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="push-", dir=options.directory) as folder:
        bench = Bench(Path(folder), options.gb, options.seed)
        with bench.sandbox():
            good = True
            if options.only in (None, "faults"):
                good &= faults(bench, options.kills)
            if options.only in (None, "race"):
                good &= race(bench)
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Push model files through faults; race others.")
    parser.add_argument("--gb", type=float, default=2.0, help="how much, in 10⁹ bytes")
    parser.add_argument("--kills", type=int, default=20, help="how often the process is killed")
    parser.add_argument("--only", choices=("faults", "race"))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--directory", help="where there is room for thrice as much")
    return parser


class Bench:
    """A sandbox of its own, a directory of model files, and what runs against them."""

    def __init__(self, folder: Path, gb: float, seed: int) -> None:
        self.folder = folder
        self.dice = random.Random(seed)
        self.seed = seed
        self.models = folder / "models"
        self.state = folder / "state" / "zimage-console" / "sandbox"
        self.home = folder / "home"
        self.http = ""
        self.addresses: dict[str, str] = {}
        _write_models(self.models, round(gb * 1e9), seed)
        self.size = sum(each.stat().st_size for each in self.models.iterdir())

    @contextmanager
    def sandbox(self) -> Iterator[None]:
        """Run a sandbox until the end."""
        self.state.mkdir(parents=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "console.sandbox", "--state", str(self.state)],
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        try:
            self.addresses = json.loads(process.stdout.readline())
            self.http = self.addresses["http"]
            yield
        finally:
            process.terminate()
            process.wait(30)

    def environment(self, http: str | None = None) -> dict[str, str]:
        """Return that of a console, whose sandbox is reached by `http` if that is given."""
        state = self.home / "state" / "zimage-console" / "sandbox"
        state.mkdir(parents=True, exist_ok=True)
        told = {**self.addresses, "http": http or self.http}
        (state / "address.json").write_text(json.dumps(told))
        inherited = {key: value for key, value in os.environ.items() if "ZIMAGE" not in key}
        return inherited | {
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "PYTHONPATH": str(ROOT),
        }

    def command(self, *more: str) -> list[str]:
        """Return the command of a push."""
        push = [sys.executable, "-m", "console", "models", "push", str(self.models)]
        return [*push, "--context", "sandbox", "--bucket", BUCKET, "--any-region", *more]

    def client(self) -> Any:
        """Return Google's client."""
        import requests
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        session = requests.Session()
        session.trust_env = False
        return storage.Client(
            project="sandbox",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": f"http://{self.http}"},
            _http=session,
        )

    def fault(self, fault: Fault, seconds: float) -> None:
        """Let a fault be there for some seconds."""
        switched(self.state, fault, on=True)
        time.sleep(seconds)
        switched(self.state, fault, on=False)


def faults(bench: Bench, kills: int) -> bool:
    """Push through everything; return whether all is well in the end."""
    bench.client().create_bucket(BUCKET, location="local-1")
    module = _loaded("troubled_line", ROOT / "tests" / "console" / "pushing")
    with module.troubled_line(bench.http, bench.seed) as line:
        line.every = bench.size // 40
        # A connection on which nothing passes is given up after a minute: few of those.
        line.kinds = (module.Trouble.RESET, module.Trouble.DAMAGE, module.Trouble.LOST_ANSWER)
        environment = bench.environment(line.address)
        ended = threading.Event()
        breaking = threading.Thread(target=_break, args=(bench, ended), daemon=True)
        breaking.start()
        began = time.monotonic()
        killed, runs = 0, 0
        stalls = 2
        while True:
            runs += 1
            before = line.sent
            if stalls and killed >= 3 * (3 - stalls):
                line.next(module.Trouble.STALL)
                stalls -= 1
            process = subprocess.Popen(
                bench.command("--json"), env=environment, stdout=subprocess.PIPE, cwd=ROOT
            )
            if killed < kills:
                mark = before + bench.dice.uniform(0.2, 1.6) * bench.size / max(1, kills)
                if _killed(process, line, mark):
                    killed += 1
                    continue
            output, _ = process.communicate()
            if process.returncode == 0:
                break
            print(f"ended with {process.returncode}: {output.decode()[-400:]}", flush=True)
        ended.set()
        breaking.join()
        took = time.monotonic() - began
        seen = {str(kind): count for kind, count in line.seen.items()}
        interruptions = killed + sum(line.seen.values()) + 8
        again = line.sent - bench.size
        most = PART * (THREADS * (killed + _BREAKS) + sum(line.seen.values()))
        line.every = None
        line.sent = 0
        second = subprocess.run(
            bench.command("--json"), env=environment, stdout=subprocess.PIPE, cwd=ROOT, check=False
        )
        headers = line.sent
    whole = _same(bench)
    left = _left(bench)
    print(f"{bench.size / 1e9:.2f} GB, killed {killed} times, {runs} runs, {took:.0f} s; {seen}")
    print(f"sent again {again / 1e6:.1f} MB, {again / PART / max(1, interruptions):.2f} parts for")
    print(f"each of {interruptions} interruptions; {most / 1e6:.0f} MB would be allowed")
    print(f"bytes in the bucket {'the same' if whole else 'DIFFERENT'}; left behind: {left}")
    print(
        f"a second push: exit {second.returncode}, {headers / 1e3:.1f} kB passed, all of it asking"
    )
    return whole and again <= most and second.returncode == 0 and headers < 100_000 and not left


def _break(bench: Bench, ended: threading.Event) -> None:
    """Let the storage fail and forget the login, each for a moment and again."""
    for index in range(_BREAKS):
        if ended.wait(bench.dice.uniform(2, 6)):
            return
        bench.fault((Fault.STORAGE_UNAVAILABLE, Fault.TOKEN_EXPIRED)[index % 2], 0.7)


def _killed(process: subprocess.Popen[bytes], line: Any, mark: float) -> bool:
    while process.poll() is None:
        if line.sent >= mark:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
        time.sleep(0.01)
    return False


def _same(bench: Bench) -> bool:
    bucket = bench.client().bucket(BUCKET)
    for path in bench.models.iterdir():
        blob = bucket.get_blob(path.name)
        digest = hashlib.sha256()
        with blob.open("rb") as file:
            while data := file.read(4 << 20):
                digest.update(data)
        with path.open("rb") as mine:
            local = hashlib.file_digest(mine, "sha256").hexdigest()
        if digest.hexdigest() != local or blob.metadata["sha256"] != local:
            return False
    return True


def _left(bench: Bench) -> list[str]:
    """Return what there is beside the files: objects by another name, and unfinished uploads."""
    client = bench.client()
    names = {path.name for path in bench.models.iterdir()}
    objects = [each.name for each in client.list_blobs(BUCKET) if each.name not in names]
    answer = client._http.get(f"http://{bench.http}/{BUCKET}", params={"uploads": ""})
    return objects + ["unfinished"] * answer.text.count("<Upload>")


def race(bench: Bench) -> bool:
    """Send the same bytes by three programs; return whether the console keeps up."""
    client = bench.client()
    took: dict[str, list[float]] = {}
    memory = 0
    racers = list(_racers(bench).items())
    for turn in range(ROUNDS):
        # Each comes first once, last once.
        for name, send in racers[turn:] + racers[:turn]:
            bucket = client.bucket(f"race-{turn}-{name.split()[0].replace('_', '-')}")
            bucket.create(location="local-1")
            began = time.monotonic()
            sending, peak = send(bucket.name)
            took.setdefault(name, []).append(time.monotonic() - began)
            if sending:
                took.setdefault(SENDING, []).append(sending)
            memory = max(memory, peak)
            bucket.delete_blobs(list(bucket.list_blobs()))
    ours = took[SENDING]
    for name, each in took.items():
        told = ", ".join(f"{seconds:.1f}" for seconds in each)
        best, median = _ratio(each, ours, min), _ratio(each, ours, statistics.median)
        print(
            f"{name:28} {bench.size / min(each) / 1e6:6.0f} MB/s at best ({told} s); the console's "
            f"sending is {best:.2f} times as fast at best, {median:.2f} by the median"
        )
    print(f"peak of the console's memory {memory / 1e6:.0f} MB")
    good = _ratio(took["upload_chunks_concurrently"], ours, statistics.median) >= 1.0
    if "gcloud storage cp" in took:
        good &= _ratio(took["gcloud storage cp"], ours, statistics.median) >= 0.9
    return good and memory <= MOST_MEMORY


def _ratio(theirs: list[float], ours: list[float], of: Callable[[list[float]], float]) -> float:
    """Return how many times as fast the console is."""
    return of(theirs) / of(ours)


Send = Callable[[str], tuple[float, int]]


def _racers(bench: Bench) -> dict[str, Send]:
    racers: dict[str, Send] = {
        "upload_chunks_concurrently": lambda bucket: _by_google(bench, bucket),
        "console": lambda bucket: _by_console(bench, bucket),
    }
    gcloud = shutil.which("gcloud")
    if gcloud is not None:
        racers["gcloud storage cp"] = lambda bucket: _by_gcloud(bench, bucket, gcloud)
    return racers


def _by_console(bench: Bench, bucket: str) -> tuple[float, int]:
    command = [each if each != BUCKET else bucket for each in bench.command("--json")]
    return _peak(command, bench.environment())


def _by_google(bench: Bench, bucket: str) -> tuple[float, int]:
    """Send by Google's own means, in a process of its own as the others have one."""
    files = [str(path) for path in sorted(bench.models.iterdir())]
    command = [sys.executable, "-c", _UPLOAD, bench.http, bucket, *files]
    subprocess.run(command, check=True)
    return 0.0, 0


_UPLOAD: Final = """
import pathlib, sys
import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.cloud.storage import transfer_manager

if __name__ == "__main__":
    http, bucket, *files = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    client = storage.Client(
        project="sandbox",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": f"http://{http}"},
        _http=session,
    )
    for file in files:
        blob = client.bucket(bucket).blob(pathlib.Path(file).name)
        transfer_manager.upload_chunks_concurrently(file, blob)
"""


def _by_gcloud(bench: Bench, bucket: str, gcloud: str) -> tuple[float, int]:
    environment = {
        **os.environ,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "http://google.test/storage/v1/",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "True",
        "CLOUDSDK_CONFIG": str(bench.folder / "gcloud"),
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_PROJECT": "sandbox",
        "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
        "http_proxy": f"http://{bench.http}",
    }
    files = [str(path) for path in sorted(bench.models.iterdir())]
    command = [gcloud, "storage", "cp", *files, f"gs://{bucket}/"]
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
    return 0.0, 0


def _peak(command: Sequence[str], environment: dict[str, str]) -> tuple[float, int]:
    """Run a push; return for how long it sent, and the most memory that it took, in bytes."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=ROOT)
    peak, status = 0, Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        # What a process is said to have used when it has ended counts its parent's memory too.
        with suppress(OSError):
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"the console ended with {process.returncode}")
    assert process.stdout is not None
    with process.stdout as output:
        return float(json.load(output)["seconds"]), peak


def _loaded(name: str, directory: Path) -> Any:
    """Return a module of the tests."""
    specification = importlib.util.spec_from_file_location(name, directory / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def _write_models(directory: Path, size: int, seed: int) -> None:
    """Write a whole model whose transformer has bytes enough."""
    module = _loaded("tiny_models", ROOT / "tests" / "engine")
    module.write_model(directory)
    dice = random.Random(seed)
    # The engine minds no bytes after the last tensor of a GGUF file.
    for name, share in (("tiny_z_image.gguf", 0.65), ("tiny_qwen3.gguf", 0.35)):
        with (directory / name).open("ab") as file:
            while (missing := round(size * share) - file.tell()) > 0:
                file.write(dice.randbytes(min(missing, 16 << 20)))


if __name__ == "__main__":
    sys.exit(main())
