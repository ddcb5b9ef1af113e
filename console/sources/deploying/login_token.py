"""The operator's login as a password for a registry of images.

Source: https://cloud.google.com/artifact-registry/docs/docker/authentication#token.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping
from typing import Final

_AUTH: Final = "console.sources.auth"
_BEARER: Final = "bearer "


class LoginToken:
    """Tells an access token of the login that is found in `environment`, renewed if need be."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    async def __call__(self) -> str | None:
        """Return a token that is good for a while; raises `SourceError` without a login."""
        # What knows of logins takes a while to be imported, and so do they to be found.
        await asyncio.to_thread(importlib.import_module, _AUTH)
        from console.sources.auth import Gcloud, find_credentials
        from console.sources.google_rest import CredentialHeaders

        gcloud = Gcloud(self._environment)
        credentials = await asyncio.to_thread(find_credentials, self._environment, gcloud)
        headers = await CredentialHeaders(credentials).headers()
        said = next((each for name, each in headers.items() if name.lower() == "authorization"), "")
        return said[len(_BEARER) :] if said.lower().startswith(_BEARER) else None
