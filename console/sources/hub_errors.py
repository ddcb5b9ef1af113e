"""What the hub refuses, and what goes wrong on the way to it, as `SourceError`s of one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

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
            sanitise(f"HF_HUB_OFFLINE forbids to ask {place}; unset it to fetch files")
        ) from error
    except httpx2.TransportError as error:
        raise _unreachable(error, place) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise Malformed(sanitise(f"{place} makes no sense: {_reason(error)}")) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(sanitise(f"{place} makes no sense: {_reason(error)}")) from error


def refused(response: httpx2.Response, file: PublishedFile, place: SafeText) -> SourceError:
    """Return what an answer other than the file means."""
    status, code = response.status_code, response.headers.get("x-error-code", "")
    repository = file.repository
    if code == "GatedRepo":
        return Denied(
            sanitise(
                f"{repository} is for those who accepted its terms: accept them at "
                f"https://huggingface.co/{repository} and set HF_TOKEN"
            )
        )
    if code == "RepoNotFound" or status == 401:
        return Unauthenticated(
            sanitise(f"{place} has no {repository}, or wants a login for it; check HF_TOKEN")
        )
    if status == 403:
        return Denied(sanitise(f"{place} does not give {file.name} away; check HF_TOKEN"))
    if status in (404, 410):
        return Missing(sanitise(f"{place} has no {file.path} in {repository}; was it renamed?"))
    if status == 429:
        return _throttled(response, place)
    if status in (408, 425) or status >= 500:
        return Offline(sanitise(f"{place} answered {status}"))
    return Malformed(sanitise(f"{place} answered {status} when asked for {file.name}"))


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
    wait = "" if seconds is None else f", and allows more in {seconds:.0f} s"
    return Throttled(
        sanitise(f"{place} was asked too often{wait}; with HF_TOKEN it allows more"), seconds
    )


def _unreachable(error: httpx2.TransportError, place: SafeText) -> SourceError:
    import httpx2

    reason = _reason(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return Denied(
            sanitise(
                f"{place} shows a certificate that this machine does not trust; behind a proxy "
                "that reads along, name its certificate in SSL_CERT_FILE"
            )
        )
    if isinstance(error, httpx2.UnsupportedProtocol):
        return Malformed(sanitise(f"{place} sends to an address of no known kind"))
    if isinstance(error, httpx2.ProxyError):
        return Offline(sanitise(f"the proxy on the way to {place} refuses; check HTTPS_PROXY"))
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Unreached(sanitise(f"{place} cannot be reached: {reason or 'no answer'}"))
    if isinstance(error, httpx2.TimeoutException):
        return Offline(sanitise(f"{place} fell silent"))
    return Offline(sanitise(f"{place} broke off"))


class Unreached(Offline):
    """Not even a connection was made."""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
