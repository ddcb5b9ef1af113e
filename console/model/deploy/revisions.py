"""The revisions of a service: which of them served, and which can."""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.step import Refusal, Subject
from console.model.service import ConditionState, Revision, TrafficShare
from console.model.text import SafeText

_TAG: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,44}[a-z0-9])?")
_MOST_NAMES: Final = 5


def is_ready(revision: Revision) -> bool:
    """Say whether a revision came up once, so that requests can be sent to it."""
    return revision.ready is not None and revision.ready.state is ConditionState.SUCCEEDED


def named(found: ServiceSeen, name: str) -> Revision | None:
    """Return the revision of that name, None if there is none."""
    return next((each for each in found.revisions if each.name == name), None)


def received(found: ServiceSeen) -> tuple[Revision, ...]:
    """Return the revisions that get requests, newest first."""
    newest = found.facts.latest_ready_revision
    names = {each.revision or newest for each in found.facts.traffic if each.percent}
    return tuple(each for each in found.revisions if each.name in names)


def before(found: ServiceSeen) -> Revision | None:
    """Return the revision that served before: older than the newest that serves, and ready."""
    serving = received(found)
    if not serving:
        return None
    older = found.revisions[found.revisions.index(serving[0]) + 1 :]
    return next((each for each in older if is_ready(each)), None)


def with_tags(found: ServiceSeen, shares: tuple[TrafficShare, ...]) -> tuple[TrafficShare, ...]:
    """Return shares with the tags that revisions have already, each of which has its own address.

    A tag that is given to another revision leaves the one that had it.
    """
    given = {each.tag for each in shares if each.tag}
    kept = [each for each in found.facts.traffic if each.tag and each.tag not in given]
    shared = list(shares)
    for each in kept:
        place = next(
            (
                number
                for number, share in enumerate(shared)
                if share.revision == each.revision and not share.tag
            ),
            None,
        )
        if place is None:
            shared.append(TrafficShare(0, each.revision, each.tag))
        else:
            shared[place] = TrafficShare(shared[place].percent, each.revision, each.tag)
    return tuple(shared)


def revision_refusals(
    found: ServiceSeen, revision: Revision | None, name: str = ""
) -> tuple[Refusal, ...]:
    """Return why requests cannot be sent to a revision; None is one that there is not."""
    service = found.facts.name.service
    can = [each.name for each in found.revisions if is_ready(each)][:_MOST_NAMES]
    mend = (
        tr("choose one of {revisions}", revisions=tr(", ").join(can))
        if can
        else tr("deploy again: zimage-console deploy")
    )
    if revision is None and not name:
        words = tr(
            "no revision of {service} before the one that serves is ready to serve", service=service
        )
        return (Refusal(Subject.TRAFFIC, words, tr("deploy what you want: zimage-console deploy")),)
    if revision is None:
        return (
            Refusal(
                Subject.TRAFFIC,
                tr("{service} has no revision {name!a}", service=service, name=name),
                mend,
            ),
        )
    if not is_ready(revision):
        why = revision.ready.message if revision.ready and revision.ready.message else ""
        words = (
            tr("{revision} never became ready: {why}", revision=revision.name, why=why)
            if why
            else tr("{revision} never became ready", revision=revision.name)
        )
        return (Refusal(Subject.TRAFFIC, words, mend),)
    return ()


def share_refusals(found: ServiceSeen, shares: tuple[TrafficShare, ...]) -> tuple[Refusal, ...]:
    """Return what is wrong with a split of requests."""
    reasons: list[Refusal] = []
    percents = [each.percent for each in shares]
    if sum(percents) != 100 or not all(0 <= each <= 100 for each in percents):
        said = " + ".join(str(each) for each in percents)
        words = (
            tr("shares of {shares} percent are not 100 in all", shares=said)
            if said
            else tr("shares of nothing percent are not 100 in all")
        )
        reasons.append(Refusal(Subject.TRAFFIC, words, tr("give each a share, 100 together")))
    for each in shares:
        if each.revision is not None:
            reasons += revision_refusals(found, named(found, each.revision), each.revision)
        if each.tag and not _TAG.fullmatch(each.tag):
            words = tr("{tag!a} cannot be a tag: it becomes part of an address", tag=each.tag)
            mend = tr("write at most 46 small letters, digits and hyphens, such as candidate")
            reasons.append(Refusal(Subject.TRAFFIC, words, mend))
    for template, names in (
        (
            tr_later("the revision {names} is named twice"),
            [each.revision or SafeText("LATEST") for each in shares if each.percent],
        ),
        (tr_later("the tag {names} is named twice"), [each.tag for each in shares if each.tag]),
    ):
        twice = sorted({each for each in names if names.count(each) > 1})
        if twice:
            words = tr(template, names=tr(", ").join(twice))
            reasons.append(Refusal(Subject.TRAFFIC, words, tr("name each once")))
    return tuple(reasons)
