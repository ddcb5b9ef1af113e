"""Ending the process, once the terminal is as it was and all that was started has ended.

Python would wait for threads that wait for an answer (a name that is looked up, a login that is
asked for), and then take longer to forget what it knows than a person waits for a prompt.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NoReturn


def forget_threads() -> None:
    """Let the running event loop close without waiting for what its threads still do."""
    # It waits for its own executor only, and this one has nothing to do.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))


def end_at_once(code: int) -> NoReturn:
    """End this process with an exit code; nothing is waited for, what was written is out."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
