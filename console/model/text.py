"""The type of text that may be shown.

Text from outside (log lines, names, error messages of a server) becomes `SafeText` in one
place only, `console.terminal.sanitise`; widgets accept nothing else.
"""

from __future__ import annotations

from typing import NewType

SafeText = NewType("SafeText", str)
