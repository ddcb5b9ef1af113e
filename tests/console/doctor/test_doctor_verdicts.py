"""What follows from facts: quotas, roles, what could be freed, and commands that are safe."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.prices import GIB, Gpu
from console.model.doctor import permissions, project, quotas, reaching, serving
from console.model.doctor.answers import Because, Place, Unanswered, command, grant, unknown
from console.model.doctor.checks import Check, asked_in, text_of
from console.model.doctor.facts import (
    GcloudLogin,
    Login,
    LoginKind,
    Reached,
)
from console.model.doctor.finding import Finding, Report, State, summary
from console.model.service import Condition, ConditionState, ServiceFacts, ServiceName, StartupProbe
from console.model.storage import Bucket
from console.model.text import SafeText

PLACE = Place("my-project", "us-central1", "z-image", SafeText("ada@example.com"))
OFFLINE = Unanswered(Because.OFFLINE, SafeText("run.googleapis.com is out of reach"))
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
READY = ServiceFacts(
    name=ServiceName("my-project", "us-central1", "z-image"),
    ready=Condition(SafeText("Ready"), ConditionState.SUCCEEDED),
    cpu=SafeText("8"),
    memory=SafeText("32Gi"),
    max_instances=2,
    startup_probe=StartupProbe(SafeText("HTTP")),
)
ROOM = {quotas.CPU: 20_000, quotas.MEMORY: 40 * GIB}
L4 = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
RTX = "NvidiaRtxPro6000GpuAllocNoZonalRedundancyPerProjectRegion"


def text(finding: Finding) -> str:
    return "\n".join(each.command for each in finding.mends)


def test_everything_that_is_looked_at_says_why_it_matters() -> None:
    assert all(text_of(each).title and text_of(each).why for each in Check)
    cloud, sandbox, local = (
        asked_in(cloud=True, sandbox=False),
        asked_in(cloud=False, sandbox=True),
        asked_in(cloud=False, sandbox=False),
    )
    assert Check.GCLOUD_LOGIN in cloud
    assert Check.GCLOUD_LOGIN not in sandbox
    assert Check.SERVICE not in local
    assert cloud | sandbox == frozenset(Check)


def test_a_service_that_may_grow_takes_its_shape_as_often() -> None:
    shape = quotas.wanted("", READY)

    assert shape.needs == {quotas.CPU: 16_000, quotas.MEMORY: 64 * GIB}
    found = quotas.quotas(shape, ROOM, PLACE)
    assert found.state is State.WRONG
    assert "MemAllocPerProjectRegion allows 40 GiB of 64 GiB" in found.found
    assert quotas.CPU not in found.found


@pytest.mark.parametrize(
    ("gpu", "quota", "allowed", "state"),
    [
        ("nvidia-l4", L4, 1, State.OK),
        ("nvidia-l4", L4, 0, State.WRONG),
        ("nvidia-rtx-pro-6000", RTX, 1_000, State.OK),
        ("nvidia-rtx-pro-6000", RTX, 1, State.WRONG),
        ("nvidia-l4", L4, -1, State.OK),
        ("nvidia-l4", L4, None, State.WRONG),
    ],
)
def test_gpus_are_counted_as_their_quota_does(
    gpu: str, quota: str, allowed: int | None, state: State
) -> None:
    service = replace(
        READY, gpu=SafeText(gpu), cpu=SafeText("4"), memory=SafeText("16Gi"), max_instances=1
    )
    shape = quotas.wanted("", service)

    assert quota in shape.needs
    assert quotas.quotas(shape, {**ROOM, quota: allowed}, PLACE).state is state


def test_with_zonal_redundancy_another_quota_counts() -> None:
    service = replace(READY, gpu=SafeText("nvidia-l4"), zonal_redundancy=True)

    assert "NvidiaL4GpuAllocPerProjectRegion" in quotas.wanted("", service).needs
    assert L4 in quotas.wanted("gpu", replace(READY, zonal_redundancy=True)).needs


def test_a_region_without_such_gpus_is_told_with_those_that_have_them() -> None:
    place = replace(PLACE, region="europe-north1")
    found = quotas.quotas(quotas.ON_GPU, {**ROOM, L4: 3}, place)

    assert found.state is State.WARNING
    assert "us-central1" in found.found
    assert quotas.quotas(quotas.ON_CPU, ROOM, place).state is State.OK


@given(st.integers(1, 64), st.integers(1, 100), st.integers(-1, 10**9))
def test_what_is_enough_is_never_refused(cpu: int, instances: int, allowed: int) -> None:
    shape = quotas.Wanted(Decimal(cpu), GIB, Gpu.L4, instances=instances)
    allows = dict.fromkeys(shape.needs, quotas.UNLIMITED) | {quotas.CPU: allowed}
    state = quotas.quotas(shape, allows, PLACE).state

    enough = allowed == quotas.UNLIMITED or allowed >= cpu * 1_000 * instances
    assert state is (State.OK if enough else State.WRONG)


def test_a_quota_that_is_not_told_is_not_known_and_one_that_is_short_still_wrong() -> None:
    assert quotas.quotas(quotas.ON_CPU, {**ROOM, quotas.CPU: OFFLINE}, PLACE).state is State.UNKNOWN
    mixed = {quotas.CPU: OFFLINE, quotas.MEMORY: GIB}
    assert quotas.quotas(quotas.ON_CPU, mixed, PLACE).state is State.WRONG


def test_the_fewest_roles_that_have_what_is_missing_are_told() -> None:
    assert permissions.smallest_roles(
        permissions.DEPLOYING,
        ["artifactregistry.repositories.uploadArtifacts", "artifactregistry.repositories.create"],
    ) == ("roles/artifactregistry.admin",)
    held = frozenset(permissions.OF_THE_PROJECT) - {"iam.serviceAccounts.actAs"}
    found = permissions.deploying(held, PLACE)
    assert text(found) == (
        "gcloud projects add-iam-policy-binding my-project --member=user:ada@example.com "
        "--role=roles/iam.serviceAccountUser"
    )


def test_what_deploying_takes_is_asked_about_at_once() -> None:
    assert len(set(permissions.OF_THE_PROJECT)) <= 100
    roles = permissions.smallest_roles(permissions.DEPLOYING, permissions.DEPLOYING)
    assert {"roles/run.admin", "roles/iam.serviceAccountUser"} <= {*roles}
    assert not {"roles/run.invoker", "roles/artifactregistry.reader"} & {*roles}


def test_a_login_that_may_change_nothing_is_taken_for_one_that_looks() -> None:
    viewer = frozenset({*permissions.WATCHING, "iam.serviceAccounts.get", "storage.objects.get"})
    found = permissions.deploying(viewer, PLACE)

    assert permissions.only_looks(viewer)
    assert found.state is State.WARNING
    assert found.found.startswith("this login may only look; missing: run.services.create, ")
    assert "zimage-console doctor --for look --context my-project/us-central1/z-image" in text(
        found
    )
    assert permissions.storing(viewer, PLACE, "b", looks=True).state is State.WARNING
    assert permissions.deploying(viewer, PLACE, surely=True).state is State.WRONG
    assert permissions.storing(viewer, PLACE, "b").state is State.WRONG


@pytest.mark.parametrize(
    "held",
    [
        frozenset({*permissions.WATCHING, "run.services.update"}),
        frozenset({*permissions.WATCHING, "storage.objects.create"}),
        frozenset(),
        OFFLINE,
    ],
    ids=["deploys", "stores", "nothing", "not told"],
)
def test_nobody_else_is_taken_for_one_that_looks(held: frozenset[str] | Unanswered) -> None:
    assert not permissions.only_looks(held)
    assert permissions.deploying(held, PLACE).state in (State.WRONG, State.UNKNOWN)


def test_for_looking_fewer_apis_have_to_be_on() -> None:
    looking = frozenset({*project.NEEDED, *project.HELPFUL}) - {
        f"{name}.googleapis.com" for name in ("iam", "artifactregistry", "cloudbuild")
    }

    assert project.interfaces(looking, PLACE).state is State.WRONG
    assert project.interfaces(looking, PLACE, looking=True).state is State.OK
    off = looking - {"logging.googleapis.com"}
    found = project.interfaces(off, PLACE, looking=True)
    assert text(found) == ("gcloud services enable logging.googleapis.com --project=my-project")


def test_where_there_is_no_bucket_it_takes_the_right_to_make_one() -> None:
    held = frozenset(permissions.STORING)

    assert permissions.storing(held, PLACE, "b").state is State.OK
    found = permissions.storing(held, PLACE, "")
    assert "storage.buckets.create" in found.found
    assert "--role=roles/storage.admin" in text(found)


def test_what_it_takes_to_ask_at_all_is_told_where_nothing_else_tells_it() -> None:
    refused = Unanswered(
        Because.DENIED, SafeText("no"), "serviceusage.services.use", "roles/x.consumer"
    )

    assert permissions.watching(refused, PLACE).state is State.WRONG
    assert "--role=roles/x.consumer" in text(permissions.watching(refused, PLACE))
    hidden = replace(refused, permission="resourcemanager.projects.get")
    assert permissions.watching(hidden, PLACE).state is State.UNKNOWN


def test_a_service_account_is_granted_roles_as_one() -> None:
    place = replace(PLACE, account=SafeText("robot@my-project.iam.gserviceaccount.com"))

    assert "--member=serviceAccount:robot@" in grant(place, "roles/run.viewer").command


@given(st.text(min_size=1).filter(lambda text: "\0" not in text))
def test_no_name_can_make_a_command_do_anything_else(name: str) -> None:
    line = command("gcloud", "storage", "ls", name)

    assert shlex.split(line) == ["gcloud", "storage", "ls", name]


def test_a_login_that_is_fine_here_and_refused_there_is_wrong() -> None:
    login = Login(kind=LoginKind.DEFAULT, type=SafeText("authorized_user"), ends=NOON)
    refused = Unanswered(Because.LOGIN, SafeText("the token has been revoked"))

    assert reaching.login(login, None).state is State.OK
    assert "2026-11-24 12:00 UTC" in reaching.login(login, None).found
    found = reaching.login(login, refused)
    assert found.state is State.WRONG
    assert text(found) == "gcloud auth application-default login"


def test_a_login_that_could_not_be_tried_is_not_blamed() -> None:
    login = Login(kind=LoginKind.DEFAULT, problem=SafeText("no network"), offline=True)
    refused = Unanswered(Because.LOGIN, SafeText("no network"))

    assert reaching.login(login, refused).state is State.UNKNOWN


def test_gcloud_that_is_set_to_another_project_says_so() -> None:
    found = reaching.gcloud_login(
        GcloudLogin(account=SafeText("ada@example.com"), project=SafeText("other")), "my-project"
    )

    assert found.state is State.OK
    assert "gcloud is set to project other" in found.found
    assert text(found) == "gcloud config set project my-project"


def test_a_clock_is_not_blamed_for_an_answer_that_took_long() -> None:
    slow = Reached(SafeText("google"), timedelta(seconds=70), timedelta(seconds=15))

    assert reaching.clock(slow).state is State.OK


def test_a_bucket_far_away_or_open_is_a_warning() -> None:
    there = Bucket(
        name=SafeText("b"), location=SafeText("EUROPE-WEST4"), storage_class=SafeText("STANDARD")
    )
    found = serving.bucket("b", there, READY, PLACE)

    assert found.state is State.WARNING
    assert "it is in EUROPE-WEST4, the service in us-central1" in found.found
    near = replace(there, location=SafeText("US-CENTRAL1"), public_access_prevented=False)
    assert "--public-access-prevention" in text(serving.bucket("b", near, READY, PLACE))
    across = replace(there, location=SafeText("US"))
    assert serving.bucket("b", across, READY, PLACE).state is State.OK


def test_a_missing_bucket_is_no_matter_for_a_service_that_uses_none() -> None:
    missing = Unanswered(Because.MISSING, SafeText("none"))

    assert serving.bucket("b", missing, READY, PLACE).state is State.NOT_ASKED
    assert serving.bucket("b", missing, OFFLINE, PLACE).state is State.UNKNOWN
    assert serving.bucket("b", missing, missing, PLACE).state is State.WRONG


def test_a_service_that_is_switched_off_by_hand_is_a_warning() -> None:
    found = serving.service(replace(READY, manual_instances=0), PLACE)

    assert found.state is State.WARNING
    assert "--scaling=auto" in text(found)
    assert serving.service(READY, PLACE).state is State.OK


def test_a_reason_that_is_told_elsewhere_is_not_repeated() -> None:
    login = Unanswered(Because.LOGIN, SafeText("a long story"))

    assert "long story" not in unknown(Check.BILLING, login).found


def test_a_report_has_the_worst_first_and_is_summed_up() -> None:
    report = Report.of(
        "here",
        [
            Finding(Check.TERMINAL, State.OK, ""),
            Finding(Check.NETWORK, State.WARNING, ""),
            Finding(Check.DISK, State.WRONG, ""),
        ],
    )

    assert [each.check for each in report.worst_first] == [
        Check.DISK,
        Check.NETWORK,
        Check.TERMINAL,
    ]
    assert report.findings[0].check is Check.NETWORK
    assert summary(report) == "1 wrong, 1 warning, 1 ok"
    with pytest.raises(KeyError):
        report.finding(Check.LOGIN)
