"""The verbs that change what is deployed: `deploy`, `scale`, `rollback`, `traffic`, `destroy`.

Each looks at what there is, makes a plan, and either shows it or carries it out. What is carried
out can be broken off at any moment: the same command goes on where it ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from console.config import Config
from console.deploying import deploy_work, usual_way
from console.language import tr
from console.model.deploy.wish import ImageWay, Variant
from console.session.deploy.moves import planned
from console.sources.base import SourceError
from console.sources.deploying.build_context import find_source
from console.store import Store
from console.verbs.carrying_out import Way, answer
from console.verbs.complaint import complain
from console.verbs.deploy_place import NO_PROJECT, choices_of, where
from console.verbs.moving import asked_of
from console.verbs.plan_lines import Telling
from console.verbs.status_line import StatusLine, can_move_cursor

USAGE: Final = 2


def deploy(config: Config, arguments: Mapping[str, object]) -> int:
    """Say what it takes to deploy, or deploy; returns 0 if that is possible, and was done."""
    variant = Variant.GPU if arguments["gpu"] or arguments["gpu_type"] else Variant.CPU
    try:
        there = where(config, arguments, os.environ, variant)
        source = "" if arguments["image"] else str(_source(arguments["source"]))
        built = _built(config, arguments)
        wish = choices_of(config, arguments, source, built).wish(there.place)
    except ValueError as error:
        return complain(str(error), USAGE)
    except SourceError as error:
        return complain(error.message, USAGE)
    apply = arguments["apply"] is True and arguments["plan"] is not True
    if there.made_up:
        if apply:
            return complain(tr("no project is known: name one by --project ID"), USAGE)
        complain(
            tr(
                "no project is known, {no_project} stands for it; name one by --project ID",
                no_project=NO_PROJECT,
            ),
            0,
        )
    way = _way(config, arguments, apply=apply, how="--apply")
    return answer(way, lambda work: work.look(wish))


def move(config: Config, arguments: Mapping[str, object]) -> int:
    """Scale, roll back, split requests or destroy; returns 0 if that was done."""
    try:
        there = where(config, arguments, os.environ)
        asked = asked_of(str(arguments["verb"]), arguments)
    except ValueError as error:
        return complain(str(error), USAGE)
    if there.made_up:
        return complain(
            tr("no service is named: add --context PROJECT/REGION/SERVICE, or --project ID"), USAGE
        )
    apply = arguments["plan"] is not True
    way = _way(config, arguments, apply=apply, how=tr("the same without --plan"))
    return answer(way, lambda work: planned(work, there.place, asked))


def _way(config: Config, arguments: Mapping[str, object], *, apply: bool, how: str) -> Way:
    # The guide is about commands, so a plan as in the guide shows its own.
    commands = arguments["commands"] is True or arguments.get("as_in_guide") is True
    return Way(
        work=deploy_work(Store(), config.context, os.environ),
        line=StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ)),
        apply=apply,
        as_json=arguments["json"] is True,
        confirm=str(arguments.get("confirm") or ""),
        telling=Telling(commands, arguments.get("explain") is True),
        how=how,
        context=config.context,
        read_only=config.read_only,
    )


def _built(config: Config, arguments: Mapping[str, object]) -> ImageWay:
    """Return where an image is built if the command line does not say; Docker is asked for that."""
    if arguments["image"] or arguments["build"]:
        return ImageWay.GIVEN
    return asyncio.run(usual_way(config.context, os.environ))


def _source(named: object) -> Path:
    """Return what images are built from; raises `SourceError`, and `ValueError` for none there."""
    if not named:
        return find_source(Path.cwd())
    start = Path(str(named)).expanduser().absolute()
    found = find_source(start)
    if found not in (start, *start.parents):
        raise ValueError(
            tr("{named} is no checkout of the project, nor in one; name another", named=named)
        )
    return found
