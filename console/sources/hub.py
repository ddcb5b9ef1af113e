"""Files published on the Hugging Face hub, or on a mirror of it, through the hub's own client.

The client (`huggingface_hub`) knows addresses, logins and answers; what it would write by itself is
not used: no cache, no links, no folders of its own. Bytes are read over plain HTTP, which every
mirror speaks, and not in the hub's chunked format (Xet). Nothing is told about this machine but the
versions of what asks. https://huggingface.co/docs/huggingface_hub/package_reference/file_download
"""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from console.language import tr
from console.model.models.published import PublishedFile
from console.model.models.pulling import Checksum, Digest, StatedFile, stated_checksum
from console.model.text import SafeText
from console.sources.base import Malformed, Unauthenticated
from console.sources.hub_errors import refused, translated
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    import httpx2

PUBLIC: Final = "https://huggingface.co"
STALL_SECONDS: Final = 30.0
"""How long no byte may come before a connection is given up and made anew."""

_CONNECT_SECONDS: Final = 15.0
_REACHED_SECONDS: Final = 4.0
"""How long a question waits for a connection: soon enough to say that there is none."""

_ASKING_SECONDS: Final = 20.0
_REVISION: Final = "main"
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Body:
    """What comes of a file: `chunks` of bytes, the first of which stands at `start`."""

    start: int
    chunks: Iterator[bytes]


class HubSource(Protocol):
    """Where published files come from; every method raises `SourceError`."""

    @property
    def place(self) -> SafeText:
        """Return its name for people, such as `huggingface.co`."""
        ...

    def state(self, file: PublishedFile) -> StatedFile:
        """Return what is stated of a file now."""
        ...

    def read(self, stated: StatedFile, start: int) -> AbstractContextManager[Body]:
        """Read a file from byte `start` on; where that cannot be, from the beginning."""
        ...


class InvalidEndpoint(ValueError):
    """`HF_ENDPOINT` is no address; `str()` is one line."""


