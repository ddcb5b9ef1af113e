"""The commands that say or do by hand what a screen shows: `gcloud`, and the console's own verbs.

Source: https://cloud.google.com/sdk/gcloud/reference. Nothing here asks anybody anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Final

from console.language import tr
from console.model.cost.estimate import FreeTier
from console.model.deploy.shell_words import line, quoted
from console.model.deploy.step import Plan
from console.model.log.lines import LogQuery
from console.model.log.query import EVERYTHING, Query
from console.model.log.terms import Term
from console.model.models.snapshot import FilesHere
from console.model.service import ServiceName
from console.sources.log_filter import log_filter

_LINES: Final = "1000"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A command as a shell takes it, in one line, and what it does; without a `command` a note."""

    about: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """What is looked after: a context, and the service of it where that is known."""

    context: str
    name: ServiceName | None = None


@dataclass(frozen=True, slots=True)
class PictureWish:
    """What the form of a picture says; empty is what nobody wrote."""

    prompt: str
    size: str = ""
    steps: str = ""
    seed: str = ""


def overview(place: Place, models: str | None = None) -> tuple[Equivalent, ...]:
    """Return what says how the service is."""
    found = [Equivalent(tr("how it is"), _verb(place, "status", *_flag("--models", models)))]
    if (name := place.name) is not None:
        described = _gcloud("run", "services", "describe", name.service, *_where(name))
        instances = _gcloud("run", "revisions", "list", f"--service={name.service}", *_where(name))
        found.insert(0, Equivalent(tr("what Cloud Run says of the service"), described))
        found.append(Equivalent(tr("its revisions"), instances))
    return tuple(found)


def cold_starts(place: Place, since: datetime | None, days: int) -> tuple[Equivalent, ...]:
    """Return what tells the starts of the last `days`, from `since` on."""
    own = _verb(place, "coldstarts", f"--since={days}d")
    found = [Equivalent(tr("the starts, and why each took as long as it did"), own)]
    if (name := place.name) is not None:
        asked = log_filter(name, LogQuery(lives=True), since)
        reading = _reading(name, asked)
        found.append(Equivalent(tr("the lines of the log that tell of them"), reading))
    return tuple(found)


def logs(place: Place, query: Query, now: datetime) -> tuple[Equivalent, ...]:
    """Return what prints the lines that a query means; times are counted from `now`."""
    words = str(query)
    own = _verb(place, "logs", *(() if place.name else ("-f",)), *(("--", words) if words else ()))
    found = [Equivalent(tr("these lines"), own)]
    if (name := place.name) is not None:
        asked = query.for_source(now)
        reading = _reading(name, log_filter(name, asked, query.since(now)))
        if _is_whole(query, now):
            about = tr("these lines, from Cloud Logging")
        else:
            about = tr("these lines and others, from Cloud Logging: it cannot be asked for less")
        found.insert(0, Equivalent(about, reading))
    return tuple(found)


def cost(place: Place, free: FreeTier) -> tuple[Equivalent, ...]:
    """Return what says what it costs; Google has no command for that."""
    own = _verb(place, "cost", *_flag("--free", None if free is FreeTier.NONE else free.value))
    found = [Equivalent(tr("what it costs, and why"), own)]
    if (name := place.name) is not None:
        pays = _gcloud("billing", "projects", "describe", name.project)
        found.append(Equivalent(tr("which billing account pays"), pays))
    return tuple(found)


def models(place: Place, bucket: str | None, here: FilesHere | None) -> tuple[Equivalent, ...]:
    """Return what lists the model files in a bucket and those here, and prepares one of these."""
    found = []
    if bucket:
        listing = _gcloud("storage", "ls", "--long", "--recursive", f"gs://{bucket}")
        found.append(Equivalent(tr("the files in the bucket"), listing))
        own = _verb(place, "models", "list", f"--bucket={bucket}")
        found.append(Equivalent(tr("the same, and whether they are a whole model"), own))
    if here is not None and here.directory:
        directory = _path(here.directory)
        found.append(Equivalent(tr("the files here"), f"ls -l {directory}"))
        if rounded := next((each for each in here.files if each.prepared_size), None):
            output = quoted(f"{PurePath(rounded.name).stem}-int8.gguf")
            written = f"python -m engine convert --models {directory} --output {output}"
            found.append(Equivalent(tr("its transformer rounded, for starts on a CPU"), written))
    return tuple(found)


def generate(places: Sequence[Place], wish: PictureWish) -> tuple[Equivalent, ...]:
    """Return what makes the picture of the form, once at each place."""
    about = tr("the same picture, saved as picture.png")
    flags = [
        *_flag("--size", wish.size),
        *_flag("--steps", wish.steps),
        *_flag("--seed", wish.seed),
    ]
    words = (*flags, "--output=picture.png", "--", wish.prompt)
    return tuple(Equivalent(about, _verb(each, "generate", *words)) for each in places)


def deploy(place: Place, plan: Plan | None) -> tuple[Equivalent, ...]:
    """Return the commands of a plan, each with its step; without a plan, what there is."""
    if plan is not None and (planned := _planned(plan)):
        return planned
    if (name := place.name) is None:
        return ()
    service = f"--service={name.service}"
    listing = _gcloud("run", "revisions", "list", service, *_where(name))
    exported = _gcloud("run", "services", "describe", name.service, *_where(name))
    return (
        Equivalent(tr("its revisions"), listing),
        Equivalent(tr("all that is set of the service"), f"{exported} --format=export"),
    )


def as_text(found: Sequence[Equivalent]) -> str:
    """Return all commands as a shell takes them, each below what it does."""
    return "\n\n".join(f"# {each.about}\n{each.command}".rstrip() for each in found) + "\n"


def _planned(plan: Plan) -> tuple[Equivalent, ...]:
    return tuple(
        Equivalent(tr("step {number}: {title}", number=number, title=step.title), command)
        for number, step in enumerate(plan.steps, 1)
        for command in step.commands
    )


def _is_whole(query: Query, now: datetime) -> bool:
    """Say whether a source can look for all that a query asks for."""
    texts = [term for term in query.terms if not term.key]
    return len(texts) <= 1 and all(_is_asked(term, now) for term in query.terms)


def _is_asked(term: Term, now: datetime) -> bool:
    alone = replace(EVERYTHING, terms=(term,))
    return alone.for_source(now) != LogQuery() or alone.since(now) is not None


def _reading(name: ServiceName, asked: str) -> str:
    project = f"--project={name.project}"
    return _gcloud("logging", "read", asked, project, f"--limit={_LINES}", "--order=desc")


def _where(name: ServiceName) -> tuple[str, str]:
    return f"--region={name.region}", f"--project={name.project}"


def _path(directory: str) -> str:
    """Return a directory as a shell takes it, which knows `~` only outside of quotes."""
    home, slash, rest = directory.partition("/")
    return f"~/{quoted(rest)}" if home == "~" and slash and rest else quoted(directory)


def _flag(flag: str, value: str | None) -> tuple[str, ...]:
    return (f"{flag}={value}",) if value else ()


def _verb(place: Place, *words: str) -> str:
    """Return a verb of the console for a context; what follows `--` stays behind that."""
    before = words.index("--") if "--" in words else len(words)
    context = f"--context={place.context}"
    return line(("zimage-console", *words[:before], context, *words[before:]))


def _gcloud(*words: str) -> str:
    return line(("gcloud", *words))
