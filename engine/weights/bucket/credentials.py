"""Whose name a bucket is read in: application default credentials, as Google describes them.

Looked for in this order: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the one that
`gcloud auth application-default login` leaves, the metadata server of Google's own machines, and
nobody's, which is enough for public buckets.
Sources: https://cloud.google.com/docs/authentication/application-default-credentials,
https://cloud.google.com/compute/docs/access/authenticate-workloads#applications, RFC 6749 §6,
RFC 7523 §2.1. No token ever stands in a message.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from engine.errors import ModelNotFound

SCOPE: Final = "https://www.googleapis.com/auth/devstorage.read_only"
METADATA_HOST: Final = "metadata.google.internal"
LOGIN: Final = "run: gcloud auth application-default login"

_TOKEN_URI: Final = "https://oauth2.googleapis.com/token"
_ACCOUNT: Final = "/computeMetadata/v1/instance/service-accounts/default"
_RENEW_BEFORE: Final = 225.0  # the metadata server hands out a new one four minutes before the end
_LOOK_SECONDS: Final = 3.0
_ANSWER_SECONDS: Final = 20.0
_MOST_BYTES: Final = 1 << 20
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and for how many seconds it is good; its text shows nowhere."""

    text: str = field(repr=False)
    seconds: float


class Credentials(Protocol):
    """Who is asking."""

    @property
    def whose(self) -> str:
        """Who that is, in words for a message."""

    def token(self) -> Token | None:
        """Return a new token, None for nobody's; raises `ModelNotFound`."""


class Tokens:
    """The token of the moment, renewed before it ends; may be asked from any thread."""

    def __init__(
        self, credentials: Credentials, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._until = float("-inf")

    @property
    def whose(self) -> str:
        """Whose token it is, in words for a message."""
        return self._credentials.whose

    def current(self, refused: str = "") -> str:
        """Return a token's text, empty for nobody's; never `refused`, which was turned down."""
        with self._lock:
            stale = self._clock() >= self._until
            if stale or (refused and self._token and self._token.text == refused):
                self._token = self._credentials.token()
                lasts = self._token.seconds if self._token else float("inf")
                self._until = self._clock() + max(0.0, lasts - _RENEW_BEFORE)
            return self._token.text if self._token else ""


@dataclass(frozen=True, slots=True)
class Nobody:
    """No credentials: public buckets, and an emulator."""

    whose: str = "nobody (no credentials were found)"

    def token(self) -> None:
        """Return that there is no token."""
        return


@dataclass(frozen=True, slots=True)
class MachineAccount:
    """The service account that a machine of Google's runs as."""

    host: str
    whose: str = "the machine's service account"

    def token(self) -> Token | None:
        """Ask the metadata server; raises `ModelNotFound` if it does not answer."""
        for attempt in range(_TRIES):
            try:
                answer = _asked(self.host, f"{_ACCOUNT}/token", _ANSWER_SECONDS)
                return _read(answer)
            except (OSError, ValueError):
                time.sleep(0.25 * 2**attempt)
        raise ModelNotFound(
            f"the metadata server {self.host} gives no token; check that a service account is "
            "attached to the service"
        )


@dataclass(frozen=True, slots=True)
class UserLogin:
    """What `gcloud auth application-default login` leaves: a token that gets tokens."""

    where: Path
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_uri: str = _TOKEN_URI

    @property
    def whose(self) -> str:
        """Whose login it is."""
        return f"the login in {self.where}"

    def token(self) -> Token | None:
        """Return a new token; raises `ModelNotFound` if the login has ended."""
        grant = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
        }
        return _granted(self.token_uri, grant, self.whose, LOGIN)


