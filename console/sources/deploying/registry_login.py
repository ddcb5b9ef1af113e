"""A login at a registry for one command of Docker, without a password in any file.

Docker asks a program for passwords, a credential helper. The one here is a script that hands on
what is in a variable of its environment, which only the command's own processes have. Source:
https://github.com/docker/docker-credential-helpers#development.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

_VARIABLE: Final = "ZIMAGE_REGISTRY_TOKEN"
_USER: Final = "oauth2accesstoken"
_HELPER: Final = "docker-credential-zimage"
_SCRIPT: Final = f"""#!/bin/sh
cat > /dev/null
[ "$1" = get ] || exit 0
printf '{{"Username":"{_USER}","Secret":"%s"}}' "${_VARIABLE}"
"""
_SHARED: Final = ("cli-plugins", "contexts", "buildx", "tls", "desktop")


class RegistryLogin:
    """Gives, as a context manager, the environment in which Docker is logged in at `host`.

    Without a `token` it is the given `environment`, and Docker's own logins have to do.
    """

    def __init__(self, host: str, token: str | None, environment: Mapping[str, str]) -> None:
        self._host = host
        self._token = token
        self._environment = environment
        self._folder: Path | None = None

    def __enter__(self) -> Mapping[str, str]:
        """Return the environment."""
        if self._token is None:
            return self._environment
        self._folder = Path(tempfile.mkdtemp(prefix="zimage-docker-"))
        helper = self._folder / _HELPER
        helper.write_text(_SCRIPT, encoding="ascii")
        helper.chmod(0o700)
        own = _settings_folder(self._environment)
        for each in _SHARED:
            if (own / each).exists():
                (self._folder / each).symlink_to(own / each)
        (self._folder / "config.json").write_text(json.dumps(self._settings(own)), encoding="utf-8")
        path = self._environment.get("PATH", "")
        return {
            **self._environment,
            _VARIABLE: self._token,
            "DOCKER_CONFIG": str(self._folder),
            "PATH": f"{self._folder}:{path}" if path else str(self._folder),
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the login away."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _settings(self, own: Path) -> dict[str, object]:
        """Return Docker's own settings, with this login in them and without any other."""
        settings: object = {}
        with suppress(OSError, ValueError, RecursionError):
            settings = json.loads((own / "config.json").read_text(encoding="utf-8"))
        kept = settings if isinstance(settings, dict) else {}
        for each in ("auths", "credsStore", "credHelpers"):
            kept.pop(each, None)
        return {**kept, "credHelpers": {self._host: "zimage"}}


def _settings_folder(environment: Mapping[str, str]) -> Path:
    named = environment.get("DOCKER_CONFIG")
    return Path(named) if named else Path(environment.get("HOME", "/")) / ".docker"
