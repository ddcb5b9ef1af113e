import socket

import pytest
from google.auth.exceptions import RefreshError, TransportError
from google.rpc import error_details_pb2
from grpc import StatusCode
from scripted_google import NOON, Refusal, ScriptedGoogle, serving

from console.language import CHINESE
from console.model.service import ServiceName
from console.sources.base import Denied, Offline, SourceError, Throttled, Unauthenticated
from console.sources.google_channel import Endpoints, connect
from console.sources.google_errors import login_problem

NAME = ServiceName("my-project", "us-central1", "z-image")


async def refused(refusal: Refusal) -> SourceError:
    async with serving(ScriptedGoogle(refusal=refusal)) as cloud:
        with pytest.raises(SourceError) as caught:
            await cloud.services.get(NAME)
    return caught.value


async def test_a_missing_permission_is_named_with_the_role_that_has_it() -> None:
    said = "Permission 'run.services.get' denied on resource 'projects/p' (or it may not exist)."
    error = await refused(Refusal(StatusCode.PERMISSION_DENIED, said))

    assert isinstance(error, Denied)
    assert (error.permission, error.role) == ("run.services.get", "roles/run.viewer")
    assert error.message == (
        "cannot read service my-project/us-central1/z-image: permission run.services.get is "
        "missing; have roles/run.viewer granted in my-project"
    )


async def test_the_permission_that_google_names_counts() -> None:
    detail = error_details_pb2.ErrorInfo(
        reason="IAM_PERMISSION_DENIED", metadata={"permission": "run.revisions.get"}
    )
    error = await refused(Refusal(StatusCode.PERMISSION_DENIED, "no", detail))

    assert isinstance(error, Denied)
    assert error.permission == "run.revisions.get"


async def test_a_permission_that_nobody_names_is_the_one_it_takes() -> None:
    error = await refused(Refusal(StatusCode.PERMISSION_DENIED, "The caller is not allowed."))

    assert isinstance(error, Denied)
    assert error.permission == "run.services.get"


async def test_an_interface_that_is_not_enabled_says_how_to_enable_it() -> None:
    detail = error_details_pb2.ErrorInfo(reason="SERVICE_DISABLED")
    error = await refused(Refusal(StatusCode.PERMISSION_DENIED, "not enabled", detail))

    assert isinstance(error, Denied)
    assert error.message.endswith(
        "run `gcloud services enable run.googleapis.com --project my-project`"
    )


async def test_too_many_questions_say_when_to_ask_again() -> None:
    detail = error_details_pb2.RetryInfo()
    detail.retry_delay.seconds = 12
    error = await refused(Refusal(StatusCode.RESOURCE_EXHAUSTED, "60 a minute", detail))

    assert isinstance(error, Throttled)
    assert error.retry_after == 12.0
    assert "60 a minute" in error.message


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (StatusCode.UNAUTHENTICATED, Unauthenticated),
        (StatusCode.RESOURCE_EXHAUSTED, Throttled),
        (StatusCode.UNAVAILABLE, Offline),
        (StatusCode.DEADLINE_EXCEEDED, Offline),
        (StatusCode.INTERNAL, Offline),
        (StatusCode.UNKNOWN, Offline),
        (StatusCode.ABORTED, Offline),
        (StatusCode.INVALID_ARGUMENT, SourceError),
    ],
)
async def test_every_refusal_is_one_of_the_console_s_own(
    code: StatusCode, kind: type[SourceError]
) -> None:
    error = await refused(Refusal(code, "because\nof \x1b[2Jthis"))

    assert type(error) is kind
    assert "\n" not in error.message
    assert "\x1b" not in error.message


async def test_nobody_at_the_address_is_offline() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        cloud = await connect(Endpoints.on_loopback(address, address), {}, lambda: NOON)
        try:
            with pytest.raises(Offline, match=r"run\.googleapis\.com is out of reach"):
                await cloud.services.get(NAME)
        finally:
            await cloud.aclose()


async def test_a_login_that_cannot_be_renewed_for_want_of_a_network_is_offline() -> None:
    said = (
        "Getting metadata from plugin failed with error: HTTPSConnectionPool("
        "host='oauth2.googleapis.com', port=443): Max retries exceeded with url: /token"
    )
    error = await refused(Refusal(StatusCode.UNAVAILABLE, said))

    assert isinstance(error, Offline)
    assert "cannot renew the login" in error.message
    assert isinstance(login_problem(TransportError("no route")), Offline)
    assert isinstance(login_problem(RefreshError("revoked")), Unauthenticated)


@pytest.mark.parametrize("language", [CHINESE], indirect=True)
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            StatusCode.PERMISSION_DENIED,
            "无法读取服务 my-project/us-central1/z-image：缺少权限 run.services.get；"
            "请在 my-project 中授予 roles/run.viewer",
        ),
        (
            StatusCode.NOT_FOUND,
            "无法读取服务 my-project/us-central1/z-image：不存在；请检查名称，或先部署",
        ),
        (
            StatusCode.UNAUTHENTICATED,
            "Google Cloud 不知道请求者是谁：no；请运行 `gcloud auth application-default login`",
        ),
        (
            StatusCode.INVALID_ARGUMENT,
            "无法读取服务 my-project/us-central1/z-image：run.googleapis.com 拒绝：no",
        ),
    ],
)
async def test_refusals_are_told_in_chinese_and_what_google_says_as_it_is(
    language: str, status: StatusCode, said: str
) -> None:
    error = await refused(Refusal(status, "no"))

    assert error.message == said
