"""Who pays for the project, and that it can be deleted and had back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from open_project import PROJECT, OpenProject, open_project

BILLING_INFO = f"/v1/projects/{PROJECT}/billingInfo"


@pytest_asyncio.fixture
async def project(tmp_path: Path) -> AsyncIterator[OpenProject]:
    async with open_project(tmp_path / "state") as project:
        yield project


def error(answer: dict[str, object]) -> tuple[int, str]:
    said = answer["error"]
    return said["code"], said["status"]


async def pay(project: OpenProject, account: str) -> dict[str, object]:
    body = {"billingAccountName": account}
    return (await project.http.put(BILLING_INFO, json=body)).json()


async def test_the_project_is_paid_for_until_its_account_is_taken_away(
    project: OpenProject,
) -> None:
    (account,) = (await project.get("/v1/billingAccounts"))["billingAccounts"]
    paid = await project.get(BILLING_INFO)
    unpaid = await pay(project, "")
    refused = await pay(project, "billingAccounts/somebody-else")
    again = await pay(project, account["name"])

    assert (paid["billingEnabled"], paid["billingAccountName"]) == (True, account["name"])
    assert (unpaid["billingEnabled"], unpaid["billingAccountName"]) == (False, "")
    assert error(refused) == (400, "INVALID_ARGUMENT")
    assert again == paid
    other = await project.get(BILLING_INFO.replace(PROJECT, "other"))
    assert error(other) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(("version", "field"), [("v1", "lifecycleState"), ("v3", "state")])
async def test_a_project_that_is_deleted_can_be_had_back(
    version: str, field: str, tmp_path: Path
) -> None:
    path = f"/{version}/projects/{PROJECT}"
    async with open_project(tmp_path / "state") as project:
        await project.delete(path)
        assert (await project.get(path))[field] == "DELETE_REQUESTED"
        assert await project.get("/v3/projects:search", query="state:ACTIVE") == {}
    async with open_project(tmp_path / "state") as project:
        assert (await project.get(path))[field] == "DELETE_REQUESTED"
        await project.post(f"{path}:undelete")
        assert (await project.get(path))[field] == "ACTIVE"
        assert "projects" in await project.get("/v3/projects:search", query="state:ACTIVE")
        assert error(await project.delete(f"/{version}/projects/other"))[0] == 403
