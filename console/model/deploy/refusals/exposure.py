"""Secrets in the clear, and services that are open without a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from console.language import tr
from console.model.access import CALLING_ROLES, EVERY_ACCOUNT, EVERYBODY, Policy
from console.model.deploy.scene import Scene
from console.model.deploy.secret_names import is_secret
from console.model.deploy.step import Refusal, Subject
from console.model.deploy.wish import Visibility
from console.model.doctor.answers import command

_MEMBER: Final = re.compile(
    r"(?:user|serviceAccount|group):[^\s@:]+@[^\s@]+\.[^\s@]+|domain:[^\s@]+\.[^\s@]+"
    r"|principal(?:Set)?://\S+"
)


def exposure_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what would show a secret, or let more people in than was meant."""
    for name, value in scene.wish.settings.variables:
        if is_secret(name, value):
            secret = name.lower().replace("_", "-")
            yield Refusal(
                Subject.SERVICE,
                tr(
                    "the variable {name} looks like a secret, and whoever may see the "
                    "service would see it",
                    name=name,
                ),
                tr(
                    "keep it in Secret Manager: gcloud secrets create {secret} --data-file=- "
                    "--project={project}, then --secret {name}={secret}",
                    secret=secret,
                    project=scene.project,
                    name=name,
                ),
            )
    yield from _callers(scene)


def _callers(scene: Scene) -> Iterator[Refusal]:
    wish = scene.wish
    policy = scene.service.policy if scene.service else None
    if wish.visibility is Visibility.PRIVATE and isinstance(policy, Policy):
        yield from _open_by_more(scene, policy)
    if wish.visibility is Visibility.PRIVATE and wish.settings.callers_unchecked:
        yield Refusal(
            Subject.ACCESS,
            tr("the service is to be private, but its callers would not be checked"),
            tr("leave one of the two out, or open it by --public"),
        )
    for each in wish.callers:
        if each in (EVERYBODY, EVERY_ACCOUNT):
            words = tr("{member} is everybody, and no caller of a private service", member=each)
            if wish.visibility is Visibility.PRIVATE:
                yield Refusal(Subject.ACCESS, words, tr("open it by --public, which asks first"))
        elif not _MEMBER.fullmatch(each):
            yield Refusal(
                Subject.ACCESS,
                tr("{member!a} is nobody that Google knows how to let in", member=each),
                tr("write user:NAME@DOMAIN, group:NAME@DOMAIN or serviceAccount:NAME@…"),
            )
    unlimited = wish.settings.max_instances is None and wish.settings.manual_instances is None
    if scene.public and unlimited and not wish.as_in_guide:
        yield Refusal(
            Subject.ACCESS,
            tr(
                "everybody may call, and there is no limit of instances: nobody can say what "
                "a day costs at most"
            ),
            "--max-instances 1",
        )


def _open_by_more(scene: Scene, policy: Policy) -> Iterator[Refusal]:
    """Yield roles that let everybody call and do more: the console takes no such role away."""
    place = scene.wish.place
    for grant in policy.grants:
        for each in grant.members:
            more = Policy((grant,)).callers() and grant.role not in CALLING_ROLES
            if more and each in (EVERYBODY, EVERY_ACCOUNT):
                yield Refusal(
                    Subject.ACCESS,
                    tr(
                        "{member} has {role} on {service}, and may call it and much more",
                        member=each,
                        role=grant.role,
                        service=place.service,
                    ),
                    command(
                        *("gcloud", "run", "services", "remove-iam-policy-binding", place.service),
                        *(f"--member={each}", f"--role={grant.role}"),
                        *(f"--region={place.region}", f"--project={place.project}"),
                    ),
                )
