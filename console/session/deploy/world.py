"""Who is asked, and by what a plan is carried out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.model.cost.prices import PriceList
from console.session.deploy.journal import Journal
from console.session.transfer.upload_records import UploadRecords
from console.sources.deploying.base import LocalBuilder
from console.sources.examination import ToolSource
from console.sources.google_channel import GoogleCloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What is on this machine.

    `docker` builds images, `tools` tell of programs, `records` remember unfinished uploads and
    `journal` deployments. `clock` gives the time of day. `environment` is what a process that
    looks into model files inherits.
    """

    docker: LocalBuilder
    tools: ToolSource
    records: UploadRecords
    journal: Journal
    prices: PriceList
    clock: Callable[[], datetime]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A cloud and this machine."""

    google: GoogleCloud
    here: Here
