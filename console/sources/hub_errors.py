"""What the hub refuses, and what goes wrong on the way to it, as `SourceError`s of one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from console.language import tr
from console.model.models.published import PublishedFile
from console.model.text import SafeText
from console.sources.base import (
    Denied,
    Malformed,
    Missing,
    Offline,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    import httpx2

MIRROR: Final = "https://hf-mirror.com"
"""A mirror that is reached from China, too."""

_LONGEST_REASON: Final = 160


@contextmanager
def translated(file: PublishedFile, place: SafeText) -> Iterator[None]:
    """Raise as a `SourceError` what the hub's client raises inside."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except HfHubHTTPError as error:
        raise refused(error.response, file, place) from error
    except OfflineModeIsEnabled as error:
        raise Denied(
            sanitise(
                tr("HF_HUB_OFFLINE forbids to ask {place}; unset it to fetch files", place=place)
            )
        ) from error
    except httpx2.TransportError as error:
        raise _unreachable(error, place) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise _senseless(error, place) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _senseless(error, place) from error


def _senseless(error: Exception, place: SafeText) -> Malformed:
    said = tr("{place} makes no sense: {reason}", place=place, reason=_reason(error))
    return Malformed(sanitise(said))


def refused(response: httpx2.Response, file: PublishedFile, place: SafeText) -> SourceError:
    """Return what an answer other than the file means."""
    status, code = response.status_code, response.headers.get("x-error-code", "")
    repository = file.repository
    if code == "GatedRepo":
        return Denied(
            sanitise(
                tr(
                    "{repository} is for those who accepted its terms: accept them at "
                    "https://huggingface.co/{repository} and set HF_TOKEN",
                    repository=repository,
                )
            )
        )
    if code == "RepoNotFound" or status == 401:
        said = tr(
            "{place} has no {repository}, or wants a login for it; check HF_TOKEN",
            place=place,
            repository=repository,
        )
        return Unauthenticated(sanitise(said))
    if status == 403:
        said = tr("{place} does not give {file} away; check HF_TOKEN", place=place, file=file.name)
        return Denied(sanitise(said))
    if status in (404, 410):
        said = tr(
            "{place} has no {path} in {repository}; was it renamed?",
            place=place,
            path=file.path,
            repository=repository,
        )
        return Missing(sanitise(said))
    if status == 429:
        return _throttled(response, place)
    if status in (408, 425) or status >= 500:
        return Offline(sanitise(tr("{place} answered {status}", place=place, status=status)))
    said = tr(
        "{place} answered {status} when asked for {file}",
        place=place,
        status=status,
        file=file.name,
    )
    return Malformed(sanitise(said))


def _throttled(response: httpx2.Response, place: SafeText) -> Throttled:
    import huggingface_hub.utils

    library: Any = huggingface_hub.utils

    after = response.headers.get("retry-after", "").strip()
    limit = library.parse_ratelimit_headers(response.headers)
    seconds: float | None = None
    if after.isascii() and after.isdigit():
        seconds = float(after[:6])
    elif limit is not None and limit.remaining == 0:
        seconds = float(limit.reset_in_seconds)
    if seconds is None:
        said = tr("{place} was asked too often; with HF_TOKEN it allows more", place=place)
    else:
        said = tr(
            "{place} was asked too often, and allows more in {seconds:.0f} s; with HF_TOKEN it "
            "allows more",
            place=place,
            seconds=seconds,
        )
    return Throttled(sanitise(said), seconds)


def _unreachable(error: httpx2.TransportError, place: SafeText) -> SourceError:
    import httpx2

    reason = _reason(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return Denied(
            sanitise(
                tr(
                    "{place} shows a certificate that this machine does not trust; behind a proxy "
                    "that reads along, name its certificate in SSL_CERT_FILE",
                    place=place,
                )
            )
        )
    if isinstance(error, httpx2.UnsupportedProtocol):
        said = tr("{place} sends to an address of no known kind", place=place)
        return Malformed(sanitise(said))
    if isinstance(error, httpx2.ProxyError):
        said = tr("the proxy on the way to {place} refuses; check HTTPS_PROXY", place=place)
        return Offline(sanitise(said))
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        reason = reason or tr("no answer")
        said = tr("{place} cannot be reached: {reason}", place=place, reason=reason)
        return Unreached(sanitise(said))
    if isinstance(error, httpx2.TimeoutException):
        return Offline(sanitise(tr("{place} fell silent", place=place)))
    return Offline(sanitise(tr("{place} broke off", place=place)))


class Unreached(Offline):
    """Not even a connection was made."""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
