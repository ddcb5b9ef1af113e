"""A Google Cloud as small as plans need it: it can be looked at, and a plan carried out on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, settings

from console.model.access import Grant, Policy
from console.model.deploy.commands import READER_ROLE
from console.model.deploy.image_tag import image_address, image_repository
from console.model.deploy.observed import (
    ABSENT,
    BucketSeen,
    BuilderSeen,
    ImageSeen,
    ModelsSeen,
    Neighbours,
    Observed,
    ServiceSeen,
    SourceSeen,
)
from console.model.deploy.planning import plan_deployment
from console.model.deploy.scene import Scene
from console.model.deploy.service_body import body_of, settings_of
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.step import Effect, Plan, Step, Subject
from console.model.deploy.steps.access import wanted_policy
from console.model.deploy.steps.apis import needed_apis
from console.model.deploy.steps.bucket import bucket_plan
from console.model.deploy.steps.quota import wanted_shape
from console.model.deploy.wish import DeployWish
from console.model.models.bucket_settings import A_WEEK, CLEARING, BucketSettings
from console.model.models.local_set import LocalFile
from console.model.models.parts import ModelPart
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.upload_record import FileIdentity
from console.model.service import (
    Condition,
    ConditionState,
    Revision,
    ServiceFacts,
    TrafficShare,
)
from console.model.storage import StoredObject
from console.model.text import SafeText
from console.sources.prices import packaged_prices

PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: how long an example takes on a busy machine says nothing."""

PRICES = packaged_prices()
TODAY = date(2026, 11, 30)
MADE = datetime(2026, 11, 1, tzinfo=UTC)
DIGEST = "sha256:" + "5" * 64
FILES = {
    ModelPart.TRANSFORMER: ("z_image_turbo-Q4_K_M.gguf", 4_980_000_000),
    ModelPart.TEXT_ENCODER: ("Qwen3-4B-Q4_K_M.gguf", 2_497_280_256),
    ModelPart.VAE: ("ae.safetensors", 335_304_388),
}
CHECKSUM = "c0ffee" * 10


