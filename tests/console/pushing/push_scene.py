"""A bucket of the sandbox's, a line to it that can be troubled, and a push to it."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage as google_storage
from served_storage import Served
from troubled_line import TroubledLine, troubled_line

from console.model.models.parts import ModelPart
from console.model.models.patience import Patience
from console.model.storage import StoredObject
from console.session.transfer.bandwidth import Bandwidth
from console.session.transfer.file_push import FilePush, PushItem
from console.session.transfer.local_reading import identity_of
from console.session.transfer.meter import FileMeter
from console.session.transfer.sending import Means
from console.session.transfer.upload_records import UploadRecords
from console.sources.object_writer import BucketWriter

MIB = 1 << 20
PART = 5 * MIB
BUCKET = "pushed-by-tests"
PATIENCE = 60.0
SOON = Patience(quiet_seconds=20, first_seconds=0.02, longest_seconds=0.2, attempt_seconds=6.0)


@dataclass
class Scene:
    """What a test pushes with; `line` is the way to the bucket, unless `endpoint` is another."""

    served: Served
    line: TroubledLine
    folder: Path
    records: UploadRecords
    bucket: google_storage.Bucket
    stop: threading.Event = field(default_factory=threading.Event)
    threads: int = 3
    stalled_seconds: float = 5.0
    rate: float | None = None
    clock: Callable[[], float] = time.monotonic
    endpoint: str = ""
    patience: Patience = SOON
    meters: list[FileMeter] = field(default_factory=list)

    def file(self, size: int, name: str = "model.gguf", seed: int = 1) -> Path:
        """Write a file of random bytes."""
        path = self.folder / name
        path.write_bytes(random.Random(seed).randbytes(size))
        return path

    def writer(self) -> BucketWriter:
        return BucketWriter(self._client(), BUCKET, self.stalled_seconds)

    def means(self) -> Means:
        return Means(
            writer=self.writer(),
            threads=self.threads,
            bandwidth=Bandwidth(self.rate, time.monotonic, self.stop.wait),
            patience=self.patience,
            clock=self.clock,
            jitter=random.Random(3).random,
            stop=self.stop,
        )

    def push(self, path: Path, expected: int = 0) -> tuple[StoredObject, FileMeter]:
        """Push a file as its name says."""
        identity = identity_of(path)
        meter = FileMeter(path.name, identity.size, self.clock)
        self.meters.append(meter)
        item = PushItem(
            path=path,
            name=path.name,
            identity=identity,
            part=ModelPart.TRANSFORMER,
            expected=expected,
        )
        pushing = FilePush(item, BUCKET, self.means(), self.records, meter, PART)
        return pushing.push(), meter

    def holds(self, path: Path) -> bool:
        """Say whether the bucket has a file byte for byte, and nothing beside it."""
        blob = self.bucket.get_blob(path.name)
        assert blob is not None
        data = path.read_bytes()
        assert blob.metadata["sha256"] == hashlib.sha256(data).hexdigest()
        return blob.download_as_bytes() == data and not self.leftovers()

    def leftovers(self) -> list[str]:
        """Return what there is that no service would look at: half-done things."""
        staged = [each.name for each in self.bucket.list_blobs(prefix=".zimage-uploads/")]
        answer = self.served.session().get(f"{self.served.url}/{BUCKET}", params={"uploads": ""})
        return staged + ["an unfinished upload"] * answer.text.count("<Upload>")

    def _client(self) -> google_storage.Client:
        return google_storage.Client(
            project="sandbox",
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.endpoint or f"http://{self.line.address}"},
            _http=self.served.session(),
        )


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Away:
    """A push in a thread."""

    def __init__(self, at: Scene, path: Path) -> None:
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(at, path))
        self._thread.start()

    def _run(self, at: Scene, path: Path) -> None:
        try:
            at.push(path)
        except BaseException as error:
            self.error = error

    def ended(self) -> BaseException | None:
        """Wait for its end, and return what ended it."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.error


@contextmanager
def scene(served: Served, folder: Path) -> Iterator[Scene]:
    with troubled_line(served.url.removeprefix("http://")) as line:
        records = UploadRecords(folder / "records")
        yield Scene(served, line, folder, records, served.bucket(BUCKET))
