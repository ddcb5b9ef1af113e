"""What the `gcloud` program is set to, read from its files without starting it.

Source: https://cloud.google.com/sdk/docs/configurations and `gcloud topic configurations`.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from console.model.projects import GcloudSettings
from console.model.text import SafeText
from console.terminal.sanitise import sanitise

_DEFAULT: Final = "default"
_NONE: Final = "NONE"
_LARGEST: Final = 1024 * 1024


def gcloud_folder(environment: Mapping[str, str]) -> Path:
    """Return where `gcloud` keeps its settings and logins."""
    if folder := environment.get("CLOUDSDK_CONFIG"):
        return Path(folder)
    home = environment.get("HOME")
    return (Path(home) if home else Path("~").expanduser()) / ".config" / "gcloud"


def gcloud_settings(environment: Mapping[str, str]) -> GcloudSettings:
    """Return what `gcloud` would use: the environment's word first, then the active configuration.

    Whatever cannot be read counts as not set.
    """
    saved = _configuration(environment)

    def setting(section: str, name: str) -> SafeText | None:
        from_environment = environment.get(f"CLOUDSDK_{section}_{name}".upper())
        said = from_environment or saved.get(section, {}).get(name) or ""
        return sanitise(said.strip()) or None

    return GcloudSettings(
        account=setting("core", "account"),
        project=setting("core", "project"),
        region=setting("run", "region") or setting("compute", "region"),
    )


def _configuration(environment: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    folder = gcloud_folder(environment)
    name = environment.get("CLOUDSDK_ACTIVE_CONFIG_NAME") or _text(folder / "active_config").strip()
    name = name or _DEFAULT
    if name == _NONE or not name.replace("-", "").isalnum():
        return {}
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_text(folder / "configurations" / f"config_{name}"))
    except configparser.Error:
        return {}
    return {section: dict(parser[section]) for section in parser.sections()}


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""
