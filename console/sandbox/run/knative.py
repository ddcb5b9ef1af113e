"""Services and revisions between Knative's form (v1) and the Admin API's messages (v2).

Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.services and v2's.
"""

from __future__ import annotations

import json
from typing import Final

from google.cloud.run_v2.types import Revision, Service
from google.protobuf import json_format

from console.sandbox.json_calls import JsonObject, an_object, objects, text
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.knative_template import (
    plain,
    template_from,
    template_to,
    whole,
    words,
    yes,
)
from console.sandbox.run.refused import invalid
from console.sandbox.run.services import last_part

API: Final = "serving.knative.dev/v1"
PATH: Final = f"/apis/{API}/namespaces"
LOCATION: Final = "cloud.googleapis.com/location"
SERVICE: Final = "serving.knative.dev/service"
CREATOR: Final = "serving.knative.dev/creator"
MODIFIER: Final = "serving.knative.dev/lastModifier"
_RUN: Final = "run.googleapis.com/"
_INGRESS: Final = {
    "all": "INGRESS_TRAFFIC_ALL",
    "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
}
_FLAGS: Final = {
    f"{_RUN}invoker-iam-disabled": "invokerIamDisabled",
    f"{_RUN}default-url-disabled": "defaultUriDisabled",
    f"{_RUN}iap-enabled": "iapEnabled",
}
_TEXTS: Final = {
    f"{_RUN}description": "description",
    f"{_RUN}client-name": "client",
    f"{_RUN}client-version": "clientVersion",
    f"{_RUN}launch-stage": "launchStage",
}
_COUNTS: Final = {
    f"{_RUN}minScale": "minInstanceCount",
    f"{_RUN}maxScale": "maxInstanceCount",
    f"{_RUN}manualInstanceCount": "manualInstanceCount",
}
_MODE: Final = f"{_RUN}scalingMode"
_AUDIENCES: Final = f"{_RUN}custom-audiences"
_NAMED: Final = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
_NEWEST: Final = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
_STATES: Final = {"CONDITION_SUCCEEDED": "True", "CONDITION_FAILED": "False"}


def service_from(body: JsonObject, parent: str) -> Service:
    """Read a service of a region, `projects/P/locations/L`; raises `Refused`."""
    metadata, spec = an_object(body.get("metadata")), an_object(body.get("spec"))
    notes = words(metadata.get("annotations"))
    labels = words(metadata.get("labels"))
    labels.pop(LOCATION, None)
    made: JsonObject = {
        "name": f"{parent}/services/{text(metadata.get('name'))}",
        "etag": _quoted(text(metadata.get("resourceVersion"))),
        "labels": labels,
        "annotations": plain(notes),
        "scaling": _scaling_from(notes),
        "template": template_from(an_object(spec.get("template"))),
        "traffic": [_share_from(each) for each in objects(spec.get("traffic"))],
    }
    made |= {v2: notes[v1] for v1, v2 in _TEXTS.items() if v1 in notes}
    made |= {v2: yes(notes[v1]) for v1, v2 in _FLAGS.items() if v1 in notes}
    ingress = notes.get(f"{_RUN}ingress")
    if ingress is not None:
        if ingress not in _INGRESS:
            raise invalid(f"metadata.annotations[{_RUN}ingress]: '{ingress}' is not supported.")
        made["ingress"] = _INGRESS[ingress]
    try:
        made["customAudiences"] = json.loads(notes.get(_AUDIENCES, "[]"))
        return Service.wrap(json_format.ParseDict(made, Service.pb()()))
    except (json_format.ParseError, ValueError, RecursionError) as error:
        raise invalid(f"Invalid JSON payload received: {error}") from None


def service_to(service: Service) -> JsonObject:
    """Return a service as v1 has it."""
    raw = _as_json(service)
    region = str(service.name).split("/")[3]
    name = last_part(service.name)
    template = template_to(an_object(raw.get("template")))
    shares = objects(raw.get("traffic"))
    return {
        "apiVersion": API,
        "kind": "Service",
        "metadata": {
            **_metadata(raw, name, "services"),
            "labels": words(raw.get("labels")) | {LOCATION: region},
            "annotations": _service_notes(raw),
        },
        "spec": {"template": template, "traffic": [_share_to(each, "") for each in shares]},
        "status": _service_status(raw),
    }


def revision_to(revision: Revision) -> JsonObject:
    """Return a revision as v1 has it."""
    raw = _as_json(revision)
    name = last_part(revision.name)
    service, region = last_part(revision.service), str(revision.name).split("/")[3]
    template = template_to(raw)
    metadata = an_object(template["metadata"])
    labels = {
        **words(metadata.get("labels")),
        SERVICE: service,
        "serving.knative.dev/configuration": service,
        "serving.knative.dev/configurationGeneration": str(raw.get("generation", "1")),
        "serving.knative.dev/route": service,
        LOCATION: region,
    }
    notes = words(metadata.get("annotations")) | {CREATOR: text(raw.get("creator"))}
    containers = objects(raw.get("containers"))
    return {
        "apiVersion": API,
        "kind": "Revision",
        "metadata": {
            **_metadata(raw, name, "revisions"),
            "labels": labels,
            "annotations": notes,
        },
        "spec": template["spec"],
        "status": {
            "observedGeneration": int(text(raw.get("observedGeneration")) or 0),
            "conditions": _conditions(objects(raw.get("conditions"))),
            "imageDigest": containers[0].get("image", "") if containers else "",
            "serviceName": service,
        },
    }


