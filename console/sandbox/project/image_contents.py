"""What is in images, as far as anybody looks: their manifests and configurations.

There are no layers to be had. Source: https://distribution.github.io/distribution/spec/api.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Final

from starlette.routing import BaseRoute

from console.sandbox.json_calls import Call, JsonObject, denied, json_route, strings, text, unknown
from console.sandbox.project.platform_state import PlatformState

SERVICE: Final = "artifactregistry.googleapis.com"
MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG: Final = "application/vnd.docker.container.image.v1+json"


class ImageContents:
    """Answers about the images of `project` in the words of a registry."""

    def __init__(self, project: str, state: PlatformState, require: Callable[[str], None]) -> None:
        self._project = project
        self._state = state
        self._require = require

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        image = "/v2/{project}/{repository}/{image:path}"
        return [
            json_route(image + "/manifests/{reference}", GET=self._manifest),
            json_route(image + "/blobs/{reference}", GET=self._blob),
        ]

    def _manifest(self, call: Call) -> JsonObject:
        wanted = call.path["reference"]
        for key, image in self._images(call).items():
            if key.endswith(f"@{wanted}") or wanted in strings(image.get("tags")):
                config = _config(self._state.architecture_of(key))
                described = {"mediaType": _CONFIG, "size": len(config), "digest": _digest(config)}
                return {
                    "schemaVersion": 2,
                    "mediaType": MANIFEST,
                    "config": described,
                    "layers": [],
                }
        raise unknown(f"manifest {wanted}")

    def _blob(self, call: Call) -> JsonObject:
        for key in self._images(call):
            config = _config(self._state.architecture_of(key))
            if _digest(config) == call.path["reference"]:
                found: JsonObject = json.loads(config)
                return found
        raise unknown(f"blob {call.path['reference']}")

    def _images(self, call: Call) -> dict[str, JsonObject]:
        """Return the images of one name, in whichever location the repository is."""
        self._require(SERVICE)
        if call.path["project"] != self._project:
            raise denied("artifactregistry.repositories.downloadArtifacts", call.path["project"])
        tail = f"/repositories/{call.path['repository']}/dockerImages/{call.path['image']}"
        return {
            key: each
            for key, each in self._state.images.items()
            if text(each.get("name")).partition("@")[0].endswith(tail)
        }


def _config(architecture: str) -> bytes:
    return json.dumps({"architecture": architecture, "os": "linux"}).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
