"""Who may call the service."""

from __future__ import annotations

from typing import Final

from console.language import tr, tr_later
from console.model.access import CALLING_ROLES, EVERY_ACCOUNT, EVERYBODY, Grant, Policy
from console.model.deploy.observed import NOTHING, Seen, Unseen
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.service_commands import INVOKER_ROLE, forbid_calling, let_call
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.deploy.wish import DeployWish, Visibility
from console.model.text import SafeText

_MAY_CALL: Final = (
    tr_later("everybody may call {service}"),
    tr_later("nobody but the project's own people may call {service}"),
    tr_later("{callers} may call {service}"),
)
_LET_CALL: Final = (
    tr_later("let everybody call {service}"),
    tr_later("let nobody but the project's own people call {service}"),
    tr_later("let {callers} call {service}"),
)
_ANYBODY = frozenset({EVERYBODY, EVERY_ACCOUNT})


def wanted_callers(wish: DeployWish, there: frozenset[str]) -> frozenset[str]:
    """Return who may call once all is done, of those that are named or there already.

    Whoever was let in by hand stays, but for everybody at once where the service is private.
    """
    named = there | frozenset(wish.callers)
    if wish.visibility is Visibility.PRIVATE:
        return named - _ANYBODY
    return named if wish.settings.callers_unchecked else named | {EVERYBODY}


def wanted_policy(wish: DeployWish, observed: Policy) -> Policy:
    """Return the policy that the service is to have."""
    callers = sorted(wanted_callers(wish, _callers(observed)))
    return Policy((Grant(SafeText(INVOKER_ROLE), tuple(SafeText(each) for each in callers)),))


def access_step(scene: Scene) -> Step:
    """Return the step that lets callers in, or shuts them out."""
    place, wish = scene.wish.place, scene.wish
    seen: Seen[Policy] = scene.service.policy if scene.service else Policy()
    unseen = seen if isinstance(seen, Unseen) else None
    there = _callers(seen) if isinstance(seen, Policy) else frozenset[str]()
    wanted = wanted_callers(wish, there)
    added, removed = sorted(wanted - there), sorted(there - wanted)
    if not added and not removed:
        return Step(
            subject=Subject.ACCESS,
            effect=Effect.NOTHING,
            title=_title(scene, wanted, _MAY_CALL),
            target=str(place),
            assumed=assumed(unseen, tr("that nobody else may call")) if unseen else NOTHING,
        )
    return Step(
        subject=Subject.ACCESS,
        effect=Effect.CHANGE,
        title=_title(scene, wanted, _LET_CALL),
        target=str(place),
        changes=(
            *(Change(each, tr("may not call"), tr("may call")) for each in added),
            *(Change(each, tr("may call"), tr("may not call")) for each in removed),
        ),
        commands=(
            *(let_call(place, each) for each in added),
            *(forbid_calling(place, each) for each in removed),
        ),
        undo=(
            *(let_call(place, each) for each in removed),
            *(forbid_calling(place, each) for each in added),
        ),
        assumed=assumed(unseen, tr("that nobody may call yet")) if unseen else NOTHING,
    )


def _callers(policy: Policy) -> frozenset[str]:
    granted = (each for each in policy.grants if each.role in CALLING_ROLES)
    return frozenset(member for each in granted for member in each.members)


def _title(scene: Scene, callers: frozenset[str], templates: tuple[str, str, str]) -> str:
    """Return the title for everybody, nobody, or those that are named."""
    everybody, nobody, named = templates
    service = scene.wish.place.service
    if scene.public:
        return tr(everybody, service=service)
    if not callers:
        return tr(nobody, service=service)
    return tr(named, callers=tr(", ").join(sorted(callers)), service=service)
