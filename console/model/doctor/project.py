"""A project of Google Cloud: whether it is there, is paid for, and has its interfaces on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.model.doctor.answers import Because, Place, Unanswered, command, grant, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, Billing, ProjectFacts
from console.model.doctor.finding import Finding, Mend, State

NEEDED: Final[Mapping[str, str]] = {
    "run.googleapis.com": "services",
    "storage.googleapis.com": "the models bucket",
    "artifactregistry.googleapis.com": "images",
    "logging.googleapis.com": "the log",
    "iam.googleapis.com": "service accounts",
    "cloudresourcemanager.googleapis.com": "the project itself",
    "serviceusage.googleapis.com": "which APIs are on",
}
"""The interfaces without which nothing can be deployed or watched, and what each is for."""

HELPFUL: Final[Mapping[str, str]] = {
    "cloudbuild.googleapis.com": "building images without Docker",
    "monitoring.googleapis.com": "figures of requests and instances",
    "cloudbilling.googleapis.com": "prices of today, and whether billing is on",
    "cloudquotas.googleapis.com": "quotas before a deployment",
}
"""The interfaces that something is missing without."""


_FOR_CHANGING: Final = frozenset(
    f"{name}.googleapis.com" for name in ("artifactregistry", "iam", "cloudbuild", "cloudquotas")
)


def project(found: Answer[ProjectFacts], place: Place) -> Finding:
    """Judge whether the project is there and alive."""
    if isinstance(found, ProjectFacts):
        if found.state in ("ACTIVE", ""):
            return Finding(Check.PROJECT, State.OK, f"{place.project} is active")
        words = f"{place.project} is {found.state}"
        mend = Mend(
            command("gcloud", "projects", "undelete", place.project),
            "works for 30 days after it was deleted",
        )
        return Finding(Check.PROJECT, State.WRONG, words, (mend,))
    if found.because is Because.MISSING or found.permission == "resourcemanager.projects.get":
        look = Mend("gcloud projects list", "says which projects this login may see")
        words = f"there is no project {place.project}, or this login may not see it"
        return Finding(Check.PROJECT, State.WRONG, words, (look, grant(place, "roles/browser")))
    return unknown(Check.PROJECT, found, place)


def billing(found: Answer[Billing], place: Place) -> Finding:
    """Judge whether somebody pays for the project."""
    if isinstance(found, Unanswered):
        return unknown(Check.BILLING, found, place)
    if found.enabled:
        account = f" by {found.account}" if found.account else ""
        return Finding(Check.BILLING, State.OK, f"on: paid{account}")
    words = f"off: nobody pays for {place.project}"
    if found.account:
        words = f"off: the billing account {found.account} is closed"
    link = command("gcloud", "billing", "projects", "link", place.project)
    mends = (
        Mend("gcloud billing accounts list --filter=open=true", "says which accounts there are"),
        Mend(f"{link} --billing-account=ACCOUNT_ID"),
    )
    return Finding(Check.BILLING, State.WRONG, words, mends)


def interfaces(enabled: Answer[frozenset[str]], place: Place, looking: bool = False) -> Finding:
    """Judge which interfaces are switched on; for `looking` it takes fewer."""
    wanted = [each for each in (*NEEDED, *HELPFUL) if not (looking and each in _FOR_CHANGING)]
    if isinstance(enabled, Unanswered):
        if enabled.because is Because.SWITCHED_OFF:
            return Finding(
                Check.INTERFACES,
                State.WRONG,
                enabled.words,
                (_enable([each for each in wanted if each in NEEDED], place),),
            )
        return unknown(Check.INTERFACES, enabled, place)
    off = [name for name in wanted if name not in enabled]
    if not off:
        return Finding(Check.INTERFACES, State.OK, f"all {len(wanted)} are on")
    purposes = {**NEEDED, **HELPFUL}
    words = "off: " + ", ".join(f"{name} ({purposes[name]})" for name in off)
    state = State.WRONG if any(name in NEEDED for name in off) else State.WARNING
    return Finding(Check.INTERFACES, state, words, (_enable(off, place),))


def _enable(names: list[str], place: Place) -> Mend:
    return Mend(command("gcloud", "services", "enable", *names, f"--project={place.project}"))
