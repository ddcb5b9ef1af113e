"""The files of Z-Image-Turbo that are published, and what each is good for.

Sizes and checksums are those that the repositories list: to the byte and with the whole SHA-256
where several people who fetched a file agree with the listing, else to ten megabytes and without
one, and then the hub's own checksum is what a file is held to. Nothing here was reckoned.

Left out on purpose: the publisher's folder (32.6 GB, the transformer in float32), files in formats
of ComfyUI alone (nvfp4, int8_convrot, fp8_mixed), and Qwen3-4B-Instruct-2507, which fits but is not
the encoder that the model was trained with.

Sources: https://huggingface.co/Tongyi-MAI/Z-Image-Turbo, …/jayn7/Z-Image-Turbo-GGUF,
…/leejet/Z-Image-Turbo-GGUF, …/Comfy-Org/z_image_turbo, …/Qwen/Qwen3-4B-GGUF
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.language import tr, tr_later
from console.model.models.parts import ModelPart

DEFAULT_QUANTISATION: Final = "Q4_K_M"
DEFAULT_ENCODER: Final = "Q4_K_M"

APACHE: Final = "Apache-2.0"

_GB: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One file of a repository on the hub.

    `size` is in bytes; `exact` says whether to the byte. `sha256` is in hexadecimal, None where
    only the hub knows it. `quality` is what to expect of the pictures, in a few words that are to
    be translated where they are shown.
    """

    part: ModelPart
    quantisation: str
    repository: str
    path: str
    size: int
    exact: bool = False
    sha256: str | None = None
    licence: str = APACHE
    quality: str = ""

    @property
    def name(self) -> str:
        """Return the name under which the file is kept: the last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def publisher(self) -> str:
        """Return whose repository it is."""
        return self.repository.partition("/")[0]


_GGUF: Final = "jayn7/Z-Image-Turbo-GGUF"
_SD_GGUF: Final = "leejet/Z-Image-Turbo-GGUF"
_COMFY: Final = "Comfy-Org/z_image_turbo"
_QWEN: Final = "Qwen/Qwen3-4B-GGUF"
_AUTHORS: Final = "Tongyi-MAI/Z-Image-Turbo"


def _rounded(quantisation: str, gigabytes: float, quality: str) -> PublishedFile:
    return PublishedFile(
        part=ModelPart.TRANSFORMER,
        quantisation=quantisation,
        repository=_GGUF,
        path=f"z_image_turbo-{quantisation}.gguf",
        size=round(gigabytes * _GB),
        quality=quality,
    )


def _exact(quantisation: str, size: int, sha256: str, quality: str) -> PublishedFile:
    return PublishedFile(
        part=ModelPart.TRANSFORMER,
        quantisation=quantisation,
        repository=_SD_GGUF,
        path=f"z_image_turbo-{quantisation}.gguf",
        size=size,
        exact=True,
        sha256=sha256,
        quality=quality,
    )


TRANSFORMERS: Final = (
    _rounded("Q3_K_S", 3.79, tr_later("details and lettering suffer")),
    _rounded("Q3_K_M", 4.12, tr_later("details suffer")),
    _rounded("Q4_K_S", 4.66, tr_later("close to Q4_K_M")),
    _rounded("Q4_K_M", 4.98, tr_later("good; weights are 4.7 % off")),
    _rounded("Q5_K_S", 5.19, tr_later("close to Q5_K_M")),
    _rounded("Q5_K_M", 5.52, tr_later("very good; weights are 2.5 % off")),
    _rounded("Q6_K", 5.91, tr_later("hard to tell from BF16; weights are 1.6 % off")),
    _rounded("Q8_0", 7.22, tr_later("as BF16 to the eye; weights are 0.5 % off")),
    PublishedFile(
        part=ModelPart.TRANSFORMER,
        quantisation="BF16",
        repository=_COMFY,
        path="split_files/diffusion_models/z_image_turbo_bf16.safetensors",
        size=12_309_866_400,
        exact=True,
        sha256="2407613050b809ffdff18a4ac99af83ea6b95443ecebdf80e064a79c825574a6",
        quality=tr_later("the model as it is"),
    ),
    _exact(
        "Q2_K",
        2_592_442_304,
        "a9cf1b0368e24c2f9d542d2951c01f6f7fc85ed8c9ed39b5b37b15375508d58a",
        tr_later("for trying out only"),
    ),
    _exact(
        "Q3_K",
        3_143_559_104,
        "4b44bdaa7814f20d7cf144e3939bd93aa32f50660204dd0c2aea5c5376232980",
        tr_later("details and lettering suffer"),
    ),
    _exact(
        "Q4_0",
        3_683_370_944,
        "2bc57986874c84f7ec6d02d9d7070a53b0029954a0e38a6e1342eb91095572f5",
        tr_later("below Q4_K"),
    ),
    _exact(
        "Q4_K",
        3_864_250_304,
        "14b375ab4f226bc5378f68f37e899ef3c2242b8541e61e2bc1aff40976086fbd",
        tr_later("below Q4_K_M: fewer weights are kept finer"),
    ),
)
"""Transformers, those that are usual first; weights' error as a card of such files gives it
(relative RMS, https://huggingface.co/moonbox-dev)."""


def _encoder(quantisation: str, size: int, sha256: str, quality: str) -> PublishedFile:
    return PublishedFile(
        part=ModelPart.TEXT_ENCODER,
        quantisation=quantisation,
        repository=_QWEN,
        path=f"Qwen3-4B-{quantisation}.gguf",
        size=size,
        exact=True,
        sha256=sha256,
        quality=quality,
    )


ENCODERS: Final = (
    _encoder(
        "Q4_K_M",
        2_497_280_256,
        "7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
        tr_later("good; prompts are followed"),
    ),
    _encoder(
        "Q5_K_M",
        2_889_513_184,
        "aca596860e8cb40af6539e3f2ea40df305f42515deac56d49c08d39a02e6533f",
        tr_later("very good"),
    ),
    _encoder(
        "Q6_K",
        3_306_260_704,
        "8a08533841623c2a689763b9318d8e27b3e052ad5b38015d4be4c04fa96f68a3",
        tr_later("hard to tell from BF16"),
    ),
    _encoder(
        "Q8_0",
        4_280_404_704,
        "8c2f07f26af9747e41988551106f149b03eb9b5cb6df636027b6bf6278473300",
        tr_later("as BF16 to the eye"),
    ),
    PublishedFile(
        part=ModelPart.TEXT_ENCODER,
        quantisation="BF16",
        repository=_COMFY,
        path="split_files/text_encoders/qwen_3_4b.safetensors",
        size=8_044_982_048,
        exact=True,
        sha256="6c671498573ac2f7a5501502ccce8d2b08ea6ca2f661c458e708f36b36edfc5a",
        quality=tr_later("the encoder as it is"),
    ),
)
"""Text encoders; a GGUF has the tokenizer inside, safetensors need it beside them."""

TOKENIZER: Final = PublishedFile(
    part=ModelPart.TOKENIZER,
    quantisation="",
    repository=_AUTHORS,
    path="tokenizer/tokenizer.json",
    size=11_422_654,
    exact=True,
    sha256="aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4",
)

VAE: Final = PublishedFile(
    part=ModelPart.VAE,
    quantisation="F32",
    repository=_COMFY,
    path="split_files/vae/ae.safetensors",
    size=335_304_388,
    exact=True,
    sha256="afc8e28272cd15db3919bacdb6918ce9c1ed22e96cb12c4d5ed0fba823529e38",
    quality=tr_later("as published; the same file for all"),
)

WORKING_BYTES: Final = 4 * _GB
"""What one picture of 1024×1024 takes beside the weights, as measured on a CPU (docs/benchmarks.md:
9.74 GiB at its peak, of which 6.5 GB were weights)."""


class NotPublished(ValueError):
    """Nobody published such a file; `str()` is one line with what there is instead."""


def chosen_files(quantisation: str, encoder: str) -> tuple[PublishedFile, ...]:
    """Return the files of a whole model; raises `NotPublished`."""
    encoder_file = _named(ENCODERS, encoder, "--encoder")
    files = [_named(TRANSFORMERS, quantisation, "--quant"), encoder_file, VAE]
    if not encoder_file.name.endswith(".gguf"):
        files.append(TOKENIZER)
    return tuple(files)


def memory_bytes(sizes: dict[ModelPart, int]) -> int:
    """Return the least memory for pictures of 1024×1024, weights kept as they are in the files."""
    return sum(sizes.values()) + WORKING_BYTES


def _named(files: tuple[PublishedFile, ...], quantisation: str, flag: str) -> PublishedFile:
    for file in files:
        if file.quantisation.casefold() == quantisation.casefold():
            return file
    raise NotPublished(
        tr(
            "{flag} {quantisation!r} is not published; there is {others}",
            flag=flag,
            quantisation=quantisation,
            others=tr(", ").join(file.quantisation for file in files),
        )
    )
