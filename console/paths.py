"""Where things live on this machine, and how files are written so that none is ever half there.

Locations follow the platform's convention (XDG on Linux). Directories made here are private to
the user.
"""

from __future__ import annotations

import itertools
import os
import secrets
from pathlib import Path
from typing import Final

import platformdirs

APPLICATION: Final = "zimage-console"
_NEW: Final = os.O_CREAT | os.O_EXCL | os.O_WRONLY


def configuration_file() -> Path:
    """Return the path of the configuration file, whether or not it exists."""
    return platformdirs.user_config_path(APPLICATION) / "config.toml"


def default_pictures_directory() -> Path:
    """Return where pictures are saved unless the configuration says otherwise."""
    return platformdirs.user_pictures_path() / "zimage"


def logs_directory() -> Path:
    """Return where log lines are saved unless somebody says otherwise."""
    return platformdirs.user_documents_path() / "zimage"


def sandbox_directory() -> Path:
    """Return where the sandbox cloud keeps what it knows."""
    return platformdirs.user_state_path(APPLICATION) / "sandbox"


def recents_file() -> Path:
    """Return where the contexts of before are remembered."""
    return platformdirs.user_state_path(APPLICATION) / "contexts.json"


def commands_file() -> Path:
    """Return where the commands of the command line are remembered."""
    return platformdirs.user_state_path(APPLICATION) / "commands.json"


def snapshots_directory() -> Path:
    """Return where what was known of each context last is kept."""
    return platformdirs.user_state_path(APPLICATION) / "snapshots"


def uploads_directory() -> Path:
    """Return where uploads are remembered that did not come to their end."""
    return platformdirs.user_state_path(APPLICATION) / "uploads"


def deployments_directory() -> Path:
    """Return where deployments are remembered, those under way and the last one of each service."""
    return platformdirs.user_state_path(APPLICATION) / "deployments"


def history_file() -> Path:
    """Return where starts and lives of instances are kept that outlive the log."""
    return platformdirs.user_data_path(APPLICATION) / "history.sqlite3"


def prices_file(cloud: str) -> Path:
    """Return where the prices are kept for a day that `cloud`, such as `google`, told last."""
    return platformdirs.user_cache_path(APPLICATION) / f"prices-{cloud}.json"


def make_private_directory(directory: Path) -> Path:
    """Make `directory` with its parents, readable by the user alone, unless it exists."""
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def write_atomically(path: Path, data: bytes) -> Path:
    """Write `data` to `path`, replacing what is there; a reader sees all of it or nothing of it.

    What is no regular file, such as a device or a pipe, is written to as it stands.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return path
    target = path.resolve()
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(os.open(temporary, _NEW, 0o666), "wb") as file:
            file.write(data)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def write_new(path: Path, data: bytes) -> Path:
    """Write `data` beside what exists: to `path`, or with `-2`, `-3` added; returns where.

    The name is reserved by creating it, so that two writers never get the same one.
    """
    for number in itertools.count(1):
        target = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        try:
            os.close(os.open(target, _NEW, 0o666))
        except FileExistsError:
            continue
        try:
            return write_atomically(target, data)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    raise AssertionError("unreachable")
