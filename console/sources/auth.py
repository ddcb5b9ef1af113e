"""Who the user is to Google Cloud: access tokens for its interfaces, identity tokens for services.

Logins are looked for where people have them: application default credentials, then the login of
the `gcloud` program, then the metadata server of a machine on Google Cloud. Everything here that
may wait is to be called in a thread.

Sources: https://google.aip.dev/auth/4110 (application default credentials),
https://cloud.google.com/run/docs/authenticating/developers (identity tokens).
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import google.auth
from google.auth import impersonated_credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import credentials as oauth2
from google.oauth2 import id_token, service_account

from console.language import tr, tr_later
from console.sources.base import SourceError, Unauthenticated
from console.sources.gcloud_settings import gcloud_folder
from console.sources.google_errors import not_logged_in
from console.sources.program_run import DoesNotEnd, Ended, run
from console.terminal.sanitise import sanitise

SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)
EARLY_SECONDS: Final = 300.0
"""How long before its end a token is no longer given out."""

_NO_LOGIN: Final = tr_later(
    "there is no login: no application default credentials, no gcloud program, no metadata server"
)
_GCLOUD_SECONDS: Final = 20.0
_UNKNOWN_LIFE: Final = 600.0
_PREFIX: Final = re.compile(r"ERROR: \(gcloud[^)]*\) ")
_KEY_FILE: Final = "GOOGLE_APPLICATION_CREDENTIALS"


class GcloudFailed(Exception):
    """The `gcloud` program is not there, or said no; `str()` is one line."""


class Gcloud:
    """The `gcloud` program as a source of tokens, as it is found in `environment`'s PATH."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment) | {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
        self._program = shutil.which("gcloud", path=environment.get("PATH", ""))

    @property
    def installed(self) -> bool:
        """Whether there is such a program."""
        return self._program is not None

    def access_token(self) -> tuple[str, datetime]:
        """Return an access token and when it ends, in UTC; raises `GcloudFailed`."""
        said = self._ask("config", "config-helper", "--format=json")
        try:
            credential = json.loads(said)["credential"]
            ends = datetime.fromisoformat(credential["token_expiry"])
            token = str(credential["access_token"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            words = tr("gcloud gave no token that makes sense ({why})", why=error)
            raise GcloudFailed(words) from None
        return token, ends if ends.tzinfo else ends.replace(tzinfo=UTC)

    def identity_token(self, audience: str) -> str:
        """Return an identity token; raises `GcloudFailed`.

        A service account's is made out to `audience`; a person's cannot be, and need not.
        """
        command = ("auth", "print-identity-token")
        try:
            return self._ask(*command, f"--audiences={audience}").strip()
        except GcloudFailed:
            return self._ask(*command).strip()

    def _ask(self, *arguments: str) -> str:
        if self._program is None:
            raise GcloudFailed(tr("there is no application default login, and no gcloud program"))
        try:
            answer = run([self._program, *arguments], self._environment, _GCLOUD_SECONDS)
        except (OSError, DoesNotEnd) as error:
            raise GcloudFailed(tr("gcloud does not work: {why}", why=error)) from None
        if answer.code != 0:
            raise GcloudFailed(tr("gcloud says: {why}", why=_reason(answer)))
        return answer.output


def _reason(answer: Ended) -> str:
    """Return the first line of what went wrong, without the command that gcloud repeats."""
    said = answer.errors.strip() or tr("exit status {code}", code=answer.code)
    return _PREFIX.sub("", said.splitlines()[0]).rstrip(".:")


def find_credentials(environment: Mapping[str, str], gcloud: Gcloud) -> Credentials:
    """Return credentials for Google's interfaces; raises `Unauthenticated`.

    The metadata server comes last, since looking for it takes seconds where there is none.
    """
    file = login_file(environment)
    if file is None and gcloud.installed:
        try:
            token, ends = gcloud.access_token()
        except GcloudFailed as error:
            raise not_logged_in(error) from None
        return oauth2.Credentials(
            token=token, expiry=_naive(ends), refresh_handler=_refresher(gcloud)
        )
    payer = environment.get("GOOGLE_CLOUD_QUOTA_PROJECT")
    try:
        with warnings.catch_warnings():
            # It would warn, on the screen, about a person's login without a quota project.
            warnings.simplefilter("ignore")
            credentials, _ = (
                google.auth.default(scopes=SCOPES, quota_project_id=payer)
                if file is None
                else google.auth.load_credentials_from_file(
                    str(file), scopes=SCOPES, quota_project_id=payer
                )
            )
    except (GoogleAuthError, ValueError, OSError) as error:
        raise not_logged_in(tr(_NO_LOGIN) if file is None else error) from None
    except (AttributeError, TypeError, KeyError):
        # What is valid JSON and no login at all is more than the library reckons with.
        raise not_logged_in(tr("{file} is damaged", file=file)) from None
    return credentials


def login_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file of the application default login: the one that is named, or `gcloud`'s."""
    if named := environment.get(_KEY_FILE):
        return Path(named)
    file = gcloud_folder(environment) / "application_default_credentials.json"
    return file if file.is_file() else None


def _refresher(gcloud: Gcloud) -> Callable[[Request, Sequence[str]], tuple[str, datetime]]:
    def refresh(request: Request, scopes: Sequence[str]) -> tuple[str, datetime]:
        try:
            token, ends = gcloud.access_token()
        except GcloudFailed as error:
            raise RefreshError(str(error)) from None
        return token, _naive(ends)

    return refresh


def _naive(moment: datetime) -> datetime:
    """Return UTC without saying so, which is what google-auth compares with."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class NoIdentity:
    """The `IdentitySource` of a cloud that asks nobody who they are."""

    async def token(self, audience: str) -> None:
        """Return None: no token is needed."""
        return


TokenSource = Callable[[str], str]
"""Gets an identity token for an audience; may wait, and raises `SourceError`."""


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    ends: float


class IdentityTokens:
    """An `IdentitySource` that asks `fetch` and keeps what it got until shortly before its end.

    `clock` gives the time of day.
    """

    def __init__(self, fetch: TokenSource, clock: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._one_at_a_time = asyncio.Lock()

    async def token(self, audience: str) -> str:
        """Return a token for the service at the URL `audience`; raises `SourceError`."""
        async with self._one_at_a_time:
            kept = self._kept.get(audience)
            now = self._clock().timestamp()
            if kept is None or kept.ends - EARLY_SECONDS <= now:
                token = await asyncio.to_thread(self._fetch, audience)
                kept = self._kept[audience] = _Kept(token, _end(token, now))
            return kept.token


def _end(token: str, now: float) -> float:
    """Read when a JSON web token ends (RFC 7519 §4.1.4); one that does not say ends soon."""
    try:
        claims = token.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        return float(json.loads(base64.urlsafe_b64decode(padded))["exp"])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return now + _UNKNOWN_LIFE


def identity_fetcher(environment: Mapping[str, str], gcloud: Gcloud) -> TokenSource:
    """Return what gets identity tokens: a service account's login, `gcloud`, the metadata server.

    A person's own application default login cannot make any, so then `gcloud` is asked as well.
    """

    def fetch(audience: str) -> str:
        file = login_file(environment)
        try:
            credentials = None if file is None else _service_account(file, audience)
            if credentials is None and gcloud.installed:
                return gcloud.identity_token(audience)
            if credentials is None and file is not None:
                raise _no_identity(tr("a person's login makes none without the gcloud program"))
            return _refreshed(credentials or id_token.fetch_id_token_credentials(audience))
        except (GcloudFailed, GoogleAuthError, ValueError, OSError) as error:
            raise _no_identity(error) from None

    return fetch


def _service_account(file: Path, audience: str) -> Credentials | None:
    """Return what makes identity tokens with the login in `file`; None for a person's login."""
    login = json.loads(file.read_text(encoding="utf-8"))
    kind = login.get("type") if isinstance(login, dict) else None
    try:
        if kind == "service_account":
            return service_account.IDTokenCredentials.from_service_account_info(
                login, target_audience=audience
            )
        if kind == "impersonated_service_account":
            impersonated = impersonated_credentials.Credentials
            return impersonated_credentials.IDTokenCredentials(
                impersonated.from_impersonated_service_account_info(login, scopes=SCOPES),
                target_audience=audience,
                include_email=True,
            )
    except (AttributeError, TypeError, KeyError):
        raise ValueError(tr("{file} is damaged; make it again", file=file)) from None
    return None


def _refreshed(credentials: Credentials) -> str:
    credentials.refresh(Request())
    return str(credentials.token)


def _no_identity(why: object) -> SourceError:
    return Unauthenticated(
        sanitise(tr("no identity token for this service: {why}; run `gcloud auth login`", why=why))
    )
