"""Whatever is sent to the interfaces in JSON, they answer it and go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from console.sandbox.faults import Faults
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.logging_rest import LoggingRest
from console.sandbox.logs.logging_service import LoggingService
from console.sandbox.moments import utc_now
from console.sandbox.project.project_interfaces import ProjectInterfaces

PATHS = (
    "/v1/projects/sandbox/builds",
    "/v1/projects/sandbox/locations/local-1/repositories?repositoryId=mine",
    "/v1/projects/sandbox/services:batchEnable",
    "/v1/projects/sandbox/serviceAccounts",
    "/v1/projects/sandbox:setIamPolicy",
    "/v1/projects/sandbox/locations/global/quotaPreferences",
    "/v2/entries:list",
)
KEYS = st.sampled_from(
    [
        *("steps", "name", "args", "images", "source", "storageSource", "timeout", "options"),
        *("substitutions", "_A", "format", "description", "labels", "serviceIds", "tags", "mode"),
        *("filter", "orderBy", "pageSize", "pageToken", "resourceNames"),
        *("accountId", "serviceAccount", "displayName", "policy", "bindings", "etag", "quotaId"),
    ]
)
TEXTS = st.sampled_from(
    ["docker", "build", "-t", "-f", "$_A", "$$", "${_A}", "x:y", "1s", "DOCKER", "projects/sandbox"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


STEPS = st.fixed_dictionaries(
    {"name": TEXTS | VALUES}, optional={"args": st.lists(TEXTS | VALUES, max_size=5), "id": VALUES}
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=6) | st.fixed_dictionaries(
    {"steps": st.lists(STEPS, min_size=1, max_size=3)},
    optional=dict.fromkeys(("images", "source", "options", "timeout", "tags"), VALUES),
)


@asynccontextmanager
async def asked(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the interfaces, without a port between them."""
    faults, book = Faults(), LogBook()
    project = ProjectInterfaces(
        folder / "platform.json",
        "sandbox",
        ["local-1"],
        images=[],
        book=book,
        faults=faults,
        clock=utc_now,
        new_hex=lambda size: "0" * 2 * size,
        source=lambda bucket, name: None,
        instruction_seconds=0.0,
    )
    logging = LoggingRest(LoggingService("sandbox", book, lambda: 0.0, faults))
    app = Starlette(routes=[*project.routes(), *logging.routes()])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://google.test") as http:
        yield http
    await project.close()


@pytest.mark.parametrize("path", PATHS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=BODIES)
def test_no_body_breaks_an_interface(tmp_path: Path, path: str, body: dict[str, object]) -> None:
    async def ask() -> None:
        async with asked(tmp_path) as http:
            answer = await http.post(path, content=json.dumps(body))
            assert answer.status_code < 500
            assert isinstance(answer.json(), dict)
            listed = await http.get(path.partition(":batch")[0].partition("?")[0])
            assert listed.status_code < 500

    asyncio.run(ask())
