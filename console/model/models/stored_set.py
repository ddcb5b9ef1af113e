"""Whether what is in a bucket makes up a model, as far as notes and names tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from console.language import tr
from console.model.models.parts import NEEDED, ModelPart, is_model_file, part_of
from console.model.storage import Kept, ObjectList, StoredObject


@dataclass(frozen=True, slots=True)
class StoredSet:
    """The objects of a bucket that are there for each part of a model.

    `problem` says why it is no whole model, empty if it is one as far as can be told.
    """

    parts: tuple[tuple[ModelPart, tuple[StoredObject, ...]], ...]
    problem: str

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and nothing is there twice."""
        return not self.problem


def stored_set(
    found: ObjectList, part_told: Callable[[StoredObject], ModelPart | None] = part_of
) -> StoredSet:
    """Return what the live objects at the top of a bucket are of a model, as `part_told` has it.

    The engine looks at no other: those in folders are not read when a service starts.
    """
    top = [
        each for each in found.of(Kept.LIVE) if "/" not in each.name and is_model_file(each.name)
    ]
    parts = tuple(
        (part, tuple(each for each in top if part_told(each) is part)) for part in ModelPart
    )
    return StoredSet(parts, _problem(dict(parts)))


def _problem(parts: dict[ModelPart, tuple[StoredObject, ...]]) -> str:
    missing = [part.words for part in NEEDED if not parts[part]]
    if missing:
        return tr("it lacks the {parts}", parts=tr(" and the ").join(missing))
    for part in NEEDED:
        if len(parts[part]) > 1 and not _shards(parts[part]):
            first, second = parts[part][:2]
            return tr(
                "{first} and {second} could both be the {part}",
                first=first.name,
                second=second.name,
                part=part.words,
            )
    encoders = parts[ModelPart.TEXT_ENCODER]
    alone = not any(each.name.lower().endswith(".gguf") for each in encoders)
    if alone and not parts[ModelPart.TOKENIZER]:
        return tr("{encoder} needs a tokenizer.json beside it", encoder=encoders[0].name)
    return ""


def _shards(objects: Iterable[StoredObject]) -> bool:
    """Say whether files are the pieces of one part: they differ in their numbers alone."""
    stems = {each.name.rpartition("-of-")[0].rpartition("-")[0] for each in objects}
    return len(stems) == 1 and "" not in stems
