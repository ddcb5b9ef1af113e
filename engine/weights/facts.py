"""What is known of the files of a model: the words in which they are shown and handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engine.weights.place import Place

# Names that diffusers and transformers give to every model's files: they say nothing.
_NAMELESS: Final = ("diffusion_pytorch_model", "model")


class Part(StrEnum):
    """A part of the model."""

    TRANSFORMER = "transformer"
    TEXT_ENCODER = "text_encoder"
    VAE = "vae"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file is; `problem` is empty if the engine can use it, else one line that says why.

    `format` is gguf, safetensors or unknown, `types` counts the tensors by how they are stored.
    A part may lie in several files: `path` is the first of them, `files` are all, and everything
    else is said of them together. `warning` is one line about a file that can be used but will
    hardly give what is expected. `tokenizer` is the file that a text encoder's tokenizer is in.
    """

    path: Place
    part: Part | None = None
    format: str = "unknown"
    layout: str = ""
    bytes: int = 0
    parameters: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    warning: str = ""
    files: tuple[Place, ...] = ()
    tokenizer: Place | None = None

    @property
    def name(self) -> str:
        """What to call the model: the file's stem, or its directory's if the stem says nothing."""
        if not self.path.stem.startswith(_NAMELESS):
            return self.path.stem
        inside = self.path.parent.name in tuple(Part)
        return (self.path.parent.parent if inside else self.path.parent).name

    def to_json(self) -> dict[str, object]:
        """Return the facts as plain JSON values."""
        return {
            "path": str(self.path),
            "part": None if self.part is None else str(self.part),
            "format": self.format,
            "layout": self.layout,
            "bytes": self.bytes,
            "parameters": self.parameters,
            "types": dict(self.types),
            "problem": self.problem,
            "warning": self.warning,
            "files": [str(path) for path in self.files or (self.path,)],
            "tokenizer": None if self.tokenizer is None else str(self.tokenizer),
        }


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The three parts of a model that fit together."""

    transformer: FileFacts
    text_encoder: FileFacts
    vae: FileFacts

    @property
    def total_bytes(self) -> int:
        """The size of all their files."""
        return self.transformer.bytes + self.text_encoder.bytes + self.vae.bytes
