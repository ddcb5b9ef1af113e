"""What a pull would do, as it is put before whoever decides on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from console.language import tr
from console.model.models.published import (
    DEFAULT_ENCODER,
    DEFAULT_QUANTISATION,
    PublishedFile,
    chosen_files,
    memory_bytes,
)
from console.model.models.pulling import PullPlan
from console.model.storage import size_text


@dataclass(frozen=True, slots=True, kw_only=True)
class PullWish:
    """Which of the published files are wanted, and in which directory."""

    directory: str
    quantisation: str = DEFAULT_QUANTISATION
    encoder: str = DEFAULT_ENCODER

    @property
    def files(self) -> tuple[PublishedFile, ...]:
        """The files of a whole model."""
        return chosen_files(self.quantisation, self.encoder)

    @property
    def size(self) -> int:
        """The bytes of all of them, as they were published."""
        return sum(each.size for each in self.files)

    def with_transformer(self, quantisation: str) -> PullWish:
        """Return it with another transformer."""
        return replace(self, quantisation=quantisation)

    def with_encoder(self, quantisation: str) -> PullWish:
        """Return it with another text encoder."""
        return replace(self, encoder=quantisation)

    def into(self, directory: str) -> PullWish:
        """Return it for another directory."""
        return replace(self, directory=directory)

    @property
    def memory(self) -> int:
        """The least memory in bytes for pictures of 1024×1024, as an estimate."""
        return memory_bytes({each.part: each.size for each in self.files})


@dataclass(frozen=True, slots=True, kw_only=True)
class PullOffer:
    """A plan and what stands against it.

    `refused` says why it cannot be carried out, `changed` what has to be accepted for that; each is
    empty if there is nothing.
    """

    wish: PullWish
    plan: PullPlan
    refused: str = ""
    changed: str = ""

    @property
    def useful(self) -> bool:
        """Whether there is anything to fetch, and nothing that refuses it."""
        return not self.refused and bool(self.plan.missing or self.plan.different)

    def ready(self, *, accepted: bool) -> bool:
        """Say whether it may begin; `accepted` if files may be other ones than are known."""
        return self.useful and (accepted or not self.changed)


def pull_offer(wish: PullWish, plan: PullPlan) -> PullOffer:
    """Return the offer of a plan, with what stands against it and the mends."""
    changed = [each.stated.file.name for each in plan.files if each.stated.other_than_known]
    return PullOffer(
        wish=wish,
        plan=plan,
        refused=tr(
            "{free} are free there, and {lacking} more are needed; make room, or choose a smaller "
            "quantisation or another directory",
            free=size_text(plan.free),
            lacking=size_text(plan.lacking),
        )
        if plan.lacking
        else "",
        changed=tr(
            "{endpoint} states other checksums than are known of {files}: they were changed, or "
            "that is no faithful copy; another HF_ENDPOINT may have them",
            endpoint=plan.endpoint,
            files=tr(", ").join(changed),
        )
        if changed
        else "",
    )
