"""Batches of captions of one padded length, worded afresh for every picture they go with."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import pad

from engine.demo.prompts import LANGUAGES, word
from engine.demo.scenes import Scene
from engine.demo.text_training import encode
from engine.demo.tokenizer_training import TEMPLATE
from engine.demo.velocity import SEQUENCE_MULTIPLE


@dataclass(frozen=True)
class Captions:
    """Features [n, rows, width], token counts [n], and which pictures the texts belong to."""

    features: Tensor
    lengths: Tensor
    chosen: list[int]


class Captioner:
    """Words pictures at random and encodes the wordings with a trained text encoder."""

    def __init__(self, encoder: nn.Module, tokenizer: Tokenizer) -> None:
        self._encoder, self._tokenizer = encoder.eval(), tokenizer

    def stream(
        self, rng: random.Random, scenes: list[Scene | None], weights: list[float], count: int
    ) -> Iterator[Captions]:
        """Yield batches for ever; texts wait until enough of their padded length have come."""
        waiting: dict[int, list[tuple[int, str]]] = defaultdict(list)
        indices = range(len(scenes))
        while True:
            index = rng.choices(indices, weights)[0]
            text = word(rng, scenes[index], rng.choice(LANGUAGES))
            batch = waiting[self.rows(text)]
            batch.append((index, text))
            if len(batch) == count:
                yield self.caption([text for _, text in batch], [index for index, _ in batch])
                batch.clear()

    def rows(self, text: str) -> int:
        """Return the padded length of a prompt's caption."""
        tokens = len(self._tokenizer.encode(TEMPLATE.format(prompt=text)).ids)
        return -(-tokens // SEQUENCE_MULTIPLE) * SEQUENCE_MULTIPLE

    @torch.no_grad()
    def caption(self, texts: list[str], chosen: list[int]) -> Captions:
        """Encode texts whose padded lengths are the same."""
        features, lengths = encode(self._encoder, self._tokenizer, texts)
        missing = -features.shape[1] % SEQUENCE_MULTIPLE
        return Captions(pad(features, (0, 0, 0, missing)), lengths, chosen)
