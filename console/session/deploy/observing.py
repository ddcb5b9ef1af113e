"""Everything that a deployment touches looked at, all at once; what cannot be seen says why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from console.language import tr, tr_later
from console.model.deploy.image_tag import image_address, image_repository
from console.model.deploy.observed import (
    ABSENT,
    NOTHING,
    Absent,
    BucketSeen,
    BuilderSeen,
    ImageSeen,
    ModelsSeen,
    Observed,
    Seen,
    ServiceSeen,
    SourceSeen,
    Unseen,
)
from console.model.deploy.scene import Scene
from console.model.deploy.steps.quota import wanted_shape
from console.model.deploy.wish import DeployWish, ImageWay
from console.model.doctor.permissions import OF_THE_PROJECT
from console.model.image_name import ImageName
from console.model.models.bucket_settings import BucketSettings
from console.model.models.parts import ModelPart
from console.model.models.stored_set import stored_set
from console.model.storage import Bucket, ObjectList
from console.model.text import SafeText
from console.session.deploy.asking import seen
from console.session.deploy.builder_seen import look_at_docker
from console.session.deploy.neighbours import find_neighbours
from console.session.deploy.world import Here
from console.session.doctor.asking import Once
from console.session.transfer.place import Place, look_into
from console.sources.base import Denied, Missing
from console.sources.deploying.build_context import BuildContext
from console.sources.google_channel import GoogleCloud
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

_Thing = TypeVar("_Thing")
Say = Callable[[str], None]

SECONDS: Final = 20.0
"""How long one question to the cloud may take."""

READING_SECONDS: Final = 900.0
"""How long it may take to read files here, which are compared with those in the bucket."""

_NO_REPOSITORY: Final = tr_later(
    "it is in no repository of Artifact Registry, where nobody can look it up"
)


async def observe(
    wish: DeployWish,
    google: GoogleCloud | Unseen,
    here: Here,
    *,
    say: Say = lambda _: None,
    neighbours: bool = False,
    seconds: float = SECONDS,
) -> Observed:
    """Look at everything that `wish` touches; what cannot be seen says why, and nothing is raised.

    `google` is `Unseen` where there is no way to the cloud; what is here is looked at all the same.
    `say` hears what takes long. With `neighbours` other services are looked at, too, each of which
    is a question of its own.
    """
    observed = await _Look(wish, google, here, say, seconds).all()
    if not neighbours:
        return observed
    others = (
        google if isinstance(google, Unseen) else await seen(find_neighbours(google, wish), seconds)
    )
    return replace(observed, neighbours=others)


@dataclass
class _Look:
    wish: DeployWish
    google: GoogleCloud | Unseen
    here: Here
    say: Say
    seconds: float

    def __post_init__(self) -> None:
        self._source = Once(self._find_source)
        self._objects = Once(self._find_objects)

    async def all(self) -> Observed:
        project = self.wish.place.project
        async with asyncio.TaskGroup() as group:
            begin = group.create_task
            number = begin(self._ask(lambda cloud: _number(cloud, project)))
            billing = begin(self._ask(lambda cloud: _billing(cloud, project)))
            apis = begin(self._ask(lambda cloud: cloud.project.interfaces(project)))
            lacking = begin(self._ask(lambda cloud: _lacking(cloud, project)))
            quotas = begin(self._quotas())
            bucket = begin(self._ask(self._bucket))
            models = begin(self._models())
            repository = begin(self._ask(self._repository))
            source = begin(self._source())
            builder = begin(self._builder())
            image = begin(self._image())
            account = begin(self._ask(self._account))
            service = begin(self._ask(self._service))
        return Observed(
            project_number=number.result(),
            billing=billing.result(),
            apis=apis.result(),
            lacking=lacking.result(),
            quotas=quotas.result(),
            bucket=bucket.result(),
            models=models.result(),
            repository=repository.result(),
            source=source.result(),
            builder=builder.result(),
            image=image.result(),
            account=account.result(),
            service=service.result(),
        )

    async def _ask(
        self, question: Callable[[GoogleCloud], Awaitable[_Thing | Absent]]
    ) -> _Thing | Absent | Unseen:
        if isinstance(self.google, Unseen):
            return self.google
        return await seen(question(self.google), self.seconds)

    async def _quotas(self) -> Mapping[str, Seen[int | None]]:
        at = self.wish.place
        names = tuple(wanted_shape(Scene(self.wish, Observed(), self.here.prices)).needs)

        def question(name: str) -> Coroutine[Any, Any, Seen[int | None]]:
            return self._ask(lambda cloud: cloud.project.quota(at.project, at.region, name))

        answers = await asyncio.gather(*map(question, names))
        return dict(zip(names, answers, strict=True))

    async def _bucket(self, cloud: GoogleCloud) -> BucketSeen | Absent:
        maker, name = cloud.uploads.maker(), self.wish.bucket
        try:
            settings = await maker.settings(name)
        except Missing:
            return ABSENT
        except Denied:
            # Nothing is told of a bucket of somebody else but that there is one.
            if await maker.is_in(self.wish.place.project, name):
                raise
            return _of_somebody_else(name)
        ours, readers = await asyncio.gather(
            seen(maker.is_in(self.wish.place.project, name), self.seconds),
            seen(cloud.deploying.accounts.readers(name), self.seconds),
        )
        return BucketSeen(
            settings=settings,
            ours=ours if isinstance(ours, bool) else None,
            readers=readers if isinstance(readers, frozenset) else frozenset(),
        )

    async def _models(self) -> Seen[ModelsSeen]:
        if self.wish.models is not None:
            return await seen(self._to_send(self.wish.models), READING_SECONDS)
        place = await self._objects()
        if not isinstance(place, Place):
            return place
        stored = stored_set(place.found)
        sizes = {part: sum(each.size for each in files) for part, files in stored.parts if files}
        return ModelsSeen(sizes=sizes, problem=sanitise(stored.problem))

    async def _to_send(self, directory: str) -> ModelsSeen:
        from console.session.transfer.push_planning import NotReady, look_here, plan_push

        self.say(tr("looking into {directory}", directory=directory))
        try:
            found = await look_here(Path(directory), self.here.environment)
        except NotReady as problem:
            return ModelsSeen(problem=problem.message)
        place = await self._objects()
        records = self.here.records.of(self.wish.bucket)
        push = await plan_push(
            found,
            place if isinstance(place, Place) else _empty(self.wish.bucket),
            records,
            lambda name: self.say(tr("comparing {name}", name=name)),
        )
        sizes: dict[ModelPart, int] = {}
        for each in push.files:
            if each.file.part is not None:
                sizes[each.file.part] = sizes.get(each.file.part, 0) + each.size
        return ModelsSeen(push=push, sizes=sizes)

    async def _find_objects(self) -> Seen[Place]:
        return await self._ask(self._look_into)

    async def _look_into(self, cloud: GoogleCloud) -> Place | Absent:
        try:
            await cloud.uploads.maker().settings(self.wish.bucket)
        except Missing:
            return ABSENT
        except Denied:
            # Whoever may use the objects need not be allowed to see the bucket's settings.
            pass
        return await look_into(cloud.storage, None, None, self.wish.bucket)

    async def _repository(self, cloud: GoogleCloud) -> str | Absent:
        repository = image_repository(self.wish)
        has = await cloud.deploying.repositories.has(repository)
        return str(repository) if has else ABSENT

    async def _find_source(self) -> Seen[SourceSeen]:
        image = self.wish.image
        if image.way is ImageWay.GIVEN:
            return Unseen(SafeText(tr("nothing is built: an image is given")))
        self.say(
            tr("reading {directory}", directory=image.context)
            if image.context
            else tr("reading what the image is built from")
        )

        def read() -> SourceSeen:
            return BuildContext(Path(image.context), image.dockerfile).seen()

        return await seen(off_loop(read, "context"), READING_SECONDS, here=True)

    async def _builder(self) -> Seen[BuilderSeen]:
        if self.wish.image.way is not ImageWay.DOCKER:
            return Unseen(SafeText(tr("Docker is not needed")))
        return await seen(look_at_docker(self.here.tools), self.seconds, here=True)

    async def _image(self) -> Seen[ImageSeen]:
        source = await self._source()
        checksum = ""
        if self.wish.image.way is not ImageWay.GIVEN:
            if not isinstance(source, SourceSeen):
                return Unseen(source.why) if isinstance(source, Unseen) else ABSENT
            checksum = source.checksum
        address = image_address(self.wish, checksum)
        try:
            name = ImageName.parse(address)
        except ValueError:
            return Unseen(SafeText(tr(_NO_REPOSITORY)))
        found = await self._ask(lambda cloud: _image(cloud, name))
        if self.wish.image.tag and isinstance(found, ImageSeen):
            # Such a tag does not say what the image was built from; this machine may remember.
            remembered = self.here.journal.read(self.wish.place)
            same = (remembered.tag, remembered.image) == (f"{address} {checksum}", found.name)
            return found if same else ABSENT
        return found

    async def _account(self, cloud: GoogleCloud) -> str | Absent:
        if not self.wish.account:
            return ABSENT
        accounts = cloud.deploying.accounts
        return await accounts.account(self.wish.place.project, self.wish.account) or ABSENT

    async def _service(self, cloud: GoogleCloud) -> ServiceSeen | Absent:
        return await cloud.deploying.services.seen(self.wish.place) or ABSENT


async def _number(cloud: GoogleCloud, project: str) -> str:
    return (await cloud.project.project(project)).number


async def _billing(cloud: GoogleCloud, project: str) -> bool:
    return (await cloud.project.billing(project)).enabled


async def _lacking(cloud: GoogleCloud, project: str) -> frozenset[str]:
    return frozenset(OF_THE_PROJECT) - await cloud.project.permissions(project, OF_THE_PROJECT)


async def _image(cloud: GoogleCloud, name: ImageName) -> ImageSeen | Absent:
    return await cloud.deploying.repositories.image(name) or ABSENT


def _of_somebody_else(bucket: str) -> BucketSeen:
    """Return a bucket that there is, and of which nothing is known but that it is not ours."""
    settings = BucketSettings(name=sanitise(bucket), location=NOTHING, storage_class=NOTHING)
    return BucketSeen(settings=settings, ours=False)


def _empty(bucket: str) -> Place:
    """Return a bucket with nothing in it, such as one that is to be made."""
    return Place(
        Bucket(name=sanitise(bucket), location=NOTHING, storage_class=NOTHING), ObjectList()
    )
