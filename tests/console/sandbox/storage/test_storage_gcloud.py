"""The real `gcloud storage`, pointed at the sandbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from served_storage import Served

GCLOUD = shutil.which("gcloud")
MODELS = "gs://sandbox-z-image-models"

pytestmark = pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")


class Gcloud:
    """Runs `gcloud storage` commands against a storage."""

    def __init__(self, served: Served, directory: Path) -> None:
        self._directory = directory
        self._environment = {
            **os.environ,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{served.url}/storage/v1/",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "True",
            "CLOUDSDK_CONFIG": str(directory / "gcloud"),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_CORE_PROJECT": "sandbox",
            "NO_PROXY": "127.0.0.1",
        }

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        assert GCLOUD is not None
        return subprocess.run(
            [GCLOUD, "storage", *arguments],
            cwd=self._directory,
            env={**self._environment, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def says(self, *arguments: str, **settings: str) -> str:
        """Run a command that is to succeed; return what it writes."""
        done = self.run(*arguments, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def gcloud(shared: Served, tmp_path: Path) -> Gcloud:
    return Gcloud(shared, tmp_path)


def test_it_lists_buckets_and_objects(gcloud: Gcloud) -> None:
    assert f"{MODELS}/" in gcloud.says("ls").split()
    assert gcloud.says("ls", MODELS).split() == [f"{MODELS}/transformer.gguf"]


def test_it_shows_an_object_in_full(gcloud: Gcloud) -> None:
    shown = gcloud.says("ls", "-L", f"{MODELS}/transformer.gguf")
    assert re.search(r"Content-Length:\s+1004\b", shown)
    assert re.search(r"Hash \(CRC32C\):\s+\S{6}==", shown)
    assert re.search(r"Storage Class:\s+STANDARD", shown)
    assert re.search(r"Generation:\s+\d{16}", shown)


def test_it_makes_a_bucket_once(gcloud: Gcloud) -> None:
    command = [
        "buckets",
        "create",
        "gs://made-by-gcloud",
        "--location=us-central1",
        "--uniform-bucket-level-access",
        "--public-access-prevention",
        "--default-storage-class=STANDARD",
    ]
    gcloud.says(*command)
    described = gcloud.says("buckets", "describe", "gs://made-by-gcloud")
    assert "location: US-CENTRAL1" in described
    assert "uniform_bucket_level_access: true" in described
    assert "public_access_prevention: enforced" in described
    again = gcloud.run(*command)
    assert again.returncode == 1
    assert "you already own it" in again.stderr


@pytest.mark.parametrize("composite", ["True", "False"])
def test_what_it_copies_up_comes_down_the_same(
    gcloud: Gcloud, shared: Served, tmp_path: Path, composite: str
) -> None:
    name = f"composite-{composite.lower()}"
    bucket = shared.bucket(name)
    data = bytes(range(256)) * 80_000
    (tmp_path / "up.gguf").write_bytes(data)
    gcloud.says(
        "cp",
        "up.gguf",
        f"gs://{name}/dir/",
        CLOUDSDK_STORAGE_PARALLEL_COMPOSITE_UPLOAD_ENABLED=composite,
        CLOUDSDK_STORAGE_PARALLEL_COMPOSITE_UPLOAD_THRESHOLD="10M",
        CLOUDSDK_STORAGE_PARALLEL_COMPOSITE_UPLOAD_COMPONENT_SIZE="5M",
        # It tidies up only after components that it could have gone on with.
        CLOUDSDK_STORAGE_RESUMABLE_THRESHOLD="1M",
    )
    (blob,) = bucket.list_blobs()
    assert (blob.name, blob.size) == ("dir/up.gguf", len(data))
    assert (blob.component_count is not None) == (composite == "True")
    gcloud.says("cp", f"gs://{name}/dir/up.gguf", "down.gguf")
    assert (tmp_path / "down.gguf").read_bytes() == data


def test_it_finds_the_way_through_a_proxy_to_a_made_up_host(
    gcloud: Gcloud, shared: Served, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 4_000
    (tmp_path / "up.gguf").write_bytes(data)
    shared.bucket("through-a-proxy")
    through = {
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "http://google.test/storage/v1/",
        "CLOUDSDK_STORAGE_RESUMABLE_THRESHOLD": "100K",
        "http_proxy": shared.url,
    }
    gcloud.says("cp", "up.gguf", "gs://through-a-proxy/", **through)
    gcloud.says("cp", "gs://through-a-proxy/up.gguf", "down.gguf", **through)
    assert (tmp_path / "down.gguf").read_bytes() == data


def test_it_removes_and_restores(gcloud: Gcloud, shared: Served) -> None:
    bucket = shared.bucket("removed-by-gcloud")
    bucket.blob("a").upload_from_string(b"precious")
    gcloud.says("rm", "gs://removed-by-gcloud/a")
    assert list(bucket.list_blobs()) == []
    assert "gs://removed-by-gcloud/a#" in gcloud.says(
        "ls", "--soft-deleted", "gs://removed-by-gcloud/**"
    )
    gcloud.says("restore", "gs://removed-by-gcloud/a")
    assert bucket.blob("a").download_as_bytes() == b"precious"
    gcloud.says("rm", "--recursive", "gs://removed-by-gcloud")
    assert shared.client().lookup_bucket("removed-by-gcloud") is None
