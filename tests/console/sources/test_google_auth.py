"""Logins, with a program called gcloud that says what a test tells it."""

import asyncio
import base64
import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.auth.transport.requests import Request
from scripted_google import NOON

from console.sources import auth
from console.sources.base import Unauthenticated
from console.sources.google_channel import Endpoints, connect

URL = "https://z-image.run.app"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home without any login, and a PATH that begins with a folder of the test's."""
    path = os.pathsep.join((str(tmp_path / "bin"), "/usr/bin", "/bin"))
    return {"HOME": str(tmp_path), "PATH": path}


@pytest.fixture
def gcloud_says(tmp_path: Path) -> Callable[[str], None]:
    program = tmp_path / "bin" / "gcloud"

    def install(script: str) -> None:
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return install


def helper(token: str, ends: str) -> str:
    credential = {"access_token": token, "token_expiry": ends}
    return f"echo '{json.dumps({'credential': credential})}'"


def web_token(ends: datetime, of: str = "someone") -> str:
    claims = json.dumps({"exp": ends.timestamp(), "sub": of}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.sig"


def test_the_login_of_gcloud_is_used_and_renewed(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says(helper("first", "2001-01-01T00:00:00Z"))
    credentials = auth.find_credentials(environment, auth.Gcloud(environment))
    assert credentials.token == "first"
    assert not credentials.valid

    gcloud_says(helper("second", "2999-01-01T00:00:00Z"))
    credentials.refresh(Request())

    assert credentials.token == "second"
    assert credentials.valid


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (
            "printf 'ERROR: (gcloud.config) No active account.\\nPlease run:\\n' >&2; exit 1",
            "who asks: gcloud says: No active account; run",
        ),
        ("echo not json", "no token that makes sense"),
        ("echo '[]'", "no token that makes sense"),
        ("exit 3", "exit status 3"),
    ],
)
def test_a_gcloud_that_helps_nothing_says_why(
    environment: dict[str, str], gcloud_says: Callable[[str], None], script: str, why: str
) -> None:
    gcloud_says(script)

    with pytest.raises(Unauthenticated) as refused:
        auth.find_credentials(environment, auth.Gcloud(environment))

    assert why in refused.value.message
    assert refused.value.message.endswith("run `gcloud auth application-default login`")


def test_application_default_credentials_come_first(
    environment: dict[str, str],
    gcloud_says: Callable[[str], None],
    tmp_path: Path,
) -> None:
    gcloud_says("exit 1")
    person = {"type": "authorized_user", "client_id": "c", "client_secret": "s"}
    file = tmp_path / "login.json"
    file.write_text(json.dumps(person | {"refresh_token": "r"}))
    environment["GOOGLE_APPLICATION_CREDENTIALS"] = str(file)
    environment["GOOGLE_CLOUD_QUOTA_PROJECT"] = "payer"

    credentials = auth.find_credentials(environment, auth.Gcloud(environment))

    assert (credentials.refresh_token, credentials.quota_project_id) == ("r", "payer")


def test_the_login_that_gcloud_keeps_for_programs_is_found_where_gcloud_was_told_to_keep_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    person = {"type": "authorized_user", "client_id": "c", "client_secret": "s"}
    file = tmp_path / "application_default_credentials.json"
    file.write_text(json.dumps(person | {"refresh_token": "kept"}))
    environment["CLOUDSDK_CONFIG"] = str(tmp_path)

    credentials = auth.find_credentials(environment, auth.Gcloud(environment))

    assert credentials.refresh_token == "kept"


def test_a_login_file_that_is_gone_says_so(environment: dict[str, str]) -> None:
    environment["GOOGLE_APPLICATION_CREDENTIALS"] = "/nowhere/login.json"

    with pytest.raises(Unauthenticated, match=r"/nowhere/login\.json was not found"):
        auth.find_credentials(environment, auth.Gcloud(environment))


async def test_connecting_to_the_real_cloud_needs_a_login(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says("echo 'nobody is logged in' >&2; exit 1")

    with pytest.raises(Unauthenticated, match="nobody is logged in"):
        await connect(Endpoints(), environment, lambda: NOON)


async def test_a_cloud_on_loopback_asks_nobody_who_they_are() -> None:
    cloud = await connect(Endpoints.on_loopback("127.0.0.1:1", "127.0.0.1:1"), {}, lambda: NOON)
    try:
        assert await cloud.identity.token(URL) is None
    finally:
        await cloud.aclose()


async def test_an_identity_token_is_kept_until_shortly_before_its_end() -> None:
    now = NOON
    fetched: list[str] = []

    def fetch(audience: str) -> str:
        fetched.append(audience)
        return web_token(now + timedelta(hours=1), of=str(len(fetched)))

    tokens = auth.IdentityTokens(fetch, lambda: now)
    first, same = await asyncio.gather(tokens.token(URL), tokens.token(URL))
    now = NOON + timedelta(minutes=54)
    still = await tokens.token(URL)
    now = NOON + timedelta(minutes=55)
    renewed = await tokens.token(URL)

    assert first == same == still != renewed
    assert fetched == [URL, URL]


async def test_a_token_that_does_not_say_when_it_ends_is_soon_renewed() -> None:
    now = NOON
    fetched: list[str] = []

    def fetch(audience: str) -> str:
        fetched.append(audience)
        return "opaque"

    tokens = auth.IdentityTokens(fetch, lambda: now)
    await tokens.token(URL)
    now = NOON + timedelta(minutes=6)
    await tokens.token(URL)

    assert len(fetched) == 2


def test_a_person_s_identity_token_comes_from_gcloud_without_an_audience(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says('case "$*" in *--audiences*) exit 1;; *) echo a-person;; esac')
    fetch = auth.identity_fetcher(environment, auth.Gcloud(environment))

    assert fetch(URL) == "a-person"


def test_a_service_account_s_identity_token_is_made_out_to_the_service(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says('echo "$3"')
    fetch = auth.identity_fetcher(environment, auth.Gcloud(environment))

    assert fetch(URL) == f"--audiences={URL}"


def test_no_identity_token_says_how_to_get_one(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says("echo 'No identity token can be obtained.' >&2; exit 1")
    fetch = auth.identity_fetcher(environment, auth.Gcloud(environment))

    with pytest.raises(Unauthenticated, match="No identity token can be obtained") as refused:
        fetch(URL)
    assert refused.value.message.endswith("run `gcloud auth login`")


def test_a_token_without_a_time_zone_ends_in_utc(
    environment: dict[str, str], gcloud_says: Callable[[str], None]
) -> None:
    gcloud_says(helper("t", "2026-11-24T12:00:00"))

    assert auth.Gcloud(environment).access_token() == ("t", datetime(2026, 11, 24, 12, tzinfo=UTC))
