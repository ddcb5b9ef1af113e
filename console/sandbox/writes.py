"""Which requests change something, for faults that strike those alone.

Source: https://google.aip.dev/136 (methods of their own), https://google.aip.dev/131 to 135.
"""

from __future__ import annotations

import re
from typing import Final

_READING: Final = re.compile(
    r"(?:[:/](?:getIamPolicy|testIamPermissions|testPermissions|search|batchGet)"
    r"|entries:list|computeMetadata/.*)$"
)
_GRPC: Final = re.compile(
    r"/google\.cloud\.run\.v2\.\w+/(?:(?:Create|Update|Delete)\w+|SetIamPolicy)"
)


def is_write(method: str, path: str) -> bool:
    """Say whether a request by HTTP changes something."""
    return method not in ("GET", "HEAD", "OPTIONS") and not _READING.search(path)


def is_grpc_write(method: str) -> bool:
    """Say whether a method of gRPC changes what is deployed."""
    return _GRPC.fullmatch(method) is not None
