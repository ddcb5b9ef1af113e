"""Buckets as instances see them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from deploying import demo, updated
from google.cloud.run_v2.types import (
    Container,
    EnvVar,
    GCSVolumeSource,
    Revision,
    Volume,
    VolumeMount,
)
from open_sandbox import opened, texts

from console.sandbox.cloud import DEMO
from console.sandbox.instances.mounting import inside, mounted, of_the_image
from console.sources.local_engine import serve_command

BUCKET = "sandbox-z-image-models"
LISTS_ITS_MODELS = "import os; print(sorted(os.listdir(os.environ['ZIMAGE_MODELS'])), flush=True)"


async def test_an_instance_sees_the_files_of_the_service_s_bucket(tmp_path: Path) -> None:
    command = (sys.executable, "-c", LISTS_ITS_MODELS)
    async with opened(tmp_path / "state", command=command) as cloud:
        service = await cloud.services.get_service(name=DEMO.resource)
        (volume,) = service.template.volumes
        assert (volume.gcs.bucket, volume.gcs.read_only) == ("sandbox-z-image-models", True)
        assert (await cloud.http.get(cloud.url)).status_code == 503
        written = await cloud.entries('log_id("run.googleapis.com/stdout")')
        assert texts(written) == [
            "['MODEL_CARD.md', 'ae_demo.safetensors', 'qwen3_demo-Q8_0.gguf', "
            "'z_image_demo-Q8_0.gguf']"
        ]


async def test_an_instance_without_its_bucket_says_what_is_missing(tmp_path: Path) -> None:
    async with opened(
        tmp_path / "state", command=(sys.executable, "-c", LISTS_ITS_MODELS)
    ) as cloud:
        bucket = f"http://{cloud.sandbox.endpoints.http}/storage/v1/b/sandbox-z-image-models"
        for each in (await cloud.http.get(f"{bucket}/o")).json()["items"]:
            await cloud.http.delete(f"{bucket}/o/{each['name']}")
        assert (await cloud.http.delete(bucket)).status_code == 204
        assert (await cloud.http.get(cloud.url)).status_code == 503
        written = texts(await cloud.entries('log_id("run.googleapis.com/stderr")'))
        assert "No such file or directory" in written[-1]
        assert "buckets/sandbox-z-image-models" in written[-1]


async def test_an_instance_that_reads_a_bucket_itself_reads_the_sandbox_s(tmp_path: Path) -> None:
    async with opened(tmp_path / "state", command=serve_command(None)) as cloud:
        bucket = f"http://{cloud.sandbox.endpoints.http}/storage/v1/b/{BUCKET}/o"
        for file in ("qwen3_demo-Q8_0.gguf", "z_image_demo-Q8_0.gguf", "ae_demo.safetensors"):
            copying = f"{bucket}/{file}/copyTo/b/{BUCKET}/o/mine%2Fmy-{file}"
            assert (await cloud.http.post(copying)).status_code == 200
        service = await demo(cloud)
        (container,) = service.template.containers
        container.env = [EnvVar(name="ZIMAGE_MODELS", value=f"gs://{BUCKET}/mine")]
        del service.template.volumes[:], container.volume_mounts[:]
        await updated(cloud, service)
        asked = {"prompt": "a red circle", "size": "64x64", "steps": 1}
        answer = await cloud.http.post(f"{cloud.url}/v1/images/generations", json=asked)
        assert answer.status_code == 200, answer.text
        written = await cloud.entries('jsonPayload.event="weights_read"')
        assert [str(entry.json_payload["file"]) for entry in written] == [
            *("my-qwen3_demo-Q8_0.gguf", "my-z_image_demo-Q8_0.gguf", "my-ae_demo.safetensors")
        ]


def test_what_is_no_bucket_is_not_mounted() -> None:
    container = Container(
        volume_mounts=[
            VolumeMount(name="models", mount_path="/models"),
            VolumeMount(name="gone", mount_path="/gone"),
            VolumeMount(name="memory", mount_path="/dev/shm"),
        ]
    )
    revision = Revision(
        volumes=[
            Volume(name="models", gcs=GCSVolumeSource(bucket="models-bucket")),
            Volume(name="gone", gcs=GCSVolumeSource(bucket="gone-bucket")),
            Volume(name="memory"),
        ],
        containers=[container],
    )
    there = {"models-bucket": Path("/state/models-bucket")}
    assert mounted(revision, container, there.get) == {"/models": Path("/state/models-bucket")}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("/models", "/state/b"),
        ("/models/", "/state/b"),
        ("/models/z-image/vae", "/state/b/z-image/vae"),
        ("/models-2", "/models-2"),
        ("of /models", "of /models"),
        ("", ""),
    ],
)
def test_only_paths_in_a_mount_are_taken_for_it(said: str, meant: str) -> None:
    assert inside({"/models": Path("/state/b")}, said) == meant


def test_an_image_looks_for_models_where_a_bucket_is_mounted() -> None:
    models, app = Path("/state/models"), Path("/state/app")
    assert of_the_image({"/models": models, "/app": app}) == {"ZIMAGE_MODELS": "/state/models"}
    assert of_the_image({"/app": app}) == {"ZIMAGE_MODELS": "/state/app"}
    assert of_the_image({"/other": app}) == {}
