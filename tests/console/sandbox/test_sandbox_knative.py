"""Knative's form of services and revisions, both ways."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from deploying import IMAGE
from google.cloud import run_v2
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.moments import read
from console.sandbox.run.demo_service import DEMO, demo_deployment
from console.sandbox.run.knative import revision_to, service_from, service_to
from console.sandbox.run.refused import Refused
from console.sandbox.run.run_rules import specified

PARENT = "projects/p/locations/r"
NOON = read("2026-01-01T12:00:00Z")

# What `gcloud run deploy z-image --image=… --region=us-central1 --execution-environment=gen2
# --allow-unauthenticated --port=7860 --memory=16Gi --cpu=4
# --add-volume=name=models,type=cloud-storage,bucket=z-image-models
# --add-volume-mount=volume=models,mount-path=/app` posts.
DEPLOYED: dict[str, Any] = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {
        "annotations": {
            "run.googleapis.com/client-name": "gcloud",
            "run.googleapis.com/client-version": "528.0.0",
        },
        "labels": {},
        "name": "z-image",
        "namespace": "demo-proj",
    },
    "spec": {
        "template": {
            "metadata": {
                "annotations": {
                    "run.googleapis.com/client-name": "gcloud",
                    "run.googleapis.com/client-version": "528.0.0",
                    "run.googleapis.com/execution-environment": "gen2",
                    "run.googleapis.com/startup-cpu-boost": "True",
                },
                "labels": {"client.knative.dev/nonce": "dnvlinauhw"},
            },
            "spec": {
                "containers": [
                    {
                        "image": IMAGE,
                        "name": "",
                        "ports": [{"containerPort": 7860}],
                        "resources": {"limits": {"cpu": "4", "memory": "16Gi"}, "requests": {}},
                        "volumeMounts": [{"mountPath": "/app", "name": "models"}],
                    }
                ],
                "nodeSelector": {},
                "volumes": [
                    {
                        "csi": {
                            "driver": "gcsfuse.run.googleapis.com",
                            "readOnly": False,
                            "volumeAttributes": {"bucketName": "z-image-models"},
                        },
                        "name": "models",
                    }
                ],
            },
        }
    },
    "status": {"address": {}},
}


def test_what_gcloud_deploys_means_what_it_says() -> None:
    service = service_from(DEPLOYED, PARENT)
    template = service.template
    container = template.containers[0]
    assert service.name == f"{PARENT}/services/z-image"
    assert (service.client, service.client_version) == ("gcloud", "528.0.0")
    assert template.execution_environment.name == "EXECUTION_ENVIRONMENT_GEN2"
    assert dict(template.labels) == {"client.knative.dev/nonce": "dnvlinauhw"}
    assert dict(template.annotations) == {}
    assert (container.image, container.ports[0].container_port) == (IMAGE, 7860)
    assert dict(container.resources.limits) == {"cpu": "4", "memory": "16Gi"}
    assert (container.resources.cpu_idle, container.resources.startup_cpu_boost) == (True, True)
    assert container.volume_mounts[0].mount_path == "/app"
    assert template.volumes[0].gcs.bucket == "z-image-models"
    assert not service.invoker_iam_disabled


def test_what_was_read_is_written_back_the_same() -> None:
    service = specified(run_v2.Service(name=f"{PARENT}/services/z-image"), asked(FULL))
    again = specified(run_v2.Service(name=service.name), service_from(service_to(service), PARENT))
    assert again == service


def test_what_gcloud_puts_back_to_move_the_traffic_is_read() -> None:
    service = specified(run_v2.Service(name=f"{PARENT}/services/z-image"), asked(FULL))
    service.etag, service.generation = '"AAX4"', 4
    # It sends what it got, with annotations of its own, a number for the project, and the status.
    body: dict[str, Any] = copy.deepcopy(service_to(service))
    body["metadata"]["annotations"] |= {
        "run.googleapis.com/client-name": "gcloud",
        "run.googleapis.com/client-version": "528.0.0",
    }
    body["spec"]["template"]["metadata"]["annotations"]["run.googleapis.com/client-name"] = "gcloud"
    body["spec"]["traffic"] = [{"latestRevision": True, "percent": 100}]
    moved = service_from(body, PARENT)
    assert moved.etag == '"AAX4"'
    assert [(share.percent, share.revision) for share in moved.traffic] == [(100, "")]
    again = specified(service, moved)
    assert again.template == service.template
    assert (again.client, again.client_version) == ("gcloud", "528.0.0")


FULL: dict[str, Any] = {
    "name": f"{PARENT}/services/z-image",
    "description": "pictures",
    "labels": {"team": "a"},
    "annotations": {"own": "b"},
    "client": "tests",
    "client_version": "1",
    "ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "scaling": {"min_instance_count": 1, "max_instance_count": 3},
    "invoker_iam_disabled": True,
    "default_uri_disabled": True,
    "custom_audiences": ["https://a"],
    "traffic": [
        {"type_": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "percent": 40, "tag": "next"},
        {
            "type_": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
            "revision": "z-image-00001-abc",
            "percent": 60,
        },
    ],
    "template": {
        "revision": "z-image-x",
        "labels": {"c": "d"},
        "annotations": {"e": "f"},
        "scaling": {"min_instance_count": 1, "max_instance_count": 2},
        "timeout": {"seconds": 900},
        "service_account": "runner@p.iam.gserviceaccount.com",
        "execution_environment": "EXECUTION_ENVIRONMENT_GEN2",
        "max_instance_request_concurrency": 1,
        "session_affinity": True,
        "health_check_disabled": True,
        "gpu_zonal_redundancy_disabled": True,
        "node_selector": {"accelerator": "nvidia-l4"},
        "volumes": [
            {
                "name": "models",
                "gcs": {"bucket": "b", "read_only": True, "mount_options": ["implicit-dirs", "x"]},
            },
            {"name": "scratch", "empty_dir": {"medium": "MEMORY", "size_limit": "1Gi"}},
        ],
        "containers": [
            {
                "name": "main",
                "image": IMAGE,
                "command": ["serve"],
                "args": ["--now"],
                "env": [
                    {"name": "A", "value": "b"},
                    {
                        "name": "KEY",
                        "value_source": {"secret_key_ref": {"secret": "s", "version": "1"}},
                    },
                ],
                "ports": [{"name": "http1", "container_port": 7860}],
                "resources": {
                    "limits": {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"},
                    "cpu_idle": False,
                    "startup_cpu_boost": True,
                },
                "volume_mounts": [{"name": "models", "mount_path": "/models"}],
                "startup_probe": {
                    "initial_delay_seconds": 5,
                    "period_seconds": 10,
                    "timeout_seconds": 2,
                    "failure_threshold": 24,
                    "http_get": {
                        "path": "/readyz",
                        "port": 7860,
                        "http_headers": [{"name": "a", "value": "b"}],
                    },
                },
                "liveness_probe": {"tcp_socket": {"port": 7860}},
            }
        ],
    },
}


def asked(fields: dict[str, Any]) -> run_v2.Service:
    return run_v2.Service(**copy.deepcopy(fields))


@pytest.mark.parametrize("count", [0, 2])
def test_scaling_by_hand_survives_the_way_there_and_back(count: int) -> None:
    service = asked(FULL)
    service.scaling = {"scaling_mode": "MANUAL", "manual_instance_count": count}
    again = service_from(service_to(service), PARENT)
    assert again.scaling == service.scaling
    assert run_v2.ServiceScaling.pb(again.scaling).HasField("manual_instance_count")


def test_a_status_is_told_in_the_words_of_v1() -> None:
    service = demo_deployment(DEMO, NOON, lambda size: "ab" * size).service
    service.uri = "http://127.0.0.1:1"
    status = service_to(service)["status"]
    assert isinstance(status, dict)
    assert [(each["type"], each["status"]) for each in status["conditions"]] == [
        ("Ready", "True"),
        ("RoutesReady", "True"),
        ("ConfigurationsReady", "True"),
    ]
    assert status["latestReadyRevisionName"] == "zimage-00001-aba"
    assert status["traffic"] == [
        {"latestRevision": True, "percent": 100, "revisionName": "zimage-00001-aba"}
    ]
    assert status["address"] == {"url": "http://127.0.0.1:1"}


def test_a_condition_that_failed_or_goes_on_says_why() -> None:
    service = demo_deployment(DEMO, NOON, lambda size: "ab" * size).service
    state, reason = run_v2.Condition.State, run_v2.Condition.RevisionReason
    service.terminal_condition = {"type_": "Ready", "state": state.CONDITION_RECONCILING}
    service.conditions = [
        {
            "type_": "ConfigurationsReady",
            "state": state.CONDITION_FAILED,
            "message": "no",
            "revision_reason": reason.HEALTH_CHECK_CONTAINER_ERROR,
        }
    ]
    status = service_to(service)["status"]
    assert isinstance(status, dict)
    ready, configurations = status["conditions"]
    assert (ready["status"], ready["reason"]) == ("Unknown", "Deploying")
    assert configurations["status"] == "False"
    assert configurations["reason"] == "HealthCheckContainerError"
    assert configurations["message"] == "no"


def test_a_revision_says_whose_it_is() -> None:
    revision = demo_deployment(DEMO, NOON, lambda size: "ab" * size).revisions[0]
    made = revision_to(revision)
    metadata, spec = made["metadata"], made["spec"]
    assert isinstance(metadata, dict)
    assert isinstance(spec, dict)
    assert metadata["name"] == "zimage-00001-aba"
    assert metadata["labels"]["serving.knative.dev/service"] == "zimage"
    assert metadata["labels"]["cloud.googleapis.com/location"] == "local-1"
    assert spec["containers"][0]["resources"] == {"limits": {"cpu": "4", "memory": "16Gi"}}


WRONG = [
    ("metadata", {"annotations": {"run.googleapis.com/ingress": "some"}}),
    ("metadata", {"annotations": {"run.googleapis.com/maxScale": "many"}}),
    ("metadata", {"annotations": {"run.googleapis.com/custom-audiences": "{"}}),
    ("metadata", {"annotations": {"run.googleapis.com/scalingMode": "wild"}}),
    ("spec", {"template": {"spec": {"timeoutSeconds": "soon"}}}),
    ("spec", {"template": {"spec": {"containerConcurrency": "x"}}}),
    ("spec", {"template": {"spec": {"containers": [{"image": 7}]}}}),
    ("spec", {"template": {"spec": {"volumes": [{"name": "a", "csi": {"driver": "b"}}]}}}),
    ("spec", {"template": {"spec": {"volumes": [{"name": "a", "nfs": {}}]}}}),
    ("spec", {"traffic": [{"percent": "half"}]}),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_makes_no_sense_is_refused(field: str, value: object) -> None:
    with pytest.raises(Refused) as refused:
        service_from({**DEPLOYED, field: value}, PARENT)
    assert refused.value.http_status == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["metadata", "spec", "template", "containers", "annotations", "traffic"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(body=st.dictionaries(st.sampled_from(["metadata", "spec"]), json_values))
def test_any_body_is_read_or_refused(body: dict[str, object]) -> None:
    try:
        service = service_from(body, PARENT)
    except Refused:
        return
    assert service.name.startswith(f"{PARENT}/services/")
