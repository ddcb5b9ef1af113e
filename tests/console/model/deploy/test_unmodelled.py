"""What a service has beyond what the console knows is told in words that may be shown."""

from __future__ import annotations

import pytest

from console.model.deploy.service_body import body_of
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.unmodelled import unmodelled

SMALL = ServiceSettings(image="i", cpu="1", memory="512Mi")
BESIDE = [{"image": "a"}, {"image": "b"}]


def service(**fields: object) -> dict:
    return {**body_of(SMALL), **fields}


def template(**fields: object) -> dict:
    made = body_of(SMALL)
    return {**made, "template": {**made["template"], **fields}}


def container(**fields: object) -> dict:
    made = body_of(SMALL)
    made["template"]["containers"][0] |= fields
    return made


def beside() -> dict:
    made = body_of(SMALL)
    made["template"]["containers"] += BESIDE
    return made


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (service(), ()),
        (service(binaryAuthorization={"useDefault": True}), ("binary authorization",)),
        (service(iapEnabled=True), ("Identity-Aware Proxy",)),
        (service(defaultUriDisabled=False), ()),
        (service(annotations={"zimage-console/attempt": "2"}), ()),
        (service(annotations={"team": "a"}), ("annotations",)),
        (service(ingress="INGRESS_TRAFFIC_NEW"), ("another ingress",)),
        (service(aNewField={"x": 1}), ("aNewField",)),
        (service(**{"\x1b[2J": 1}), ("a setting with an odd name",)),
        (template(sessionAffinity=True), ("session affinity",)),
        (template(nodeSelector={"accelerator": "nvidia-z9"}), ("a GPU of another kind",)),
        (template(volumes=[{"name": "n", "nfs": {}}]), ("a volume that is no bucket",)),
        (template(volumes=[{"name": "n", "gcs": {"bucket": "b", "cache": 1}}]), ("cache",)),
        (beside(), ("2 more containers",)),
        (container(command=["sh"], args=["x"]), ("another command", "arguments of the command")),
        (container(ports=[{"name": "h2c", "containerPort": 80}]), ("HTTP/2 from end to end",)),
        (
            container(resources={"limits": {"cpu": "1", "ephemeral": "1Gi"}}),
            ("other limits",),
        ),
        (
            container(env=[{"name": "A", "valueSource": {"configMapKeyRef": {}}}]),
            ("variables from other sources",),
        ),
        (container(volumeMounts=[{"name": "n", "subPath": "x"}]), ("subPath",)),
        (
            container(startupProbe={"httpGet": {"httpHeaders": [{"name": "a"}]}}),
            ("headers of the start-up probe",),
        ),
        (
            container(startupProbe={"grpc": {"service": "s"}}),
            ("the service of the start-up probe",),
        ),
    ],
)
def test_it_is_told_in_few_words(body: dict, words: tuple[str, ...]) -> None:
    assert unmodelled(body) == words


def test_the_platforms_own_words_are_none_of_it() -> None:
    body = service(
        name="projects/p/locations/l/services/s",
        generation="3",
        conditions=[{"type": "Ready"}],
        trafficStatuses=[{"percent": 100}],
        urls=["https://a.test"],
        satisfiesPzs=True,
        launchStage="BETA",
        etag='"x"',
    )
    assert unmodelled(body) == ()
