"""What a process imports of the packages that it needs little of."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGUN = "import sys; from console.light_packages import import_lightly; import_lightly()\n"
CONNECTED = """
import asyncio, datetime
from console.sources.google_channel import Endpoints, connect

async def main() -> None:
    nowhere = Endpoints.on_loopback("127.0.0.1:1", "127.0.0.1:1")
    await (await connect(nowhere, {}, lambda: datetime.datetime.now(datetime.UTC))).aclose()

asyncio.run(main())
google = "google.cloud."
unused = ("run_v2.services.jobs", "logging_v2.handlers", "monitoring_v3.services.snooze_service")
print([name for name in (*(google + part for part in unused), "click") if name in sys.modules])
"""
ASKED_FOR_ALL = (
    "from google.cloud import run_v2; print(run_v2.JobsClient.__name__, run_v2.Job.__name__)",
    "from google.cloud.run_v2.types import *; print(Job.__name__, 'Jobz' in globals())",
    "from google.cloud import logging_v2; print(logging_v2.Client.__name__, logging_v2.ASCENDING)",
    "import google.cloud.logging_v2.types.log_entry as it; print(it.LogEntry.__name__)",
    "from google.cloud.monitoring_v3 import types; print(types.metric.TimeSeries.__name__)",
    "from google.cloud import run_v2; print(hasattr(run_v2, 'Jobz'), run_v2.__version__ > '')",
)


def said_by(program: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    return ran.stdout.strip()


def test_whoever_connects_imports_no_more_than_is_used() -> None:
    assert said_by(BEGUN + CONNECTED) == "[]"


@pytest.mark.parametrize("program", ASKED_FOR_ALL)
def test_whoever_asks_for_more_has_it_as_it_always_was(program: str) -> None:
    assert said_by(BEGUN + program) == said_by(program) != ""
