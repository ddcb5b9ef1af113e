"""The case and the world of this machine, as the configuration has them."""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import Mapping
from functools import partial
from typing import Final, TextIO

from console import paths
from console.config import Config
from console.contexts.opening import open_google, service_of
from console.language import tr
from console.model.contexts import in_sandbox
from console.model.doctor.facts import Terminal
from console.model.doctor.finding import Report
from console.session.clock import utc_now
from console.session.doctor.case import Case, World
from console.session.doctor.examination import Told, examine
from console.sources.examination import LoginSource, ReachSource
from console.sources.sandbox_process import sandbox_runs
from console.sources.this_machine import ThisMachine
from console.sources.tools import Tools
from console.terminal.capabilities import Capabilities, Colour, Pictures, can_host_screen, detect
from console.terminal.sanitise import sanitise

_SANDBOX_SECONDS: Final = 15.0


def case_here(config: Config, choice: str, environment: Mapping[str, str], stream: TextIO) -> Case:
    """Return what is to be examined for a configuration; `stream` is where output goes."""
    state = paths.sandbox_directory().parent
    return Case(
        context=config.context,
        service=service_of(config.context),
        sandbox=in_sandbox(config.context),
        terminal=terminal_facts(environment, config.images, stream),
        history=paths.history_file(),
        folders=(state, paths.history_file().parent, config.pictures_directory),
        models=config.models,
        choice=choice,
        read_only=config.read_only,
    )


def world_here(config: Config, environment: Mapping[str, str]) -> World:
    """Return who is asked for a configuration."""
    return World(
        open_cloud=partial(open_google, config.context, environment),
        logins=partial(_logins, environment),
        reach=partial(_reach, environment),
        tools=Tools(environment),
        machine=ThisMachine(),
    )


def terminal_facts(environment: Mapping[str, str], images: str, stream: TextIO) -> Terminal:
    """Return what the terminal can, and its size if `stream` is one."""
    size = None
    if stream.isatty():
        try:
            size = os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            size = None
    able = detect(environment, images)
    return Terminal(
        name=sanitise(environment.get("TERM", "")),
        can_host=can_host_screen(environment),
        unicode=able.unicode,
        words=capability_words(able),
        width=None if size is None else size.columns,
        height=None if size is None else size.lines,
    )


def capability_words(able: Capabilities) -> str:
    """Say in a few words what a terminal can: `all colours, pictures in characters, in tmux`."""
    colours = {
        Colour.TRUE: tr("all colours"),
        Colour.ANSI: tr("16 colours"),
        Colour.NONE: tr("no colours"),
    }
    pictures = {
        Pictures.KITTY: tr("pictures in full"),
        Pictures.HALF: tr("pictures in characters"),
        Pictures.NONE: tr("no pictures"),
    }
    parts = [colours[able.colour], pictures[able.pictures]]
    if able.multiplexer:
        parts.append(tr("in {multiplexer}", multiplexer=able.multiplexer))
    if able.remote:
        parts.append(tr("over SSH"))
    return tr(", ").join(parts)


async def examined_beside(
    config: Config, environment: Mapping[str, str], screen: TextIO, told: Told
) -> Report:
    """Examine the context of `config` while the console looks after it; it draws on `screen`.

    The console's own session starts the sandbox: two at once would be in each other's way.
    """
    if in_sandbox(config.context):
        await sandbox_runs(paths.sandbox_directory(), _SANDBOX_SECONDS)
    return await examine(
        case_here(config, "", environment, screen), world_here(config, environment), told
    )


async def _logins(environment: Mapping[str, str]) -> LoginSource:
    """Make what knows of logins, whose libraries take a while to be imported."""
    await asyncio.to_thread(importlib.import_module, "console.sources.logins")
    from console.sources.logins import Logins

    return Logins(environment)


async def _reach(environment: Mapping[str, str]) -> ReachSource:
    await asyncio.to_thread(importlib.import_module, "console.sources.reach")
    from console.sources.reach import GOOGLE, Reach

    return Reach(GOOGLE, utc_now, environment)
