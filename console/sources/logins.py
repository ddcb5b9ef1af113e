"""Who is logged in on this machine, for the doctor: never with what it takes to log in.

Tokens are fetched to see whether they can be, and thrown away at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import Request

from console.language import tr
from console.model.doctor.facts import GcloudLogin, Login, LoginKind
from console.model.text import SafeText
from console.sources.auth import Gcloud, GcloudFailed, find_credentials, login_file
from console.sources.base import Missing, Unauthenticated
from console.sources.gcloud_settings import gcloud_settings
from console.sources.off_loop import off_loop
from console.sources.programs import Json, json_in, text_in
from console.terminal.sanitise import sanitise

_KEY_FILE: Final = "GOOGLE_APPLICATION_CREDENTIALS"
_LARGEST: Final = 1024 * 1024
_NO_NETWORK: Final = re.compile(
    r"max retries|failed to (?:establish|resolve)|unable to find the server|timed out"
    r"|network is unreachable|name resolution|connection (?:refused|reset|aborted)",
    re.IGNORECASE,
)

Refresh = Callable[[Credentials], None]
"""Gets a new token for a login; blocks, and raises `GoogleAuthError`."""


class Logins:
    """A `LoginSource` of what is found by `environment`; `refresh` is asked for a new token."""

    def __init__(self, environment: Mapping[str, str], refresh: Refresh | None = None) -> None:
        self._environment = environment
        self._gcloud = Gcloud(environment)
        self._refresh = _refreshed if refresh is None else refresh

    async def login(self) -> Login:
        """Return the login that the console uses, after trying whether it can be renewed."""
        return await off_loop(self._login, "login")

    async def gcloud(self) -> GcloudLogin:
        """Return the login of the `gcloud` program; raises `Missing` without one."""
        if not self._gcloud.installed:
            raise Missing(sanitise(tr("gcloud is not installed")))
        return await off_loop(self._of_gcloud, "gcloud-login")

    def _login(self) -> Login:
        file = login_file(self._environment)
        said: Json = {} if file is None else _read(file)
        kind = self._kind(file)
        account = sanitise(text_in(said, "client_email") or text_in(said, "account"))
        if kind is LoginKind.GCLOUD:
            account = gcloud_settings(self._environment).account or account
        problem, offline, ends = SafeText(""), False, None
        try:
            credentials = find_credentials(self._environment, self._gcloud)
            if not credentials.valid:
                self._refresh(credentials)
            ends = _aware(credentials.expiry)
            account = account or sanitise(_email(credentials))
        except TransportError as error:
            problem, offline = _reason(error), True
        except (Unauthenticated, GoogleAuthError) as error:
            problem = _reason(error)
            offline = _NO_NETWORK.search(problem) is not None
        return Login(
            kind=kind,
            type=sanitise(text_in(said, "type")),
            account=account,
            file=sanitise("" if file is None else str(file)),
            ends=ends,
            payer=sanitise(text_in(said, "quota_project_id")),
            problem=problem,
            offline=offline,
        )

    def _kind(self, file: Path | None) -> LoginKind:
        if self._environment.get(_KEY_FILE):
            return LoginKind.NAMED
        if file is not None:
            return LoginKind.DEFAULT
        return LoginKind.GCLOUD if self._gcloud.installed else LoginKind.METADATA

    def _of_gcloud(self) -> GcloudLogin:
        settings = gcloud_settings(self._environment)
        account, project = settings.account or SafeText(""), settings.project or SafeText("")
        if not account:
            return GcloudLogin(project=project)
        try:
            _, ends = self._gcloud.access_token()
        except GcloudFailed as error:
            return GcloudLogin(account=account, project=project, problem=sanitise(str(error)))
        return GcloudLogin(account=account, project=project, ends=ends)


def _refreshed(credentials: Credentials) -> None:
    credentials.refresh(Request())


def _read(file: Path) -> Json:
    """Return what a file of a login says; empty if it makes no sense, which is told elsewhere."""
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return json_in(opened.read(_LARGEST))
    except OSError:
        return {}


def _email(credentials: Credentials) -> str:
    """Return the account of a login of a machine, which knows it once it has a token."""
    email = getattr(credentials, "service_account_email", "")
    return email if isinstance(email, str) and "@" in email else ""


def _aware(moment: datetime | None) -> datetime | None:
    """Return the time that google-auth means: UTC, without saying so."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)


def _reason(error: Exception) -> SafeText:
    """Return why in one line; what follows in an error of google-auth is for programs."""
    said = str(error.args[0]) if error.args else type(error).__name__
    if isinstance(error, Unauthenticated) and error.why:
        said = error.why
    return sanitise(said.splitlines()[0] if said else tr("no reason given"))
