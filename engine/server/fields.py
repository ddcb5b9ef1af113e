"""Reading what clients send: a body of bounded length, a JSON object, fields of known kinds.

Null counts as absent, because many clients send every field they know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from engine.schema import InvalidRequest
from engine.server.refusals import Refusal, Refused

MAX_BODY: Final = 1_000_000
_LONGEST_NUMBER: Final = 64


async def read_fields(request: Request) -> Fields:
    """Return the fields of a JSON body.

    Raises `Refused` for another content type (415) and for a body over `MAX_BODY` bytes (413),
    and `InvalidRequest` for what is not a JSON object.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        message = f"content type {kind[:60] or 'missing'}; send application/json"
        raise Refused(Refusal(415, message, "unsupported_media_type"))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            message = f"the body is longer than {MAX_BODY:,} bytes; send a prompt and its settings"
            raise Refused(Refusal(413, message, "body_too_large"))
    return Fields.from_json(bytes(body))


class Fields:
    """The named values of a JSON object, read by kind; a wrong kind raises `InvalidRequest`."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    @classmethod
    def from_json(cls, body: bytes) -> Fields:
        """Read a JSON object; raises `InvalidRequest` for anything else."""
        try:
            values = json.loads(body)
        except (ValueError, RecursionError) as why:
            raise InvalidRequest("body", f"the body is not JSON: {why}") from None
        if not isinstance(values, dict):
            raise InvalidRequest("body", "the body is not a JSON object with a prompt in it")
        return cls(values)

    def value(self, name: str) -> object:
        """Return the value as it came, None if there is none."""
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """Return a string."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise InvalidRequest(name, f"{name} is {shown(value)}; give a text")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise InvalidRequest(name, f"{name} is {shown(value)}; give true or false")
        return value

    def whole(self, name: str, default: int) -> int:
        """Return a whole number of at most 64 bits; JSON has no difference between 1 and 1.0."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidRequest(name, f"{name} is {shown(value)}; give a whole number")
        if value.bit_length() > _LONGEST_NUMBER:
            raise InvalidRequest(
                name, f"{name} is a number of {value.bit_length()} bits; give a smaller one"
            )
        return value

    def whole_between(self, name: str, least: int, most: int, default: int) -> int:
        """Return a whole number from `least` to `most`."""
        value = self.whole(name, default)
        if not least <= value <= most:
            raise InvalidRequest(name, f"{name} is {value}; give a number from {least} to {most}")
        return value

    def number(self, name: str, default: float) -> float:
        """Return a number; it may be infinite or not a number, as JSON in Python allows."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidRequest(name, f"{name} is {shown(value)}; give a number")
        try:
            return float(value)
        except OverflowError:
            raise InvalidRequest(name, f"{name} is too large a number") from None

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of `choices`."""
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, str) or value not in choices:
            wanted = ", ".join(choices[:-1]) + f" or {choices[-1]}"
            raise InvalidRequest(name, f"{name} is {shown(value)}; choose {wanted}")
        return value


def shown(value: object) -> str:
    """Return a client's value as JSON of at most 40 characters, for a message."""
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
