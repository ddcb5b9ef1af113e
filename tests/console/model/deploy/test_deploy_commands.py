"""The commands that do the same by hand: as a shell takes them, and as `gcloud` knows them."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from gcloud_recorder import recording
from real_gcloud import Gcloud, needs_gcloud

from console.model.deploy import commands, service_commands
from console.model.deploy.defaults import ACCOUNT_TITLE, cpu_wish
from console.model.image_name import ImageName, Repository
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText

PLACE = ServiceName("a-project", "us-central1", "z-image")
EMAIL = "zimage-runtime@a-project.iam.gserviceaccount.com"
KEPT = Repository("a-project", "us-central1", "z-image-cpu")
IMAGE = ImageName(KEPT, "z-image", "src-0123")
WISH = cpu_wish(PLACE).image
SHARES = (TrafficShare(90, SafeText("z-image-00001-abc")), TrafficShare(10))

LINES = {
    "apis": commands.enable_apis("a-project", {"run.googleapis.com", "iam.googleapis.com"}),
    "repository": commands.create_repository(KEPT),
    "no repository": commands.delete_repository(KEPT),
    "no image": commands.delete_image(IMAGE),
    "account": commands.create_account("a-project", "zimage-runtime", ACCOUNT_TITLE),
    "no account": commands.delete_account("a-project", EMAIL),
    "reader": commands.let_read("a-bucket", EMAIL),
    "no reader": commands.forbid_reading("a-bucket", EMAIL),
    "build": commands.submit_build("a-project", "us-central1", WISH, IMAGE.text),
    "no build": commands.cancel_build("a-project", "us-central1", "0123-4567"),
    "login": commands.log_docker_in("us-central1"),
    "models": commands.copy_models(("it's a model.gguf", "b.safetensors"), "a-bucket"),
    "traffic": service_commands.split_traffic(PLACE, SHARES),
    "all traffic": service_commands.split_traffic(PLACE, (TrafficShare(100),)),
    "stopped": service_commands.set_instances(PLACE, 0),
    "going": service_commands.set_instances(PLACE, None),
    "caller": service_commands.let_call(PLACE, "user:o'neil@example.com"),
    "no caller": service_commands.forbid_calling(PLACE, "allUsers"),
    "unchecked": service_commands.check_callers(PLACE, False),
    "no service": service_commands.delete(PLACE),
    "no revision": service_commands.delete_revision(PLACE, "z-image-00001-abc"),
}


def test_they_are_these() -> None:
    assert LINES["apis"] == (
        "gcloud services enable iam.googleapis.com run.googleapis.com --project=a-project"
    )
    assert LINES["repository"] == (
        "gcloud artifacts repositories create z-image-cpu --repository-format=docker "
        "--location=us-central1 --labels=managed-by=zimage-console --project=a-project"
    )
    assert LINES["account"] == (
        "gcloud iam service-accounts create zimage-runtime "
        "'--display-name=Z-Image runtime (made by zimage-console)' --project=a-project"
    )
    assert LINES["reader"] == (
        f"gcloud storage buckets add-iam-policy-binding gs://a-bucket "
        f"--member=serviceAccount:{EMAIL} --role=roles/storage.objectViewer"
    )
    assert LINES["models"] == (
        "gcloud storage cp --no-clobber 'it'\"'\"'s a model.gguf' b.safetensors gs://a-bucket/"
    )
    assert LINES["traffic"] == (
        "gcloud run services update-traffic z-image "
        "--to-revisions=z-image-00001-abc=90,LATEST=10 --region=us-central1 --project=a-project"
    )
    assert LINES["all traffic"] == (
        "gcloud run services update-traffic z-image --to-latest --region=us-central1 "
        "--project=a-project"
    )
    assert LINES["stopped"] == (
        "gcloud beta run services update z-image --scaling=0 --region=us-central1 "
        "--project=a-project"
    )
    assert commands.docker_build(WISH, IMAGE.text) == (
        "docker build --platform linux/amd64 -f Dockerfile.optimized "
        "-t us-central1-docker.pkg.dev/a-project/z-image-cpu/z-image:src-0123 ."
    )


@pytest.mark.parametrize("name", LINES)
def test_a_shell_takes_each_as_one_command(name: str) -> None:
    words = shlex.split(LINES[name])
    assert words[0] == "gcloud"
    assert not {";", "&&", "|", ">"} & set(words)


def test_what_somebody_wrote_stays_one_word() -> None:
    hostile = "x; rm -rf ~ $(id) `id` --flag"
    wish = replace(WISH, context=hostile, dockerfile=hostile)
    assert hostile in shlex.split(commands.docker_build(wish, IMAGE.text))
    asked = replace(cpu_wish(PLACE).settings, image=hostile, variables=(("A", hostile),))
    words = shlex.split(service_commands.deploy(PLACE, asked))
    assert f"--image={hostile}" in words
    assert f"--update-env-vars=A={hostile}" in words


def test_a_secret_is_in_no_command() -> None:
    asked = replace(
        cpu_wish(PLACE).settings, variables=(("A", "1"), ("API_KEY", "s3cret"), ("B", "2"))
    )
    line = service_commands.deploy(PLACE, asked)
    assert "s3cret" not in line
    assert 'A=1,API_KEY="$API_KEY",B=2' in line
    assert "token" not in shlex.split(service_commands.ask_whether_ready("https://a.test"))[:3]


CARRIED_OUT_ELSEWHERE = {
    *("account", "reader", "traffic", "all traffic", "no service"),
    *("stopped", "going", "unchecked", "no caller"),
}
"""On a sandbox, or beside others in words that differ in their values only."""


@needs_gcloud
@pytest.mark.parametrize("name", [each for each in LINES if each not in CARRIED_OUT_ELSEWHERE])
async def test_gcloud_knows_every_word_of_it(name: str, tmp_path: Path) -> None:
    """It says 2 for what it does not understand; what it asks for is not answered here."""
    (tmp_path / "cloudbuild.yaml").write_text("steps: [{name: gcr.io/cloud-builders/docker}]\n")
    with recording() as cloud:
        cloud.refuses = True
        said = await Gcloud(cloud.address, tmp_path).in_shell(LINES[name])
    assert said.code in (0, 1), said.errors
    for words in ("unrecognized arguments", "Invalid choice", "argument --", "Invalid value"):
        assert words not in said.errors
