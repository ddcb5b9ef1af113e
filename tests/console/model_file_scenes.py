"""Model files as the screen of models finds them in the store: in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud_scenes import NOW, SOON, THEN, at_zero
from scene_words import said

from console.language import tr
from console.model.cost.bucket_cost import BucketContents
from console.model.freshness import Freshness, Standing
from console.model.models.parts import PART_NOTE, ModelPart
from console.model.models.push_progress import FileStage, PushedFile, PushProgress
from console.model.models.snapshot import (
    Compared,
    FileHere,
    FilesHere,
    Job,
    ModelsSnapshot,
    Stage,
    Work,
)
from console.model.models.verification import Verdict, Verified
from console.model.storage import (
    Bucket,
    Kept,
    ObjectList,
    StoredObject,
    UnfinishedUpload,
)
from console.model.text import SafeText
from console.session.models_watch import NO_BUCKET_HERE, NO_DIRECTORY
from console.sources.prices import packaged_prices
from console.store import Store
from console.terminal.sanitise import sanitise

NASTY = "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"
FRESH = Freshness(Standing.FRESH, NOW)


DAY = timedelta(days=1)
UNET = FileHere(
    name=SafeText("z_image_turbo-Q4_K_M.gguf"),
    part=ModelPart.TRANSFORMER,
    size=4_980_000_000,
    modified=NOW - 3 * DAY,
    format=SafeText("gguf"),
    layout=SafeText("Z-Image transformer, original names, fused qkv"),
    types=SafeText("F32 145, Q4_K 180, Q6_K 31"),
    prepared_size=6_154_908_736,
)
ENCODER = FileHere(
    name=SafeText("Qwen3-4B-Q4_K_M.gguf"),
    part=ModelPart.TEXT_ENCODER,
    size=2_497_280_256,
    modified=NOW - 3 * DAY,
    format=SafeText("gguf"),
    layout=SafeText("Qwen3 text encoder, llama.cpp names"),
    types=SafeText("F32 145, Q4_K 217, Q6_K 37"),
)
VAE = FileHere(
    name=SafeText("ae.safetensors"),
    part=ModelPart.VAE,
    size=335_304_388,
    modified=NOW - 3 * DAY,
    format=SafeText("safetensors"),
    layout=SafeText("FLUX VAE, original names"),
    types=SafeText("F32 244"),
)
HERE = FilesHere(SafeText("~/models/z-image"), (UNET, ENCODER, VAE))
BUCKET = Bucket(
    name=SafeText("zimage-models"),
    location=SafeText("US-CENTRAL1"),
    storage_class=SafeText("STANDARD"),
)


def stored(file: FileHere, **other: object) -> StoredObject:
    """The object that a file becomes."""
    made = StoredObject(
        name=file.name,
        size=file.size,
        storage_class=SafeText("STANDARD"),
        crc32c=SafeText("yZRlqg=="),
        generation=1_700_000_000_000_001,
        created=NOW - DAY,
        metadata=((SafeText(PART_NOTE), SafeText(str(file.part))),) if file.part else (),
    )
    return replace(made, **other)  # type: ignore[arg-type]


LIVE = (stored(UNET), stored(ENCODER), stored(VAE))
OLD = stored(
    replace(UNET, name=SafeText("z_image_turbo-Q8_0.gguf"), size=7_220_000_000),
    kept=Kept.SOFT_DELETED,
    generation=3,
    since=NOW - DAY,
    until=NOW + 6 * DAY,
)
REPLACED = stored(VAE, kept=Kept.NONCURRENT, generation=2, since=NOW - 2 * DAY)
UPLOAD = UnfinishedUpload(
    SafeText(".zimage-uploads/ab12/cd34/z_image_turbo-Q8_0.gguf"),
    SafeText("id-1"),
    NOW - 4 * DAY,
    SafeText("STANDARD"),
    1_610_612_736,
)


def there(*objects: StoredObject, unfinished: tuple[UnfinishedUpload, ...] = ()) -> BucketContents:
    """A bucket with these in it."""
    return BucketContents(BUCKET, ObjectList(objects), unfinished)


def compared(*verdicts: tuple[FileHere, Verdict]) -> Compared:
    """What came of comparing files."""
    return Compared(
        NOW - timedelta(minutes=2),
        tuple(
            Verified(
                each.name,
                each.size,
                verdict,
                "" if verdict is Verdict.SAME else tr("its CRC32C is another"),
            )
            for each, verdict in verdicts
        ),
    )


SAME = compared((UNET, Verdict.SAME), (ENCODER, Verdict.SAME), (VAE, Verdict.SAME))
PUSHING = PushProgress(
    (
        PushedFile(UNET.name, UNET.size, sent=UNET.size, arrived=UNET.size, stage=FileStage.SENT),
        PushedFile(
            ENCODER.name,
            ENCODER.size,
            sent=1_100_000_000,
            arrived=1_100_000_000,
            stage=FileStage.SENDING,
        ),
        PushedFile(VAE.name, VAE.size),
    ),
    18_300_000.0,
)


def _known(**known: object) -> ModelsSnapshot:
    base = ModelsSnapshot(
        here=HERE,
        here_fresh=FRESH,
        there=there(*LIVE),
        there_fresh=FRESH,
        compared=SAME,
        prices=packaged_prices(),
    )
    return replace(base, **known)  # type: ignore[arg-type]


def _hostile() -> ModelsSnapshot:
    evil = sanitise(NASTY)
    file = replace(VAE, name=evil, layout=evil, types=evil, warning=evil)
    bad = replace(VAE, name=sanitise(f"left{NASTY}"), part=None, left_out=evil)
    return _known(
        here=FilesHere(evil, (file, bad), evil),
        there=BucketContents(
            replace(BUCKET, name=evil, location=evil),
            ObjectList((stored(file, storage_class=evil, crc32c=evil),)),
            (replace(UPLOAD, name=evil),),
        ),
        there_fresh=Freshness(Standing.ERROR, THEN, evil, SOON),
        compared=None,
        job=Job(Work.PUSH, PushProgress(()), Stage.FAILED, evil),
    )


def _snapshots() -> dict[str, ModelsSnapshot]:
    denied_why = said(
        "gs://zimage-models may not be looked into: storage.objects.list is missing",
        "无法查看 gs://zimage-models：缺少 storage.objects.list 权限",
    )
    silent = said(
        "the bucket zimage-models is out of reach: storage.googleapis.com is silent",
        "无法访问存储桶 zimage-models：storage.googleapis.com 没有应答",
    )
    left = replace(
        VAE,
        name=SafeText("controlnet.safetensors"),
        part=None,
        left_out=said("a ControlNet, which the engine does not load", "ControlNet，引擎不加载"),
    )
    return {
        "whole": _known(),
        "asking": ModelsSnapshot(),
        "local": ModelsSnapshot(
            here=HERE,
            here_fresh=FRESH,
            there_fresh=Freshness(Standing.ABSENT, problem=sanitise(tr(NO_BUCKET_HERE))),
        ),
        "nowhere": ModelsSnapshot(
            here_fresh=Freshness(Standing.ABSENT, problem=sanitise(tr(NO_DIRECTORY))),
            there=there(*LIVE),
            there_fresh=FRESH,
            prices=packaged_prices(),
        ),
        "differs": _known(
            here=replace(HERE, files=(*HERE.files, left)),
            there=there(
                stored(UNET, size=4_100_000_000),
                stored(VAE),
                OLD,
                REPLACED,
                unfinished=(UPLOAD,),
            ),
            compared=compared((VAE, Verdict.DIFFERENT)),
        ),
        "not-compared": _known(compared=None),
        "empty": _known(there=there(), compared=None),
        "no-model": _known(
            here=FilesHere(
                SafeText("~/pictures"),
                (),
                said(
                    "~/pictures has no model files; fetch them",
                    "~/pictures 中没有模型文件；请下载",
                ),
            ),
            compared=None,
        ),
        "denied": _known(
            there=None,
            there_fresh=Freshness(Standing.DENIED, None, denied_why, SOON, "storage.objects.list"),
            compared=None,
        ),
        "silent": _known(there_fresh=Freshness(Standing.ERROR, THEN, silent, SOON)),
        "stale": _known(there_fresh=Freshness(Standing.STALE, THEN)),
        "pushing": _known(
            there=there(stored(UNET)), compared=None, job=Job(Work.PUSH, PUSHING, seconds=196.0)
        ),
        "hostile": _hostile(),
    }


SNAPSHOTS = _snapshots()
"""What is known at each moment, in English."""


def snapshot(name: str) -> ModelsSnapshot:
    """What is known at one of the `SNAPSHOTS`, in the language that is spoken."""
    return _snapshots()[name]


def models_scene(name: str) -> Store:
    """A store as it is at one of the `SNAPSHOTS`, with a service on Google Cloud."""
    store = Store()
    store.set_service(at_zero())
    store.set_models(snapshot(name))
    return store
