"""What cannot come to a good end is refused by the verb before anything is changed, with its mend.

Everything is real but the cloud: files, directories, disks, and the sandbox's own refusals.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from deploy_verbs_scene import Operator, Ran, operator, small_source
from small_disk import small_disk

from console.sources.tools import BUNDLED
from engine.bench import tensors
from engine.bench.gguf_file import gguf_bytes, gguf_header
from engine.bench.sizes import FULL
from engine.weights.tensors import BF16

MIB = 1 << 20
ELSEWHERE = ("--service", "pictures", "--bucket", "sandbox-new-models")


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Operator]:
    """Somebody who has a project with the sandbox's own service, and its model in a bucket."""
    folder = tmp_path_factory.mktemp("refused")
    with operator(folder, BUNDLED, environment) as somebody:
        yield somebody


def refused(at: Operator, *arguments: str, **variables: str) -> Mapping[str, str]:
    """Have a deployment carried out, and return the one thing that it is refused for."""
    with at.nothing_changes():
        ended = at.type(*arguments, "--apply", "--json", **variables)
    (refusal,) = held_back(ended)["refusals"]
    words: Mapping[str, str] = refusal
    assert f"zimage-console: {words['words']}; {words['mend']}" in ended.errors.splitlines()
    return words


def held_back(ended: Ran) -> Any:
    document = ended.document
    assert (ended.code, document["outcome"]) == (1, "refused")
    assert {each["state"] for each in document["steps"]} == {"waiting"}
    return document["plan"]


def planned(at: Operator, *arguments: str, **variables: str) -> Any:
    """Return a plan that nothing speaks against."""
    ended = at.type(*arguments, "--json", **variables)
    assert (ended.code, ended.document["refusals"]) == (0, []), ended.errors
    return ended.document


def flags_in(mend: str) -> list[str]:
    """Return the flags that a mend names first, with what they say."""
    found = re.match(r"[^-]*((?:--[a-z]+ [\w.-]+ ?)+)", mend)
    assert found is not None, mend
    return shlex.split(found[1])


def test_a_name_that_is_taken(at: Operator) -> None:
    said = refused(at, *at.deploy, "--bucket", "z-image-models")
    assert said["about"] == "bucket"
    assert said["words"].startswith("the name gs://z-image-models is taken")
    better = re.search(r"such as (\S+)$", said["mend"])
    assert better is not None
    planned(at, *at.deploy, "--bucket", better[1])


def test_a_region_without_the_gpu(at: Operator) -> None:
    gpu = ("deploy", "--gpu", "--source", str(at.source), "--models", str(at.models), *ELSEWHERE)
    said = refused(at, *gpu, "--region", "europe-west3")
    assert "offers no nvidia-l4 in europe-west3, but in " in said["words"]
    there = re.search(r"--region ([a-z0-9-]+)", said["words"] + said["mend"])
    region = there[1] if there else "us-central1"
    planned(at, *gpu, "--region", region)


def test_a_quota_of_zero(at: Operator) -> None:
    gpu = ("deploy", "--gpu", "--source", str(at.source), "--models", str(at.models), *ELSEWHERE)
    with at.gone_wrong("gpu-quota-zero"):
        said = refused(at, *gpu, "--region", "us-central1")
    assert said["about"] == "quota"
    assert "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion allows 0 GPUs" in said["words"]
    assert "gcloud beta quotas preferences create" in said["mend"]


def test_a_bucket_in_another_region(at: Operator) -> None:
    said = refused(at, *at.deploy, "--service", "pictures", "--region", "us-central1")
    assert "is in local-1 and the service in us-central1" in said["words"]
    assert said["mend"].endswith("--region local-1")
    planned(at, *at.deploy, "--service", "pictures", "--region", "local-1")


def test_no_room_for_a_build_here(at: Operator, tmp_path: Path) -> None:
    root, programs = tmp_path / "docker", tmp_path / "bin"
    root.mkdir()
    with small_disk(root, 64 * MIB) as disk:
        if disk is None:
            pytest.skip("this kernel lets nobody have a disk of their own")
        path = f"{docker(programs, disk.seen)}:{at.environment['PATH']}"
        said = refused(at, *at.deploy, "--build", "docker", PATH=path)
        assert "where Docker keeps images, and 67.1 MB is free there" in said["words"]
        assert said["mend"].startswith("--build cloud")
        planned(at, *at.deploy, "--build", "cloud", PATH=path)


def docker(folder: Path, root: Path) -> Path:
    """Put a `docker` into `folder` that says that images are kept in `root`."""
    info = {"ServerVersion": "27.1", "DockerRootDir": str(root), "OSType": "linux"}
    folder.mkdir()
    program = folder / "docker"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        "if '--version' in sys.argv:\n    print('Docker version 27.1, build 1')\n"
        f"elif 'info' in sys.argv:\n    print({json.dumps(info)!r})\n"
    )
    program.chmod(0o755)
    return folder


