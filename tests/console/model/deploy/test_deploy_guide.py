"""The deployment guide: its commands as they stand in it, and every difference explained."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import run_v2
from google.protobuf import json_format
from knative_reading import settings_of_v1
from rich.cells import cell_len

from console.language import CHINESE
from console.model.deploy.defaults import cpu_wish, gpu_wish, guide_wish
from console.model.deploy.guide import differing, explained
from console.model.deploy.guide_commands import guide_deploy, guide_steps
from console.model.deploy.guide_differences import DIFFERENCES, Aspect
from console.model.deploy.service_body import body_of
from console.model.deploy.wish import ImageWay, Variant, Visibility
from console.model.service import ServiceName
from console.sandbox.run.knative import service_from

REPOSITORY = Path(__file__).resolve().parents[4]
SHARED = REPOSITORY.parent / "shared"
GUIDE = SHARED / "reference" / "guide.zh.md"
CAPTURE = SHARED / "oracle" / "gcloud" / "run-deploy-cpu.json"
RECORDED = Path(__file__).parent / "recorded"
GOLDENS = REPOSITORY / "tests" / "console" / "goldens"

PLACES = {
    Variant.CPU: ServiceName("demo-proj", "us-central1", "z-image"),
    Variant.GPU: ServiceName("demo-proj", "us-central1", "z-image-gpu"),
}
SAFE = {Variant.CPU: cpu_wish(PLACES[Variant.CPU]), Variant.GPU: gpu_wish(PLACES[Variant.GPU])}
IN_GUIDE = {variant: guide_wish(PLACES[variant], variant) for variant in Variant}
DIGEST = "us-central1-docker.pkg.dev/demo-proj/z-image-cpu/z-image@sha256:" + "0" * 64


def recorded(variant: Variant) -> dict:
    """What `gcloud` 528 sent when it was given the guide's command."""
    said: dict = json.loads((RECORDED / f"guide-{variant}.json").read_text())
    assert said["command"] == guide_deploy(PLACES[variant], variant)
    return said["service"]


def captured() -> dict:
    if not CAPTURE.exists():
        pytest.skip(f"the capture {CAPTURE.name} is not on this machine")
    said = json.loads(CAPTURE.read_text())
    (sent,) = (each for each in said["requests"] if each["path"].endswith("/services"))
    return sent["body"]


@pytest.mark.parametrize("variant", Variant)
def test_the_guides_wish_asks_for_what_gcloud_asks_for(variant: Variant) -> None:
    assert settings_of_v1(recorded(variant)) == IN_GUIDE[variant].settings


def test_it_asks_for_what_an_independent_capture_shows() -> None:
    assert settings_of_v1(captured()) == IN_GUIDE[Variant.CPU].settings


def test_its_body_is_what_the_capture_says_in_the_newer_form() -> None:
    """The way from one form to the other is that of the sandbox, which knows nothing of this."""
    parent = "projects/demo-proj/locations/us-central1"
    asked = json_format.MessageToDict(run_v2.Service.pb(service_from(captured(), parent)))
    ours = body_of(IN_GUIDE[Variant.CPU].settings)
    taken = json_format.MessageToDict(json_format.ParseDict(ours, run_v2.Service.pb()()))
    for named_by_gcloud in ("name", "client", "clientVersion"):
        del asked[named_by_gcloud]
    del asked["template"]["labels"]["client.knative.dev/nonce"]
    # What is said of the ingress is the platform's default, and so is the name of the port.
    assert taken.pop("ingress") == "INGRESS_TRAFFIC_ALL"
    assert taken["template"]["containers"][0]["ports"][0].pop("name") == "http1"
    assert taken == _without_empty(asked)


LEAVES = {
    "labels.managed-by": "labels",
    "template.containers.0.image": "image-tag",
    "template.containers.0.resources.cpuIdle": "gpu-billing",
    "template.containers.0.startupProbe.failureThreshold": "startup-probe",
    "template.containers.0.startupProbe.httpGet.path": "startup-probe",
    "template.containers.0.startupProbe.httpGet.port": "startup-probe",
    "template.containers.0.startupProbe.initialDelaySeconds": "startup-probe",
    "template.containers.0.startupProbe.periodSeconds": "startup-probe",
    "template.containers.0.startupProbe.timeoutSeconds": "startup-probe",
    "template.containers.0.volumeMounts.0.mountPath": "mount-over-code",
    "template.gpuZonalRedundancyDisabled": "gpu-quota",
    "template.labels.managed-by": "labels",
    "template.maxInstanceRequestConcurrency": "concurrency",
    "template.scaling.maxInstanceCount": "uncapped",
    "template.serviceAccount": "runtime-account",
    "template.timeout": "timeout",
    "template.volumes.0.gcs.bucket": "bucket-name",
    "template.volumes.0.gcs.readOnly": "mount-writable",
}
"""By which difference each field of a body is explained."""

OUTSIDE = {"shared-tag", "public"}
"""What can be told from a wish, and is in no body: the repository is in the image's name."""


