"""What does the same to a service by hand, as a shell takes it.

Source: https://cloud.google.com/sdk/gcloud/reference/run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.model.deploy.differences import changed_fields
from console.model.deploy.service_flags import (
    FIELDS,
    flags_for,
    flags_of,
    needs_beta,
    said_by,
    unmounting,
)
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.shell_words import line, quoted
from console.model.service import ServiceName, TrafficShare

INVOKER_ROLE: Final = "roles/run.invoker"


def deploy(place: ServiceName, settings: ServiceSettings, *, public: bool = False) -> str:
    """Make a service with all that the settings speak of; `public`: everybody may call it."""
    flags = [*flags_of(settings), f"--{'' if public else 'no-'}allow-unauthenticated"]
    beta = needs_beta(settings, said_by(settings))
    return _run(("deploy",), place, flags, beta=beta)


def update(place: ServiceName, observed: ServiceSettings, wanted: ServiceSettings) -> str:
    """Change of a service what differs, and nothing else; empty if nothing does."""
    differing = {field for field, _ in changed_fields(observed, wanted)}
    fields = [field for field in FIELDS if field in differing]
    gone = {each.path for each in observed.mounts} - {each.path for each in wanted.mounts}
    flags = unmounting(sorted(gone))
    for field in fields:
        flags += flags_for(field, wanted)
    beta = needs_beta(wanted, fields)
    return _run(("services", "update"), place, flags, beta=beta) if flags else ""


def split_traffic(place: ServiceName, shares: Iterable[TrafficShare]) -> str:
    """Send requests to revisions by percent."""
    named = ",".join(f"{each.revision or 'LATEST'}={each.percent}" for each in shares)
    flags = ["--to-latest" if named == "LATEST=100" else quoted(f"--to-revisions={named}")]
    return _run(("services", "update-traffic"), place, flags)


def set_instances(place: ServiceName, manual: int | None) -> str:
    """Hold so many instances by hand, None: as many as are needed."""
    flag = f"--scaling={'auto' if manual is None else manual}"
    return _run(("services", "update"), place, [flag], beta=True)


def let_call(place: ServiceName, member: str) -> str:
    """Let a member call a service, such as `user:a@example.com` or `allUsers`."""
    return _calling("add-iam-policy-binding", place, member)


def forbid_calling(place: ServiceName, member: str) -> str:
    """Take that back."""
    return _calling("remove-iam-policy-binding", place, member)


def check_callers(place: ServiceName, checked: bool) -> str:
    """Let Cloud Run look at who calls, or not."""
    flag = f"--{'' if checked else 'no-'}invoker-iam-check"
    return _run(("services", "update"), place, [flag])


def delete(place: ServiceName) -> str:
    """Remove a service with all its revisions."""
    return _run(("services", "delete"), place, [])


def delete_revision(place: ServiceName, revision: str) -> str:
    """Remove a revision that gets no requests."""
    words = ("gcloud", "run", "revisions", "delete", revision)
    return line((*words, f"--region={place.region}", f"--project={place.project}"))


def ask_whether_ready(url: str) -> str:
    """Ask a private service whether its model is loaded; the token is no process's argument."""
    token = "printf 'Authorization: Bearer %s' \"$(gcloud auth print-identity-token)\""
    return f"{token} | curl -fsS -H @- {quoted(f'{url}/readyz')}"


def _calling(verb: str, place: ServiceName, member: str) -> str:
    flags = [quoted(f"--member={member}"), f"--role={INVOKER_ROLE}"]
    return _run(("services", verb), place, flags)


def _run(verb: tuple[str, ...], place: ServiceName, flags: list[str], *, beta: bool = False) -> str:
    """Return a command on a service; `flags` are as a shell takes them."""
    words = ("gcloud", *(("beta",) if beta else ()), "run", *verb, place.service)
    where = (f"--region={place.region}", f"--project={place.project}")
    return " ".join((line(words), *flags, line(where)))
