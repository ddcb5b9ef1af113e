"""What was pulled goes on to the bucket of the sandbox, by one command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from stand_in_hub import StandInHub

from console.model.models.published import chosen_files


def console(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the console to its end."""
    return subprocess.run(
        [sys.executable, "-m", "console", "models", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def hold_tiny(hub: StandInHub, directory: Path) -> None:
    """Have the stand-in hold a small model under the published names."""
    transformer, encoder, vae = chosen_files("Q4_K_M", "Q4_K_M")
    for file, name in ((transformer, "tiny_z"), (encoder, "qwen3"), (vae, "tiny_ae")):
        found = next(path for path in sorted(directory.iterdir()) if name in path.name)
        hub.publish(file.repository, file.path, found.read_bytes())


def test_one_command_fetches_the_files_and_puts_them_into_the_bucket(
    hub: StandInHub, environment: dict[str, str], tiny_model_directory: Path, tmp_path: Path
) -> None:
    hold_tiny(hub, tiny_model_directory)
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "HF_ENDPOINT": hub.endpoint}
    asked = ("pull", str(tmp_path / "m"), "--accept-changed", "--context", "sandbox")
    ran = console(environment | state, *asked, "--push")
    assert ran.returncode == 3
    assert "ae_demo.safetensors" in ran.stderr
    assert "add --beside" in ran.stderr
    assert not hub.asked, "nothing is fetched for a bucket that it does not fit"
    ran = console(environment | state, *asked, "--push", "--beside")
    assert ran.returncode == 0, ran.stderr
    listed = console(environment | state, "list", "--context", "sandbox", "--json")
    document = json.loads(listed.stdout)
    assert {each["name"] for each in document["objects"]} >= {
        "z_image_turbo-Q4_K_M.gguf",
        "Qwen3-4B-Q4_K_M.gguf",
        "ae.safetensors",
    }


def test_what_cannot_be_pushed_is_not_even_fetched(
    hub: StandInHub, environment: dict[str, str], tmp_path: Path
) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state"), "HF_ENDPOINT": hub.endpoint}
    asked = ("pull", str(tmp_path / "m"), "--push", "--context", "sandbox")
    for more, said in (
        (("--read-only",), "refused because the console is read-only"),
        (("--json",), "leave --json away"),
        (("--bucket", "nobody-has-this"), "nobody-has-this"),
    ):
        ran = console(environment | state, *asked, *more)
        assert ran.returncode == 3, ran.stderr
        assert said in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
    assert not hub.asked