@pytest.mark.parametrize("variant", Variant)
def test_each_difference_of_the_bodies_is_explained_and_no_other(variant: Variant) -> None:
    safe = replace(SAFE[variant].settings, image=DIGEST)
    ours = dict(_leaves(body_of(safe)))
    platforms = {
        "template.timeout": "300s",
        "template.maxInstanceRequestConcurrency": 80,
        "template.scaling.minInstanceCount": 0,
    }
    guides = platforms | dict(_leaves(body_of(IN_GUIDE[variant].settings)))
    differing_leaves = {
        leaf for leaf in ours.keys() | guides.keys() if ours.get(leaf) != guides.get(leaf)
    }
    by_bodies = {LEAVES[leaf] for leaf in differing_leaves}
    by_wish = {each.id for each in explained(SAFE[variant]) if each.aspect is not None}
    assert by_bodies | OUTSIDE == by_wish


@pytest.mark.parametrize("variant", Variant)
def test_every_respect_in_which_the_safe_wish_differs_has_one_explanation(
    variant: Variant,
) -> None:
    told = [each.aspect for each in explained(SAFE[variant]) if each.aspect is not None]
    assert len(told) == len(set(told))
    assert set(told) == differing(SAFE[variant])


def test_whoever_follows_the_guide_has_nothing_explained() -> None:
    for variant in Variant:
        assert differing(IN_GUIDE[variant]) == frozenset()
        assert explained(IN_GUIDE[variant]) == ()


def test_a_wish_that_does_as_the_guide_in_one_respect_says_so() -> None:
    public = replace(SAFE[Variant.CPU], visibility=Visibility.PUBLIC)
    assert "public" not in {each.id for each in explained(public)}
    assert Aspect.CALLERS not in differing(public)


def test_what_differs_is_named_for_ever() -> None:
    """Screens, documents and scripts know these names: one may be added, none changed."""
    assert [each.id for each in DIFFERENCES] == [
        *("project-unset", "bucket-name", "bucket-settings", "upload", "nearline", "shared-tag"),
        *("prune", "build-context", "cloud-build-file", "cloud-build-flag", "image-tag"),
        *("runtime-account", "mount-over-code", "mount-writable", "uncapped", "concurrency"),
        *("timeout", "startup-probe", "gpu-quota", "gpu-billing", "labels", "public"),
        "cold-start",
    ]


def test_each_is_told_in_lines_that_fit_a_narrow_terminal() -> None:
    for each in DIFFERENCES:
        for words in (each.guide, each.console, each.why):
            assert 10 < len(words) <= 90, words
            assert words[0].islower() or words.startswith(("--",)), words
            assert not words.endswith("."), words


@pytest.mark.parametrize("language", [CHINESE], indirect=True)
def test_each_is_told_in_chinese_in_lines_that_fit_a_narrow_terminal(language: str) -> None:
    for each in DIFFERENCES:
        for words in (each.guide, each.console, each.why):
            assert re.search("[\u4e00-\u9fff]", words), words
            assert 5 < cell_len(words) <= 66, words
            assert not words.endswith("。"), words


@pytest.mark.parametrize("variant", Variant)
def test_they_are_shown_so(variant: Variant, request: pytest.FixtureRequest) -> None:
    steps = guide_steps(PLACES[variant], variant)
    lines = [f"# {step.subject}\n" + "\n".join(step.commands) for step in steps]
    lines += [
        f"{each.id}\n  guide: {each.guide}\n  here:  {each.console}\n  why:   {each.why}"
        for each in explained(SAFE[variant])
    ]
    text = "\n\n".join(lines) + "\n"
    kept = GOLDENS / f"deploy-guide-{variant}.txt"
    if request.config.getoption("--update-goldens"):
        kept.write_text(text, encoding="utf-8")
    assert text == kept.read_text(encoding="utf-8")


SHELL = """
gcloud() {{ [ "$*" = "config get-value project" ] && echo demo-proj || said gcloud "$@"; }}
docker() {{ said docker "$@"; }}
said() {{ printf '%s\\0' "$@"; printf '\\n'; }}
{script}
"""


def ran(script: str, folder: Path) -> list[list[str]]:
    """Run a script whose `gcloud` and `docker` do nothing but say how they were called."""
    done = subprocess.run(
        ["bash", "-euc", SHELL.format(script=script)],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\0")[:-1] for line in done.stdout.splitlines()]


def test_the_commands_are_those_of_the_guide_word_for_word(tmp_path: Path) -> None:
    if not GUIDE.exists() or shutil.which("bash") is None:
        pytest.skip("the guide, or bash, is not on this machine")
    for name in ("a.gguf", "b.gguf", "c.safetensors"):
        (tmp_path / name).touch()
    blocks = re.findall(r"^ *```bash\n(.*?)^ *```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    # What a person would choose to uncomment is another way to the same image.
    in_guide = ran("\n".join(blocks).replace("# gcloud", "gcloud"), tmp_path)
    ours = [
        called
        for variant in Variant
        for way in (ImageWay.DOCKER, ImageWay.CLOUD_BUILD)
        for step in guide_steps(PLACES[variant], variant, way)
        for called in ran("\n".join(step.commands), tmp_path)
    ]
    pruning = [each for each in in_guide if "system" in each or "builder" in each]
    assert len(pruning) == 3
    assert {tuple(each) for each in ours} == {
        tuple(each) for each in in_guide if each not in pruning
    }


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value of a document with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{place}")
    else:
        yield path, value


def _without_empty(value: dict) -> dict:
    """The same without objects that say nothing."""
    inner = {
        key: _without_empty(each) if isinstance(each, dict) else each for key, each in value.items()
    }
    return {key: each for key, each in inner.items() if each not in ({}, [])}
