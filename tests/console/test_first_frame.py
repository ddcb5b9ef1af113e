"""What is on screen before anybody was asked, and what was imported until then."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from cloud_scenes import LAST_WORDS, at_zero
from console_scenes import opened, settled, text_of

from console.model.service import ServiceState
from console.session.snapshots import Snapshots, memory_of, remembering
from console.store import Store

CONTEXT = "my-project/us-central1/z-image"
FIRST_FRAME = """
import asyncio, sys, time
from console.app import ConsoleApp
from console.config import Config
from console.contexts.destinations import Destinations
from console.model.contexts import LOCAL
from console.contexts.recents import Recents, utc_now
from console.screens.base import Surroundings
from console import paths
from console_scenes import QuietSession, text_of

context = sys.argv[1]
places = Destinations(Config(context=context), Recents(paths.recents_file(), utc_now))
store = places.store(context)
surroundings = Surroundings(store, time.monotonic, context=context, restarts=False)

def begin(store):
    print(text_of(app))
    heavy = ("google", "grpc", "proto", "torch")
    print("IMPORTED", sorted({m.split(".")[0] for m in sys.modules} & set(heavy)))
    return QuietSession(store, Config())

app = ConsoleApp(surroundings, begin)

async def main():
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.end_session()

asyncio.run(main())
"""


CHOOSING = """
import asyncio, sys, time
from console.app import ConsoleApp
from console.config import Config
from console.contexts.destinations import Destinations
from console.contexts.recents import Recents, utc_now
from console.screens.base import Surroundings
from console.store import Store
from console import paths
from console_scenes import text_of

places = Destinations(Config(), Recents(paths.recents_file(), utc_now))
app = ConsoleApp(Surroundings(Store(), time.monotonic), places=places)

async def main():
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("c")
        await pilot.pause()
        print(text_of(app))
        heavy = ("google", "grpc", "proto", "torch")
        print("IMPORTED", sorted({m.split(".")[0] for m in sys.modules} & set(heavy)))

asyncio.run(main())
"""


def known() -> Store:
    store = Store()
    store.set_service(at_zero())
    store.add_records(LAST_WORDS)
    return store


def test_the_first_frame_shows_what_was_known_last_and_has_imported_nothing_of_google_s(
    environment: dict[str, str], tmp_path: Path
) -> None:
    memory = memory_of(known(), CONTEXT)
    assert memory is not None
    Snapshots(tmp_path / "zimage-console" / "snapshots").keep(memory)
    shown = subprocess.run(
        [sys.executable, "-c", FIRST_FRAME, CONTEXT],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
        env={**environment, "XDG_STATE_HOME": str(tmp_path)},
    ).stdout
    assert "IMPORTED []" in shown
    assert "◌ CONNECTING" in shown
    assert "zimage-00001-abc" in shown
    assert "as of 2026-11-23 12:05 UTC" in shown
    assert "Container called exit(1)." in shown


def test_the_list_of_contexts_imports_nothing_of_google_s(
    environment: dict[str, str], tmp_path: Path
) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", CHOOSING],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent,
        env={**environment, "XDG_STATE_HOME": str(tmp_path)},
    ).stdout
    assert "find a service on Google Cloud" in shown
    assert "IMPORTED []" in shown


async def test_an_answer_takes_the_place_of_what_was_remembered() -> None:
    memory = memory_of(known(), CONTEXT)
    assert memory is not None
    store = remembering(memory)
    later = datetime(2026, 11, 23, 15, 5, tzinfo=UTC)
    async with opened(store, restarts=False, clock=lambda: later) as (app, pilot):
        assert "as of 12:05 UTC, 3 h ago" in text_of(app)
        store.set_service(at_zero())
        await settled(app, pilot)
        assert store.service.state is ServiceState.AT_ZERO
        assert "as of" not in text_of(app)
