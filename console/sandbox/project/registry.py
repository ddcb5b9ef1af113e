"""Artifact Registry v1: repositories of container images, and the images that were pushed.

Images are known by name and digest; there is nothing in them to be pulled.
Source: https://cloud.google.com/artifact-registry/docs/reference/rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

import grpc
from starlette.routing import BaseRoute

from console.sandbox.json_calls import (
    Call,
    JsonObject,
    an_object,
    denied,
    json_route,
    page,
    strings,
    text,
    unknown,
)
from console.sandbox.moments import Clock, written
from console.sandbox.project.image_contents import MANIFEST
from console.sandbox.project.image_name import ImageName
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.refused import Refused, invalid

SERVICE: Final = "artifactregistry.googleapis.com"
_REPOSITORY: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SETTABLE: Final = ("description", "labels", "format", "mode", "cleanupPolicies", "dockerConfig")


class Registry:
    """Answers about the repositories of `project`; `require` raises `Refused` if it is off."""

    def __init__(
        self,
        project: str,
        state: PlatformState,
        clock: Clock,
        new_hex: Callable[[int], str],
        require: Callable[[str], None],
    ) -> None:
        self._project = project
        self._state = state
        self._clock = clock
        self._new_hex = new_hex
        self._require = require

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        repositories = "/v1/projects/{project}/locations/{location}/repositories"
        one = repositories + "/{repository}"
        return [
            json_route(repositories, GET=self._list, POST=self._create),
            json_route(one, GET=self._get, DELETE=self._delete, PATCH=self._change),
            json_route(one + "/dockerImages", GET=self._images),
            json_route(one + "/dockerImages/{image:path}", GET=self._image),
            json_route(one + "/packages", GET=self._packages),
            json_route(one + "/packages/{package:path}/versions", GET=self._versions),
            json_route(one + "/packages/{package:path}/versions/{version}", DELETE=self._remove),
            json_route(one + "/packages/{package:path}/tags", GET=self._tags),
            json_route(one + "/packages/{package:path}/tags/{tag}", GET=self._tag),
        ]

    def make_repository(self, resource: str, said: JsonObject) -> JsonObject:
        """Make a repository of Docker images, and return it."""
        now = written(self._clock())
        repository: JsonObject = {
            "name": resource,
            "format": "DOCKER",
            "mode": "STANDARD_REPOSITORY",
            **{key: said[key] for key in _SETTABLE if said.get(key)},
            "createTime": now,
            "updateTime": now,
            "satisfiesPzi": True,
        }
        if repository["mode"] == "MODE_UNSPECIFIED":
            repository["mode"] = "STANDARD_REPOSITORY"
        self._state.repositories[resource] = repository
        self._state.save()
        return repository

    def push(
        self, name: ImageName, digest: str, size: int, architecture: str = "amd64"
    ) -> JsonObject:
        """Take in an image of `size` bytes; raises `Refused` without a repository."""
        self._require(SERVICE)
        if name.resource not in self._state.repositories:
            raise unknown(f'"{name.resource}"')
        now, tag = written(self._clock()), name.tag or "latest"
        for other in self._of_name(name):
            other["tags"] = [each for each in strings(other.get("tags")) if each != tag]
        resource = f"{name.resource}/dockerImages/{name.name}@{digest}"
        known = self._state.images.get(resource, {})
        image: JsonObject = {
            "name": resource,
            "uri": f"{name.path}@{digest}",
            "tags": sorted({*strings(known.get("tags")), tag}),
            "imageSizeBytes": str(size),
            "uploadTime": known.get("uploadTime", now),
            "mediaType": MANIFEST,
            "buildTime": known.get("buildTime", now),
            "updateTime": now,
        }
        self._state.images[resource] = image
        self._state.architectures[resource] = architecture
        self._state.save()
        return image

    def architecture(self, name: ImageName) -> str | None:
        """Return what the image of this name, tag and digest runs on; None if there is none."""
        wanted = f"@{name.digest}" if name.digest else "@"
        tag = name.tag or ("" if name.digest else "latest")
        for each in self._of_name(name):
            if wanted in str(each["name"]) and (not tag or tag in strings(each.get("tags"))):
                return self._state.architecture_of(str(each["name"]))
        return None

    def _of_name(self, name: ImageName) -> list[JsonObject]:
        start = f"{name.resource}/dockerImages/{name.name}@"
        return [each for key, each in self._state.images.items() if key.startswith(start)]

    def _list(self, call: Call) -> JsonObject:
        start = self._admit(call, "list") + "/repositories/"
        known = self._state.repositories.items()
        found = [self._weighed(each) for key, each in known if key.startswith(start)]
        return page(found, call, "repositories")

    def _create(self, call: Call) -> JsonObject:
        parent = self._admit(call, "create")
        identifier = call.query.get("repositoryId", "")
        if not _REPOSITORY.fullmatch(identifier):
            raise invalid(f"invalid repository ID {identifier!r}")
        if text(call.body.get("format")) not in ("DOCKER", ""):
            raise invalid("the sandbox keeps repositories of format DOCKER alone")
        resource = f"{parent}/repositories/{identifier}"
        if resource in self._state.repositories:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, "the repository already exists")
        return self._done(call, self.make_repository(resource, call.body))

    def _get(self, call: Call) -> JsonObject:
        self._admit(call, "get")
        return self._weighed(self._repository(call))

    def _weighed(self, repository: JsonObject) -> JsonObject:
        """Return a repository with what it takes up; no two images have a layer in common."""
        start = f"{repository['name']}/dockerImages/"
        sizes = (
            int(text(each["imageSizeBytes"]))
            for key, each in self._state.images.items()
            if key.startswith(start)
        )
        return {**repository, "sizeBytes": str(sum(sizes))}

    def _change(self, call: Call) -> JsonObject:
        self._admit(call, "update")
        repository = self._repository(call)
        for field in call.query.get("updateMask", "").split(","):
            if field in _SETTABLE[:2]:
                repository[field] = call.body.get(field, "")
        repository["updateTime"] = written(self._clock())
        self._state.save()
        return repository

    def _delete(self, call: Call) -> JsonObject:
        self._admit(call, "delete")
        resource = str(self._repository(call)["name"])
        del self._state.repositories[resource]
        for key in [each for each in self._state.images if each.startswith(resource + "/")]:
            del self._state.images[key]
        self._state.save()
        return self._done(call, {})

    def _images(self, call: Call) -> JsonObject:
        return page(self._images_there(call), call, "dockerImages")

    def _image(self, call: Call) -> JsonObject:
        for each in self._images_there(call):
            if text(each["name"]).rpartition("/dockerImages/")[2] == call.path["image"]:
                return each
        raise unknown(call.path["image"])

    def _packages(self, call: Call) -> JsonObject:
        names = {_package(each) for each in self._images_there(call)}
        base = self._repository(call)["name"]
        return page(
            [{"name": f"{base}/packages/{quote(each, safe='')}"} for each in sorted(names)],
            call,
            "packages",
        )

    def _versions(self, call: Call) -> JsonObject:
        versions = [
            {
                "name": f"{self._package_resource(call)}/versions/{_digest(each)}",
                "createTime": each["uploadTime"],
                "updateTime": each["updateTime"],
                "metadata": {"name": each["name"], "imageSizeBytes": each["imageSizeBytes"]},
                "relatedTags": self._tags_of(call, each),
            }
            for each in self._images_of_package(call)
        ]
        return page(versions, call, "versions")

    def _remove(self, call: Call) -> JsonObject:
        """Remove an image; with tags only if that is forced."""
        for image in self._images_of_package(call):
            if _digest(image) == call.path["version"]:
                if strings(image.get("tags")) and call.query.get("force") != "true":
                    raise Refused(
                        grpc.StatusCode.FAILED_PRECONDITION,
                        "cannot delete version because it is tagged",
                    )
                del self._state.images[text(image["name"])]
                self._state.save()
                return self._done(call, {})
        raise unknown(call.path["version"])

    def _tags(self, call: Call) -> JsonObject:
        images = self._images_of_package(call)
        return page([tag for each in images for tag in self._tags_of(call, each)], call, "tags")

    def _tag(self, call: Call) -> JsonObject:
        name = f"{self._package_resource(call)}/tags/{call.path['tag']}"
        for image in self._images_of_package(call):
            for tag in self._tags_of(call, image):
                if tag["name"] == name:
                    return tag
        raise unknown(name)

    def _tags_of(self, call: Call, image: JsonObject) -> list[JsonObject]:
        base = self._package_resource(call)
        version = f"{base}/versions/{_digest(image)}"
        return [
            {"name": f"{base}/tags/{tag}", "version": version} for tag in strings(image.get("tags"))
        ]

    def _images_there(self, call: Call) -> list[JsonObject]:
        self._admit(call, "downloadArtifacts")
        start = f"{self._repository(call)['name']}/dockerImages/"
        return [each for key, each in self._state.images.items() if key.startswith(start)]

    def _images_of_package(self, call: Call) -> list[JsonObject]:
        there = self._images_there(call)
        return [each for each in there if _package(each) == unquote(call.path["package"])]

    def _package_resource(self, call: Call) -> str:
        package = quote(unquote(call.path["package"]), safe="")
        return f"{self._repository(call)['name']}/packages/{package}"

    def _repository(self, call: Call) -> JsonObject:
        parts = call.path
        resource = (
            f"projects/{self._project}/locations/{parts['location']}/repositories/"
            f"{parts['repository']}"
        )
        found = self._state.repositories.get(resource)
        if found is None:
            raise unknown(f'"{resource}"')
        return found

    def _admit(self, call: Call, verb: str) -> str:
        """Return the location as a resource; raises `Refused`."""
        self._require(SERVICE)
        project, location = call.path["project"], call.path["location"]
        if project not in (self._project, NUMBER):
            raise denied(
                f"artifactregistry.repositories.{verb}", f"projects/{project}/locations/{location}"
            )
        return f"projects/{self._project}/locations/{location}"

    def _done(self, call: Call, response: JsonObject) -> JsonObject:
        """Return an operation that has ended: nothing takes long here."""
        parent = f"projects/{self._project}/locations/{call.path['location']}"
        kind = "Repository" if response else "protobuf.Empty"
        at = "google.devtools.artifactregistry.v1." if response else "google."
        return {
            "name": f"{parent}/operations/{self._new_hex(16)}",
            "done": True,
            "response": {"@type": f"type.googleapis.com/{at}{kind}", **an_object(response)},
        }


def _package(image: JsonObject) -> str:
    return text(image["name"]).rpartition("/dockerImages/")[2].partition("@")[0]


def _digest(image: JsonObject) -> str:
    return text(image["name"]).rpartition("@")[2]
