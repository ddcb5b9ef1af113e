"""JSON Schemas of what is sent and answered, made of the limits that the service itself reads.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is. Null stands for an absent field everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from engine.encode import BEST_QUALITY, ImageFormat
from engine.schema import (
    DEFAULT_STEPS,
    MAX_COUNT,
    MAX_GUIDANCE,
    MAX_PROMPT_CHARACTERS,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    MIN_SIDE,
    SIZE_MULTIPLE,
    Noise,
    Phase,
)
from engine.server.a1111 import DIGITS
from engine.server.openai import GUIDANCE_NAMES, MAX_PARTIAL_IMAGES, STEPS_NAMES
from engine.server.predict import ASPECT_RATIOS, MIME_TYPES

Schema = Mapping[str, object]

_SIDES: Final = "|".join(str(side) for side in range(MIN_SIDE, MAX_SIDE + 1, SIZE_MULTIPLE))
_SIZE_PATTERN: Final = f"^({_SIDES})x({_SIDES})$"


def reference(name: str) -> Schema:
    """Return a reference to the schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Schema]:
    """Return every schema by its name."""
    return {
        "Error": _error(),
        "ImageOrder": _image_order(),
        "ImageAnswer": _image_answer(),
        "Txt2Img": _txt2img(),
        "Txt2ImgAnswer": _object(
            images=_list(_text("a picture file in base64")),
            parameters={"type": "object"},
            info=_text("JSON: seed, all_seeds, width, height, infotexts and what was adjusted"),
        ),
        "Progress": _progress(),
        "Prediction": _prediction(),
        "PredictionAnswer": _prediction_answer(),
        "Model": _object(
            id=_text("the model file's name"),
            object={"const": "model"},
            created={"type": "integer"},
            owned_by=_text(),
            native_size=_text("the size that is made when none is asked for"),
        ),
        "Readiness": _object(
            ready={"type": "boolean"},
            phase={"enum": list(Phase)},
            percent={"type": "integer", "minimum": 0, "maximum": 100},
            message=_text("one line for a person"),
        ),
    }


def _error() -> Schema:
    error = _object(
        message=_text("one line: what, why, and the mend"),
        type={"enum": ["invalid_request_error", "rate_limit_error", "server_error"]},
        param={"type": ["string", "null"], "description": "the field that is wrong"},
        code={"type": ["string", "null"]},
    )
    return _object(error=error)


def _prompt(name: str) -> Schema:
    return {
        "type": "string",
        "description": f"{name}, at most {MAX_PROMPT_CHARACTERS} characters",
        "maxLength": MAX_PROMPT_CHARACTERS,
        "pattern": r"[^\s\x00-\x1f\x85]",
    }


def _negative_prompt() -> Schema:
    return {"type": ["string", "null"], "maxLength": MAX_PROMPT_CHARACTERS}


def _image_order() -> Schema:
    size = {"type": "string", "pattern": _SIZE_PATTERN, "examples": ["512x512"]}
    ignored = {"description": "accepted and ignored"}
    fields: dict[str, Schema] = {
        "prompt": _prompt("what to draw"),
        "n": _whole(1, MAX_COUNT, 1),
        "size": {"anyOf": [{"enum": ["auto", None]}, size]},
        "response_format": _choice(["b64_json", "url"]),
        "output_format": _choice(ImageFormat),
        "output_compression": _whole(0, BEST_QUALITY, BEST_QUALITY),
        "stream": {"type": ["boolean", "null"]},
        "partial_images": _whole(0, MAX_PARTIAL_IMAGES, 0),
        "seed": _whole(0, MAX_SEED),
        "negative_prompt": _negative_prompt(),
        "noise": _choice(Noise),
        **{name: _whole(1, MAX_STEPS, DEFAULT_STEPS) for name in STEPS_NAMES},
        **{name: _number(0, MAX_GUIDANCE) for name in GUIDANCE_NAMES},
    }
    for name in ("model", "background", "moderation", "quality", "style", "user"):
        fields[name] = ignored
    return {"type": "object", "required": ["prompt"], "properties": fields}


