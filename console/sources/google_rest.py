"""Google's interfaces that are asked by JSON over HTTP, as far as no client of Google's is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import httpx
from google.api_core.exceptions import Aborted, from_http_response
from google.auth.credentials import Credentials
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from console.language import tr
from console.sources.base import Malformed, Offline
from console.sources.google_errors import Asked, login_problem, refusals
from console.terminal.sanitise import sanitise

ANSWER_SECONDS: Final = 15.0
_ASKING_AS: Final = "x-goog-user-project"

Json = Mapping[str, object]
Parameters = Mapping[str, str | Sequence[str]]
"""What a query says; several values of one name are a list."""


_NOTHING_MORE: Final[Parameters] = {}


class Authorization(Protocol):
    """What shows Google who asks."""

    async def headers(self) -> Mapping[str, str]:
        """Return the headers to send; raises `SourceError`."""
        ...


class NoAuthorization:
    """The `Authorization` of a cloud that asks nobody who they are."""

    async def headers(self) -> Mapping[str, str]:
        """Return none."""
        return {}


class CredentialHeaders:
    """The `Authorization` of a login, which is renewed in a thread when it has run out."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._one_at_a_time = asyncio.Lock()

    async def headers(self) -> Mapping[str, str]:
        """Return the token, and the project that pays if the login names one."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._headers)

    def _headers(self) -> Mapping[str, str]:
        headers: dict[str, str] = {}
        try:
            self._credentials.before_request(Request(), "GET", "", headers)
        except GoogleAuthError as error:
            raise login_problem(error) from None
        return headers


class GoogleRest:
    """Asks Google's interfaces, or the cloud at `base`; close it after use.

    Every method raises `SourceError`.
    """

    def __init__(self, authorization: Authorization, base: str = "") -> None:
        self._authorization = authorization
        self._base = base
        # What is on loopback is reached directly; to Google the way may lead through a proxy.
        self._http = httpx.AsyncClient(
            timeout=ANSWER_SECONDS, trust_env=not base, verify=not base.startswith("http:")
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(
        self,
        asked: Asked,
        path: str,
        parameters: Parameters,
        *,
        asking_as: str = "",
        accept: str = "",
    ) -> Json:
        """Return what the interface that `asked` names answers.

        `asking_as` is the project that is to have the interface enabled, if the login names none.
        `accept` says which kinds of JSON will do, where there are several.
        """
        return await self._ask(asked, "GET", path, parameters, None, asking_as, accept)

    async def post(
        self,
        asked: Asked,
        path: str,
        body: Mapping[str, object],
        *,
        parameters: Parameters = _NOTHING_MORE,
        asking_as: str = "",
    ) -> Json:
        """Return what is answered to `body`; `asking_as` is the same as in `get`."""
        return await self._ask(asked, "POST", path, parameters, body, asking_as)

    async def delete(
        self,
        asked: Asked,
        path: str,
        parameters: Parameters = _NOTHING_MORE,
        *,
        asking_as: str = "",
    ) -> Json:
        """Return what is answered to the removal of what is at `path`."""
        return await self._ask(asked, "DELETE", path, parameters, None, asking_as)

    async def _ask(
        self,
        asked: Asked,
        method: str,
        path: str,
        parameters: Parameters,
        body: Mapping[str, object] | None,
        asking_as: str,
        accept: str = "",
    ) -> Json:
        headers = await self._authorization.headers()
        if accept:
            headers = {**headers, "accept": accept}
        if asking_as:
            headers = {_ASKING_AS: asking_as, **headers}
            asked = replace(asked, project=headers[_ASKING_AS])
        base = self._base or f"https://{asked.interface}"
        try:
            answer = await self._http.request(
                method,
                base + path,
                params=parameters,
                headers=headers,
                json=body,
                # Contents of images are elsewhere; the login does not go along to another host.
                follow_redirects=method == "GET",
            )
        except httpx.TimeoutException:
            words = tr(
                "cannot {what}: {interface} did not answer in time",
                what=asked.words,
                interface=asked.interface,
            )
            raise Offline(sanitise(words)) from None
        except httpx.HTTPError as error:
            words = tr(
                "cannot {what}: {interface} is out of reach ({why}); is there a network?",
                what=asked.words,
                interface=asked.interface,
                why=str(error) or type(error).__name__,
            )
            raise Offline(sanitise(words)) from None
        with refusals(asked):
            if not answer.is_success:
                raise _as_google_says(answer)
        return _object(answer, asked)

    async def pages(
        self,
        asked: Asked,
        path: str,
        parameters: Mapping[str, str],
        *,
        token: str = "pageToken",
        next_token: tuple[str, ...] = ("nextPageToken",),
        asking_as: str = "",
    ) -> AsyncIterator[Json]:
        """Yield all pages of a list; `token` and `next_token` say how it is gone through.

        `asking_as` is the same as in `get`.
        """
        following: dict[str, str] = {}
        seen: set[str] = set()
        while True:
            page = await self.get(asked, path, {**parameters, **following}, asking_as=asking_as)
            yield page
            said = page
            for step in next_token[:-1]:
                said = json_object(said.get(step))
            next_page = json_text(said.get(next_token[-1]))
            if not next_page:
                return
            if next_page in seen:
                words = tr("cannot {what}: the list does not end", what=asked.words)
                raise Malformed(sanitise(words))
            seen.add(next_page)
            following = {token: next_page}


def json_object(value: object) -> Json:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def json_objects(value: object) -> tuple[Json, ...]:
    """Return the JSON objects in a list, none when `value` is no list."""
    return (
        tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
    )


def json_text(value: object) -> str:
    """Return `value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def json_time(value: object) -> datetime | None:
    """Return the time that `value` says together with its zone, None if it says none."""
    try:
        moment = datetime.fromisoformat(json_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _as_google_says(answer: httpx.Response) -> Exception:
    """Return the error of Google's clients for a refusal, with its message alone."""
    told = _Answer(answer)
    error: Any = from_http_response(told)
    if json_text(json_object(told.json().get("error")).get("status")) == "ABORTED":
        # Its status is that of what is there already.
        error = Aborted(error.message)
    error.message = str(error.message).partition(f"{answer.request.url}: ")[2] or error.message
    return error if isinstance(error, Exception) else Malformed(sanitise(str(error)))


class _Answer:
    """An answer as Google's library looks at it; one that is not of its form says its status."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status_code = answer.status_code
        self.request = answer.request
        self._answer = answer

    def json(self) -> Json:
        try:
            said = self._answer.json()
        except (ValueError, RecursionError):
            said = {}
        if isinstance(said, dict) and isinstance(said.get("error"), dict):
            return said
        phrase, status = self._answer.reason_phrase, self.status_code
        words = (
            tr("HTTP status {code} {phrase}", code=status, phrase=phrase)
            if phrase
            else tr("HTTP status {code}", code=status)
        )
        return {"error": {"message": words}}


def _object(answer: httpx.Response, asked: Asked) -> Json:
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        words = tr(
            "cannot {what}: {interface} answered no JSON",
            what=asked.words,
            interface=asked.interface,
        )
        raise Malformed(sanitise(words))
    return said
