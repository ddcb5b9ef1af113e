"""AUTOMATIC1111's interface as data: what `txt2img` means here, and what its answers look like.

After `modules/api/models.py` and `modules/processing.py` of stable-diffusion-webui, and what Open
WebUI, LibreChat and SillyTavern make of them. These clients are set up for other models, so
nothing they send beyond this model's means is refused: sizes are rounded to what can be made,
steps are limited, samplers, guidance and every other setting are ignored. What was changed is
told in `info`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from engine.schema import (
    DEFAULT_STEPS,
    MAX_COUNT,
    MAX_SEED,
    MAX_STEPS,
    GenerationRequest,
    Size,
)
from engine.server.desk import Image
from engine.server.fields import Fields
from engine.server.openai import following

SAMPLER: Final = "Euler"
SCHEDULER: Final = "Automatic"
# What AUTOMATIC1111 makes when only one side is given.
_USUAL_SIDE: Final = 512
# As many as a person can follow; each is kept until its picture is done.
_PREVIEWS: Final = 10
# How numbers are written that come as text.
DIGITS: Final = r"-?[0-9]{1,18}"
# AUTOMATIC1111's word for "without guidance".
_NO_GUIDANCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Txt2Img:
    """One order: its `requests`, `batches` × `batch` of them, and what of it was `adjusted`."""

    requests: tuple[GenerationRequest, ...]
    batch: int
    batches: int
    send_images: bool
    adjusted: dict[str, str]


def parse_txt2img(fields: Fields) -> Txt2Img:
    """Read a request; raises `InvalidRequest` for what no setting can save."""
    adjusted: dict[str, str] = {}
    batch, batches = _batches(fields, adjusted)
    size, steps = _size(fields, adjusted), _steps(fields, adjusted)
    seed = _number(fields, "seed", -1)
    requests = tuple(
        GenerationRequest(
            fields.text("prompt"),
            size,
            steps,
            following(None if seed < 0 else seed, index),
            negative_prompt=fields.text("negative_prompt"),
            previews=min(steps - 1, _PREVIEWS),
        )
        for index in range(batch * batches)
    )
    for request in requests:
        request.check()
    send_images = fields.flag("send_images", default=True)
    return Txt2Img(requests, batch, batches, send_images, adjusted)


def answer(order: Txt2Img, images: list[Image], model: str) -> dict[str, object]:
    """Return the body of a finished order; `info` in it is JSON inside a string."""
    first = order.requests[0]
    facts: dict[str, object] = {
        "prompt": first.prompt,
        "negative_prompt": first.negative_prompt,
        "seed": images[0].seed,
        "steps": first.steps,
        "width": images[0].size.width,
        "height": images[0].size.height,
        "batch_size": order.batch,
        "cfg_scale": _NO_GUIDANCE,
        "sampler_name": SAMPLER,
        "restore_faces": False,
        "denoising_strength": None,
        "styles": [],
        "subseed": images[0].seed,
        "subseed_strength": 0,
    }
    asked = {
        "n_iter": order.batches,
        "scheduler": SCHEDULER,
        "send_images": order.send_images,
        "save_images": False,
    }
    return {
        "images": [image.b64 for image in images] if order.send_images else [],
        "parameters": {**facts, **asked},
        "info": json.dumps({**facts, **_info(order, images, model)}),
    }


def _info(order: Txt2Img, images: list[Image], model: str) -> dict[str, object]:
    first = order.requests[0]
    return {
        "all_prompts": [first.prompt] * len(images),
        "all_negative_prompts": [first.negative_prompt] * len(images),
        "all_seeds": [image.seed for image in images],
        "all_subseeds": [image.seed for image in images],
        "sd_model_name": model,
        "sd_model_hash": "",
        "extra_generation_params": order.adjusted,
        "index_of_first_image": 0,
        "infotexts": [image.infotext for image in images],
        "clip_skip": 1,
        "is_using_inpainting_conditioning": False,
    }


def options(model: str) -> dict[str, object]:
    """Return the settings that clients look for; `sd_model_checkpoint` is the model's title."""
    return {
        "sd_model_checkpoint": model,
        "sd_checkpoint_hash": "",
        "sd_vae": "Automatic",
        "CLIP_stop_at_last_layers": 1,
        "samples_format": "png",
        "live_previews_enable": True,
    }


def models(model: str) -> list[dict[str, object]]:
    """Return the loaded model as the list of checkpoints; empty while there is none."""
    if not model:
        return []
    nothing = {"hash": None, "sha256": None, "config": None}
    return [{"title": model, "model_name": model, "filename": model, **nothing}]


# The lists that never change: what is asked for at /sdapi/v1/NAME, and the answer.
LISTS: Final[dict[str, object]] = {
    "samplers": [{"name": SAMPLER, "aliases": ["euler", "k_euler"], "options": {}}],
    "schedulers": [
        {
            "name": SCHEDULER.lower(),
            "label": SCHEDULER,
            "aliases": None,
            "default_rho": -1.0,
            "need_inner_model": False,
        }
    ],
    "upscalers": [
        {"name": "None", "model_name": None, "model_path": None, "model_url": None, "scale": 1.0}
    ],
    "latent-upscale-modes": [],
    "sd-vae": [],
    "loras": [],
    "hypernetworks": [],
    "embeddings": {"loaded": {}, "skipped": {}},
    "face-restorers": [],
    "realesrgan-models": [],
    "prompt-styles": [],
    "scripts": {"txt2img": [], "img2img": []},
    "script-info": [],
    "cmd-flags": {},
}


def _batches(fields: Fields, adjusted: dict[str, str]) -> tuple[int, int]:
    """Return pictures in a batch and batches, together no more than can be asked for."""
    batch = max(1, _number(fields, "batch_size", 1))
    batches = max(1, _number(fields, "n_iter", 1))
    if batch * batches > MAX_COUNT:
        adjusted["Pictures asked for"] = str(batch * batches)
        batch = min(batch, MAX_COUNT)
        batches = MAX_COUNT // batch
    return batch, batches


def _steps(fields: Fields, adjusted: dict[str, str]) -> int:
    asked = _number(fields, "steps", DEFAULT_STEPS)
    steps = min(MAX_STEPS, max(1, asked))
    if steps != asked:
        adjusted["Steps asked for"] = str(asked)
    return steps


def _size(fields: Fields, adjusted: dict[str, str]) -> Size | None:
    """Return the nearest size that can be made; None, the model's own, if none is given."""
    if fields.value("width") is None and fields.value("height") is None:
        return None
    asked = Size(
        _number(fields, "width", _USUAL_SIDE),
        _number(fields, "height", _USUAL_SIDE),
    )
    size = asked.nearest()
    if size != asked:
        adjusted["Size asked for"] = str(asked)
    return size


def _number(fields: Fields, name: str, default: int) -> int:
    """Return a whole number, also of `"512"`, which clients send as well; limited to 64 bits."""
    value = fields.value(name)
    if isinstance(value, str) and re.fullmatch(DIGITS, value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-MAX_SEED, min(MAX_SEED, value))
    return fields.whole(name, default)
