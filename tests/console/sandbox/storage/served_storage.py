"""The sandbox's storage on a port of its own, and Google's client of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from console.sandbox.faults import Faults
from console.sandbox.gateway import Gateway
from console.sandbox.metrics.tally import Tally
from console.sandbox.storage.cloud_storage import CloudStorage

PROJECT = "sandbox"
BUCKET = "weights-of-tests"


@dataclass
class Served:
    """A storage that is served, and what a test may turn."""

    directory: Path
    url: str
    faults: Faults
    cloud: CloudStorage
    requests: Tally
    later: timedelta = timedelta()
    sessions: list[requests.Session] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def session(self) -> requests.Session:
        """Return a session with this machine, whatever its environment says of proxies."""
        session = requests.Session()
        session.trust_env = False
        self.sessions.append(session)
        return session

    def client(self) -> storage.Client:
        """Return Google's client."""
        return storage.Client(
            project=PROJECT,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.url},
            _http=self.session(),
        )

    def bucket(self, name: str = BUCKET) -> storage.Bucket:
        """Return a new bucket, or the one there is."""
        client = self.client()
        return client.lookup_bucket(name, retry=None) or client.create_bucket(
            name, location="local-1"
        )


@contextmanager
def serving(directory: Path, models: Path) -> Iterator[Served]:
    """Serve the storage in `directory` from a thread; `models` is what a new one begins with."""
    opened: list[Served] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        served = Served(directory, "", Faults(), None, Tally())  # type: ignore[arg-type]
        cloud = await CloudStorage.open(
            directory,
            PROJECT,
            "local-1",
            faults=served.faults,
            clock=served.now,
            models=models,
            requests=served.requests,
        )
        gateway = Gateway(cloud.routes(), served.faults)
        served.cloud, served.url = cloud, f"http://{await gateway.open()}"
        opened.append(served)
        ready.set()
        await asyncio.to_thread(done.wait)
        await gateway.close()
        cloud.close()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield opened[0]
    finally:
        for each in opened:
            for session in each.sessions:
                session.close()
        done.set()
        thread.join()
