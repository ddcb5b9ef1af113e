"""What is deployed: services and revisions as the Admin API describes them, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from google.cloud.run_v2.types import Revision, Service, TrafficTargetAllocationType
from google.iam.v1 import policy_pb2
from google.longrunning import operations_pb2
from google.protobuf import json_format

from console.model.service import ServiceName
from console.paths import write_atomically

LATEST = TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST


class BadState(Exception):
    """The state directory cannot be used; one line that says why, and the mend."""


@dataclass(slots=True)
class Deployment:
    """A service, its revisions with the oldest first, and who may do what with it.

    `ports` are those of its addresses on loopback: of the service's own under an empty name, of
    tags under theirs. They are kept while nobody else takes them.
    """

    service: Service
    revisions: list[Revision]
    policy: policy_pb2.Policy = field(default_factory=policy_pb2.Policy)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> ServiceName:
        """Which service it is."""
        return ServiceName.parse(self.service.name)

    def revision(self, name: str) -> Revision | None:
        """Return the revision with a full name or only its last part; None when there is none."""
        last = last_part(name)
        return next((each for each in self.revisions if last_part(each.name) == last), None)

    def shares(self) -> list[tuple[str, int, str]]:
        """Return who gets the requests: short name of a revision, percent, and tag."""
        ready = last_part(self.service.latest_ready_revision)
        return [
            (
                ready if share.type_ == LATEST else last_part(share.revision),
                share.percent,
                share.tag,
            )
            for share in self.service.traffic_statuses
        ]


def last_part(name: str) -> str:
    """Return the last part of a resource's name."""
    return name.rpartition("/")[2]


class ServiceBook:
    """Every service and operation of the sandbox, in a file after each `save`."""

    def __init__(self, path: Path, deployments: Iterable[Deployment]) -> None:
        self._path = path
        self._deployments = {each.service.name: each for each in deployments}
        self.operations: dict[str, operations_pb2.Operation] = {}
        self._ended: dict[str, object] = {}

    @classmethod
    def load(cls, path: Path) -> ServiceBook | None:
        """Read what was saved; None when nothing was. Raises `BadState`."""
        try:
            saved = json.loads(path.read_text(encoding="utf-8"))
            book = cls(path, [_read(each) for each in saved["deployments"]])
            for each in saved.get("operations", ()):
                operation = json_format.ParseDict(each, operations_pb2.Operation())
                book.operations[operation.name] = operation
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadState(f"the sandbox cannot read {path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError, json_format.ParseError):
            raise BadState(
                f"the sandbox does not understand {path}: it is damaged or of another version; "
                "delete it to begin anew"
            ) from None
        return book

    def __iter__(self) -> Iterator[Deployment]:
        return iter(tuple(self._deployments.values()))

    def find(self, name: str) -> Deployment | None:
        """Return what is deployed under a service's full name."""
        return self._deployments.get(name)

    def always_paid(self, revision: str) -> bool:
        """Say whether the whole life of a revision's instances is paid, not only its requests."""
        found = next((each for one in self if (each := one.revision(revision))), None)
        return found is not None and not found.containers[0].resources.cpu_idle

    def add(self, deployment: Deployment) -> None:
        """Take in a new service."""
        self._deployments[deployment.service.name] = deployment

    def remove(self, deployment: Deployment) -> None:
        """Forget a service."""
        self._deployments.pop(deployment.service.name, None)

    def save(self) -> None:
        """Write it all down; raises `BadState`."""
        saved = {
            "deployments": [_written(each) for each in self],
            "operations": [self._operation(each) for each in self.operations.values()],
        }
        try:
            write_atomically(self._path, (json.dumps(saved, indent=1) + "\n").encode())
        except OSError as error:
            raise BadState(f"the sandbox cannot write {self._path}: {error.strerror}") from None

    def _operation(self, operation: operations_pb2.Operation) -> object:
        """Return an operation as JSON has it; one that has ended never changes any more."""
        if not operation.done:
            return json_format.MessageToDict(operation)
        if operation.name not in self._ended:
            self._ended = {
                name: known for name, known in self._ended.items() if name in self.operations
            }
            self._ended[operation.name] = json_format.MessageToDict(operation)
        return self._ended[operation.name]


def _written(deployment: Deployment) -> dict[str, object]:
    return {
        "service": json.loads(Service.to_json(deployment.service)),
        "revisions": [json.loads(Revision.to_json(each)) for each in deployment.revisions],
        "policy": json_format.MessageToDict(deployment.policy),
        "ports": deployment.ports,
    }


def _read(saved: dict[str, object]) -> Deployment:
    """Read one; raises `ValueError`, `KeyError`, `TypeError` or `ParseError`."""
    revisions = saved["revisions"]
    ports = saved.get("ports", {})
    if not (isinstance(revisions, Sequence) and isinstance(ports, dict)):
        raise TypeError("no deployment")
    deployment = Deployment(
        Service.from_json(json.dumps(saved["service"])),
        [Revision.from_json(json.dumps(each)) for each in revisions],
        json_format.ParseDict(saved.get("policy", {}), policy_pb2.Policy()),
        {str(name): int(port) for name, port in ports.items()},
    )
    _ = deployment.name
    for name, _, _ in deployment.shares():
        if name and deployment.revision(name) is None:
            raise ValueError(f"there is no revision {name}")
    if not deployment.revisions or not all(each.containers for each in deployment.revisions):
        raise ValueError("there is no revision, or one without a container")
    return deployment
