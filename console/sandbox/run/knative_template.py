"""What a revision runs, between Knative's form (v1) and the Admin API's (v2), both as JSON.

Fields of v2 are annotations in v1, or have another name there. Source:
https://cloud.google.com/run/docs/reference/rest/v1/RevisionTemplate and v2's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.sandbox.json_calls import JsonObject, an_object, objects, text
from console.sandbox.run.refused import invalid

MIN_SCALE: Final = "autoscaling.knative.dev/minScale"
MAX_SCALE: Final = "autoscaling.knative.dev/maxScale"
NONCE: Final = "client.knative.dev/nonce"
GENERATION: Final = "run.googleapis.com/execution-environment"
BOOST: Final = "run.googleapis.com/startup-cpu-boost"
THROTTLING: Final = "run.googleapis.com/cpu-throttling"
AFFINITY: Final = "run.googleapis.com/sessionAffinity"
NO_ZONES: Final = "run.googleapis.com/gpu-zonal-redundancy-disabled"
NO_CHECK: Final = "run.googleapis.com/health-check-disabled"
ACCELERATOR: Final = "run.googleapis.com/accelerator"
BUCKETS: Final = "gcsfuse.run.googleapis.com"

_CONTAINER: Final = (
    *("name", "image", "command", "args", "volumeMounts", "workingDir"),
    *("livenessProbe", "startupProbe", "readinessProbe"),
)
_FLAGS: Final = {
    AFFINITY: "sessionAffinity",
    NO_ZONES: "gpuZonalRedundancyDisabled",
    NO_CHECK: "healthCheckDisabled",
}
_SCALES: Final = {MIN_SCALE: "minInstanceCount", MAX_SCALE: "maxInstanceCount"}
_RESERVED: Final = ("run.googleapis.com/", "autoscaling.knative.dev/", "serving.knative.dev/")


def template_from(template: JsonObject) -> JsonObject:
    """Return a v1 `RevisionTemplate` as v2 has it; raises `Refused`."""
    metadata, spec = an_object(template.get("metadata")), an_object(template.get("spec"))
    notes = words(metadata.get("annotations"))
    made: JsonObject = {
        "revision": text(metadata.get("name")),
        "labels": words(metadata.get("labels")),
        "annotations": plain(notes),
        "scaling": {v2: whole(v1, notes[v1]) for v1, v2 in _SCALES.items() if v1 in notes},
        "containers": [_container_from(each, notes) for each in objects(spec.get("containers"))],
        "volumes": [_volume_from(each) for each in objects(spec.get("volumes"))],
    }
    made |= {v2: yes(notes[v1]) for v1, v2 in _FLAGS.items() if v1 in notes}
    if GENERATION in notes:
        made["executionEnvironment"] = f"EXECUTION_ENVIRONMENT_{notes[GENERATION].upper()}"
    if "containerConcurrency" in spec:
        made["maxInstanceRequestConcurrency"] = spec["containerConcurrency"]
    if "timeoutSeconds" in spec:
        made["timeout"] = f"{whole('timeoutSeconds', spec['timeoutSeconds'])}s"
    if text(spec.get("serviceAccountName")):
        made["serviceAccount"] = spec["serviceAccountName"]
    accelerator = words(spec.get("nodeSelector")).get(ACCELERATOR)
    if accelerator:
        made["nodeSelector"] = {"accelerator": accelerator}
    return made


def template_to(template: JsonObject) -> JsonObject:
    """Return a v2 `RevisionTemplate`, or a revision, as v1 has the template."""
    containers = objects(template.get("containers"))
    metadata: JsonObject = {
        "labels": an_object(template.get("labels")),
        "annotations": words(template.get("annotations")) | _notes(template, containers),
    }
    if template.get("revision"):
        metadata["name"] = template["revision"]
    spec: JsonObject = {
        "containerConcurrency": template.get("maxInstanceRequestConcurrency", 0),
        "timeoutSeconds": int(float(str(template.get("timeout", "300s")).rstrip("s"))),
        "serviceAccountName": template.get("serviceAccount", ""),
        "containers": [_container_to(each) for each in containers],
    }
    volumes = [_volume_to(each) for each in objects(template.get("volumes"))]
    if volumes:
        spec["volumes"] = volumes
    accelerator = an_object(template.get("nodeSelector")).get("accelerator")
    if accelerator:
        spec["nodeSelector"] = {ACCELERATOR: accelerator}
    return {"metadata": metadata, "spec": spec}


def _notes(template: JsonObject, containers: list[JsonObject]) -> dict[str, str]:
    """Return the annotations that stand for fields of v2."""
    scaling = an_object(template.get("scaling"))
    notes = {v1: str(scaling[v2]) for v1, v2 in _SCALES.items() if scaling.get(v2)}
    notes |= {v1: "true" for v1, v2 in _FLAGS.items() if template.get(v2)}
    environment = text(template.get("executionEnvironment")).rpartition("_")[2].lower()
    if environment in ("gen1", "gen2"):
        notes[GENERATION] = environment
    resources = an_object(containers[0].get("resources")) if containers else {}
    if resources.get("startupCpuBoost"):
        notes[BOOST] = "true"
    if not resources.get("cpuIdle"):
        notes[THROTTLING] = "false"
    return notes


def _container_from(container: JsonObject, notes: Mapping[str, str]) -> JsonObject:
    made = {key: container[key] for key in _CONTAINER if container.get(key)}
    limits = words(an_object(container.get("resources")).get("limits"))
    made["resources"] = {
        "limits": limits,
        "cpuIdle": yes(notes.get(THROTTLING, "true")),
        "startupCpuBoost": yes(notes.get(BOOST, "false")),
    }
    made["ports"] = objects(container.get("ports"))
    made["env"] = [_variable_from(each) for each in objects(container.get("env"))]
    return made


def _container_to(container: JsonObject) -> JsonObject:
    made = {key: container[key] for key in _CONTAINER if container.get(key)}
    limits = an_object(an_object(container.get("resources")).get("limits"))
    made["resources"] = {"limits": limits}
    if container.get("ports"):
        made["ports"] = container["ports"]
    variables = [_variable_to(each) for each in objects(container.get("env"))]
    if variables:
        made["env"] = variables
    return made


def _variable_from(variable: JsonObject) -> JsonObject:
    secret = an_object(an_object(variable.get("valueFrom")).get("secretKeyRef"))
    if not secret:
        return {"name": text(variable.get("name")), "value": text(variable.get("value"))}
    named = {"secret": text(secret.get("name")), "version": text(secret.get("key"))}
    return {"name": text(variable.get("name")), "valueSource": {"secretKeyRef": named}}


def _variable_to(variable: JsonObject) -> JsonObject:
    secret = an_object(an_object(variable.get("valueSource")).get("secretKeyRef"))
    if not secret:
        return {"name": variable.get("name", ""), "value": variable.get("value", "")}
    named = {"name": secret.get("secret", ""), "key": secret.get("version", "")}
    return {"name": variable.get("name", ""), "valueFrom": {"secretKeyRef": named}}


def _volume_from(volume: JsonObject) -> JsonObject:
    name, mounted = text(volume.get("name")), an_object(volume.get("csi"))
    if mounted:
        if mounted.get("driver") != BUCKETS:
            raise invalid(f"Volume '{name}' has an unknown driver: {mounted.get('driver')}")
        attributes = words(mounted.get("volumeAttributes"))
        options = attributes.get("mountOptions", "")
        bucket: JsonObject = {
            "bucket": attributes.get("bucketName", ""),
            "readOnly": mounted.get("readOnly") is True,
            "mountOptions": options.split(",") if options else [],
        }
        return {"name": name, "gcs": bucket}
    if isinstance(volume.get("emptyDir"), dict):
        return {"name": name, "emptyDir": volume["emptyDir"]}
    raise invalid(f"Volume '{name}' is of a kind that is not supported.")


def _volume_to(volume: JsonObject) -> JsonObject:
    bucket = an_object(volume.get("gcs"))
    if not bucket:
        return {"name": volume.get("name", ""), "emptyDir": an_object(volume.get("emptyDir"))}
    attributes: JsonObject = {"bucketName": bucket.get("bucket", "")}
    options = bucket.get("mountOptions")
    if isinstance(options, list) and options:
        attributes["mountOptions"] = ",".join(map(str, options))
    mounted = {
        "driver": BUCKETS,
        "readOnly": bucket.get("readOnly", False),
        "volumeAttributes": attributes,
    }
    return {"name": volume.get("name", ""), "csi": mounted}


def words(value: object) -> dict[str, str]:
    """Return the texts of an object by their names; whatever else there is is left out."""
    return {key: each for key, each in an_object(value).items() if isinstance(each, str)}


def plain(notes: Mapping[str, str]) -> dict[str, str]:
    """Return the annotations that stand for nothing but themselves."""
    return {key: value for key, value in notes.items() if not key.startswith(_RESERVED)}


def yes(value: str) -> bool:
    """Read a yes or no as annotations have it: `true`, or Python's `True`."""
    return value.lower() == "true"


def whole(field: str, value: object) -> int:
    """Read a number as annotations have it; raises `Refused`."""
    said = str(value)
    if not (said.isascii() and said.isdigit() and len(said) < 10):
        raise invalid(f"{field}: '{said}' is no whole number.")
    return int(said)
