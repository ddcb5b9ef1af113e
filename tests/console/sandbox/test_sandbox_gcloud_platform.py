"""The real `gcloud` against what is around services: interfaces, images, quotas and the log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from open_project import PROJECT, REGION, OpenProject, open_project
from real_gcloud import Gcloud, Said, needs_gcloud

from console.model.service import ServiceName
from console.sandbox.logs.platform_log import PlatformLog, StartReason

pytestmark = [needs_gcloud]


def written_log(project: OpenProject) -> None:
    name = ServiceName(PROJECT, REGION, "zimage")
    log = PlatformLog(project.book, name, lambda: datetime.now(UTC), lambda: "id")
    log.starting("zimage-1", "i-1", StartReason.AUTOSCALING)
    log.exited("zimage-1", "i-1", 0)


async def test_the_log_is_read_newest_first(tmp_path: Path) -> None:
    async with open_project(tmp_path / "state") as project:
        written_log(project)
        gcloud = Gcloud(project.address, tmp_path)
        read = await gcloud(
            *("logging", "read", "--format=json", "--limit=50"),
            "resource.type=cloud_run_revision AND resource.labels.service_name=zimage",
        )
        refused = await gcloud("logging", "read", "resource.type=(")

    ended, started = read.json
    assert ended["textPayload"] == "Container called exit(0)."
    assert started["textPayload"].startswith("Starting new instance. Reason: AUTOSCALING")
    assert started["labels"] == {"instanceId": "i-1"}
    assert refused.code == 1
    assert "INVALID_ARGUMENT" in refused.errors


async def test_interfaces_are_switched_off_and_on(tmp_path: Path) -> None:
    async with open_project(tmp_path / "state") as project:
        gcloud = Gcloud(project.address, tmp_path)
        await gcloud("services", "disable", "cloudbuild.googleapis.com", "--force")
        without = (await gcloud("services", "list", "--enabled", "--format=json")).json
        enabled = await gcloud("services", "enable", "cloudbuild.googleapis.com")
        listed = (await gcloud("services", "list", "--enabled", "--format=json")).json

    names = [each["config"]["name"] for each in listed]
    assert enabled.code == 0, enabled.errors
    assert "run.googleapis.com" in names
    assert {*names} - {each["config"]["name"] for each in without} == {"cloudbuild.googleapis.com"}


async def test_a_repository_is_made_listed_and_removed(tmp_path: Path) -> None:
    async with open_project(tmp_path / "state") as project:
        gcloud = Gcloud(project.address, tmp_path)
        made = await gcloud(
            *("artifacts", "repositories", "create", "z-image-repo", f"--location={REGION}"),
            *("--repository-format=docker", "--description=Z-Image Docker Repository"),
        )
        again = await gcloud(
            *("artifacts", "repositories", "create", "z-image-repo", f"--location={REGION}"),
            "--repository-format=docker",
        )
        place = (f"--location={REGION}", "--format=json")
        listed = (await gcloud("artifacts", "repositories", "list", *place)).json
        gone = await gcloud("artifacts", "repositories", "delete", "z-image-repo", *place)

    assert made.code == 0, made.errors
    assert again.code == 1
    assert "ALREADY_EXISTS" in again.errors
    assert [(each["name"].rpartition("/")[2], each["format"]) for each in listed] == [
        ("z-image", "DOCKER"),
        ("z-image-repo", "DOCKER"),
    ]
    assert gone.code == 0, gone.errors


async def test_images_quotas_accounts_and_the_project_are_described(tmp_path: Path) -> None:
    gpu = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
    async with open_project(tmp_path / "state") as project:
        gcloud = Gcloud(project.address, tmp_path)
        where = f"{REGION}-docker.pkg.dev/{PROJECT}/z-image"
        images = (
            await gcloud("artifacts", "docker", "images", "list", where, "--format=json")
        ).json
        quota = await gcloud(
            *("beta", "quotas", "info", "describe", gpu, "--service=run.googleapis.com"),
            *(f"--project={PROJECT}", "--format=json"),
        )
        described = (await gcloud("projects", "describe", PROJECT, "--format=json")).json
        regions = (await gcloud("run", "regions", "list", "--format=json")).json

        accounts = (await gcloud("iam", "service-accounts", "list", "--format=json")).json

    assert [each["email"] for each in accounts] == [f"z-image@{PROJECT}.iam.gserviceaccount.com"]
    assert [each["package"] for each in images] == [f"{where}/demo"]
    if "Invalid choice" not in quota.errors:
        (info,) = quota.json["dimensionsInfos"]
        assert (info["dimensions"], info["details"]) == ({"region": REGION}, {"value": "3"})
    assert described["projectId"] == PROJECT
    assert [each["locationId"] for each in regions] == [REGION]


async def test_a_build_reads_its_source_and_pushes_its_image(tmp_path: Path) -> None:
    source = source_with(tmp_path / "source", "Dockerfile.gpu")
    image = f"{REGION}-docker.pkg.dev/{PROJECT}/z-image/gpu:v1"
    async with open_project(tmp_path / "state") as project:
        gcloud = Gcloud(project.address, tmp_path)
        built = await submit(gcloud, source, image)
        log = project.log('resource.type="build"')
        where = image.partition("/gpu")[0]
        images = await gcloud("artifacts", "docker", "images", "list", where, "--format=json")
        listed = await gcloud("builds", "list", f"--region={REGION}", "--format=json")

    assert built.code == 0, built.errors
    assert [each["status"] for each in listed.json] == ["SUCCESS"]
    (pushed,) = listed.json[0]["results"]["images"]
    assert pushed["name"] == image
    assert (where + "/gpu", pushed["digest"]) in [
        (each["package"], each["version"]) for each in images.json
    ]
    assert "Step #0: Step 1/2 : FROM python:3.11-slim" in log
    assert f"Step #0: Successfully tagged {image}" in log


async def test_a_build_fails_without_the_dockerfile_that_it_names(tmp_path: Path) -> None:
    source = source_with(tmp_path / "source", "Dockerfile")
    image = f"{REGION}-docker.pkg.dev/{PROJECT}/z-image/gpu:v1"
    async with open_project(tmp_path / "state") as project:
        gcloud = Gcloud(project.address, tmp_path)
        built = await submit(gcloud, source, image)
        log = project.log('resource.type="build"')

    assert built.code == 1
    assert "step exited with non-zero status: 1" in built.errors
    assert any("/workspace/Dockerfile.gpu: no such file or directory" in line for line in log)


def source_with(folder: Path, dockerfile: str) -> Path:
    """Make a folder with `dockerfile`, and with what builds an image of `Dockerfile.gpu`."""
    folder.mkdir()
    (folder / dockerfile).write_text("FROM python:3.11-slim\nCOPY . /srv\n")
    (folder / "cloudbuild.yaml").write_text(
        "steps:\n- name: gcr.io/cloud-builders/docker\n"
        "  args: [build, -f, Dockerfile.gpu, -t, '${_IMAGE}', .]\n"
        "images: ['${_IMAGE}']\ntimeout: 3600s\n"
    )
    return folder


async def submit(gcloud: Gcloud, source: Path, image: str) -> Said:
    return await gcloud(
        *("builds", "submit", f"--config={source / 'cloudbuild.yaml'}", str(source)),
        *(f"--substitutions=_IMAGE={image}", f"--region={REGION}"),
    )
