"""What must not be in a recording: tokens, keys, passwords and signed addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from console.session.secrets import redacted

MASK: Final = "…"

_NAMES: Final = re.compile(
    r"(?i)^(?:.*[-_.])?(?:authorization|cookie|password|passwd|secret|credentials?|"
    r"(?:access|refresh|id|auth|bearer|identity)[-_]?token|token|api[-_]?key|private[-_]?key)$"
)
_SHAPES: Final = re.compile(
    r"(?P<pem>-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))"
    r"|\bAIza[0-9A-Za-z_-]{30,}"
    r"|\bGOCSPX-[0-9A-Za-z_-]{10,}"
    r"|\bhf_[0-9A-Za-z]{20,}"
    r"|\bgh[pousr]_[0-9A-Za-z]{20,}"
    r"|\bsk-[0-9A-Za-z_-]{16,}"
    r"|\b1//[0-9A-Za-z_-]{20,}"
    r"|\beyJ[0-9A-Za-z_-]{8,512}\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]*)?"
)
_SIGNED: Final = re.compile(
    r"(?i)([?&](?:X-Goog-(?:Signature|Credential)|X-Amz-(?:Signature|Credential|Security-Token)|"
    r"Signature|GoogleAccessId|sig|key|api_key|access_token|token|upload_id)=)[^&\s\"'<>]+"
)
_LOGIN: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,15}://)[^\s/@:]{1,256}:[^\s/@]{1,4096}@")


_HINTS: Final = (
    *("authorization", "cookie", "passw", "secret", "credential", "token", "bearer", "basic"),
    *("apikey", "api-key", "api_key", "api key", "privatekey", "private-key", "private_key"),
    *("-----begin", "aiza", "gocspx-", "hf_", "sk-", "1//", "eyj", "ya29.", "://"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "signature=", "accessid=", "sig=", "key="),
    "upload_id=",
)


def may_need_masking(document: str) -> bool:
    """Say whether there may be a secret in a JSON document: quickly, and not too seldom."""
    folded = document.casefold()
    return any(hint in folded for hint in _HINTS)


def masked(value: object) -> object:
    """Return what JSON has of `value`, with an ellipsis in place of whatever looks like a secret.

    That is told by how a text looks, and by the names of the fields around it.
    """
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {masked_text(key): _field(key, one) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    return value


def _field(name: str, value: object) -> object:
    hidden = isinstance(value, str) and value and _NAMES.match(name)
    return MASK if hidden else masked(value)


def masked_text(text: str) -> str:
    """Return `text` without what looks like a secret in it."""
    if text.isascii() and len(text) < _SHORTEST:
        return text
    text = _LOGIN.sub(rf"\g<1>{MASK}@", _SIGNED.sub(rf"\g<1>{MASK}", text))
    return redacted(_SHAPES.sub(MASK, text))


_SHORTEST: Final = 8
"""Nothing shorter than this is looked at: even `token=ab` is longer."""
