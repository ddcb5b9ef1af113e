"""The demo model's tokenizer: byte-level BPE built like Qwen's, with a few hundred tokens.

Source of the pattern and of the special tokens: the published Qwen2/Qwen3 tokenizers.
"""

import json
import random
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.normalizers import NFC
from tokenizers.pre_tokenizers import ByteLevel, Sequence, Split
from tokenizers.trainers import BpeTrainer

from engine.demo.prompts import sample_prompt

END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIALS = (END_OF_TEXT, TURN_START, TURN_END)
TEMPLATE = TURN_START + "user\n{prompt}" + TURN_END + "\n" + TURN_START + "assistant\n"

_QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_LARGEST_VOCABULARY = 1536
# Qwen's pattern takes a run of Chinese for one word; whole phrases must not become tokens.
_LONGEST_TOKEN = 11
_CORPUS = 20_000
_ROLES = ("user\n", "assistant\n")


@dataclass(frozen=True)
class Vocabulary:
    """What a GGUF says of a tokenizer: tokens by id, merges by rank, the special tokens last."""

    tokens: list[str]
    merges: list[str]


def train_vocabulary(seed: int, corpus: int = _CORPUS) -> Vocabulary:
    """Learn tokens and merges from random training prompts."""
    rng = random.Random(f"tokenizer-{seed}")
    tokenizer = _untrained()
    trainer = BpeTrainer(
        vocab_size=_LARGEST_VOCABULARY - len(SPECIALS),
        initial_alphabet=sorted(ByteLevel.alphabet()),
        max_token_length=_LONGEST_TOKEN,
        min_frequency=corpus // 1000,
        show_progress=False,
    )
    texts = (text for _ in range(corpus) for text in (*_ROLES, sample_prompt(rng).text))
    tokenizer.train_from_iterator(texts, trainer)
    ranks = tokenizer.get_vocab()
    return Vocabulary([*sorted(ranks, key=ranks.__getitem__), *SPECIALS], _merges(tokenizer))


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """Build the tokenizer that a vocabulary describes."""
    ids = {token: index for index, token in enumerate(vocabulary.tokens)}
    pairs = [(left, right) for left, right in (merge.split(" ") for merge in vocabulary.merges)]
    tokenizer = _untrained(BPE(ids, pairs))
    tokenizer.add_special_tokens(list(SPECIALS))
    return tokenizer


def _untrained(model: BPE | None = None) -> Tokenizer:
    tokenizer = Tokenizer(model or BPE())
    tokenizer.normalizer = NFC()
    tokenizer.pre_tokenizer = Sequence(
        [
            Split(Regex(_QWEN_PATTERN), "isolated"),
            ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = ByteLevelDecoder()
    return tokenizer


def _merges(tokenizer: Tokenizer) -> list[str]:
    """Merges in rank order, each as two tokens with a space between."""
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]
