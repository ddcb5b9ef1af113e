"""The verb `doctor`: how this machine and a project of Google Cloud are, and what mends them.

Nothing is changed by it, and nothing is woken.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TextIO

from console.config import Config
from console.examining import case_here, world_here
from console.language import tr, tr_many
from console.model.doctor.checks import Purpose
from console.model.doctor.finding import Finding, Report, State
from console.session.doctor.examination import examine
from console.verbs.complaint import complain
from console.verbs.doctor_report import doctor_document, print_report
from console.verbs.headless import DONE, FAILED, Ended, until_signal

_ERASE: Final = "\r\x1b[K"


def doctor(config: Config, arguments: Mapping[str, object]) -> int:
    """Examine the context and report; returns 0 if nothing is wrong."""
    choice = "gpu" if arguments["gpu"] is True else "cpu" if arguments["cpu"] is True else ""
    purpose = Purpose(str(arguments["purpose"] or ""))
    try:
        report = asyncio.run(until_signal(_examined(config, choice, purpose)))
    except Ended as ended:
        return complain(str(ended), ended.code)
    if arguments["json"] is True:
        print(json.dumps(doctor_document(report), indent=2))
    else:
        print_report(report, sys.stdout)
    return DONE if report.well else FAILED


async def _examined(config: Config, choice: str, purpose: Purpose) -> Report:
    case = replace(case_here(config, choice, os.environ, sys.stdout), purpose=purpose)
    line = _Counting(sys.stderr, len(case.asked))
    try:
        return await examine(case, world_here(config, os.environ), line.told)
    finally:
        line.clear()


class _Counting:
    """Says on a terminal how many things are examined; nothing where `stream` is none."""

    def __init__(self, stream: TextIO, asked: int) -> None:
        self._stream = stream
        self._active = stream.isatty()
        self._asked = asked
        self._known = 0
        self._say(tr_many("examining 1 thing", "examining {count} things", asked))

    def told(self, finding: Finding) -> None:
        """Count a thing that is known now."""
        if finding.state is not State.NOT_ASKED:
            self._known += 1
            self._say(
                tr("{known} of {asked} things examined", known=self._known, asked=self._asked)
            )

    def clear(self) -> None:
        """Leave an empty line behind."""
        self._say("")

    def _say(self, text: str) -> None:
        if self._active:
            self._stream.write(_ERASE + text)
            self._stream.flush()
