"""The questions that lead to a context, one after the other: which, then project, region, service.

A step tells what there is to choose from, and what comes after a choice: the next step, or the
name of the context.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from console.config import is_context
from console.language import tr, tr_later, tr_many
from console.model.choosing import Row, can_be_project, can_be_region, can_be_service
from console.model.contexts import ContextChoice
from console.model.projects import GcloudSettings, ListedService, ServiceList
from console.model.service import ConditionState
from console.model.text import SafeText
from console.sources.base import ProjectSource, SourceError
from console.terminal.sanitise import sanitise

ANOTHER: Final = tr_later("another…")
_NOW: Final = tr_later("what you look at")


class Directory(ProjectSource, Protocol):
    """What tells which services there are, and what `gcloud` is set to."""

    async def settings(self) -> GcloudSettings:
        """Return what `gcloud` is set to; where it is not installed that is nothing."""
        ...

    async def aclose(self) -> None:
        """Close what was opened to find out."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to choose from, and what went wrong while it was looked for."""

    rows: tuple[Row, ...] = ()
    trouble: SafeText | None = None


class Step(Protocol):
    """One question; `asking` is said while the answers are waited for."""

    title: str
    hint: str
    asking: str

    @property
    def known(self) -> Found | None:
        """What there is to choose from, if nobody has to be asked."""
        ...

    def can_be(self, text: str) -> bool:
        """Say whether `text` is an answer though it was not listed."""
        ...

    async def look(self) -> Found:
        """Ask what there is to choose from; never raises `SourceError`."""
        ...

    def after(self, name: str) -> Step | str:
        """Return what comes after `name` was chosen: another question, or the context."""
        ...


class StartStep:
    """Which context: a known one, or another service on Google Cloud."""

    asking = ""

    def __init__(
        self, choices: Sequence[ContextChoice], directory: Directory | None, present: str
    ) -> None:
        self.title = tr("Look after")
        self.hint = tr("type to narrow the list, or PROJECT/REGION/SERVICE")
        self._directory = directory
        now = tr(_NOW)
        rows = [
            Row(each.context, _joined(each.about, now if each.context == present else each.used))
            for each in choices
        ]
        if directory is not None:
            rows.append(Row(ANOTHER, tr("find a service on Google Cloud"), shown=tr(ANOTHER)))
        self.known = Found(tuple(rows))

    def can_be(self, text: str) -> bool:
        """Say whether `text` names a context."""
        return is_context(text)

    async def look(self) -> Found:
        """Return the known contexts, and the way to others."""
        return self.known

    def after(self, name: str) -> Step | str:
        """Go to the context, or ask Google for projects."""
        if name == ANOTHER and self._directory is not None:
            return ProjectStep(self._directory)
        return name


class ProjectStep:
    """Which project; the one that `gcloud` is set to comes first."""

    known: Found | None = None

    def __init__(self, directory: Directory) -> None:
        self.title = tr("Project")
        self.hint = tr("type a project")
        self.asking = tr("asking Google for your projects …")
        self._directory = directory

    def can_be(self, text: str) -> bool:
        """Say whether `text` can be a project, or is a whole context."""
        return can_be_project(text) or is_context(text)

    async def look(self) -> Found:
        """Return the projects that Google lists, and in any case the one of `gcloud`."""
        settings = await self._directory.settings()
        trouble = None
        names: dict[str, str] = {}
        if settings.project is not None:
            names[settings.project] = tr("the project of gcloud")
        try:
            for each in await self._directory.projects():
                project = sanitise(each.id)
                about = "" if each.name == project else each.name
                names[project] = _joined(about, names.get(project, ""))
        except SourceError as error:
            trouble = error.message
        return Found(tuple(Row(name, about) for name, about in names.items()), trouble)

    def after(self, name: str) -> Step | str:
        """Ask for the region."""
        return name if is_context(name) else RegionStep(self._directory, name)


class RegionStep:
    """Which region; those in which there are services come first."""

    known: Found | None = None

    def __init__(self, directory: Directory, project: str) -> None:
        self.title = tr("{project} › region", project=project)
        self.hint = tr("type a region, such as us-central1")
        self.asking = tr("asking Google for regions and services …")
        self._directory = directory
        self._project = project
        self._listed: ServiceList | None = None

    def can_be(self, text: str) -> bool:
        """Say whether `text` can be a region."""
        return can_be_region(text)

    async def look(self) -> Found:
        """Return the regions; either list may be denied, and the other is enough."""
        trouble = None
        settings = await self._directory.settings()
        names: dict[str, str] = {}
        try:
            self._listed = await self._directory.services(self._project)
        except SourceError as error:
            trouble = error.message
        counts = Counter(each.name.region for each in self._services())
        for region, count in counts.items():
            names[region] = tr_many("{count} service", "{count} services", count)
        try:
            for each in await self._directory.regions(self._project):
                region = sanitise(each.id)
                names[region] = _joined(names.get(region, ""), each.name)
        except SourceError as error:
            trouble = trouble or error.message
        if settings.region is not None:
            about = names.get(settings.region, "")
            names[settings.region] = _joined(about, tr("the region of gcloud"))
        if self._listed is not None and self._listed.unreachable:
            trouble = trouble or _unreachable(self._listed.unreachable)
        return Found(tuple(Row(name, about) for name, about in names.items()), trouble)

    def after(self, name: str) -> Step:
        """Ask for the service."""
        listed = None
        if self._listed is not None and name not in self._listed.unreachable:
            listed = tuple(each for each in self._services() if each.name.region == name)
        return ServiceStep(self._project, name, listed)

    def _services(self) -> tuple[ListedService, ...]:
        return () if self._listed is None else self._listed.services


class ServiceStep:
    """Which service; `listed` None means that nobody could tell which there are."""

    asking = ""

    def __init__(self, project: str, region: str, listed: Sequence[ListedService] | None) -> None:
        self.title = tr("{project} › {region} › service", project=project, region=region)
        self.hint = tr("type the name of a service")
        self._place = f"{project}/{region}"
        self.known = _services(listed)

    def can_be(self, text: str) -> bool:
        """Say whether `text` can be a service."""
        return can_be_service(text)

    async def look(self) -> Found:
        """Return the services of the region, which were listed with the regions."""
        return self.known

    def after(self, name: str) -> str:
        """Return the context."""
        return f"{self._place}/{name}"


def _services(listed: Sequence[ListedService] | None) -> Found:
    if listed is None:
        return Found(trouble=sanitise(tr("the services here cannot be listed")))
    if not listed:
        return Found(trouble=sanitise(tr("there is no service here yet")))
    return Found(tuple(Row(each.name.service, _about(each)) for each in listed))


def _about(service: ListedService) -> str:
    state = service.ready.state if service.ready is not None else ConditionState.UNKNOWN
    said = tr("ready") if state is ConditionState.SUCCEEDED else state.word
    moment = service.updated
    changed = "" if moment is None else tr("changed {moment:%Y-%m-%d %H:%M}", moment=moment)
    return _joined(said, changed)


def _unreachable(regions: Iterable[SafeText]) -> SafeText:
    said = tr("no answer for {regions}: services there are not listed", regions=", ".join(regions))
    return sanitise(said)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