def endpoint_of(environment: Mapping[str, str]) -> str:
    """Return the address to ask: `HF_ENDPOINT`, else the hub; raises `InvalidEndpoint`."""
    address = environment.get("HF_ENDPOINT", "").strip().rstrip("/") or PUBLIC
    parts = urlsplit(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise InvalidEndpoint(
            tr(
                "HF_ENDPOINT={address!r} is no address; write https://hf-mirror.com",
                address=sanitise(address),
            )
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InvalidEndpoint(
            tr("HF_ENDPOINT must be an address alone, with no login and no query")
        )
    return address


def token_for(endpoint: str, environment: Mapping[str, str]) -> str | bool | None:
    """Return what to log in with: None lets the client find the login that is kept for the hub.

    Another address gets a token that the environment names, and never the one that is kept; none
    goes over a line that anybody can read.
    """
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not _loopback(parts.hostname or ""):
        return False
    if endpoint == PUBLIC:
        return None
    return environment.get("HF_TOKEN", "").strip() or False


def hub_of(environment: Mapping[str, str]) -> tuple[Hub, str]:
    """Return the hub or the mirror that `environment` names, and its address.

    Raises `InvalidEndpoint`.
    """
    endpoint = endpoint_of(environment)
    try:
        own_version = version("zimage-console")
    except PackageNotFoundError:
        own_version = "0"
    return Hub(endpoint, token_for(endpoint, environment), own_version), endpoint


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Hub:
    """The hub at `endpoint`; may be used from several threads at once.

    `token` is as for `huggingface_hub`: a token, None for the one that is kept on this machine, or
    False for none. All files here can be had without one: a token that is not taken is left away.
    """

    def __init__(
        self,
        endpoint: str,
        token: str | bool | None,
        version: str,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._endpoint = endpoint
        self._token = token
        self._version = version
        self._stall_seconds = stall_seconds
        self._place = sanitise(urlsplit(endpoint).netloc)
        self._once = threading.Lock()

    @property
    def place(self) -> SafeText:
        """Return the host, such as `huggingface.co`."""
        return self._place

    def state(self, file: PublishedFile) -> StatedFile:
        """Ask for size and checksum of `file`."""
        try:
            return self._state(file)
        except Unauthenticated:
            if self._token is False:
                raise
            # Everything here is for everybody: a login that has run out must not stand in the way.
            self._token = False
            return self._state(file)

    def _state(self, file: PublishedFile) -> StatedFile:
        hub = self._library()
        import httpx2

        with translated(file, self._place):
            found = hub.get_hf_file_metadata(
                self._url(file, _REVISION),
                token=self._token,
                timeout=httpx2.Timeout(_ASKING_SECONDS, connect=_REACHED_SECONDS),
                library_name="zimage-console",
                library_version=self._version,
                endpoint=self._endpoint,
            )
        checksum, size = stated_checksum(found.etag), found.size
        # Mirrors may put a storage's own tag in the place of the hub's.
        if checksum is None or size is None or (checksum.digest is Digest.GIT and file.sha256):
            checksum, size = self._listed(file)
        commit = found.commit_hash or ""
        return StatedFile(file, size, checksum, commit if _COMMIT.fullmatch(commit) else _REVISION)

    def _listed(self, file: PublishedFile) -> tuple[Checksum, int]:
        """Return checksum and size from the repository's listing."""
        hub = self._library()
        with translated(file, self._place):
            api = hub.HfApi(self._endpoint, token=self._token, library_name="zimage-console")
            entries: list[Any] = api.get_paths_info(
                file.repository, [file.path], revision=_REVISION
            )
        for entry in entries:
            if getattr(entry, "path", None) == file.path and hasattr(entry, "blob_id"):
                lfs = entry.lfs
                checksum = stated_checksum(lfs.sha256 if lfs else entry.blob_id)
                if checksum is not None:
                    return checksum, int(lfs.size if lfs else entry.size)
        raise Malformed(
            sanitise(
                tr(
                    "{place} states no checksum of {file}, so it could not be told whether what "
                    "comes is right; try another HF_ENDPOINT",
                    place=self._place,
                    file=file.name,
                )
            )
        )

    @contextmanager
    def read(self, stated: StatedFile, start: int) -> Iterator[Body]:
        """Read a file at the revision that was stated."""
        hub, file = self._library(), stated.file
        import httpx2

        headers = hub.utils.build_hf_headers(
            token=self._token,
            library_name="zimage-console",
            library_version=self._version,
            headers={"accept-encoding": "identity"} | _range(start),
        )
        timeout = httpx2.Timeout(self._stall_seconds, connect=_CONNECT_SECONDS)
        with (
            translated(file, self._place),
            hub.utils.get_session().stream(
                "GET",
                self._url(file, stated.revision),
                headers=headers,
                timeout=timeout,
                follow_redirects=True,
            ) as response,
        ):
            if response.status_code not in (200, 206):
                raise refused(response, file, self._place)
            yield Body(self._start(response, start, stated), response.iter_raw())

    def _start(self, response: httpx2.Response, asked: int, stated: StatedFile) -> int:
        """Return where the body begins; raises `Malformed` for one of another file or form."""
        place, name = self._place, stated.file.name
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Malformed(sanitise(tr("{place} sends {file} compressed", place=place, file=name)))
        if response.status_code == 200:
            length, start = response.headers.get("content-length"), 0
        else:
            span, _, length = response.headers.get("content-range", "").partition("/")
            begin = span.removeprefix("bytes").strip().partition("-")[0]
            start = int(begin) if begin.isascii() and begin.isdigit() else -1
            if start != asked:
                raise Malformed(
                    sanitise(tr("{place} sends another part of {file}", place=place, file=name))
                )
        if length and length.isascii() and length.isdigit() and int(length) != stated.size:
            raise Malformed(
                sanitise(
                    tr(
                        "{place} sends {sent} bytes as {file}, and states {stated}; try again "
                        "later or another HF_ENDPOINT",
                        place=place,
                        sent=int(length[:18]),
                        file=name,
                        stated=stated.size,
                    )
                )
            )
        return start

    def _url(self, file: PublishedFile, revision: str) -> str:
        return str(
            self._library().hf_hub_url(
                file.repository, file.path, revision=revision, endpoint=self._endpoint
            )
        )

    def _library(self) -> Any:
        """Return the client, imported at its first use and told to keep to itself."""
        with self._once:
            import huggingface_hub
            import huggingface_hub.utils
            from huggingface_hub import constants

            # Read at every call: nothing about this machine is sent, and nothing is asked beside.
            constants.HF_HUB_DISABLE_TELEMETRY = True
            library: Any = huggingface_hub
            library.utils.logging.set_verbosity_error()
            return library


def _range(start: int) -> dict[str, str]:
    return {"range": f"bytes={start}-"} if start else {}
