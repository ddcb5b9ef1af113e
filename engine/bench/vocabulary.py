"""As much of Qwen's vocabulary as the benchmark's prompt needs, at its real places.

Other programs bring Qwen's whole vocabulary with them, so a file's own must give the prompt the
same numbers. Places and merges are those of Qwen's published `vocab.json` and `merges.txt`;
letters are GPT-2's for bytes, in which a space is Ġ.
"""

from __future__ import annotations

from typing import Final

SPECIALS: Final = {
    151_643: "<|endoftext|>",
    151_644: "<|im_start|>",
    151_645: "<|im_end|>",
}
_MERGES: Final = {
    261: ("e", "r"),
    263: ("o", "n"),
    264: ("Ġ", "a"),
    265: ("r", "e"),
    267: ("s", "t"),
    272: ("Ġ", "c"),
    273: ("l", "e"),
    275: ("i", "t"),
    276: ("a", "n"),
    283: ("o", "u"),
    289: ("Ġ", "w"),
    293: ("Ġ", "b"),
    300: ("a", "s"),
    303: ("n", "d"),
    312: ("Ġ", "re"),
    355: ("u", "s"),
    377: ("c", "k"),
    380: ("i", "st"),
    389: ("Ġ", "on"),
    395: ("as", "s"),
    404: ("i", "r"),
    420: ("Ġw", "h"),
    473: ("a", "ck"),
    517: ("an", "t"),
    581: ("r", "ou"),
    632: ("it", "e"),
    872: ("us", "er"),
    1_049: ("rou", "nd"),
    1_182: ("Ġb", "ack"),
    1_951: ("g", "round"),
    2_437: ("ir", "c"),
    2_518: ("Ġre", "d"),
    4_004: ("Ġback", "ground"),
    4_158: ("Ġwh", "ite"),
    4_225: ("Ġc", "irc"),
    11_202: ("ist", "ant"),
    12_671: ("Ġcirc", "le"),
    77_091: ("ass", "istant"),
}


def merges() -> list[str]:
    """Return the merges that make the prompt's words, in their order."""
    return [f"{first} {second}" for first, second in _MERGES.values()]


def vocabulary(count: int) -> list[str]:
    """Return `count` tokens, mostly idle ones.

    The others stand at their real places if these are below `count`, else close together.
    """
    from tokenizers import pre_tokenizers

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {place: first + second for place, (first, second) in _MERGES.items()}
    used = dict(enumerate(letters)) | words | SPECIALS
    if max(used) >= count:
        used = dict(enumerate(used[place] for place in sorted(used)))
    return [used.get(place, f"Ġidle{place}") for place in range(count)]
