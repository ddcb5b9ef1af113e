from datetime import UTC, datetime, timedelta

import grpc
import pytest
from google.cloud import run_v2
from google.iam.v1 import policy_pb2
from google.type import expr_pb2
from scripted_google import Refusal, ScriptedGoogle, serving

from console.model.service import ConditionState, ServiceName, StartupProbe, Volume
from console.model.text import SafeText
from console.sources.base import Denied, Malformed, Missing

NAME = ServiceName("my-project", "us-central1", "z-image")
CHANGED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def deployed() -> run_v2.Service:
    revision = f"{NAME.resource}/revisions/z-image-00002-abc"
    return run_v2.Service(
        name=NAME.resource,
        uri="https://z-image-1234.us-central1.run.app",
        generation=2,
        update_time=CHANGED,
        last_modifier="ada@example.com",
        ingress=run_v2.IngressTraffic.INGRESS_TRAFFIC_ALL,
        launch_stage=4,
        scaling=run_v2.ServiceScaling(max_instance_count=3),
        template=run_v2.RevisionTemplate(
            scaling=run_v2.RevisionScaling(min_instance_count=1, max_instance_count=5),
            max_instance_request_concurrency=1,
            timeout=timedelta(seconds=900),
            service_account="runtime@my-project.iam.gserviceaccount.com",
            node_selector=run_v2.NodeSelector(accelerator="nvidia-l4"),
            containers=[
                run_v2.Container(image="sidecar"),
                run_v2.Container(
                    image="registry/z-image@sha256:12",
                    ports=[run_v2.ContainerPort(container_port=7860)],
                    resources=run_v2.ResourceRequirements(
                        limits={"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}
                    ),
                ),
            ],
        ),
        terminal_condition=condition("Ready", succeeded=True),
        conditions=[condition("RoutesReady", succeeded=False)],
        latest_ready_revision=revision,
        latest_created_revision=revision,
        traffic_statuses=[run_v2.TrafficTargetStatus(type_=1, percent=100, revision=revision)],
        reconciling=True,
    )


def condition(kind: str, *, succeeded: bool) -> run_v2.Condition:
    state = run_v2.Condition.State
    if succeeded:
        return run_v2.Condition(
            type_=kind, state=state.CONDITION_SUCCEEDED, last_transition_time=CHANGED
        )
    return run_v2.Condition(
        type_=kind,
        state=state.CONDITION_FAILED,
        message="the container did not listen",
        revision_reason=run_v2.Condition.RevisionReason.HEALTH_CHECK_CONTAINER_ERROR,
        severity=run_v2.Condition.Severity.ERROR,
    )


async def test_a_service_is_read_with_its_facts() -> None:
    async with serving(ScriptedGoogle(services=[deployed()])) as cloud:
        facts = await cloud.services.get(NAME)

    assert facts.name == NAME
    assert facts.url == facts.uri == "https://z-image-1234.us-central1.run.app"
    assert (facts.cpu, facts.memory, facts.gpu) == ("4", "16Gi", "nvidia-l4")
    assert (facts.concurrency, facts.timeout, facts.port) == (1, 900.0, 7860)
    assert facts.image == "registry/z-image@sha256:12"
    assert facts.cpu_always_allocated is True
    assert (facts.min_instances, facts.max_instances) == (1, 3)
    assert (facts.ingress, facts.launch_stage) == ("ALL", "GA")
    assert (facts.updated, facts.updated_by) == (CHANGED, "ada@example.com")
    assert facts.latest_ready_revision == "z-image-00002-abc"
    assert [(each.revision, each.percent) for each in facts.traffic] == [("z-image-00002-abc", 100)]
    assert facts.reconciling


async def test_conditions_keep_their_reason_in_google_s_word() -> None:
    async with serving(ScriptedGoogle(services=[deployed()])) as cloud:
        facts = await cloud.services.get(NAME)

    assert facts.ready is not None
    assert (facts.ready.state, facts.ready.changed) == (ConditionState.SUCCEEDED, CHANGED)
    (routes,) = facts.conditions
    assert routes.state is ConditionState.FAILED
    assert routes.reason == "HEALTH_CHECK_CONTAINER_ERROR"
    assert (routes.message, routes.severity) == ("the container did not listen", "ERROR")


async def test_what_a_service_does_not_say_is_absent() -> None:
    async with serving(ScriptedGoogle(services=[run_v2.Service(name=NAME.resource)])) as cloud:
        facts = await cloud.services.get(NAME)

    assert facts.ready is facts.url is facts.image is facts.cpu is facts.gpu is None
    assert facts.timeout is facts.concurrency is facts.max_instances is facts.updated is None
    assert facts.conditions == facts.traffic == ()


async def test_a_service_stopped_by_hand_says_so() -> None:
    stopped = deployed()
    stopped.scaling = run_v2.ServiceScaling(scaling_mode="MANUAL", manual_instance_count=0)
    async with serving(ScriptedGoogle(services=[stopped])) as cloud:
        assert (await cloud.services.get(NAME)).manual_instances == 0


async def test_words_that_are_newer_than_the_console_are_shown_as_numbers() -> None:
    newer = deployed()
    raw = run_v2.Service.pb(newer)
    raw.ingress, raw.launch_stage, raw.terminal_condition.state = 77, 78, 79
    raw.conditions[0].revision_reason = 80
    async with serving(ScriptedGoogle(services=[newer])) as cloud:
        facts = await cloud.services.get(NAME)

    assert (facts.ingress, facts.launch_stage) == ("77", "78")
    assert facts.ready is not None
    assert facts.ready.state is ConditionState.UNKNOWN
    assert facts.conditions[0].reason == "80"


async def test_text_from_the_cloud_is_harmless() -> None:
    hostile = deployed()
    hostile.last_modifier = "eve\x1b]52;c;AAAA\x07\x1b[2J"
    hostile.terminal_condition.message = "[red]\x07"
    async with serving(ScriptedGoogle(services=[hostile])) as cloud:
        facts = await cloud.services.get(NAME)

    assert facts.updated_by == "eve"
    assert facts.ready is not None
    assert facts.ready.message == "[red]␇"


@pytest.mark.parametrize("uri", ["http://example.com", "file:///etc/passwd", "https://[", ""])
async def test_an_address_that_is_no_safe_place_for_a_token_is_none(uri: str) -> None:
    odd = deployed()
    odd.uri = uri
    async with serving(ScriptedGoogle(services=[odd])) as cloud:
        assert (await cloud.services.get(NAME)).url is None


async def test_services_of_a_region_come_by_name() -> None:
    second = run_v2.Service(name=ServiceName("my-project", "us-central1", "a").resource)
    google = ScriptedGoogle(services=[deployed(), second])
    async with serving(google) as cloud:
        found = await cloud.services.list("my-project", "us-central1")

    assert [facts.name.service for facts in found] == ["a", "z-image"]
    assert google.asked[0].parent == "projects/my-project/locations/us-central1"


async def test_a_revision_is_read_with_its_conditions() -> None:
    template = deployed().template
    revision = run_v2.Revision(
        name=f"{NAME.resource}/revisions/z-image-00003-xyz",
        create_time=CHANGED,
        containers=template.containers,
        conditions=[condition("Ready", succeeded=False)],
    )
    async with serving(ScriptedGoogle(revisions=[revision])) as cloud:
        read = await cloud.services.revision(NAME, "z-image-00003-xyz")

    assert (read.name, read.created, read.cpu) == ("z-image-00003-xyz", CHANGED, "4")
    assert read.ready is not None
    assert read.ready.reason == "HEALTH_CHECK_CONTAINER_ERROR"


async def test_a_service_that_is_not_there_is_missing() -> None:
    async with serving(ScriptedGoogle()) as cloud:
        with pytest.raises(Missing) as missing:
            await cloud.services.get(NAME)

    assert missing.value.message == (
        "cannot read service my-project/us-central1/z-image: there is none; "
        "check the name, or deploy it"
    )


async def test_a_service_without_a_name_is_malformed() -> None:
    google = ScriptedGoogle(services=[run_v2.Service(name="nonsense")])
    async with serving(google) as cloud:
        with pytest.raises(Malformed, match="'nonsense' does not name a service"):
            await cloud.services.list("my-project", "us-central1")


async def test_the_buckets_that_the_serving_container_sees_are_read() -> None:
    service = deployed()
    gcs = run_v2.GCSVolumeSource(bucket="my-models", read_only=True)
    unused = run_v2.GCSVolumeSource(bucket="elsewhere")
    service.template.volumes = [
        run_v2.Volume(name="models", gcs=gcs),
        run_v2.Volume(name="unused", gcs=unused),
    ]
    mount = run_v2.VolumeMount(name="models", mount_path="/models")
    service.template.containers[1].volume_mounts = [mount]
    async with serving(ScriptedGoogle(services=[service])) as cloud:
        facts = await cloud.services.get(NAME)
    assert facts.volumes == (Volume("my-models", "/models", True),)


async def test_what_matters_for_a_start_is_read() -> None:
    service = deployed()
    service.template.gpu_zonal_redundancy_disabled = True
    worker = service.template.containers[1]
    worker.resources.startup_cpu_boost = True
    worker.startup_probe = run_v2.Probe(
        period_seconds=10,
        failure_threshold=90,
        http_get=run_v2.HTTPGetAction(path="/readyz", port=7860),
    )
    async with serving(ScriptedGoogle(services=[service])) as cloud:
        facts = await cloud.services.get(NAME)
    assert facts.startup_probe == StartupProbe(SafeText("HTTP"), 10, 90)
    assert (facts.cpu_boost, facts.zonal_redundancy) == (True, False)


async def test_a_start_of_which_nothing_was_set_is_not_known() -> None:
    async with serving(ScriptedGoogle(services=[deployed()])) as cloud:
        facts = await cloud.services.get(NAME)
    assert (facts.startup_probe, facts.zonal_redundancy) == (None, None)


async def test_who_may_call_is_read_with_its_conditions() -> None:
    granted = policy_pb2.Binding(
        role="roles/run.invoker",
        members=["user:ada@example.com", "allUsers\x1b[31m"],
        condition=expr_pb2.Expr(title="until Friday", expression="true"),
    )
    google = ScriptedGoogle(policy=policy_pb2.Policy(bindings=[granted]))
    async with serving(google) as cloud:
        policy = await cloud.services.policy(NAME)
    assert policy.callers() == ("user:ada@example.com", "allUsers")
    assert policy.grants[0].condition == "until Friday"
    assert google.asked[0].resource == NAME.resource
    assert google.asked[0].options.requested_policy_version == 3


async def test_a_policy_that_may_not_be_read_names_its_permission() -> None:
    refusal = Refusal(grpc.StatusCode.PERMISSION_DENIED, "denied")
    async with serving(ScriptedGoogle(refusal=refusal)) as cloud:
        with pytest.raises(Denied) as denied:
            await cloud.services.policy(NAME)
    assert (denied.value.permission, denied.value.role) == (
        "run.services.getIamPolicy",
        "roles/run.viewer",
    )
