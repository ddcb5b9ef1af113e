"""Cloud Storage as one part of the sandbox: opened, it serves until it is closed."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Self

from starlette.routing import BaseRoute

from console.sandbox.faults import Faults
from console.sandbox.metrics.tally import Tally
from console.sandbox.moments import Clock
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.interface import StorageInterface
from console.sandbox.storage.metering import RequestMeter
from console.sandbox.storage.mounts import place
from console.sandbox.storage.seeding import DEMO_FILES, seed
from console.sandbox.storage.warehouse import Warehouse


class CloudStorage:
    """The buckets of `project`, kept in a directory.

    What is there survives this process however it ends. A directory that is new is given
    `MODELS_BUCKET` in `region`, with the files of `models`.
    """

    def __init__(self, warehouse: Warehouse, interface: StorageInterface) -> None:
        self._warehouse = warehouse
        self._interface = interface

    @classmethod
    async def open(
        cls,
        directory: Path,
        project: str,
        region: str,
        *,
        faults: Faults,
        clock: Clock,
        new_hex: Callable[[int], str] = secrets.token_hex,
        models: Path | None = DEMO_FILES,
        requests: Tally | None = None,
        knows: Callable[[str], bool] = lambda _: True,
    ) -> Self:
        """Open the storage in `directory`; raises `OSError` or `sqlite3.Error`.

        What buckets are asked for is counted in `requests`; `knows` says whether there is a
        service account of an address. Without `models` a new one has no bucket.
        """
        warehouse = Warehouse(directory, clock, new_hex)
        try:
            meter = RequestMeter(Tally() if requests is None else requests, clock)
            interface = StorageInterface(warehouse, Disturbances(faults), project, meter, knows)
            if not warehouse.catalogue.is_settled:
                if models is not None:
                    await seed(warehouse, interface.buckets, region, models)
                warehouse.catalogue.settle()
        except BaseException:
            warehouse.close()
            raise
        return cls(warehouse, interface)

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served, after everything else: any path may be an object's."""
        return self._interface.routes()

    def directory_of(self, bucket: str) -> Path | None:
        """Return where a bucket's live objects can be read, for as long as there is that bucket.

        None for what cannot be a bucket's name.
        """
        directory = self._warehouse.mounts.of(bucket)
        is_name = bucket == directory.name and not bucket.startswith(".")
        return directory if is_name else None

    def file_of(self, bucket: str, name: str) -> Path | None:
        """Return the file of a live object, for reading; None without the object."""
        directory = self.directory_of(bucket)
        file = None if directory is None else directory / place(name)
        return file if file is not None and file.is_file() else None

    def close(self) -> None:
        """Close it; what arrived of unfinished uploads stays."""
        self._interface.close()
        self._warehouse.close()
