"""Cloud Run by Knative's JSON over HTTP, where `gcloud` itself would not go."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from deploying import IMAGE, demo
from open_sandbox import Clients

from console.sandbox.run.demo_service import DEMO

SERVICES = "/apis/serving.knative.dev/v1/namespaces/sandbox/services"
SERVICE: dict[str, Any] = {
    "metadata": {"name": "other", "annotations": {"run.googleapis.com/minScale": "0"}},
    "spec": {"template": {"spec": {"containers": [{"image": IMAGE}]}}},
}


async def asked(
    cloud: Clients, method: str, path: str, said: bytes | dict[str, Any] = b"", host: str = ""
) -> httpx.Response:
    content = json.dumps(said).encode() if isinstance(said, dict) else said
    url = f"http://{cloud.sandbox.endpoints.http}{path}"
    headers = {"host": host} if host else {}
    return await cloud.http.request(method, url, content=content, headers=headers)


async def test_a_service_tried_out_is_not_made(cloud: Clients) -> None:
    tried = await asked(cloud, "POST", f"{SERVICES}?dryRun=all", SERVICE)
    assert (tried.status_code, tried.json()["metadata"]["name"]) == (200, "other")
    assert (await asked(cloud, "GET", f"{SERVICES}/other")).status_code == 404


async def test_a_version_that_is_not_the_latest_is_a_conflict(cloud: Clients) -> None:
    service = (await asked(cloud, "GET", f"{SERVICES}/zimage")).json()
    service["metadata"]["annotations"]["run.googleapis.com/description"] = "mine"
    assert (await asked(cloud, "PUT", f"{SERVICES}/zimage", service)).status_code == 200
    refused = await asked(cloud, "PUT", f"{SERVICES}/zimage", service)
    assert refused.status_code == 409
    assert refused.json()["error"]["status"] == "ABORTED"
    assert (await demo(cloud)).description == "mine"


async def test_revisions_are_chosen_by_their_labels(cloud: Clients) -> None:
    revisions = SERVICES.replace("services", "revisions")

    async def found(selector: str) -> int:
        query = httpx.QueryParams({"labelSelector": selector})
        return len((await asked(cloud, "GET", f"{revisions}?{query}")).json()["items"])

    assert await found("serving.knative.dev/service = zimage") == 1
    assert await found("serving.knative.dev/service=other") == 0
    refused = await asked(cloud, "GET", f"{revisions}?labelSelector=a%20in%20b")
    assert refused.status_code == 400


async def test_the_region_is_in_the_host(cloud: Clients) -> None:
    listed = await asked(cloud, "GET", SERVICES, host="local-1-run.googleapis.com")
    assert [each["metadata"]["name"] for each in listed.json()["items"]] == [DEMO.service]
    elsewhere = await asked(cloud, "GET", SERVICES, host="mars-run.googleapis.com")
    assert elsewhere.json()["items"] == []
    refused = await asked(cloud, "POST", SERVICES, SERVICE, host="mars-run.googleapis.com")
    assert refused.status_code == 400


async def test_another_project_is_denied(cloud: Clients) -> None:
    refused = await asked(cloud, "GET", SERVICES.replace("sandbox", "other"))
    assert refused.status_code == 403
    assert "run.services.list" in refused.json()["error"]["message"]


WRONG = [
    b"{",
    b"[]",
    b"{}",
    b"\xff",
    b'{"metadata": {"name": "\\ud800"}}',
    b'{"metadata": {"name": "a"}, "spec": {"traffic": [{"percent": 1e999}]}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("said", WRONG)
async def test_what_is_no_service_is_refused(cloud: Clients, said: bytes) -> None:
    refused = await asked(cloud, "POST", SERVICES, said)
    assert refused.status_code == 400
    assert refused.json()["error"]["status"] == "INVALID_ARGUMENT"


async def test_a_policy_that_is_none_is_refused(cloud: Clients) -> None:
    path = f"/v1/{DEMO.resource}:setIamPolicy"
    for policy in ({"bindings": 7}, {"bindings": [{"role": "x", "members": ["allUsers"]}]}):
        assert (await asked(cloud, "POST", path, {"policy": policy})).status_code == 400