def listed(kind: str, items: list[JsonObject]) -> JsonObject:
    """Return a list of services or revisions: `kind` is the word for one of them."""
    return {"apiVersion": API, "kind": f"{kind}List", "metadata": {}, "items": items}


def _as_json(resource: Service | Revision) -> JsonObject:
    made: JsonObject = json_format.MessageToDict(type(resource).pb(resource))
    return made


def _metadata(raw: JsonObject, name: str, collection: str) -> JsonObject:
    return {
        "name": name,
        "namespace": NUMBER,
        "selfLink": f"{PATH}/{NUMBER}/{collection}/{name}",
        "uid": raw.get("uid", ""),
        "resourceVersion": text(raw.get("etag")).strip('"'),
        "generation": int(text(raw.get("generation")) or 0),
        "creationTimestamp": raw.get("createTime", ""),
    }


def _quoted(version: str) -> str:
    return f'"{version}"' if version else ""


def _service_notes(raw: JsonObject) -> JsonObject:
    """Return the annotations that stand for fields of v2, and those that are just there."""
    ingress = {v2: v1 for v1, v2 in _INGRESS.items()}.get(text(raw.get("ingress")), "all")
    scaling = an_object(raw.get("scaling"))
    notes: JsonObject = {
        **words(raw.get("annotations")),
        **{v1: raw[v2] for v1, v2 in _TEXTS.items() if raw.get(v2)},
        **{v1: "true" for v1, v2 in _FLAGS.items() if raw.get(v2)},
        **{v1: str(scaling[v2]) for v1, v2 in _COUNTS.items() if v2 in scaling},
        f"{_RUN}ingress": ingress,
        f"{_RUN}ingress-status": ingress,
        CREATOR: raw.get("creator", ""),
        MODIFIER: raw.get("lastModifier", ""),
    }
    if notes.get(f"{_RUN}launch-stage") == "GA":
        del notes[f"{_RUN}launch-stage"]
    if scaling.get("scalingMode") == "MANUAL":
        notes[_MODE] = "manual"
    if raw.get("urls"):
        notes[f"{_RUN}urls"] = json.dumps(raw["urls"])
    if raw.get("customAudiences"):
        notes[_AUDIENCES] = json.dumps(raw["customAudiences"])
    return notes


def _scaling_from(notes: dict[str, str]) -> JsonObject:
    made: JsonObject = {v2: whole(v1, notes[v1]) for v1, v2 in _COUNTS.items() if v1 in notes}
    if notes.get(_MODE):
        made["scalingMode"] = notes[_MODE].upper()
    return made


def _service_status(raw: JsonObject) -> JsonObject:
    terminal = an_object(raw.get("terminalCondition"))
    ready = last_part(text(raw.get("latestReadyRevision")))
    status: JsonObject = {
        "observedGeneration": int(text(raw.get("observedGeneration")) or 0),
        "conditions": _conditions([terminal, *objects(raw.get("conditions"))]),
        "latestCreatedRevisionName": last_part(text(raw.get("latestCreatedRevision"))),
        "traffic": [_share_to(each, ready) for each in objects(raw.get("trafficStatuses"))],
    }
    if ready:
        status["latestReadyRevisionName"] = ready
    if raw.get("uri"):
        status |= {"url": raw["uri"], "address": {"url": raw["uri"]}}
    return status


def _share_from(share: JsonObject) -> JsonObject:
    latest = share.get("latestRevision") is True
    return {
        "type": _NEWEST if latest else _NAMED,
        "revision": "" if latest else text(share.get("revisionName")),
        "percent": share.get("percent", 0),
        "tag": text(share.get("tag")),
    }


def _share_to(share: JsonObject, ready: str) -> JsonObject:
    """Return a share of the traffic; a status names the revision that is the latest, `ready`."""
    latest = share.get("type") == _NEWEST
    made: JsonObject = {"percent": share.get("percent", 0)}
    if latest:
        made["latestRevision"] = True
    if share.get("revision") or (latest and ready):
        made["revisionName"] = share.get("revision") or ready
    for v2, v1 in (("tag", "tag"), ("uri", "url")):
        if share.get(v2):
            made[v1] = share[v2]
    return made


def _conditions(conditions: list[JsonObject]) -> list[JsonObject]:
    return [_condition(each) for each in conditions if each]


def _condition(condition: JsonObject) -> JsonObject:
    made: JsonObject = {
        "type": condition.get("type", ""),
        "status": _STATES.get(text(condition.get("state")), "Unknown"),
        "lastTransitionTime": condition.get("lastTransitionTime", ""),
    }
    reason = text(condition.get("reason") or condition.get("revisionReason"))
    if reason or made["status"] == "Unknown":
        made["reason"] = reason.title().replace("_", "") or "Deploying"
    if condition.get("message"):
        made["message"] = condition["message"]
    if condition.get("severity"):
        made["severity"] = text(condition["severity"]).title()
    return made