@dataclass
class PlanWorld:
    """What there is; a fresh one is a project with billing, quotas, and nothing else."""

    apis: frozenset[str] = frozenset()
    billing: bool = True
    lacking: frozenset[str] = frozenset()
    quotas: dict[str, int | None] = field(default_factory=dict)
    bucket: BucketSettings | None = None
    ours: bool | None = True
    readers: frozenset[str] = frozenset()
    objects: dict[str, int] = field(default_factory=dict)
    sizes: dict[ModelPart, tuple[str, int]] = field(default_factory=lambda: dict(FILES))
    problem: str = ""
    source: SourceSeen | None = field(
        default_factory=lambda: SourceSeen(checksum=CHECKSUM, files=120, bytes=3_000_000)
    )
    builder: BuilderSeen | None = field(
        default_factory=lambda: BuilderSeen(version=SafeText("27"), room=10**11)
    )
    repositories: frozenset[str] = frozenset()
    images: dict[str, ImageSeen] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    service: ServiceSettings | None = None
    callers: tuple[Grant, ...] = ()
    revisions: tuple[Revision, ...] = ()
    traffic: tuple[TrafficShare, ...] = ()
    unmodelled: tuple[SafeText, ...] = ()
    neighbours: Neighbours = field(default_factory=Neighbours)

    def look(self, wish: DeployWish) -> Observed:
        """Everything as it is."""
        shape = wanted_shape(Scene(wish, Observed(), PRICES))
        account = wish.account_email
        return Observed(
            project_number="123456789",
            billing=self.billing,
            apis=self.apis,
            lacking=self.lacking,
            quotas={each: self.quotas.get(each, -1) for each in shape.needs},
            bucket=BucketSeen(settings=self.bucket, ours=self.ours, readers=self.readers)
            if self.bucket
            else ABSENT,
            models=self._models(wish),
            repository=str(image_repository(wish))
            if str(image_repository(wish)) in self.repositories
            else ABSENT,
            source=self.source or ABSENT,
            builder=self.builder or ABSENT,
            image=self.images.get(image_address(wish, CHECKSUM), ABSENT),
            account=account if account in self.accounts else ABSENT,
            service=self._service(wish),
            neighbours=self.neighbours,
        )

    def plan(self, wish: DeployWish) -> Plan:
        """What it takes to get what is wanted."""
        return plan_deployment(wish, self.look(wish), PRICES, TODAY)

    def carry_out(self, plan: Plan, steps: int | None = None) -> None:
        """Do what a plan says, or only its first acting steps."""
        assert not plan.hindrances
        for step in plan.acting[:steps]:
            if step.effect is Effect.DELETE:
                _REMOVE[step.subject](self)
            else:
                _DO[step.subject](self, plan, step)

    def deployed(self, wish: DeployWish) -> PlanWorld:
        """Have everything of a wish; returns itself."""
        self.carry_out(self.plan(wish))
        return self

    def _models(self, wish: DeployWish) -> ModelsSeen:
        sizes = {part: size for part, (_, size) in self.sizes.items()}
        problem = SafeText(self.problem)
        if wish.models is None:
            missing = "" if self.objects else "there are no files"
            return ModelsSeen(sizes=sizes, problem=SafeText(self.problem or missing))
        push = PushPlan(
            bucket=wish.bucket,
            directory=wish.models,
            files=tuple(self._planned(*each) for each in self.sizes.items()),
        )
        return ModelsSeen(push=push, sizes=sizes, problem=problem)

    def _planned(self, part: ModelPart, named: tuple[str, int]) -> PlannedFile:
        name, size = named
        there = self.objects.get(name)
        standing = Standing.NEW if there is None else Standing.DIFFERENT
        return PlannedFile(
            file=LocalFile(path=f"/models/{name}", name=name, part=part),
            identity=FileIdentity(size, 0, 0, 0, 0),
            standing=Standing.SAME if there == size else standing,
            stored=None if there is None else stored(name, there),
        )

    def _service(self, wish: DeployWish) -> ServiceSeen | object:
        if self.service is None:
            return ABSENT
        ready = [each.name for each in self.revisions if each.ready and is_good(each.ready)]
        return ServiceSeen(
            settings=self.service,
            facts=ServiceFacts(
                name=wish.place,
                url=SafeText("https://z-image.example"),
                latest_ready_revision=ready[0] if ready else None,
                latest_created_revision=self.revisions[0].name if self.revisions else None,
                traffic=self.traffic,
            ),
            policy=Policy(self.callers),
            revisions=self.revisions,
            unmodelled=self.unmodelled,
        )

    def _enable(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        self.apis |= {each.setting for each in step.changes}
        assert self.apis >= set(needed_apis(plan.wish.image.way))

    def _make_bucket(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        wanted = bucket_plan(Scene(plan.wish, plan.observed, PRICES))
        self.bucket = safe_bucket(step.target, wanted.wanted.region)

    def _send(self, plan: Plan, step: Step) -> None:
        assert self.bucket
        self.objects |= dict(self.sizes.values())

    def _make_repository(self, plan: Plan, step: Step) -> None:
        self.repositories |= {step.target}

    def _build(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        assert str(image_repository(plan.wish)) in self.repositories
        self.images[step.target] = built(step.target)

    def _make_account(self, plan: Plan, step: Step) -> None:
        self.accounts |= {step.target}

    def _let_read(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        assert self.bucket
        assert plan.wish.account_email in self.accounts
        assert READER_ROLE in step.commands[0]
        self.readers |= {f"serviceAccount:{plan.wish.account_email}"}

    def _roll_out(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        assert plan.service
        image = self.images.get(image_address(plan.wish, CHECKSUM))
        wanted = replace(plan.service, image=plan.service.image or (image.name if image else ""))
        assert wanted.image
        before = None if self.service is None else body_of(self.service)
        self.service = settings_of(body_of(wanted, before))[0]
        self.revisions = (revision(len(self.revisions) + 1), *self.revisions)
        self.traffic = self.traffic or (TrafficShare(100),)

    def _let_call(self, plan: Plan, step: Step) -> None:
        assert plan.wish
        self.callers = wanted_policy(plan.wish, Policy(self.callers)).grants

    def _send_requests(self, plan: Plan, step: Step) -> None:
        assert self.service
        self.traffic = plan.traffic

    def _hold(self, plan: Plan, step: Step) -> None:
        assert self.service
        self.service = replace(self.service, manual_instances=plan.instances)

    def _remove_service(self) -> None:
        self.service, self.revisions, self.traffic, self.callers = None, (), (), ()

    def _remove_bucket(self) -> None:
        self.bucket, self.objects, self.readers = None, {}, frozenset()

    def _forbid_reading(self) -> None:
        self.readers = frozenset()

    def _remove_account(self) -> None:
        self.accounts = frozenset()

    def _remove_repository(self) -> None:
        self.repositories, self.images = frozenset(), {}


def stored(name: str, size: int) -> StoredObject:
    return StoredObject(
        name=SafeText(name),
        size=size,
        storage_class=SafeText("STANDARD"),
        crc32c=SafeText("AAAAAA=="),
        generation=1,
    )


def safe_bucket(name: str, location: str) -> BucketSettings:
    return BucketSettings(
        name=SafeText(name),
        location=SafeText(location.upper()),
        storage_class=SafeText("STANDARD"),
        uniform_access=True,
        public_access_prevented=True,
        soft_delete=A_WEEK,
        rules=(CLEARING,),
    )


def built(address: str) -> ImageSeen:
    return ImageSeen(name=f"{address}@{DIGEST}", architecture="amd64", bytes=400_000_000)


def revision(number: int, state: ConditionState = ConditionState.SUCCEEDED) -> Revision:
    message = SafeText("the container did not start" if state is ConditionState.FAILED else "")
    return Revision(
        name=SafeText(f"z-image-{number:05}-abc"),
        conditions=(Condition(SafeText("Ready"), state, message=message),),
        created=MADE + timedelta(days=number),
    )


def is_good(condition: Condition) -> bool:
    return condition.state is ConditionState.SUCCEEDED


_DO: dict[Subject, Callable[[PlanWorld, Plan, Step], None]] = {
    Subject.APIS: PlanWorld._enable,
    Subject.BUCKET: PlanWorld._make_bucket,
    Subject.MODELS: PlanWorld._send,
    Subject.REPOSITORY: PlanWorld._make_repository,
    Subject.IMAGE: PlanWorld._build,
    Subject.ACCOUNT: PlanWorld._make_account,
    Subject.READING: PlanWorld._let_read,
    Subject.SERVICE: PlanWorld._roll_out,
    Subject.ACCESS: PlanWorld._let_call,
    Subject.TRAFFIC: PlanWorld._send_requests,
    Subject.SCALE: PlanWorld._hold,
}
_REMOVE: dict[Subject, Callable[[PlanWorld], None]] = {
    Subject.SERVICE: PlanWorld._remove_service,
    Subject.BUCKET: PlanWorld._remove_bucket,
    Subject.READING: PlanWorld._forbid_reading,
    Subject.ACCOUNT: PlanWorld._remove_account,
    Subject.REPOSITORY: PlanWorld._remove_repository,
}
