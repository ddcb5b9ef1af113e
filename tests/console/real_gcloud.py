"""The real `gcloud` program, pointed at HTTP interfaces on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.sources.child_processes import seen_off

PROJECT = "sandbox"
_LONGEST_SECONDS = 120
_PROGRAM = shutil.which("gcloud")
_INTERFACES = (
    *("ARTIFACTREGISTRY", "CLOUDBILLING", "CLOUDBUILD", "CLOUDQUOTAS", "CLOUDRESOURCEMANAGER"),
    *("IAM", "LOGGING", "RUN", "SERVICEUSAGE"),
)
needs_gcloud = pytest.mark.skipif(_PROGRAM is None, reason="the gcloud program is not installed")


@dataclass(frozen=True)
class Said:
    code: int
    output: str
    errors: str

    @property
    def json(self) -> object:
        assert self.code == 0, self.errors
        return json.loads(self.output)


@dataclass(frozen=True)
class Gcloud:
    """Runs commands with settings of its own in `folder`, and without a login.

    Hosts of interfaces are made up: `address` is given as the proxy that knows the way to them.
    """

    address: str
    folder: Path

    async def __call__(self, *arguments: str) -> Said:
        return await self._run(str(_PROGRAM), *arguments)

    async def in_shell(self, line: str) -> Said:
        """Run a line as a person does who copied it."""
        return await self._run("bash", "-c", f'cd "$HOME" && {line}')

    async def _run(self, *words: str) -> Said:
        process = await asyncio.create_subprocess_exec(
            *words,
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_LONGEST_SECONDS):
                output, errors = await process.communicate()
        finally:
            await seen_off(process)
        return Said(process.returncode or 0, output.decode(), errors.decode())

    def _environment(self) -> dict[str, str]:
        overrides = {
            f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{each}": "http://google.test/" for each in _INTERFACES
        }
        return overrides | {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": "http://google.test/storage/v1/",
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "True",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_CONFIG": str(self.folder / "gcloud"),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_CORE_PROJECT": PROJECT,
            "CLOUDSDK_CORE_CHECK_GCE_METADATA": "False",
            "http_proxy": f"http://{self.address}",
        }
