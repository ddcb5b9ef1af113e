"""Whether the cloud is there at all, and what time it is there; nobody has to be logged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from console.language import tr
from console.model.doctor.facts import Reached
from console.sources.base import Offline
from console.terminal.sanitise import sanitise

GOOGLE: Final = "https://cloudresourcemanager.googleapis.com"
SECONDS: Final = 8.0
_WHOLE_SECOND: Final = timedelta(seconds=1)


class Reach:
    """A `ReachSource` that asks whoever is at `base`; `clock` gives the time of day.

    `environment` says which proxy is in between, if one is.
    """

    def __init__(
        self,
        base: str,
        clock: Callable[[], datetime],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._base = base
        self._clock = clock
        self._through = "" if base.startswith("http:") else _proxy(environment or {})

    async def reach(self) -> Reached:
        """Return who answered, whatever it was; raises `SourceError`."""
        loopback = self._base.startswith("http:")
        host = self._base.partition("://")[2]
        try:
            async with httpx.AsyncClient(
                timeout=SECONDS, trust_env=not loopback, verify=not loopback
            ) as http:
                began = self._clock()
                # A path that there is not: the answer is short, and asks for no login.
                answer = await http.get(f"{self._base}/generate_204")
                ended = self._clock()
        except httpx.TimeoutException:
            raise Offline(sanitise(_silent(host, self._through))) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError) as error:
            # A proxy that makes no sense is refused before anything is asked.
            why = str(error) or type(error).__name__
            raise Offline(sanitise(_out_of_reach(host, self._through, why))) from None
        theirs = _date(answer)
        if theirs is None:
            return Reached(sanitise(host), None)
        # They wrote the whole second of some moment between the question and the answer.
        half = (ended - began) / 2
        ahead = began + half - theirs
        return Reached(sanitise(host), ahead, abs(half) + _WHOLE_SECOND)


def _proxy(environment: Mapping[str, str]) -> str:
    """Say which proxy is asked, without what it takes to log in there; empty without one."""
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    name = next((each for each in names if environment.get(each)), None)
    if name is None:
        return ""
    try:
        place = urlsplit(environment[name]).netloc.rpartition("@")[2]
    except ValueError:
        place = ""
    if not place:
        return tr("the proxy of no sensible address that {variable} names", variable=name)
    return tr("the proxy {address} that {variable} names", address=place, variable=name)


def _silent(host: str, proxy: str) -> str:
    if not proxy:
        return tr("{host} did not answer within {seconds:g} s", host=host, seconds=SECONDS)
    return tr(
        "{host} did not answer within {seconds:g} s through {proxy}",
        host=host,
        seconds=SECONDS,
        proxy=proxy,
    )


def _out_of_reach(host: str, proxy: str, why: str) -> str:
    if not proxy:
        return tr("{host} is out of reach: {why}", host=host, why=why)
    return tr("{host} is out of reach through {proxy}", host=host, proxy=proxy)


def _date(answer: httpx.Response) -> datetime | None:
    """Read when an answer was made (RFC 9110 §6.6.1); None where it does not say."""
    try:
        moment = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
