"""A bucket that is another's, or far away; and files that are no model, or have no room."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from console.language import tr
from console.model.cost.compute_cost import quantity
from console.model.cost.prices import Gpu
from console.model.deploy.observed import Absent
from console.model.deploy.plan_costs import cost_words, moving_each_start
from console.model.deploy.scene import Scene
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.shape_check import shape_problem
from console.model.deploy.step import Refusal, Subject
from console.model.models.bucket_check import is_near
from console.model.models.bucket_name import usual_bucket
from console.model.models.shapes import SHAPES, needed_memory
from console.model.storage import size_text

_GIB: Final = 1 << 30
_ON_GPU: Final = {Gpu.L4: SHAPES[1].room, Gpu.RTX_PRO_6000: 88 * _GIB}
"""What a model may take of the memory of a GPU: of the 96 GB of an RTX PRO 6000 a little less."""


def bucket_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what is wrong with the bucket that there is."""
    found = scene.bucket
    if found is None:
        return
    name, location = f"gs://{scene.wish.bucket}", found.settings.location.lower()
    unreadable = not location
    if found.ours is False and (unreadable or scene.wish.bucket == usual_bucket(scene.project)):
        yield Refusal(
            Subject.BUCKET,
            tr(
                "the name {name} is taken: the bucket is not in {project}, and all of Google "
                "Cloud shares the names",
                name=name,
                project=scene.project,
            ),
            tr("choose another by --bucket, such as {usual}-2", usual=usual_bucket(scene.project)),
        )
    elif not is_near(location, scene.region):
        price = cost_words(moving_each_start(scene, location), tr("for {cost} each"))
        yield Refusal(
            Subject.BUCKET,
            tr(
                "{name} is in {location} and the service in {region}: every start would "
                "fetch {size} from there, slowly and {price}",
                name=name,
                location=location,
                region=scene.region,
                size=size_text(scene.model_bytes),
                price=price or tr("for money"),
            ),
            tr(
                "name a new bucket by --bucket, or deploy where it is by --region {location}",
                location=location,
            ),
        )


def model_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what keeps a service from starting with these files."""
    seen, bucket = scene.observed.models, f"gs://{scene.wish.bucket}"
    if isinstance(seen, Absent) or (scene.models and scene.models.problem):
        why = scene.models.problem if scene.models else tr("there is none")
        where = scene.wish.models or bucket
        mend = tr(
            "zimage-console models pull DIR fetches a whole one; then name it by --models DIR"
        )
        yield Refusal(
            Subject.MODELS, tr("{where} has no whole model: {why}", where=where, why=why), mend
        )
    elif scene.wish.models is None and isinstance(scene.observed.bucket, Absent):
        yield Refusal(
            Subject.MODELS,
            tr("there is no {bucket} yet, and so no model in it", bucket=bucket),
            tr("say by --models DIR from where it is sent"),
        )
    push = scene.models.push if scene.models else None
    if push and push.others:
        names = [each.name for each in push.others]
        yield Refusal(
            Subject.MODELS,
            tr(
                "{names} in {bucket} is for a part that is sent under another name, and with "
                "both no service starts",
                names=tr(" and ").join(names),
                bucket=bucket,
            ),
            shlex.join(["gcloud", "storage", "rm", *(f"{bucket}/{each}" for each in names)]),
        )
    yield from _too_large(scene)


def _too_large(scene: Scene) -> Iterator[Refusal]:
    needed = needed_memory(dict(scene.models.sizes)) if scene.models else None
    gpu = scene.settings.gpu
    room = _ON_GPU[gpu] if gpu else int(quantity(scene.settings.memory) or 0)
    if needed is None or not room or needed <= room:
        return
    where = tr("the memory of an {gpu}", gpu=gpu) if gpu else f"--memory {scene.settings.memory}"
    more = "" if gpu else _enough(scene.settings, needed)
    smaller = "zimage-console models pull DIR --quant Q4_K_M"
    yield Refusal(
        Subject.MODELS,
        tr(
            "the model takes about {needed} for a picture, and {where} has room for {room}",
            needed=size_text(needed),
            where=where,
            room=size_text(room),
        ),
        tr("{memory}, or a smaller quantisation: {command}", memory=more, command=smaller)
        if more
        else tr("a smaller quantisation: {command}", command=smaller),
    )


def _enough(settings: ServiceSettings, needed: int) -> str:
    """Return the least memory that is enough, with more processors if it takes them."""
    memory = f"{-(-needed // _GIB)}Gi"
    for cpu in (settings.cpu, "4", "6", "8"):
        if shape_problem(replace(settings, cpu=cpu, memory=memory)) is None:
            processors = "" if cpu == settings.cpu else f"--cpus {cpu} "
            return f"{processors}--memory {memory}"
    return ""
