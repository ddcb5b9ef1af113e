"""Plans as the console makes them, in the language that is spoken, cut to what a screen shows.

Commands are shorter than real ones, and so are some reasons: those a scene says itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from cloud_scenes import NEW, OLD, condition
from scene_words import once_a_language, said

from console.language import tr
from console.model.access import Policy
from console.model.cost.money import Amount, Range
from console.model.deploy.defaults import cpu_wish
from console.model.deploy.destroying import plan_destroy
from console.model.deploy.moving import plan_rollback
from console.model.deploy.observed import (
    ABSENT,
    NOTHING,
    BucketSeen,
    ImageSeen,
    Neighbours,
    Observed,
    ServiceSeen,
    SourceSeen,
)
from console.model.deploy.plan_costs import cost_words
from console.model.deploy.plan_words import SUBJECTS
from console.model.deploy.planning import plan_deployment
from console.model.deploy.scene import Scene, unseen_words
from console.model.deploy.step import Confirmation, Effect, Plan, Refusal, Step, Subject
from console.model.deploy.steps.apis import needed_apis
from console.model.deploy.wish import ImageWay, Visibility
from console.model.models.bucket_costs import BucketCosts
from console.model.models.bucket_plan import USUAL_BYTES
from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.service import Revision, ServiceFacts, ServiceName, TrafficShare
from console.model.text import SafeText
from console.sources.prices import packaged_prices

PLACE = ServiceName("my-project", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="/home/me/models/z-image", context="/home/me/z-image")
BUILT = replace(CPU, image=replace(CPU.image, way=ImageWay.CLOUD_BUILD))
PRICES_OF = date(2026, 10, 8)
BUCKET = "my-project-z-image-models"
ACCOUNT = "zimage-runtime@my-project.iam.gserviceaccount.com"
REPOSITORY = "my-project/us-central1/z-image-cpu"
ADDRESS = "us-central1-docker.pkg.dev/my-project/z-image-cpu/z-image:src-34fdf0c6dbb7"
IMAGE = f"{ADDRESS}@sha256:{'9' * 64}"
URL = SafeText("https://z-image-1234.a.run.app")
REVISIONS = tuple(Revision(name=each, conditions=(condition("Ready"),)) for each in (NEW, OLD))


def usd(text: str) -> Amount:
    return Amount(Range.exactly(text))


def observed(**there: Any) -> Observed:
    """A project with billing, interfaces and quotas, and `there` of what a deployment makes."""
    nothing = dict.fromkeys(("bucket", "repository", "image", "account", "service"), ABSENT)
    known = {
        "apis": frozenset(needed_apis(ImageWay.CLOUD_BUILD)),
        "lacking": frozenset(),
        "quotas": dict.fromkeys(("CpuAllocPerProjectRegion", "MemAllocPerProjectRegion"), -1),
        "source": SourceSeen(checksum="34fdf0c6dbb7".ljust(64, "0"), files=151, bytes=8_000_000),
    }
    return Observed(**known | nothing | there)


def service(**settings: Any) -> ServiceSeen:
    """The service as it was deployed, with other `settings`."""
    wanted = Scene(CPU, Observed(), packaged_prices()).settings
    return ServiceSeen(
        settings=replace(wanted, image=IMAGE, **settings),
        facts=ServiceFacts(
            name=PLACE, url=URL, latest_ready_revision=OLD, traffic=(TrafficShare(100),)
        ),
        policy=Policy(),
        revisions=REVISIONS,
    )


def steps_of(plan: Plan) -> Mapping[Subject, Step]:
    return {each.subject: each for each in plan.steps}


def as_planned(there: Observed) -> Mapping[Subject, Step]:
    """The steps that the console plans, where there is so much."""
    return steps_of(plan_deployment(BUILT, there, packaged_prices(), PRICES_OF))


def make_bucket(planned: Step) -> Step:
    name, location, public, *_ = planned.changes
    safe = SafeSettings(region=PLACE.region, reader=PLACE.region)
    storing = BucketCosts(safe, packaged_prices(), USUAL_BYTES).wanted(Setting.LOCATION)
    return replace(
        planned,
        changes=(
            name,
            replace(
                location,
                why=said(
                    "each cold start reads the whole model: from its own region fast and for "
                    "nothing",
                    "每次冷启动都读取整个模型：从所在区域读取既快又免费",
                ),
            ),
            replace(
                public,
                why=said(
                    "one wrong grant lets anybody read it", "一次错误授权就会让任何人都能读取"
                ),
            ),
        ),
        cost=tr("{setting}: {cost}", setting=tr("storage"), cost=storing.words),
        commands=(
            f"gcloud storage buckets create gs://{BUCKET} --project=my-project "
            "--location=us-central1 --uniform-bucket-level-access --public-access-prevention",
        ),
    )


def send(planned: Step) -> Step:
    checked, *_ = planned.notes
    return replace(
        planned,
        title=said(
            f"send 3 files of the model, 7.8 GB, to gs://{BUCKET}",
            f"将模型的 3 个文件（7.8 GB）发送到 gs://{BUCKET}",
        ),
        notes=(checked,),
        assumed=NOTHING,
    )


def build(planned: Step) -> Step:
    """The price list that comes with the console knows no price of that machine."""
    price = usd("0.16")
    building = cost_words(price, tr("{cost} for ten minutes of building"))
    keeping = cost_words(usd("0.10"), tr("{cost} a month for each GiB that is kept"))
    return replace(
        planned,
        cost=tr("; ").join((building, keeping)),
        brief=price.text(),
        commands=(
            "gcloud builds submit --config=cloudbuild.yaml --region=us-central1 "
            f"--substitutions=_IMAGE={ADDRESS},_DOCKERFILE=Dockerfile.optimized",
        ),
        undo=(),
    )


def make_account(planned: Step) -> Step:
    made = "gcloud iam service-accounts create zimage-runtime --project=my-project"
    return replace(planned, commands=(made,), undo=())


def ask(planned: Step) -> Step:
    return replace(planned, commands=())


CUT = {
    Subject.BUCKET: make_bucket,
    Subject.MODELS: send,
    Subject.IMAGE: build,
    Subject.ACCOUNT: make_account,
    Subject.HEALTH: ask,
}


@once_a_language
def fresh() -> Plan:
    """Everything is to be made."""
    plan = plan_deployment(BUILT, observed(), packaged_prices(), PRICES_OF)
    old = said("the prices are 45 days old, and may have changed", "价格已是 45 天前的，可能已变")
    return replace(
        plan,
        wish=CPU,
        steps=tuple(
            CUT[each.subject](each) if each.subject in CUT else each for each in plan.steps
        ),
        observed=Observed(),
        notes=(old,),
        worst_day=usd("11.75"),
        idle_day=usd("0.01"),
        prices_of=PRICES_OF,
    )


def as_is(*steps: Step) -> tuple[Step, ...]:
    """The steps with nothing to be done any more."""
    return tuple(
        each
        if each.effect is Effect.CHECK
        else Step(
            subject=each.subject,
            effect=Effect.NOTHING,
            title=said(f"{each.subject} is as wanted", f"{tr(SUBJECTS[each.subject])}已符合要求"),
        )
        for each in steps
    )


@once_a_language
def settings() -> Step:
    """Two settings of the service are to be changed back."""
    there = observed(service=service(timeout=300, max_instances=5), image=ImageSeen(name=IMAGE))
    step = as_planned(there)[Subject.SERVICE]
    timeout, most = step.changes
    why = said(
        "no crowd and no mistake can make it cost more", "无论流量高峰还是失误，费用都不会更高"
    )
    return replace(
        step,
        changes=(timeout, replace(most, why=why)),
        commands=("gcloud run services update z-image --timeout=900 --max-instances=1",),
        undo=(f"gcloud run services update-traffic z-image --to-revisions={OLD}=100",),
    )


@once_a_language
def drifted() -> Plan:
    steps = fresh().steps
    return replace(fresh(), steps=(*as_is(*steps[:8]), settings(), *steps[9:]), notes=())


@once_a_language
def nothing() -> Plan:
    return replace(drifted(), steps=as_is(*fresh().steps))


@once_a_language
def refused() -> Plan:
    quota = "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion"
    asked = "https://console.cloud.google.com/iam-admin/quotas"
    return replace(
        fresh(),
        steps=fresh().steps[:4],
        refusals=(
            Refusal(
                Subject.QUOTA,
                said(
                    "us-central1 allows my-project no nvidia-l4 without zonal redundancy: its "
                    f"quota {quota} is 0",
                    "us-central1 不允许 my-project 使用无可用区冗余的 nvidia-l4：配额 "
                    f"{quota} 为 0",
                ),
                said(
                    f"ask for more at {asked}, or choose a region that has some",
                    f"请在 {asked} 申请更多，或选择有配额的区域",
                ),
            ),
            Refusal(
                Subject.MODELS,
                said(
                    "the model set needs 21 GB of memory, and 16Gi were asked for",
                    "这组模型需要 21 GB 内存，而只申请了 16Gi",
                ),
                said("ask for 32Gi, or choose smaller files", "请申请 32Gi，或选择更小的文件"),
            ),
        ),
    )


@once_a_language
def blocked() -> Plan:
    no_login = said("nobody is logged in to Google Cloud", "尚未登录 Google Cloud")
    assumed = SafeText(said("that there is none yet", "尚不存在") + unseen_words(no_login))
    return replace(
        fresh(),
        steps=tuple(replace(each, assumed=assumed) for each in fresh().steps),
        blocked=(Refusal(Subject.APIS, no_login, "gcloud auth application-default login"),),
    )


@once_a_language
def foreign() -> Plan:
    return replace(drifted(), confirmation=Confirmation.NAME)


@once_a_language
def public() -> Plan:
    paid = tr(
        "everybody may call, and each picture is paid for: {most} a day at most", most="$11.75"
    )
    return replace(
        drifted(),
        wish=replace(CPU, visibility=Visibility.PUBLIC),
        confirmation=Confirmation.PUBLIC,
        notes=(paid,),
    )


@once_a_language
def back() -> Plan:
    """All requests are to go to the revision before."""
    plan = plan_rollback(PLACE, observed(service=service()), OLD)
    step = replace(
        plan.steps[0],
        commands=(f"gcloud run services update-traffic z-image --to-revisions={OLD}=100",),
        undo=("gcloud run services update-traffic z-image --to-latest",),
        notes=(
            said(
                "new revisions get no requests by themselves from then on",
                "此后新修订版本不会自动获得请求",
            ),
        ),
    )
    return replace(plan, steps=(step,), observed=Observed())


@once_a_language
def destroy() -> Plan:
    bucket = BucketSettings(
        name=SafeText(BUCKET),
        location=SafeText("US-CENTRAL1"),
        storage_class=SafeText("STANDARD"),
    )
    there = observed(
        service=service(),
        bucket=BucketSeen(
            settings=bucket, ours=True, readers=frozenset({f"serviceAccount:{ACCOUNT}"})
        ),
        account=ACCOUNT,
        repository=REPOSITORY,
        neighbours=Neighbours(),
    )
    plan = plan_destroy(CPU, there, packaged_prices())
    removed = f"gcloud storage rm --recursive gs://{BUCKET}"
    return replace(
        plan,
        steps=tuple(replace(each, commands=(), notes=()) for each in plan.steps),
        stays=(
            said(
                f"gs://{BUCKET} with the model, 7.8 GB, about $0.15 a month: {removed}",
                f"gs://{BUCKET}（7.8 GB），每月 $0.15 左右：{removed}",
            ),
            plan.stays[-1],
        ),
        observed=Observed(),
    )


EVIL = "\x1b]0;owned\x07[red]z[/red]\u202eevil\r\n界" * 8


@once_a_language
def hostile() -> Plan:
    step = replace(
        settings(),
        title=f"change {EVIL}",
        changes=(
            replace(settings().changes[0], setting=EVIL, observed=EVIL, wanted=EVIL, why=EVIL),
        ),
        cost=EVIL,
        brief=EVIL,
        commands=(EVIL,),
        loses=(EVIL,),
    )
    return replace(
        drifted(),
        title=f"deploy {EVIL}",
        steps=(*drifted().steps[:2], step),
        notes=(EVIL,),
        stays=(EVIL,),
        refusals=(Refusal(Subject.BUCKET, EVIL, EVIL),),
    )
