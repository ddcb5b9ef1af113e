"""Who the user is to a cloud on loopback, by its metadata server.

Source: https://cloud.google.com/compute/docs/instances/verifying-instance-identity.
"""

from __future__ import annotations

import http
import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Final

from console.language import tr
from console.sources.base import Malformed, Offline, Unauthenticated
from console.terminal.sanitise import sanitise

_SECONDS: Final = 5.0
_LONGEST: Final = 16_384
_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/identity"


def loopback_fetcher(address: str) -> Callable[[str], str]:
    """Return what gets identity tokens for an audience from the cloud at `HOST:PORT`.

    It may wait, and raises `SourceError`.
    """
    directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def fetch(audience: str) -> str:
        query = urllib.parse.urlencode({"audience": audience})
        asked = urllib.request.Request(f"http://{address}{_PATH}?{query}")
        asked.add_header("Metadata-Flavor", "Google")
        try:
            with directly.open(asked, timeout=_SECONDS) as answer:
                token: bytes = answer.read(_LONGEST)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == http.HTTPStatus.UNAUTHORIZED:
                raise Unauthenticated(
                    sanitise(
                        tr("cannot get an identity token: the login has run out; log in again")
                    )
                ) from None
            raise Malformed(
                sanitise(
                    tr(
                        "cannot get an identity token: {address} answered {code}",
                        address=address,
                        code=error.code,
                    )
                )
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise Offline(
                sanitise(
                    tr(
                        "cannot get an identity token: {address} is out of reach ({why})",
                        address=address,
                        why=error,
                    )
                )
            ) from None
        return token.decode("ascii", "replace")

    return fetch
