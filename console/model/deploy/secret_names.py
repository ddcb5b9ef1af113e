"""Variables that look like secrets, which nobody should see who may see the service.

What is in a variable stands in the clear in the service, in each revision, in the answers of
Google's interfaces and in whatever shows a plan; what Secret Manager has does not. Source:
https://cloud.google.com/run/docs/configuring/services/secrets.
"""

from __future__ import annotations

import re
from typing import Final

WITHHELD: Final = "(withheld)"

_NAMES: Final = re.compile(
    r"(?:^|[_.-])(?:API_?KEY|KEY|ACCESS_?KEY|PRIVATE_?KEY|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS"
    r"|SECRETS?|CREDENTIALS?|AUTH)(?:[_.-]?[0-9]+)?$",
    re.IGNORECASE,
)
_VALUES: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|^ya29\.|^AIza[\w-]{30,}|^gh[pousr]_\w{20,}|^hf_\w{20,}"
    r"|^sk-[\w-]{16,}|^eyJ[\w-]+\.eyJ|^[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@"
)


def is_secret(variable: str, value: str) -> bool:
    """Say whether a variable with a value looks like a secret, by its name or by the value."""
    return bool(value) and bool(_NAMES.search(variable) or _VALUES.search(value))


def without_secrets(variables: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return variables with a word in the place of what looks like a secret."""
    return tuple((name, WITHHELD if is_secret(name, value) else value) for name, value in variables)