def _image_answer() -> Schema:
    picture = {
        "type": "object",
        "required": ["seed", "seconds"],
        "properties": {
            "b64_json": _text("a picture file in base64"),
            "url": _text("a data: URL"),
            "seed": {"type": "integer"},
            "seconds": {"type": "number"},
        },
        "oneOf": [{"required": ["b64_json"]}, {"required": ["url"]}],
    }
    tokens = _object(image_tokens={"type": "integer"}, text_tokens={"type": "integer"})
    return _object(
        created={"type": "integer", "description": "seconds since 1970"},
        data=_list(picture),
        size=_text(),
        output_format={"enum": list(ImageFormat)},
        background=_text(),
        quality=_text(),
        usage=_object(
            input_tokens={"type": "integer"},
            input_tokens_details=tokens,
            output_tokens={"type": "integer"},
            output_tokens_details=tokens,
            total_tokens={"type": "integer"},
        ),
    )


def _txt2img() -> Schema:
    lenient = {"anyOf": [{"type": ["integer", "null"]}, _text(pattern=f"^{DIGITS}$")]}
    ignored = {"description": "accepted and ignored"}
    fields: dict[str, Schema] = {
        "prompt": _prompt("what to draw"),
        "negative_prompt": _negative_prompt(),
        "send_images": {"type": ["boolean", "null"]},
    }
    for name in ("width", "height", "steps", "seed", "batch_size", "n_iter"):
        fields[name] = lenient
    for name in ("cfg_scale", "sampler_name", "scheduler", "override_settings"):
        fields[name] = ignored
    return {"type": "object", "required": ["prompt"], "properties": fields}


def _progress() -> Schema:
    state = _object(
        skipped={"type": "boolean"},
        interrupted={"type": "boolean"},
        stopping_generation={"type": "boolean"},
        job=_text(),
        job_count={"type": "integer"},
        job_timestamp=_text(),
        job_no={"type": "integer"},
        sampling_step={"type": "integer"},
        sampling_steps={"type": "integer"},
    )
    return _object(
        progress={"type": "number", "minimum": 0, "maximum": 1},
        eta_relative={"type": "number", "description": "seconds"},
        state=state,
        current_image={"type": ["string", "null"], "description": "a PNG file in base64"},
        textinfo={"type": "null"},
    )


def _prediction() -> Schema:
    instance = _object(prompt=_prompt("what to draw"))
    output = {
        "type": ["object", "null"],
        "properties": {
            "mimeType": _choice(MIME_TYPES),
            "compressionQuality": _whole(0, BEST_QUALITY, BEST_QUALITY),
        },
    }
    parameters = {
        "type": ["object", "null"],
        "properties": {
            "sampleCount": _whole(1, MAX_COUNT, 1),
            "seed": _whole(0, MAX_SEED),
            "steps": _whole(1, MAX_STEPS, DEFAULT_STEPS),
            "size": {"type": ["string", "null"], "pattern": _SIZE_PATTERN},
            "aspectRatio": _choice(ASPECT_RATIOS),
            "negativePrompt": _negative_prompt(),
            "guidanceScale": _number(0, MAX_GUIDANCE),
            "outputOptions": output,
        },
    }
    one_or_more = {"type": "array", "items": instance, "minItems": 1, "maxItems": MAX_COUNT}
    return {
        "type": "object",
        "description": f"at most {MAX_COUNT} pictures in all: instances times sampleCount",
        "required": ["instances"],
        "properties": {"instances": {"anyOf": [one_or_more, instance]}, "parameters": parameters},
        "anyOf": [_at_most(MAX_COUNT // samples, samples) for samples in range(1, MAX_COUNT + 1)],
    }


def _at_most(instances: int, samples: int) -> Schema:
    few = {"properties": {"sampleCount": {"maximum": samples}}}
    return {"properties": {"instances": {"maxItems": instances}, "parameters": few}}


def _prediction_answer() -> Schema:
    picture = _object(
        bytesBase64Encoded=_text("a picture file in base64"),
        mimeType={"enum": list(MIME_TYPES)},
        seed={"type": "integer"},
    )
    return _object(predictions=_list(picture))


def _object(**properties: Schema) -> Schema:
    """Return an object all of whose properties are always there."""
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _text(description: str = "", **more: object) -> Schema:
    return {"type": "string", **({"description": description} if description else {}), **more}


def _choice(choices: Iterable[str]) -> Schema:
    return {"enum": [*map(str, choices), None]}


def _number(least: float, most: float) -> Schema:
    return {"type": ["number", "null"], "minimum": least, "maximum": most}


def _whole(least: int, most: int, default: int | None = None) -> Schema:
    usual = {} if default is None else {"default": default}
    return {"type": ["integer", "null"], "minimum": least, "maximum": most, **usual}
