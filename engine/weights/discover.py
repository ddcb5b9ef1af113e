"""Which files of a directory are the parts of a Z-Image model, told by content, not by name.

Headers alone are read, and torch is not imported, so that this is quick on network mounts too.
"""

from __future__ import annotations

from dataclasses import replace

from engine.errors import UnsupportedModel
from engine.weights.choose import check_fit, the_one, with_tokenizers
from engine.weights.facts import FileFacts, ModelFiles, Part
from engine.weights.folder import weight_files
from engine.weights.place import Place, asked_of_each
from engine.weights.recognise import Examined, PartFile, examine

__all__ = [
    "FileFacts",
    "ModelFiles",
    "Part",
    "PartFile",
    "find_model",
    "inspect_directory",
    "open_part",
]


def inspect_directory(directory: Place) -> list[FileFacts]:
    """Return what each weight file of a directory is, in the order of their names.

    The directory is flat, or one of diffusers' folders. A bad file never raises: its `problem`
    says what is wrong. Raises `ModelNotFound` if the directory is missing or cannot be read.
    """
    return [examined.facts for examined in _examine_all(directory)]


def find_model(directory: Place) -> ModelFiles:
    """Return the three parts of the model in a directory.

    Raises `ModelNotFound`, `MalformedFile`, `UnsupportedModel` or `AmbiguousModel`, each with the
    mend in its message.
    """
    examined = _examine_all(directory)
    transformer, text_encoder, vae = (the_one(part, examined, directory) for part in Part)
    check_fit(transformer, text_encoder, vae)
    return ModelFiles(transformer.facts, text_encoder.facts, vae.facts)


def open_part(path: Place) -> PartFile:
    """Read a weight file's header as the part of the model that it is.

    `path` may be any file of a part in shards. Raises `MalformedFile` or `UnsupportedModel`, and
    `ModelNotFound` if it cannot be opened.
    """
    examined = examine(path)
    if examined.file is not None:
        return examined.file
    raise examined.error or UnsupportedModel(f"{path.name} is no part of a model by itself")


def _examine_all(directory: Place) -> list[Examined]:
    paths = weight_files(directory)
    examined = asked_of_each(examine, paths)
    return with_tokenizers([_placed(each, directory) for each in examined])


def _placed(examined: Examined, directory: Place) -> Examined:
    """Return a file of a component's folder with that folder in its messages."""
    folder, name = examined.facts.path.parent, examined.facts.path.name
    if folder == directory or examined.error is None:
        return examined
    words = str(examined.error)
    placed = type(examined.error)(
        f"{folder.name}/{words}" if words.startswith(name) else f"{folder.name}: {words}"
    )
    return replace(examined, error=placed, facts=replace(examined.facts, problem=str(placed)))
