"""One container as Cloud Run runs it: from its start through a picture to its end."""

from __future__ import annotations

import base64
import io
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from PIL import Image

from images.docker_engine import NETWORK, Docker
from images.failure import CheckFailed

PORT: Final = 8080
PROMPT: Final = "a red circle on a white background"
SEED: Final = 7
# Cloud Run kills what has not ended ten seconds after SIGTERM; the engine promises eight.
END_SECONDS: Final = 8.0
_READY_SECONDS: Final = 180.0
_PICTURES: Final = "/v1/images/generations"
_PATIENT: Final[dict[str, Any]] = {"timeout": 180.0, "trust_env": False}
_AS_CLOUD_RUN: Final = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--memory=16g",
    f"--env=PORT={PORT}",
    "--env=K_SERVICE=z-image",
    "--env=K_REVISION=z-image-00001-abc",
    "--env=K_CONFIGURATION=z-image",
)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Served:
    """One run. Seconds are counted from `docker run`; `end` is from SIGTERM; `pixels` are RGB."""

    how: str
    port: float
    ready: float
    picture: float
    end: float
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started: its name, its address, and when, by the monotonic clock."""

    docker: Docker
    name: str
    address: str
    began: float

    def seconds(self) -> float:
        """Return how long ago it was started."""
        return time.monotonic() - self.began

    def running(self) -> bool:
        """Return whether it still runs."""
        return self.docker("inspect", "--format", "{{.State.Running}}", self.name) == "true"

    def last_words(self) -> str:
        """Return the last line that it wrote."""
        lines = self.docker.logs(self.name)
        return f"{lines[-1]:.300}" if lines else "it wrote nothing"


def serve_once(
    docker: Docker, image: str, how: str, volume: str, *, busy_at_end: bool = False
) -> Served:
    """Run `image` with `volume` (`SOURCE:TARGET:ro`), make a picture and end it with SIGTERM.

    With `busy_at_end` more pictures are in the making when it is told to end. Raises
    `CheckFailed` if it does not get ready, or ends late or with another code than 0.
    """
    with started(docker, image, [f"--volume={volume}"]) as container:
        port = wait_for(container, "/healthz", _READY_SECONDS)
        ready = wait_for(container, "/readyz", _READY_SECONDS)
        pixels = ask_for_picture(container)
        picture = container.seconds()
        _check_user(container)
        with _busy(container) if busy_at_end else nullcontext():
            return Served(how, port, ready, picture, end(container), pixels)


@contextmanager
def started(docker: Docker, image: str, options: Sequence[str]) -> Iterator[Container]:
    """Start a container as Cloud Run would, and remove it."""
    name, began = f"zimage-check-{next(_numbers)}", time.monotonic()
    docker("run", "--detach", "--name", name, "--network", NETWORK, *_AS_CLOUD_RUN, *options, image)
    try:
        address = docker(
            "inspect",
            "--format",
            f'{{{{(index .NetworkSettings.Networks "{NETWORK}").IPAddress}}}}',
            name,
        )
        yield Container(docker, name, f"http://{address}:{PORT}", began)
    finally:
        with suppress(CheckFailed):
            docker("rm", "--force", name)


def wait_for(container: Container, path: str, longest: float) -> float:
    """Return after how many seconds `path` answered 200; raises `CheckFailed` if it never does."""
    said = "nothing"
    with httpx.Client(base_url=container.address, timeout=5, trust_env=False) as client:
        while container.seconds() < longest:
            try:
                answer = client.get(path)
            except httpx.TransportError as error:
                said = type(error).__name__
                if not container.running():
                    break
            else:
                if answer.status_code == 200:
                    return container.seconds()
                said = f"{answer.status_code} {answer.text.strip()}"
            time.sleep(0.02)
    raise CheckFailed(
        f"{path} answers {said:.200}, not 200; the log ends: {container.last_words()}"
    )


def ask_for_picture(container: Container) -> bytes:
    """Return the pixels of the picture that is always asked for; raises `CheckFailed`."""
    body = {"prompt": PROMPT, "seed": SEED}
    try:
        answer = httpx.post(f"{container.address}{_PICTURES}", json=body, **_PATIENT)
        answer.raise_for_status()
        encoded = answer.json()["data"][0]["b64_json"]
        picture = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    except (httpx.HTTPError, LookupError, ValueError, OSError) as error:
        raise CheckFailed(f"no picture: {error}; the log ends: {container.last_words()}") from None
    width, height = picture.size
    _check_colours(picture.getpixel((width // 2, height // 2)), picture.getpixel((2, 2)))
    return picture.tobytes()


def _check_colours(centre: object, corner: object) -> None:
    if not (isinstance(centre, tuple) and isinstance(corner, tuple)):
        raise CheckFailed("the picture has no colours")
    if centre[0] < 2 * max(centre[1:]) or min(corner) < 200:
        raise CheckFailed(f"{PROMPT!r} has {centre} in its centre and {corner} in its corner")


@contextmanager
def _busy(container: Container) -> Iterator[None]:
    """Ask for more than can be made in eight seconds, and go on once it is begun."""
    body = {"prompt": PROMPT, "n": 10, "steps": 50, "stream": True}
    try:
        with httpx.stream(
            "POST", f"{container.address}{_PICTURES}", json=body, **_PATIENT
        ) as answer:
            # Whoever lets go of the lines hangs up, and there is nothing to be finished any more.
            lines = answer.iter_lines()
            if not any('"step"' in line for line in lines):
                raise CheckFailed(f"the last pictures are not begun: {container.last_words()}")
            yield
            del lines
    except httpx.HTTPError as error:
        raise CheckFailed(f"the last pictures are not begun: {error}") from None


def _check_user(container: Container) -> None:
    user = container.docker("exec", container.name, "id", "-u")
    if user == "0":
        raise CheckFailed("the image runs as root")


def end(container: Container) -> float:
    """Send SIGTERM; return the seconds to the end, or raise `CheckFailed` if that was not good."""
    told = time.monotonic()
    container.docker("kill", "--signal=TERM", container.name)
    code = container.docker("wait", container.name, timeout=60)
    seconds = time.monotonic() - told
    if code != "0":
        raise CheckFailed(f"SIGTERM ends it with {code}, not 0: {container.last_words()}")
    if seconds > END_SECONDS:
        raise CheckFailed(f"SIGTERM ends it after {seconds:.1f} s, more than {END_SECONDS:.0f} s")
    _check_log(container.docker.logs(container.name))
    return seconds


def _check_log(lines: Sequence[str]) -> None:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            raise CheckFailed(f"a line of the log is no JSON: {line:.200}") from None
        if entry.get("severity") in {"ERROR", "CRITICAL"}:
            raise CheckFailed(f"the log has an error: {line:.200}")


def model_volume(models: Path, target: str) -> str:
    """Return the option that mounts `models` at `target`, as read-only as a bucket."""
    return f"{models}:{target}:ro"
