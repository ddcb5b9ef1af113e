"""What is around services, by HTTP: which interfaces are on, quotas, repositories and images."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from open_project import DEMO_IMAGE, DIGEST, PROJECT, REGION, OpenProject, open_project

from console.sandbox.faults import Fault
from console.sandbox.project.image_name import ImageName
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.services import BadState

SERVICES = f"/v1/projects/{PROJECT}/services"
REPOSITORIES = f"/v1/projects/{PROJECT}/locations/{REGION}/repositories"
QUOTAS = f"/v1/projects/{PROJECT}/locations/global/services/run.googleapis.com/quotaInfos"
WISHES = f"/v1/projects/{PROJECT}/locations/global/quotaPreferences"
ACCOUNTS = f"/v1/projects/{PROJECT}/serviceAccounts"
KEPT = (REPOSITORIES, SERVICES, ACCOUNTS, WISHES)
GPU = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
BUILD = "cloudbuild.googleapis.com"
REGISTRY = "artifactregistry.googleapis.com"


@pytest_asyncio.fixture
async def project(tmp_path: Path) -> AsyncIterator[OpenProject]:
    async with open_project(tmp_path / "state") as project:
        yield project


def error(answer: dict[str, object]) -> tuple[int, str, str]:
    said = answer["error"]
    return said["code"], said["status"], said["message"]


async def test_all_interfaces_are_on_at_first(project: OpenProject) -> None:
    services = (await project.get(SERVICES))["services"]
    assert {each["state"] for each in services} == {"ENABLED"}
    assert REGISTRY in {each["config"]["name"] for each in services}


async def test_what_is_switched_off_refuses_and_says_how_to_switch_it_on(
    project: OpenProject,
) -> None:
    operation = await project.post(f"{SERVICES}/{REGISTRY}:disable")
    refused = await project.get(REPOSITORIES)
    off = await project.get(SERVICES, filter="state:DISABLED")
    await project.post(f"{SERVICES}:batchEnable", {"serviceIds": [REGISTRY, BUILD]})

    assert operation["done"] is True
    assert error(refused)[:2] == (403, "PERMISSION_DENIED")
    (detail,) = refused["error"]["details"]
    assert (detail["reason"], detail["metadata"]["service"]) == ("SERVICE_DISABLED", REGISTRY)
    assert [each["config"]["name"] for each in off["services"]] == [REGISTRY]
    assert "repositories" in await project.get(REPOSITORIES)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{SERVICES}/translate.googleapis.com", 403),
        ("GET", "/v1/projects/other/services", 403),
        ("GET", f"{SERVICES}?filter=state:X", 400),
        ("GET", f"{SERVICES}?pageSize=-1", 400),
        ("POST", f"{SERVICES}/{BUILD}:explode", 400),
        ("POST", f"{SERVICES}:batchEnable", 400),
        ("GET", f"{QUOTAS}/Nonsense", 404),
        ("GET", QUOTAS.replace("run.", "compute."), 404),
        ("GET", QUOTAS.replace(PROJECT, "other"), 403),
        ("GET", f"{REPOSITORIES}/none", 404),
        ("GET", REPOSITORIES.replace(PROJECT, "other"), 403),
        ("POST", f"{REPOSITORIES}?repositoryId=Not%20A%20Name", 400),
        ("GET", f"{REPOSITORIES}/z-image/dockerImages/none@{DIGEST}", 404),
        ("GET", f"{REPOSITORIES}/z-image/packages/demo/tags/none", 404),
        ("GET", "/v3/projects/other", 403),
        ("POST", "/v1/projects/other:getIamPolicy", 403),
        ("GET", f"{ACCOUNTS}/nobody@{PROJECT}.iam.gserviceaccount.com", 404),
        ("POST", ACCOUNTS, 400),
        ("GET", ACCOUNTS.replace(PROJECT, "other"), 403),
        ("GET", f"{WISHES}/none", 404),
        ("POST", WISHES, 404),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    project: OpenProject, method: str, path: str, code: int
) -> None:
    answer = await project.http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (code, code)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"[" * 100_000])
async def test_a_body_that_is_no_object_is_refused(project: OpenProject, body: bytes) -> None:
    answer = await project.http.post(f"{SERVICES}:batchEnable", content=body)
    assert error(answer.json())[:2] == (400, "INVALID_ARGUMENT")


async def test_long_lists_come_in_pages(project: OpenProject) -> None:
    first = await project.get(SERVICES, pageSize="7")
    rest = await project.get(SERVICES, pageSize="7", pageToken=first["nextPageToken"])
    names = [each["name"] for page in (first, rest) for each in page["services"]]
    assert (len(names), "nextPageToken" in rest) == (len(set(names)), False)


async def test_quotas_are_those_of_a_new_project_until_they_are_refused(
    project: OpenProject,
) -> None:
    async def value() -> str:
        (info,) = (await project.get(f"{QUOTAS}/{GPU}"))["dimensionsInfos"]
        assert info["applicableLocations"] == [REGION]
        return info["details"]["value"]

    assert await value() == "3"
    project.faults.begin(Fault.QUOTA_REFUSED)
    assert await value() == "0"
    assert len((await project.get(QUOTAS))["quotaInfos"]) == 6


def wish(value: str, region: str = REGION) -> dict[str, object]:
    return {
        "service": "run.googleapis.com",
        "quotaId": GPU,
        "quotaConfig": {"preferredValue": value},
        "dimensions": {"region": region},
    }


async def test_a_wish_for_more_quota_is_looked_into_and_stays_so(project: OpenProject) -> None:
    made = await project.post(WISHES, wish("8"), quotaPreferenceId="more")
    again = await project.post(WISHES, wish("8"), quotaPreferenceId="more")
    (listed,) = (await project.get(WISHES))["quotaPreferences"]

    assert made["reconciling"] is True
    assert made["quotaConfig"] == {"preferredValue": "8", "grantedValue": "3"}
    assert await project.get(f"{WISHES}/more") == listed == made
    assert error(again)[1] == "ALREADY_EXISTS"


@pytest.mark.parametrize("asked", [wish("many"), wish("8", "mars"), wish("")])
async def test_a_wish_that_makes_no_sense_is_refused(
    project: OpenProject, asked: dict[str, object]
) -> None:
    assert error(await project.post(WISHES, asked))[0] == 400


async def test_service_accounts_are_made_changed_and_removed(project: OpenProject) -> None:
    (first,) = (await project.get(ACCOUNTS))["accounts"]
    made = await project.post(
        ACCOUNTS, {"accountId": "builder", "serviceAccount": {"displayName": "Builds"}}
    )
    again = await project.post(ACCOUNTS, {"accountId": "builder"})
    found = await project.get(f"/v1/projects/-/serviceAccounts/{made['email']}")
    gone = await project.delete(f"{ACCOUNTS}/{made['email']}")

    assert first["email"] == f"z-image@{PROJECT}.iam.gserviceaccount.com"
    assert (made["displayName"], found) == ("Builds", made)
    assert error(again)[1] == "ALREADY_EXISTS"
    assert gone == {}
    assert (await project.get(ACCOUNTS))["accounts"] == [first]


async def test_a_policy_is_changed_by_whoever_read_it_last(project: OpenProject) -> None:
    policy = await project.post(f"/v1/projects/{PROJECT}:getIamPolicy")
    binding = {"role": "roles/run.invoker", "members": ["user:ada@example.com"]}
    changed = {**policy, "bindings": [*policy["bindings"], binding]}
    await project.post(f"/v1/projects/{PROJECT}:setIamPolicy", {"policy": changed})
    late = await project.post(f"/v1/projects/{PROJECT}:setIamPolicy", {"policy": policy})
    now = await project.post(f"/v3/projects/{NUMBER}:getIamPolicy")

    assert now["bindings"] == changed["bindings"]
    assert now["etag"] != policy["etag"]
    assert "concurrent policy changes" in error(late)[2]


async def test_permissions_are_tried_before_they_are_needed(project: OpenProject) -> None:
    asked = ["run.services.create", "storage.buckets.create", "logging.logEntries.list"]

    async def given() -> list[str]:
        path = f"/v1/projects/{PROJECT}:testIamPermissions"
        return (await project.post(path, {"permissions": asked}))["permissions"]

    assert await given() == asked
    project.faults.begin(Fault.STORAGE_DENIED)
    assert await given() == [asked[0], asked[2]]


async def test_the_image_of_the_first_service_is_in_the_registry(project: OpenProject) -> None:
    (image,) = (await project.get(f"{REPOSITORIES}/z-image/dockerImages"))["dockerImages"]
    again = await project.get(f"{REPOSITORIES}/z-image/dockerImages/demo@{DIGEST}")
    tag = await project.get(f"{REPOSITORIES}/z-image/packages/demo/tags/latest")
    (version,) = (await project.get(f"{REPOSITORIES}/z-image/packages/demo/versions"))["versions"]

    assert (image["uri"], image["tags"]) == (DEMO_IMAGE, ["latest"])
    assert again == image
    assert tag["version"] == version["name"]
    assert tag["version"].endswith(DIGEST)


async def test_a_project_may_be_named_by_its_number(project: OpenProject) -> None:
    by_number = await project.get(REPOSITORIES.replace(PROJECT, NUMBER))
    assert by_number == await project.get(REPOSITORIES)


async def test_a_repository_takes_up_what_its_images_do(project: OpenProject) -> None:
    (image,) = (await project.get(f"{REPOSITORIES}/z-image/dockerImages"))["dockerImages"]
    await project.post(REPOSITORIES, {"format": "DOCKER"}, repositoryId="empty")

    sizes = {
        each["name"].rpartition("/")[2]: each["sizeBytes"]
        for each in (await project.get(REPOSITORIES))["repositories"]
    }
    assert sizes == {"z-image": image["imageSizeBytes"], "empty": "0"}
    one = await project.get(f"{REPOSITORIES}/z-image")
    assert one["sizeBytes"] == image["imageSizeBytes"]


async def test_a_repository_that_is_removed_takes_its_images_along(project: OpenProject) -> None:
    await project.delete(f"{REPOSITORIES}/z-image")
    assert await project.get(REPOSITORIES) == {}
    made = await project.post(REPOSITORIES, {"format": "DOCKER"}, repositoryId="z-image")
    assert made["response"]["mode"] == "STANDARD_REPOSITORY"
    assert await project.get(f"{REPOSITORIES}/z-image/dockerImages") == {}


async def test_what_was_done_survives_a_restart(tmp_path: Path) -> None:
    async with open_project(tmp_path / "state") as project:
        await project.post(REPOSITORIES, {"format": "DOCKER"}, repositoryId="mine")
        await project.post(f"{SERVICES}/{BUILD}:disable")
        await project.post(ACCOUNTS, {"accountId": "builder"})
        await project.post(WISHES, wish("8"))
        before = [await project.get(path) for path in KEPT]
    async with open_project(tmp_path / "state") as project:
        assert [await project.get(path) for path in KEPT] == before
        assert all(before)


async def test_state_that_cannot_be_kept_is_an_error_and_no_end(
    project: OpenProject, tmp_path: Path
) -> None:
    state = tmp_path / "state" / "platform.json"
    state.unlink()
    state.mkdir()
    refused = await project.post(f"{SERVICES}/{BUILD}:disable")

    assert error(refused)[:2] == (500, "INTERNAL")
    assert "the sandbox cannot write" in error(refused)[2]
    assert "services" in await project.get(SERVICES)


@pytest.mark.parametrize("text", ["{", "{}", '{"version": 2}', '{"version": 1, "disabled": 3}'])
def test_a_damaged_state_file_says_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "platform.json"
    path.write_text(text)
    with pytest.raises(BadState, match=r"platform\.json: it is damaged.*delete it"):
        PlatformState(path)


def test_names_of_images_are_read_in_all_their_forms() -> None:
    plain = ImageName.parse("us-central1-docker.pkg.dev/my-project/repo/team/image")
    assert (plain.repository, plain.name, plain.tag) == ("repo", "team/image", "")
    assert ImageName.parse(f"{plain.path}:v1").tag == "v1"
    assert ImageName.parse(f"{plain.path}:v1@{DIGEST}").digest == DIGEST
    for other in ("docker.io/library/python", "gcr.io/p/image", "", f"{plain.path}:"):
        with pytest.raises(ValueError, match="is no image of Artifact Registry"):
            ImageName.parse(other)
