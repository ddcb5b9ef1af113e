"""Which of the files that were found make up a model: one for each part, and fitting together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from engine.errors import AmbiguousModel, ModelNotFound, UnsupportedModel
from engine.weights.facts import Part
from engine.weights.folder import tokenizer_beside
from engine.weights.place import Place
from engine.weights.recognise import Examined, refused
from engine.weights.text_encoder_layout import EncoderFile
from engine.weights.transformer_layout import TransformerFile
from engine.weights.vae_layout import VaeFile

_LOOKS_LIKE: Final = {
    Part.TRANSFORMER: "the transformer (a GGUF such as z_image_turbo-Q4_K.gguf)",
    Part.TEXT_ENCODER: "the text encoder (a GGUF such as Qwen3-4B-Q4_K_M.gguf)",
    Part.VAE: "the VAE (a safetensors file such as ae.safetensors)",
}


def with_tokenizers(examined: Sequence[Examined]) -> list[Examined]:
    """Return the files with each text encoder told where its tokenizer is, or refused.

    It is inside a GGUF. For safetensors it is the `tokenizer.json` beside it, else inside any
    other GGUF of a Qwen model that is there.
    """
    donor = next((e.facts.path for e in examined if e.has_tokenizer), None)
    return [_with_tokenizer(e, donor) if isinstance(e.file, EncoderFile) else e for e in examined]


def _with_tokenizer(encoder: Examined, donor: Place | None) -> Examined:
    path = encoder.facts.path
    own = path if encoder.facts.format == "gguf" else tokenizer_beside(path)
    if own is None and donor is None:
        problem = UnsupportedModel(
            f"{path.name} is a text encoder without its tokenizer; put Qwen3-4B's tokenizer.json "
            "beside it, or use a GGUF of Qwen3-4B, which has it inside"
        )
        return refused(encoder.facts, problem)
    return replace(encoder, facts=replace(encoder.facts, tokenizer=own or donor))


def the_one(part: Part, examined: list[Examined], directory: Place) -> Examined:
    """Return the one usable file of a part, or raise the `ModelError` that stands in the way."""
    mine = [e for e in examined if e.facts.part is part]
    usable = [e for e in mine if e.file is not None and not _only_lends(e, examined)]
    if len(usable) == 1:
        return usable[0]
    if usable:
        raise _ambiguous(part, usable, examined)
    broken = [e for e in mine or examined if e.error is not None and (mine or _hides_its_part(e))]
    if broken and broken[0].error is not None:
        raise broken[0].error
    raise ModelNotFound(
        f"{directory} lacks {_LOOKS_LIKE[part]}; put the file there, or name another directory "
        "with --models"
    )


def _only_lends(candidate: Examined, examined: list[Examined]) -> bool:
    """Whether a text encoder that does not fit is there for another one's tokenizer."""
    path = candidate.facts.path
    lends = any(e.facts.tokenizer == path and e is not candidate for e in examined)
    return lends and not _fits_some(candidate, examined)


def _hides_its_part(examined: Examined) -> bool:
    """Whether a file is so broken that it may be any part."""
    return examined.facts.part is None and not isinstance(examined.error, UnsupportedModel)


def _ambiguous(part: Part, usable: list[Examined], examined: list[Examined]) -> AmbiguousModel:
    first, second = usable[0], usable[1]
    names = f"{first.facts.path.name} and {second.facts.path.name}"
    away = [e for e in usable if not _fits_some(e, examined)]
    if len(away) == len(usable) - 1:
        mend = f"move {' and '.join(e.facts.path.name for e in away)} to another directory: the "
        mend += "other fits the rest of the model"
    else:
        mend = f"keep one and move {second.facts.path.name}, say, to another directory"
    return AmbiguousModel(f"{names} could both be the {part.replace('_', ' ')}; {mend}")


def _fits_some(candidate: Examined, examined: list[Examined]) -> bool:
    """Whether a part fits at least one file of each other part that there is."""
    for part in Part:
        others = [e for e in examined if e.facts.part is part and e.file is not None]
        if part is candidate.facts.part or not others:
            continue
        if not any(_misfit(candidate, other) is None for other in others):
            return False
    return True


def check_fit(*parts: Examined) -> None:
    """Raise `UnsupportedModel` if two of the parts do not fit together."""
    for one in parts:
        for other in parts:
            if (misfit := _misfit(one, other)) is not None:
                raise misfit


def _misfit(one: Examined, other: Examined) -> UnsupportedModel | None:
    """Return why two parts do not fit together, None if they do."""
    for first, second in ((one, other), (other, one)):
        if not isinstance(first.file, TransformerFile):
            continue
        name, dims = first.facts.path.name, first.file.dims
        if isinstance(second.file, EncoderFile) and second.file.dims.width != dims.caption_width:
            return UnsupportedModel(
                f"text encoder {second.facts.path.name} is {second.file.dims.width} wide and "
                f"transformer {name} expects {dims.caption_width}; use the encoder it was trained "
                "with (Qwen3-4B for Z-Image-Turbo)"
            )
        if isinstance(second.file, VaeFile) and second.file.dims.channels != dims.channels:
            return UnsupportedModel(
                f"VAE {second.facts.path.name} has latents of {second.file.dims.channels} channels "
                f"and transformer {name} makes {dims.channels}; use FLUX's ae.safetensors"
            )
    return None
