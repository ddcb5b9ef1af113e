"""A plan as a JSON document, for programs that read it.

Nothing secret is in it: a variable that looks like a secret has a word in the place of its value.
`schema_version` changes whenever a field changes its meaning or goes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.model.cost.money import Amount
from console.model.deploy.guide import explained
from console.model.deploy.image_tag import image_address
from console.model.deploy.observed import SourceSeen
from console.model.deploy.secret_names import without_secrets
from console.model.deploy.service_body import body_of
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.step import Plan, Refusal, Step
from console.model.deploy.wish import DeployWish
from console.model.service import TrafficShare

SCHEMA_VERSION: Final = 1


def plan_document(plan: Plan) -> dict[str, object]:
    """Return a plan as JSON; `service` is the whole service as Cloud Run's interface takes it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "title": plan.title,
        "service_name": str(plan.place) if plan.place else None,
        "carried_out": not plan.hindrances and bool(plan.acting),
        "confirmation": plan.confirmation.value,
        "wish": _wish(plan.wish, plan) if plan.wish else None,
        "steps": [_step(each) for each in plan.steps],
        "refusals": [_refusal(each) for each in plan.refusals],
        "blocked": [_refusal(each) for each in plan.blocked],
        "notes": list(plan.notes),
        "stays": list(plan.stays),
        "service": _service(plan.service) if plan.service else None,
        "traffic": [_share(each) for each in plan.traffic],
        "instances": plan.instances,
        "guide_differences": _differences(plan.wish) if plan.wish and plan.service else [],
        "estimates": _estimates(plan),
    }


def _wish(wish: DeployWish, plan: Plan) -> dict[str, object]:
    source = plan.observed.source
    checksum = source.checksum if isinstance(source, SourceSeen) else ""
    return {
        "project": wish.place.project,
        "region": wish.place.region,
        "service": wish.place.service,
        "variant": wish.variant.value,
        "image": {
            "way": wish.image.way.value,
            "name": image_address(wish, checksum),
            "dockerfile": wish.image.dockerfile or None,
            "context": wish.image.context or None,
        },
        "bucket": wish.bucket,
        "models": wish.models,
        "account": wish.account_email or None,
        "visibility": wish.visibility.value,
        "callers": list(wish.callers),
        "as_in_guide": wish.as_in_guide,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "subject": step.subject.value,
        "effect": step.effect.value,
        "title": step.title,
        "target": step.target,
        "changes": [
            {
                "setting": each.setting,
                "observed": each.observed,
                "wanted": each.wanted,
                "why": each.why or None,
            }
            for each in step.changes
        ],
        "cost": step.cost or None,
        "commands": list(step.commands),
        "undo": list(step.undo),
        "notes": list(step.notes),
        "assumed": step.assumed or None,
        "loses": list(step.loses),
    }


def _refusal(refusal: Refusal) -> dict[str, object]:
    return {"about": refusal.about.value, "words": refusal.words, "mend": refusal.mend}


def _service(settings: ServiceSettings) -> dict[str, object]:
    """Return the service; without an image as long as nobody knows its digest."""
    return dict(body_of(replace(settings, variables=without_secrets(settings.variables))))


def _share(share: TrafficShare) -> dict[str, object]:
    return {
        "percent": share.percent,
        "revision": share.revision,
        "latest": share.revision is None,
        "tag": share.tag or None,
    }


def _differences(wish: DeployWish) -> list[dict[str, object]]:
    return [
        {
            "id": each.id,
            "subject": each.subject.value,
            "guide": each.guide,
            "console": each.console,
            "why": each.why,
        }
        for each in explained(wish)
    ]


def _estimates(plan: Plan) -> dict[str, object]:
    return {
        "estimate": True,
        "currency": "USD",
        "prices_of": plan.prices_of.isoformat() if plan.prices_of else None,
        "worst_day": _amount(plan.worst_day),
        "idle_day": _amount(plan.idle_day),
    }


def _amount(amount: Amount | None) -> dict[str, object] | None:
    return None if amount is None else amount.to_json()