def test_an_image_for_other_processors(at: Operator, tmp_path: Path) -> None:
    at = replace(at, source=small_source(tmp_path, "good evening\n"))
    with at.gone_wrong("image-arm64"):
        first = at.type(*at.deploy, *ELSEWHERE, "--apply", "--json")
    assert (first.code, first.document["outcome"]) == (1, "failed")
    assert "arm64" in first.errors
    said = refused(at, *at.deploy, *ELSEWHERE)
    assert "is for arm64, and Cloud Run runs linux/amd64" in said["words"]
    image = re.search(r"gcloud artifacts docker images delete (\S+) --delete-tags", said["mend"])
    assert image is not None
    given = ("deploy", "--cpu", "--image", image[1], "--models", str(at.models), *ELSEWHERE)
    assert "name another by --image" in refused(at, *given)["mend"]


def test_a_model_that_does_not_fit_the_memory(at: Operator, tmp_path: Path) -> None:
    big = full_size(tmp_path / "big")
    place = ("--service", "pictures", "--bucket", "sandbox-big-models")
    deploy = ("deploy", "--cpu", "--source", str(at.source), "--models", str(big), *place)
    said = refused(at, *deploy)
    assert "--memory 16Gi has room for 17.2 GB" in said["words"]
    planned(at, *deploy, *flags_in(said["mend"]))


def full_size(directory: Path) -> Path:
    """Write a model as large as Z-Image-Turbo, over holes that take no room on the disk."""
    directory.mkdir()
    encoder = list(tensors.text_encoder_tensors(FULL, BF16))
    for name, metadata, planned_tensors in (
        (
            "transformer.gguf",
            {"general.architecture": "lumina2"},
            list(tensors.transformer_tensors(FULL, BF16)),
        ),
        ("encoder.gguf", tensors.text_encoder_metadata(FULL), encoder),
    ):
        header = gguf_header(metadata, planned_tensors)
        with (directory / name).open("wb") as file:
            file.write(header)
            file.truncate(gguf_bytes(header, planned_tensors))
    (directory / "ae.safetensors").write_bytes((BUNDLED / "ae_demo.safetensors").read_bytes())
    return directory


def test_what_is_no_whole_model(at: Operator, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    said = refused(at, "deploy", "--cpu", "--source", str(at.source), "--models", str(empty))
    assert "has no whole model" in said["words"]
    assert "zimage-console models pull DIR" in said["mend"]


def test_a_project_that_nobody_pays_for(at: Operator) -> None:
    address = f"http://{at.http}/v1/projects/sandbox/billingInfo"
    with httpx.Client(trust_env=False, headers={"host": "cloudbilling.googleapis.com"}) as http:
        payer = http.get(address).json()["billingAccountName"]
        http.put(address, json={"billingAccountName": ""}).raise_for_status()
        try:
            said = refused(at, *at.deploy)
        finally:
            http.put(address, json={"billingAccountName": payer}).raise_for_status()
    assert "nobody pays for sandbox" in said["words"]
    assert "gcloud billing projects link sandbox" in said["mend"]


def test_a_permission_that_is_missing(at: Operator) -> None:
    with at.gone_wrong("services-denied"), at.nothing_changes():
        ended = at.type(*at.deploy, "--apply", "--json")
    (said,) = [each for each in held_back(ended)["refusals"] if each["about"] == "service"]
    assert "lacks run.services.create" in said["words"]
    assert "--role=roles/run.admin" in said["mend"]


def test_a_change_that_is_forbidden_changes_nothing(at: Operator) -> None:
    with at.gone_wrong("changes-denied"), at.nothing_changes():
        ended = at.type(*at.deploy, "--service", "pictures", "--apply", "--json")
    assert (ended.code, ended.document["outcome"]) == (1, "failed")
    failure = ended.document["failure"]
    assert failure["reason"]
    assert "same command goes on" in ended.errors.splitlines()[-1]


def test_what_is_not_there_cannot_be_moved_and_a_document_says_so(at: Operator) -> None:
    with at.nothing_changes():
        for verb in (("rollback",), ("scale", "1"), ("traffic", "LATEST=100")):
            ended = at.type(*verb, "--service", "nowhere", "--json")
            assert ended.code == 1
            assert ended.document["outcome"] in ("failed", "refused")
            assert ended.complaint == f"zimage-console: {ended.document['why'][0]}"
            assert "nowhere" in ended.complaint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "Bad_Name"), "cannot be a service"),
        (("--bucket", "Models!"), "no bucket can be called 'Models!'"),
        (("--service", "z" * 50), "at most 49"),
        (("--source", "/nowhere"), "/nowhere is no checkout of the project"),
        (("--env", "ZIMAGE_API_KEY=open-sesame-1234"), "looks like a secret"),
        (("--cpus", "2", "--memory", "16Gi"), "2 vCPU"),
        (("--image", "local-1-docker.pkg.dev/sandbox/z-image/none:1"), "there is no image"),
    ],
    ids=["letters", "bucket", "long", "source", "secret", "shape", "image"],
)
def test_bad_words_on_the_command_line(at: Operator, arguments: tuple[str, ...], said: str) -> None:
    with at.nothing_changes():
        ended = at.type("deploy", "--cpu", *arguments, "--apply")
    assert ended.code in (1, 2)
    assert said in ended.errors
    assert "open-sesame" not in ended.errors + ended.output
    assert all(each.startswith("zimage-console: ") for each in ended.errors.splitlines())