@dataclass(frozen=True, slots=True)
class AccountKey:
    """A service account's key file, which takes the `cryptography` package to sign with."""

    where: Path
    email: str
    key_id: str
    private_key: str = field(repr=False)
    token_uri: str = _TOKEN_URI
    now: Callable[[], float] = time.time

    @property
    def whose(self) -> str:
        """Whose key it is."""
        return f"service account {self.email}"

    def token(self) -> Token | None:
        """Return a new token; raises `ModelNotFound` if it cannot be had."""
        grant = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": self._assertion(),
        }
        return _granted(self.token_uri, grant, self.whose, "make a new key, or use a login")

    def _assertion(self) -> str:
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import padding, rsa
        except ImportError:
            raise ModelNotFound(
                f"{self.where} is a service account's key, and signing with it takes the package "
                f"cryptography; install that, or {LOGIN}"
            ) from None
        now = int(self.now())
        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        claims = {"iss": self.email, "scope": SCOPE, "aud": self.token_uri, "iat": now}
        claims["exp"] = now + 3_600
        signed = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
        try:
            key = serialization.load_pem_private_key(self.private_key.encode(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ModelNotFound(f"{self.where} holds no usable RSA key; make a new one")
        signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _base64(signature)).decode()


def find_credentials(environ: Mapping[str, str]) -> Credentials:
    """Return the credentials that there are; raises `ModelNotFound` for ones that are unusable."""
    named = environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        return _from_file(Path(named))
    folder = environ.get("CLOUDSDK_CONFIG")
    home = environ.get("HOME")
    if folder or home:
        left = (Path(folder) if folder else Path(home or "") / ".config" / "gcloud") / (
            "application_default_credentials.json"
        )
        if left.is_file():
            return _from_file(left)
    host = environ.get("GCE_METADATA_HOST") or METADATA_HOST
    if environ.get("GCE_METADATA_HOST") or environ.get("K_SERVICE") or _answers(host):
        return MachineAccount(host)
    return Nobody()


def _from_file(path: Path) -> Credentials:
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError):
        raise ModelNotFound(f"credentials {path} cannot be read; name others, or {LOGIN}") from None
    kind = said.get("type") if isinstance(said, dict) else None
    fields = said if isinstance(said, dict) else {}
    uri = str(fields.get("token_uri") or _TOKEN_URI)
    try:
        if kind == "authorized_user":
            names = ("client_id", "client_secret", "refresh_token")
            client_id, secret, refresh_token = (str(fields[name]) for name in names)
            return UserLogin(path, client_id, secret, refresh_token, uri)
        if kind == "service_account":
            names = ("client_email", "private_key_id", "private_key")
            email, key_id, private_key = (str(fields[name]) for name in names)
            return AccountKey(path, email, key_id, private_key, uri)
    except KeyError as lacking:
        raise ModelNotFound(f"credentials {path} lack {lacking}; name others, or {LOGIN}") from None
    raise ModelNotFound(
        f"credentials {path} are of a kind that the engine cannot use ({kind!s:.40}); {LOGIN}, or "
        "use a service account's key"
    )


def _answers(host: str) -> bool:
    try:
        _asked(host, "/", _LOOK_SECONDS)
    except (OSError, ValueError):
        return False
    return True


def _asked(host: str, path: str, seconds: float) -> bytes:
    request = urllib.request.Request(f"http://{host}{path}", headers={"Metadata-Flavor": "Google"})
    # Whatever proxy the environment names: this address is the machine's own.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=seconds) as answer:
        if answer.headers.get("Metadata-Flavor") != "Google":
            raise ValueError("not a metadata server")
        data: bytes = answer.read(_MOST_BYTES)
        return data


def _granted(uri: str, grant: Mapping[str, str], whose: str, mend: str) -> Token:
    """Exchange a grant for a token; raises `ModelNotFound`."""
    reason = "it does not answer"
    for attempt in range(_TRIES):
        try:
            data = urllib.parse.urlencode(grant).encode()
            with urllib.request.urlopen(uri, data, timeout=_ANSWER_SECONDS) as answer:
                return _read(answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"HTTP {error.code}"
            if error.code < 500 and error.code != 429:
                raise ModelNotFound(f"{whose} is not valid any more ({reason}); {mend}") from None
        except (OSError, ValueError):
            pass
        time.sleep(0.25 * 2**attempt)
    place = urllib.parse.urlsplit(uri).netloc
    raise ModelNotFound(f"{place} gives no token for {whose} ({reason}); try again later")


def _read(answer: bytes) -> Token:
    said = json.loads(answer)
    token, seconds = said.get("access_token"), said.get("expires_in")
    if not isinstance(token, str) or not isinstance(seconds, int | float) or not token.isascii():
        raise ValueError("no token")
    return Token(token, float(seconds))


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
