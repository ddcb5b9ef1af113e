"""Twenty real cold starts, each slow at another place: reconstructed from the log, they add up to
what a client waited, time is found where it was lost, and the diagnosis says why."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from console.model.starts.findings import Cause


def tool(name: str) -> ModuleType:
    file = Path(__file__).parents[3] / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"tool_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


cold_starts = tool("cold_starts")

BUSY = {Cause.IMPORT, Cause.READING_SLOW, Cause.WARM_UP, Cause.FIRST_ANSWER}
"""What takes long by itself where other programs keep the processors busy: it may be named too."""


@pytest.fixture(scope="module")
def measured(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Every start by what was injected into it."""
    directory = tmp_path_factory.mktemp("sandboxes")
    done = asyncio.run(cold_starts.all_measured(directory, environment))
    return {str(one.injected): one for one in done}


def test_there_are_twenty_of_ten_kinds() -> None:
    kinds = {next(iter(each.faults)) for each in cold_starts.TWENTY}
    assert (len(cold_starts.TWENTY), len(kinds)) == (20, 10)


@pytest.mark.parametrize("injected", cold_starts.TWENTY, ids=str)
def test_a_slow_start_adds_up_and_its_cause_is_named(
    injected: Any, measured: dict[str, Any]
) -> None:
    one = measured[str(injected)]
    assert one.off <= cold_starts.TOLERANCE, cold_starts.told(one)
    assert one.lost >= injected.seconds - cold_starts.TICK, cold_starts.told(one)
    assert injected.causes <= set(one.causes) <= injected.causes | BUSY, cold_starts.told(one)
    assert all(len(each.phases) == 1 for each in one.spans), "every phase is told apart"


@pytest.mark.parametrize("injected", cold_starts.TWENTY, ids=str)
def test_platform_and_engine_alone_tell_nearly_all_of_it(
    injected: Any, measured: dict[str, Any]
) -> None:
    one = measured[str(injected)]
    assert not one.blind.requests
    assert -cold_starts.TOLERANCE <= one.unseen <= 2 * cold_starts.TOLERANCE, cold_starts.told(one)
