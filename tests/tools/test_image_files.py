"""The files that images are built from: two Dockerfiles, what goes into them, and Cloud Build's."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker.utils import exclude_paths

from engine.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILES = ("Dockerfile.optimized", "Dockerfile.gpu")
STRAY = (
    "z_image_turbo-Q4_K.gguf",
    "models/ae.safetensors",
    "engine/ae.safetensors",
    "engine/model/qwen.sft",
    "engine/demo/files/z_image_turbo-Q8_0.gguf",
    "engine/model/__pycache__/vae.cpython-311.pyc",
    "engine/bench/files.py",
    "console/app.py",
    "tests/engine/test_cli.py",
    "docs/images.md",
    ".git/config",
    ".venv/lib/torch.so",
    "key.json",
)
NEEDED = (
    "README.md",
    "constraints.txt",
    "pyproject.toml",
    "engine/__main__.py",
    "engine/model/vae.py",
    "engine/server/page/page.html",
    "engine/demo/files/z_image_demo-Q8_0.gguf",
    "engine/demo/files/ae_demo.safetensors",
)


def instructions(name: str) -> list[str]:
    """Return a Dockerfile's instructions, continued lines joined, comments left out."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [line for line in joined.splitlines() if line.strip()]


def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def laid_out(folder: Path, ignore_file: str) -> None:
    for name in (*STRAY, *NEEDED):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / ignore_file).write_text((ROOT / ignore_file).read_text())


def test_the_gpu_image_differs_in_nothing_but_torch_and_what_the_driver_needs() -> None:
    cpu, gpu = (instructions(name) for name in DOCKERFILES)
    changed = "\n".join(line for line in difflib.unified_diff(cpu, gpu, n=0, lineterm=""))

    for word in ("+cpu", "+cu129", "whl/cpu", "whl/cu129", "nvidia/*/include", "NVIDIA_"):
        assert word in changed
    untouched = [line.split()[0] for line in cpu if line in gpu]
    assert [line.split()[0] for line in cpu if line not in gpu] == [
        "ARG",
        "ARG",
        "RUN",
        "ENV",
        "LABEL",
    ]
    assert untouched.count("COPY") == 6


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_made_so_that_any_builder_and_any_platform_takes_it(name: str) -> None:
    text, lines = (ROOT / name).read_text(), instructions(name)

    assert "# syntax" not in text
    assert set(re.findall(r"--mount=type=cache,id=([\w-]+?),", text)) == {"zimage-pip", "zimage-uv"}
    assert re.findall(r"--mount=type=(\w+)", text) == ["cache"] * len(re.findall("--mount", text))
    assert 'ENTRYPOINT ["/opt/zimage/packages/bin/python", "-m", "engine"]' in lines
    assert 'CMD ["serve"]' in lines
    assert "USER 65532:65532" in lines
    assert not [line for line in lines if re.match(r"(COPY|RUN|WORKDIR).*\s/(app|models)\b", line)]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_its_label_has_the_version_of_the_project(name: str) -> None:
    assert f"ARG VERSION={project()['project']['version']}" in instructions(name)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_its_variables_are_the_engines_and_let_a_platform_choose_the_port(name: str) -> None:
    (line,) = (line for line in instructions(name) if line.startswith("ENV"))
    environ = dict(each.split("=", 1) for each in line.split()[1:])

    settings = Settings.from_sources({}, environ)
    assert (settings.host, settings.port) == ("0.0.0.0", 7860)
    assert (settings.models, settings.models_fallback) == (Path("/models"), Path("/app"))
    assert Settings.from_sources({}, {**environ, "PORT": "8080"}).port == 8080
    assert Settings.from_sources({}, {**environ, "AIP_HTTP_PORT": "8081"}).port == 8081


@pytest.mark.parametrize(
    ("name", "build"), [("Dockerfile.optimized", "+cpu"), ("Dockerfile.gpu", "+cu129")]
)
def test_torch_is_pinned_to_one_build_and_brings_its_own_cuda(name: str, build: str) -> None:
    (command,) = (each for each in instructions(name) if "pins.txt" in each and "sed" in each)
    (sed,) = re.findall(r"(sed -E .*?) > pins.txt", command)

    done = subprocess.run(
        ["sh", "-c", sed],
        cwd=ROOT,
        env={**os.environ, "TORCH_BUILD": build},
        capture_output=True,
        text=True,
        check=True,
    )

    pins = done.stdout.splitlines()
    (torch,) = (line for line in pins if line.startswith("torch=="))
    assert torch.endswith(build)
    assert not [line for line in pins if line.startswith(("nvidia", "cuda", "triton"))]
    assert len(pins) > 100


def test_an_image_installs_a_part_of_what_the_engine_installs_anywhere() -> None:
    facts = project()
    everything = {*facts["project"]["dependencies"]}
    everything |= {*facts["project"]["optional-dependencies"]["engine"]}

    assert {*facts["dependency-groups"]["serve"]} < everything
    assert not [each for each in facts["dependency-groups"]["serve"] if "diffusers" in each]


def test_docker_is_sent_what_an_image_is_made_of_and_no_model(tmp_path: Path) -> None:
    laid_out(tmp_path, ".dockerignore")
    lines = (tmp_path / ".dockerignore").read_text().splitlines()

    sent = exclude_paths(str(tmp_path), [each for each in lines if not each.startswith("#")])

    assert sorted(each for each in sent if (tmp_path / each).is_file()) == sorted(
        [".dockerignore", *NEEDED]
    )


def test_cloud_build_is_sent_the_same_and_how_it_is_built(tmp_path: Path) -> None:
    laid_out(tmp_path, ".gcloudignore")
    extra = (*DOCKERFILES, ".dockerignore", "cloudbuild.yaml")
    for name in extra:
        (tmp_path / name).touch()
    shutil.rmtree(tmp_path / ".git")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)

    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-from=.gcloudignore"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert sorted(listed.stdout.splitlines()) == sorted([*NEEDED, *extra])


def test_cloud_build_builds_either_dockerfile_within_its_own_rules() -> None:
    build = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
    (step,) = build["steps"]
    used = set(re.findall(r"\$\{(_\w+)\}", str(build)))

    # An unknown one is refused, and so is one that nothing uses; the image has no default.
    assert used == {*build["substitutions"], "_IMAGE"}
    assert build["substitutions"]["_DOCKERFILE"] in DOCKERFILES
    assert build["images"] == ["${_IMAGE}"]
    assert step["args"][0] == "build"
    assert "DOCKER_BUILDKIT=1" in step["env"]
    assert build["options"]["logging"] == "CLOUD_LOGGING_ONLY"
    assert re.fullmatch(r"\d+s", build["timeout"])
