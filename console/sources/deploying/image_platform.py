"""What an image runs on: told by the registry's own interface, or read from the image itself.

Source: https://distribution.github.io/distribution/spec/api (manifests and blobs), and for what
is in them https://github.com/opencontainers/image-spec.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.language import tr
from console.model.image_name import ImageName
from console.sources.base import SourceError
from console.sources.google_errors import Asked
from console.sources.google_rest import GoogleRest, Json, json_object, json_objects, json_text

WANTED: Final = "amd64"
"""The one architecture that Cloud Run runs."""

_MANIFESTS: Final = ", ".join(
    (
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    )
)
_PERMISSION: Final = "artifactregistry.repositories.downloadArtifacts"


async def platform_of(rest: GoogleRest, name: ImageName, uri: str, told: Json) -> str | None:
    """Return the architecture of an image by its digest, such as `amd64`; None if unknown.

    `told` is what Artifact Registry says of it. Of an image for several, the one that Cloud Run
    would take is returned if it is there. That nobody may look into it is no reason to fail.
    """
    several = _chosen(json_objects(told.get("imageManifests")))
    if several:
        return several
    host, _, path = uri.partition("/")
    where = f"/v2/{path.partition('@')[0]}"
    asked = Asked(
        tr("look into image {image}", image=name.name), name.repository.project, host, _PERMISSION
    )
    try:
        manifest = await rest.get(asked, f"{where}/manifests/{name.digest}", {}, accept=_MANIFESTS)
        listed = json_objects(manifest.get("manifests"))
        if listed:
            return _chosen(json_object(each.get("platform")) for each in listed)
        config = json_text(json_object(manifest.get("config")).get("digest"))
        if not config.startswith("sha256:"):
            return None
        said = await rest.get(asked, f"{where}/blobs/{config}", {})
    except SourceError:
        return None
    return _word(said)


def _chosen(platforms: Iterable[Json]) -> str | None:
    """Return the architecture that is wanted if it is among those for Linux, else the first."""
    words = [
        word for each in platforms if each.get("os") in ("linux", None) and (word := _word(each))
    ]
    return WANTED if WANTED in words else next(iter(words), None)


def _word(platform: Json) -> str | None:
    word = json_text(platform.get("architecture"))
    # It is the maker of the image who says it: nobody holds it to anything.
    good = word.isascii() and word.isalnum() and len(word) <= 20
    return word if good and word != "unknown" else None
