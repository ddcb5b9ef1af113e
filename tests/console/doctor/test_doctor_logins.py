"""Who is logged in on this machine, told without what it takes to log in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from doctor_worlds import program
from google.auth.exceptions import RefreshError, TransportError

from console.model.doctor.facts import LoginKind
from console.session.doctor.asking import ask, unanswered
from console.sources.base import Missing, Unauthenticated
from console.sources.logins import Logins
from console.terminal.sanitise import sanitise

SECRET = "ya29.a0AfB_secret-token"
KEY = "1//0refresh-secret"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def default_login(folder: Path, said: object) -> Path:
    file = folder / ".config" / "gcloud" / "application_default_credentials.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(said))
    return file


PERSON = {
    "type": "authorized_user",
    "client_id": "id",
    "client_secret": "a-client-secret",
    "refresh_token": KEY,
    "account": "ada@example.com",
    "quota_project_id": "my-project",
}


def logins(folder: Path, error: Exception | None = None, **variables: str) -> Logins:
    def refresh(credentials: object) -> None:
        if error is not None:
            raise error
        credentials.token, credentials.expiry = SECRET, datetime(2026, 11, 24, 13)

    path = str(folder / "bin")
    return Logins({"HOME": str(folder), "PATH": path, **variables}, refresh)


async def test_a_person_s_login_is_told_without_what_it_takes(tmp_path: Path) -> None:
    default_login(tmp_path, PERSON)
    login = await logins(tmp_path).login()

    assert (login.kind, login.type) == (LoginKind.DEFAULT, "authorized_user")
    assert (login.account, login.payer) == ("ada@example.com", "my-project")
    assert login.ends == NOON + timedelta(hours=1)
    assert not login.problem
    for secret in (SECRET, KEY, "a-client-secret"):
        assert secret not in repr(login)


async def test_a_login_that_has_run_out_says_why(tmp_path: Path) -> None:
    default_login(tmp_path, PERSON)
    error = RefreshError("invalid_grant: Token has been expired or revoked.", {"token": SECRET})
    login = await logins(tmp_path, error).login()

    assert login.problem == "invalid_grant: Token has been expired or revoked."
    assert not login.offline


async def test_a_login_that_could_not_be_tried_for_want_of_a_network_is_not_blamed(
    tmp_path: Path,
) -> None:
    default_login(tmp_path, PERSON)
    login = await logins(tmp_path, TransportError("Max retries exceeded")).login()

    assert login.offline


@pytest.mark.parametrize("said", ["[]", "{", '{"type": "nonsense"}', ""])
async def test_a_damaged_file_is_a_problem_and_no_defect(said: str, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(said)
    login = await logins(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(file)).login()

    assert login.kind is LoginKind.NAMED
    assert login.problem


async def test_a_named_file_that_is_missing_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "gone.json")
    login = await logins(tmp_path, GOOGLE_APPLICATION_CREDENTIALS=missing).login()

    assert login.kind is LoginKind.NAMED
    assert missing in login.problem


def gcloud(folder: Path, ends: datetime) -> None:
    credential = {"access_token": SECRET, "token_expiry": ends.isoformat()}
    program(folder / "bin", "gcloud", f"echo '{json.dumps({'credential': credential})}'")


def configured(folder: Path, account: str) -> None:
    settings = folder / ".config" / "gcloud" / "configurations" / "config_default"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[core]\naccount = {account}\nproject = other\n")


async def test_without_any_other_login_gcloud_s_is_used(tmp_path: Path) -> None:
    gcloud(tmp_path, datetime.now(UTC) + timedelta(hours=1))
    configured(tmp_path, "ada@example.com")
    login = await logins(tmp_path).login()
    own = await logins(tmp_path).gcloud()

    assert (login.kind, login.account) == (LoginKind.GCLOUD, "ada@example.com")
    assert not login.problem
    assert (own.account, own.project) == ("ada@example.com", "other")
    assert own.ends is not None
    assert SECRET not in repr((login, own))


async def test_a_gcloud_login_that_needs_a_person_says_so(tmp_path: Path) -> None:
    program(
        tmp_path / "bin", "gcloud", "echo 'ERROR: (gcloud.x) Reauthentication failed.' >&2; exit 1"
    )
    configured(tmp_path, "ada@example.com")

    assert "Reauthentication failed" in (await logins(tmp_path).login()).problem
    assert "Reauthentication failed" in (await logins(tmp_path).gcloud()).problem


async def test_without_gcloud_there_is_no_login_of_it(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        await logins(tmp_path).gcloud()


async def test_what_looks_like_a_token_is_left_out_of_what_is_told() -> None:
    told = unanswered(Unauthenticated(sanitise(f"the token {SECRET} is not valid")))

    assert SECRET not in told.words

    async def broken() -> None:
        raise ValueError(f"Bearer {SECRET}")

    assert SECRET not in (await ask(broken(), "ask", 5.0)).words
