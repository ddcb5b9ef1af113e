"""What the engine was told to do, in one frozen value: by flags, the environment, or defaults.

Environment: `ZIMAGE_MODELS`, `ZIMAGE_MODELS_FALLBACK`, `ZIMAGE_DEVICE`, `ZIMAGE_THREADS`,
`ZIMAGE_LINEAR`, `ZIMAGE_HOST`, `PORT`, `ZIMAGE_QUEUE`, `ZIMAGE_DEADLINE`,
`ZIMAGE_REQUEST_SECONDS`, `ZIMAGE_CONNECTIONS`, `ZIMAGE_PROXIES`, `ZIMAGE_CORS_ORIGINS`,
`ZIMAGE_PNG_METADATA`, `ZIMAGE_LOG_PROMPTS`, `ZIMAGE_API_KEY`, `K_SERVICE`,
`GOOGLE_CLOUD_PROJECT`, and Vertex AI's `AIP_HTTP_PORT`, `AIP_PREDICT_ROUTE` and
`AIP_HEALTH_ROUTE`. The key has no flag, because arguments are visible to every user of a machine.
An empty variable counts as unset.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from engine.errors import EngineError
from engine.weights.bucket.address import SCHEME, BucketAddress

DEFAULT_PORT: Final = 7860
DEFAULT_QUEUE: Final = 8
MAX_QUEUE: Final = 1_000
MAX_THREADS: Final = 1_024
DEFAULT_DEADLINE: Final = 600
DEFAULT_REQUEST_SECONDS: Final = 30
DEFAULT_CONNECTIONS: Final = 1_000
DEVICES: Final = ("auto", "cpu", "cuda")
LINEAR: Final = ("auto", "dense", "packed", "int8", "fp8")

_Value = TypeVar("_Value")


class InvalidSetting(EngineError):
    """A flag or an environment variable has a value that cannot be used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how the engine runs.

    `models` None means the bundled demo model, and may be a directory or a bucket;
    `models_fallback` is where to look when `models` is a directory that is not there or has
    nothing in it; `threads` None leaves the number to torch;
    `linear` is how weights are kept; `port` 0 means any free one; `queue` is how many requests may
    wait, and `deadline` after how many seconds one that was accepted is given up;
    `request_seconds` is how long a client may take to send a request, and `connections` how many
    it and all others may hold; `proxies` is how many reverse proxies add to `X-Forwarded-For`;
    `cors_origins` are the web origins whose pages may call; `png_metadata` puts prompt and
    settings into the pictures; `api_key` empty means that no key is asked for; `project` is the
    Google Cloud project that log lines name in traces; `predict_route` and `health_route` are
    further paths for `/predict` and `/readyz`, empty where there are none.
    """

    models: Path | BucketAddress | None = None
    models_fallback: Path | BucketAddress | None = None
    device: str = "auto"
    threads: int | None = None
    linear: str = "auto"
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    queue: int = DEFAULT_QUEUE
    deadline: int = DEFAULT_DEADLINE
    request_seconds: int = DEFAULT_REQUEST_SECONDS
    connections: int = DEFAULT_CONNECTIONS
    proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    png_metadata: bool = True
    log_prompts: bool = False
    api_key: str = field(default="", repr=False)
    project: str = ""
    predict_route: str = ""
    health_route: str = ""

    @classmethod
    def from_sources(cls, flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Settings:
        """Settle each value by flag, else variable, else default; raises `InvalidSetting`.

        `flags` has the names of the long options (`models`, `device`, `threads`, `host`, `port`)
        with the text given for them; absent and None both mean not given.
        """
        source = _Source(flags, environ)
        # A platform that chooses the port sends traffic from outside the loopback interface.
        port = "PORT" if environ.get("PORT") else "AIP_HTTP_PORT"
        host = "0.0.0.0" if environ.get(port) else "127.0.0.1"
        # Cloud Run's front end is one proxy, and says its service's name in this variable.
        proxies = 1 if environ.get("K_SERVICE") else 0
        return cls(
            models=source.read("models", "ZIMAGE_MODELS", _models, None),
            models_fallback=source.read("models-fallback", "ZIMAGE_MODELS_FALLBACK", _models, None),
            device=source.read("device", "ZIMAGE_DEVICE", _one_of(DEVICES), "auto"),
            threads=source.read("threads", "ZIMAGE_THREADS", _whole(1, MAX_THREADS), None),
            linear=source.read("linear", "ZIMAGE_LINEAR", _one_of(LINEAR), "auto"),
            host=source.read("host", "ZIMAGE_HOST", str, host),
            port=source.read("port", port, _whole(0, 65_535), DEFAULT_PORT),
            queue=source.read("queue", "ZIMAGE_QUEUE", _whole(1, MAX_QUEUE), DEFAULT_QUEUE),
            deadline=source.read(
                "deadline", "ZIMAGE_DEADLINE", _whole(1, 86_400), DEFAULT_DEADLINE
            ),
            request_seconds=source.read(
                "request-seconds",
                "ZIMAGE_REQUEST_SECONDS",
                _whole(1, 3_600),
                DEFAULT_REQUEST_SECONDS,
            ),
            connections=source.read(
                "connections", "ZIMAGE_CONNECTIONS", _whole(1, 100_000), DEFAULT_CONNECTIONS
            ),
            proxies=source.read("proxies", "ZIMAGE_PROXIES", _whole(0, 10), proxies),
            cors_origins=source.read("cors-origins", "ZIMAGE_CORS_ORIGINS", _origins, ()),
            png_metadata=source.read("png-metadata", "ZIMAGE_PNG_METADATA", _switch, True),
            log_prompts=source.read("log-prompts", "ZIMAGE_LOG_PROMPTS", _switch, False),
            api_key=environ.get("ZIMAGE_API_KEY", ""),
            project=environ.get("GOOGLE_CLOUD_PROJECT", ""),
            predict_route=source.read("predict-route", "AIP_PREDICT_ROUTE", _route, ""),
            health_route=source.read("health-route", "AIP_HEALTH_ROUTE", _route, ""),
        )

    @property
    def open_to_this_machine(self) -> bool:
        """Whether only this machine can call, and whoever is on it may."""
        local = self.host == "localhost" or self.host.startswith("127.") or self.host == "::1"
        return local and not self.api_key

    def models_directory(self) -> Path | BucketAddress:
        """Return where the model is to be loaded from, the bundled one if nothing is configured.

        Raises `InvalidSetting` for a directory that does not exist or cannot be read. A bucket is
        not asked here: that takes its time.
        """
        if self.models is None:
            from engine import demo

            return demo.files_directory()
        if self.models_fallback and _is_bare(self.models) and not _is_bare(self.models_fallback):
            return self.models_fallback
        if isinstance(self.models, Path):
            check_directory(self.models)
        return self.models


def read_models(text: str) -> Path | BucketAddress:
    """Return the directory or bucket that a command was given; raises `InvalidSetting`."""
    try:
        models = _models(text)
    except ValueError as why:
        raise InvalidSetting(f"{text!r:.60} names no model: {why}") from None
    if isinstance(models, Path):
        check_directory(models)
    return models


def check_directory(directory: Path) -> None:
    """Raise `InvalidSetting` unless `directory` is one whose files can be listed."""
    mend = "name the directory that holds the model files with --models or ZIMAGE_MODELS"
    try:
        found = directory.is_dir()
    except (OSError, ValueError) as error:
        raise InvalidSetting(f"model directory {directory!s:.200} is unusable: {error}") from None
    if not found:
        what = "is a file, not a directory" if directory.exists() else "does not exist"
        raise InvalidSetting(f"model directory {directory} {what}; {mend}")
    if not os.access(directory, os.R_OK | os.X_OK):
        raise InvalidSetting(f"model directory {directory} cannot be read (permissions); {mend}")


def _is_bare(directory: Path | BucketAddress) -> bool:
    if isinstance(directory, BucketAddress):
        return False
    # One that holds something or must not be read is somebody's choice, and to be judged as such.
    try:
        with os.scandir(directory) as entries:
            return next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class _Source:
    flags: Mapping[str, str | None]
    environ: Mapping[str, str]

    def read(
        self, flag: str, variable: str, convert: Callable[[str], _Value], default: _Value
    ) -> _Value:
        name, text = f"--{flag}", self.flags.get(flag)
        if text is None:
            name, text = variable, self.environ.get(variable) or None
        if text is None:
            return default
        try:
            return convert(text)
        except ValueError as why:
            raise InvalidSetting(f"{name} is {text!r:.60}: {why}") from None


def _models(text: str) -> Path | BucketAddress:
    return BucketAddress.parse(text) if text.startswith(SCHEME) else Path(text).expanduser()


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(each.strip().rstrip("/").lower() for each in text.split(",") if each.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[a-z0-9.\-\[\]:]+", origin):
            raise ValueError(
                f"{origin!r:.60} is no web origin; write for example https://a.example"
            )
    return origins


def _route(text: str) -> str:
    if not re.fullmatch(r"/[\w.:/-]*", text, re.ASCII):
        raise ValueError("write a path that begins with /, of letters, digits and . : - _ /")
    return text


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in choices:
            raise ValueError(f"choose one of {', '.join(choices)}")
        return text

    return convert


def _switch(text: str) -> bool:
    answers = {"1": True, "true": True, "yes": True, "on": True}
    answers |= {"0": False, "false": False, "no": False, "off": False}
    try:
        return answers[text.strip().lower()]
    except KeyError:
        raise ValueError("write 1 to switch it on or 0 to switch it off") from None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return value

    return convert
