"""A project of Google Cloud: whether it is there, is paid for, and has its interfaces on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.language import tr, tr_later
from console.model.doctor.answers import Because, Place, Unanswered, command, grant, unknown
from console.model.doctor.checks import Check
from console.model.doctor.facts import Answer, Billing, ProjectFacts
from console.model.doctor.finding import Finding, Mend, State

NEEDED: Final[Mapping[str, str]] = {
    "run.googleapis.com": tr_later("services"),
    "storage.googleapis.com": tr_later("the models bucket"),
    "artifactregistry.googleapis.com": tr_later("images"),
    "logging.googleapis.com": tr_later("the log"),
    "iam.googleapis.com": tr_later("service accounts"),
    "cloudresourcemanager.googleapis.com": tr_later("the project itself"),
    "serviceusage.googleapis.com": tr_later("which APIs are on"),
}
"""The interfaces without which nothing can be deployed or watched, and what each is for."""

HELPFUL: Final[Mapping[str, str]] = {
    "cloudbuild.googleapis.com": tr_later("building images without Docker"),
    "monitoring.googleapis.com": tr_later("figures of requests and instances"),
    "cloudbilling.googleapis.com": tr_later("prices of today, and whether billing is on"),
    "cloudquotas.googleapis.com": tr_later("quotas before a deployment"),
}
"""The interfaces that something is missing without."""


_FOR_CHANGING: Final = frozenset(
    f"{name}.googleapis.com" for name in ("artifactregistry", "iam", "cloudbuild", "cloudquotas")
)


def project(found: Answer[ProjectFacts], place: Place) -> Finding:
    """Judge whether the project is there and alive."""
    if isinstance(found, ProjectFacts):
        if found.state in ("ACTIVE", ""):
            active = tr("{project} is active", project=place.project)
            return Finding(Check.PROJECT, State.OK, active)
        words = tr("{project} is {state}", project=place.project, state=found.state)
        mend = Mend(
            command("gcloud", "projects", "undelete", place.project),
            tr("works for 30 days after it was deleted"),
        )
        return Finding(Check.PROJECT, State.WRONG, words, (mend,))
    if found.because is Because.MISSING or found.permission == "resourcemanager.projects.get":
        look = Mend("gcloud projects list", tr("says which projects this login may see"))
        words = tr(
            "there is no project {project}, or this login may not see it", project=place.project
        )
        return Finding(Check.PROJECT, State.WRONG, words, (look, grant(place, "roles/browser")))
    return unknown(Check.PROJECT, found, place)


def billing(found: Answer[Billing], place: Place) -> Finding:
    """Judge whether somebody pays for the project."""
    if isinstance(found, Unanswered):
        return unknown(Check.BILLING, found, place)
    if found.enabled:
        by = found.account
        words = tr("on: paid by {account}", account=by) if by else tr("on: paid")
        return Finding(Check.BILLING, State.OK, words)
    words = tr("off: nobody pays for {project}", project=place.project)
    if found.account:
        words = tr("off: the billing account {account} is closed", account=found.account)
    link = command("gcloud", "billing", "projects", "link", place.project)
    mends = (
        Mend(
            "gcloud billing accounts list --filter=open=true", tr("says which accounts there are")
        ),
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
        return Finding(Check.INTERFACES, State.OK, tr("all {number} are on", number=len(wanted)))
    purposes = {**NEEDED, **HELPFUL}
    named = (tr("{name} ({purpose})", name=name, purpose=tr(purposes[name])) for name in off)
    words = tr("off: {names}", names=tr(", ").join(named))
    state = State.WRONG if any(name in NEEDED for name in off) else State.WARNING
    return Finding(Check.INTERFACES, state, words, (_enable(off, place),))


def _enable(names: list[str], place: Place) -> Mend:
    return Mend(command("gcloud", "services", "enable", *names, f"--project={place.project}"))
