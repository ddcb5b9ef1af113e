"""Plans as they come about, written down: what is made of a plan is not what makes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from console.model.cost.money import Amount, Range
from console.model.deploy.defaults import cpu_wish, gpu_wish
from console.model.deploy.step import Change, Confirmation, Effect, Plan, Refusal, Step, Subject
from console.model.deploy.wish import Visibility
from console.model.service import ServiceName
from console.model.text import SafeText

PLACE = ServiceName("my-project", "us-central1", "z-image")
CPU = cpu_wish(PLACE, models="/home/me/models/z-image", context="/home/me/z-image")
GPU = gpu_wish(PLACE, models="/home/me/models/z-image", context="/home/me/z-image")
PRICES = date(2026, 10, 8)
BUCKET = "my-project-z-image-models"
ACCOUNT = "zimage-runtime@my-project.iam.gserviceaccount.com"
ADDRESS = "us-central1-docker.pkg.dev/my-project/z-image-cpu/z-image:src-34fdf0c6dbb7"


def usd(text: str) -> Amount:
    return Amount(Range.exactly(text))


APIS = Step(
    subject=Subject.APIS,
    effect=Effect.NOTHING,
    title="all APIs that it needs are on in my-project",
)
QUOTA = Step(
    subject=Subject.QUOTA,
    effect=Effect.CHECK,
    title="see that us-central1 allows 4 vCPU, 16 GiB, at most 1 instance",
    commands=(
        "gcloud beta quotas info describe CpuAllocPerProjectRegion --service=run.googleapis.com "
        "--project=my-project",
    ),
)
MAKE_BUCKET = Step(
    subject=Subject.BUCKET,
    effect=Effect.CREATE,
    title=f"make gs://{BUCKET} in us-central1",
    changes=(
        Change("name", "–", f"gs://{BUCKET}", "all of Google Cloud shares the names"),
        Change(
            "location",
            "–",
            "us-central1",
            "each cold start reads the whole model: from its own region fast and for nothing",
        ),
        Change("public access", "–", "prevented", "one wrong grant lets anybody read it"),
    ),
    cost="storage: about $0.15 a month (estimate for 7.8 GB, prices of 2026-10-08)",
    brief="about $0.15 a month",
    commands=(
        f"gcloud storage buckets create gs://{BUCKET} --project=my-project "
        "--location=us-central1 --uniform-bucket-level-access --public-access-prevention",
    ),
    undo=(f"gcloud storage buckets delete gs://{BUCKET}",),
)
SEND = Step(
    subject=Subject.MODELS,
    effect=Effect.CREATE,
    title=f"send 3 files of the model, 7.8 GB, to gs://{BUCKET}",
    cost="< $0.01 once for the requests of sending",
    brief="< $0.01 once",
    commands=(f"zimage-console models push /home/me/models/z-image --bucket {BUCKET}",),
    notes=("each file is held to its checksum once it has arrived; broken off, it goes on",),
)
REPOSITORY = Step(
    subject=Subject.REPOSITORY,
    effect=Effect.CREATE,
    title="make the repository z-image-cpu in us-central1",
    commands=(
        "gcloud artifacts repositories create z-image-cpu --repository-format=docker "
        "--location=us-central1 --project=my-project",
    ),
    undo=("gcloud artifacts repositories delete z-image-cpu --location=us-central1",),
)
BUILD = Step(
    subject=Subject.IMAGE,
    effect=Effect.CREATE,
    title="build Dockerfile.optimized by Cloud Build in us-central1 from 151 files, 8.0 MB",
    cost="about $0.16 for ten minutes of building; about $0.10 a month for each GiB that is kept",
    brief="about $0.16",
    commands=(
        "gcloud builds submit --config=cloudbuild.yaml --region=us-central1 "
        f"--substitutions=_IMAGE={ADDRESS},_DOCKERFILE=Dockerfile.optimized",
    ),
)
MAKE_ACCOUNT = Step(
    subject=Subject.ACCOUNT,
    effect=Effect.CREATE,
    title="make the account zimage-runtime that the service runs as",
    commands=("gcloud iam service-accounts create zimage-runtime --project=my-project",),
    notes=("it may do nothing but what the next step lets it",),
)
LET_READ = Step(
    subject=Subject.READING,
    effect=Effect.CREATE,
    title=f"let zimage-runtime read gs://{BUCKET}, and nothing else",
    commands=(
        f"gcloud storage buckets add-iam-policy-binding gs://{BUCKET} "
        f"--member=serviceAccount:{ACCOUNT} --role=roles/storage.objectViewer",
    ),
)
MAKE_SERVICE = Step(
    subject=Subject.SERVICE,
    effect=Effect.CREATE,
    title="make the service z-image in us-central1",
    changes=(
        Change("vCPU", "–", "4"),
        Change("memory", "–", "16Gi"),
        Change("most instances", "–", "1", "no crowd and no mistake can make it cost more"),
    ),
    cost="< $0.01 for the start of an instance that a roll-out makes",
    brief="< $0.01",
    commands=(f"gcloud run deploy z-image --image={ADDRESS} --memory=16Gi --cpu=4",),
    undo=("gcloud run services delete z-image --region=us-central1 --project=my-project",),
)
NOBODY = Step(
    subject=Subject.ACCESS,
    effect=Effect.NOTHING,
    title="nobody but the project's own people may call z-image",
)
READY = Step(
    subject=Subject.HEALTH,
    effect=Effect.CHECK,
    title="ask z-image at /readyz until it is ready",
    cost="< $0.01 if an instance has to start for it",
    brief="< $0.01",
)
FRESH = Plan(
    title="deploy z-image to us-central1 of my-project",
    wish=CPU,
    service=CPU.settings,
    steps=(
        *(APIS, QUOTA, MAKE_BUCKET, SEND, REPOSITORY, BUILD, MAKE_ACCOUNT, LET_READ),
        *(MAKE_SERVICE, NOBODY, READY),
    ),
    notes=("the prices are 45 days old, and may have changed",),
    worst_day=usd("11.75"),
    idle_day=usd("0.01"),
    prices_of=PRICES,
    at=PLACE,
)


def as_is(*steps: Step) -> tuple[Step, ...]:
    """The steps with nothing to be done any more."""
    return tuple(
        each
        if each.effect is Effect.CHECK
        else Step(subject=each.subject, effect=Effect.NOTHING, title=f"{each.subject} is as wanted")
        for each in steps
    )


IN_PLACE = as_is(*FRESH.steps[:8])
SETTINGS = Step(
    subject=Subject.SERVICE,
    effect=Effect.CHANGE,
    title="change 2 settings of z-image",
    changes=(
        Change(
            "timeout",
            "300 s",
            "900 s",
            "a request may have to wait for a start before its picture is made",
        ),
        Change("most instances", "5", "1", "no crowd and no mistake can make it cost more"),
    ),
    cost="< $0.01 for the start of an instance that a roll-out makes",
    brief="< $0.01",
    commands=("gcloud run services update z-image --timeout=900 --max-instances=1",),
    undo=("gcloud run services update-traffic z-image --to-revisions=zimage-00001-abc=100",),
    notes=("the revision that serves goes on until the new one is ready",),
)
DRIFTED = replace(FRESH, steps=(*IN_PLACE, SETTINGS, NOBODY, READY), notes=())
NOTHING = replace(DRIFTED, steps=as_is(*FRESH.steps))
REFUSED = replace(
    FRESH,
    steps=FRESH.steps[:4],
    refusals=(
        Refusal(
            Subject.QUOTA,
            "us-central1 allows my-project no nvidia-l4 without zonal redundancy: its quota "
            "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion is 0",
            "ask for more at https://console.cloud.google.com/iam-admin/quotas, or choose a "
            "region that has some",
        ),
        Refusal(
            Subject.MODELS,
            "the model set needs 21 GB of memory, and 16Gi were asked for",
            "ask for 32Gi, or choose smaller files",
        ),
    ),
)
NO_LOGIN = "nobody is logged in to Google Cloud"
BLOCKED = replace(
    FRESH,
    steps=tuple(
        replace(each, assumed=SafeText(f"that there is none yet ({NO_LOGIN})"))
        for each in FRESH.steps
    ),
    blocked=(Refusal(Subject.APIS, NO_LOGIN, "gcloud auth application-default login"),),
)
FOREIGN = replace(DRIFTED, confirmation=Confirmation.NAME)
PUBLIC = replace(
    DRIFTED,
    wish=replace(CPU, visibility=Visibility.PUBLIC),
    confirmation=Confirmation.PUBLIC,
    notes=("everybody may call, and each picture is paid for: $11.75 a day at most",),
)
BACK = Plan(
    title="roll z-image back to zimage-00001-abc",
    wish=None,
    steps=(
        Step(
            subject=Subject.TRAFFIC,
            effect=Effect.CHANGE,
            title="roll z-image back to zimage-00001-abc",
            changes=(
                Change("requests", "100 % to the newest revision", "100 % to zimage-00001-abc"),
            ),
            commands=(
                "gcloud run services update-traffic z-image --to-revisions=zimage-00001-abc=100",
            ),
            undo=("gcloud run services update-traffic z-image --to-latest",),
            notes=("new revisions get no requests by themselves from then on",),
        ),
    ),
    at=PLACE,
)


def removal(subject: Subject, title: str, *loses: str) -> Step:
    return Step(subject=subject, effect=Effect.DELETE, title=title, loses=loses)


DESTROY = Plan(
    title="remove z-image from us-central1 of my-project",
    wish=CPU,
    steps=(
        removal(
            Subject.SERVICE,
            "remove the service z-image",
            "its 2 revisions",
            "the address https://z-image-1234.a.run.app",
        ),
        removal(Subject.READING, f"remove the right of zimage-runtime to read gs://{BUCKET}"),
        removal(Subject.ACCOUNT, "remove the account zimage-runtime"),
        removal(
            Subject.REPOSITORY,
            "remove the repository z-image-cpu in us-central1",
            "all images in it, whoever put them there",
        ),
    ),
    stays=(
        f"gs://{BUCKET} with the model, 7.8 GB, about $0.15 a month: gcloud storage rm "
        f"--recursive gs://{BUCKET}",
        "the APIs that are on, which cost nothing",
    ),
    notes=("nothing of this can be undone; zimage-console deploy makes it all anew",),
    confirmation=Confirmation.NAME,
    at=PLACE,
)
EVIL = "\x1b]0;owned\x07[red]z[/red]\u202eevil\r\n界" * 8
HOSTILE = replace(
    DRIFTED,
    title=f"deploy {EVIL}",
    steps=(
        *IN_PLACE[:2],
        replace(
            SETTINGS,
            title=f"change {EVIL}",
            changes=(Change(EVIL, EVIL, EVIL, EVIL),),
            cost=EVIL,
            brief=EVIL,
            commands=(EVIL,),
            loses=(EVIL,),
        ),
    ),
    notes=(EVIL,),
    stays=(EVIL,),
    refusals=(Refusal(Subject.BUCKET, EVIL, EVIL),),
)
