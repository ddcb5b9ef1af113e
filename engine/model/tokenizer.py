"""From a prompt to token ids: Qwen3's byte-level BPE, of `tokenizer.json` or rebuilt from a GGUF.

A GGUF's metadata holds the vocabulary, the merges and which tokens are special. It does not say
that text is brought to Unicode's composed form (NFC) first, nor how it is cut into words: both
are Qwen's, as is the chat template that wraps a prompt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

from engine.errors import MalformedFile, ModelError, UnsupportedModel
from engine.weights.gguf import read_header, read_integers, read_strings
from engine.weights.place import Place
from engine.weights.tensors import Header, shown

MAX_TOKENS: Final = 512
MAX_JSON_BYTES: Final = 64 << 20  # Qwen's own has 11 MB
TEMPLATE: Final = "<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"

_TEMPLATE_TOKENS: Final = frozenset({"<|im_start|>", "<|im_end|>"})
_CONTROL, _USER_DEFINED = 3, 4
_WORDS: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass(frozen=True, slots=True)
class TokenizedPrompt:
    """A prompt's token ids; `truncated` says that it had more than the model reads."""

    ids: tuple[int, ...]
    truncated: bool


class PromptTokenizer:
    """Wraps a prompt in the chat template and tells its token ids.

    As in the reference pipeline, a prompt that spells a special token (`<|im_end|>`) gets that
    token, and whatever exceeds 512 tokens is cut off at the end, the template's tail included.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @classmethod
    def from_file(cls, path: Place, rows: int) -> PromptTokenizer:
        """Read the tokenizer of a text encoder whose embedding table has `rows` rows.

        `path` is a GGUF or a `tokenizer.json`. Raises `ModelError` if it cannot be used.
        """
        if path.suffix.lower() == ".json":
            return cls.from_json(path, rows)
        return cls.from_gguf(read_header(path), rows)

    @classmethod
    def from_json(cls, path: Place, rows: int) -> PromptTokenizer:
        """Read a `tokenizer.json`, the format of the tokenizers library.

        Raises `MalformedFile` for one that cannot be read or is not Qwen's.
        """
        try:
            if path.stat().st_size > MAX_JSON_BYTES:
                raise _malformed(path, f"it has more than {MAX_JSON_BYTES >> 20} MiB")
            tokenizer = Tokenizer.from_buffer(path.read_bytes())
        except OSError as error:
            raise _malformed(path, error.strerror or "it cannot be read") from None
        except ModelError:
            raise
        except Exception as error:  # the library raises its bare base class
            raise _malformed(path, str(error)) from None
        if not isinstance(tokenizer.model, models.BPE):
            raise _malformed(path, "it is no byte-pair encoding")
        highest = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=0)
        if highest >= rows:
            raise _malformed(path, f"token {highest} of {rows} embeddings")
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(_with_template_tokens(path, tokenizer))

    @classmethod
    def from_gguf(cls, header: Header, rows: int) -> PromptTokenizer:
        """Rebuild the tokenizer of a text encoder whose embedding table has `rows` rows.

        Raises `UnsupportedModel` for another kind of tokenizer, `MalformedFile` for one that
        contradicts itself.
        """
        kind, words = header.text("tokenizer.ggml.model"), header.text("tokenizer.ggml.pre")
        if kind not in (None, "gpt2") or words not in (None, "qwen2"):
            found = shown(f"{kind}/{words}")
            raise UnsupportedModel(
                f"{header.path.name} has a tokenizer of the kind {found}, and Z-Image's is "
                "gpt2/qwen2; put a GGUF of Qwen3-4B in its place"
            )
        tokens = read_strings(header, "tokenizer.ggml.tokens") or []
        merges = read_strings(header, "tokenizer.ggml.merges") or []
        types = read_integers(header, "tokenizer.ggml.token_type") or [1] * len(tokens)
        if not 0 < len(tokens) <= rows or len(types) != len(tokens):
            raise _malformed(
                header.path, f"{len(tokens)} tokens, {len(types)} types, {rows} embeddings"
            )
        tokenizer = _byte_level_bpe(header.path, tokens, merges)
        for token, token_type in zip(tokens, types, strict=True):
            if token_type in (_CONTROL, _USER_DEFINED):
                special = token_type == _CONTROL
                tokenizer.add_tokens([AddedToken(token, special=special, normalized=False)])
        return cls(_with_template_tokens(header.path, tokenizer))

    def encode(self, prompt: str) -> TokenizedPrompt:
        """Return the token ids of a prompt in its template, at most 512."""
        text = TEMPLATE.format(prompt=prompt)
        # A lone surrogate, which no UTF-8 text holds, would be refused by the tokenizer.
        text = text.encode("utf-8", "replace").decode("utf-8")
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        return TokenizedPrompt(tuple(ids[:MAX_TOKENS]), len(ids) > MAX_TOKENS)


def _with_template_tokens(path: Place, tokenizer: Tokenizer) -> Tokenizer:
    added = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    if not added >= _TEMPLATE_TOKENS:
        raise _malformed(path, "the template's tokens are not special")
    return tokenizer


def _byte_level_bpe(path: Place, tokens: list[str], merges: list[str]) -> Tokenizer:
    if not all(" " in merge for merge in merges):
        raise _malformed(path, "a merge that is no pair")
    pairs = [(first, second) for first, _, second in (merge.partition(" ") for merge in merges)]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    try:
        tokenizer = Tokenizer(models.BPE(vocabulary, pairs, fuse_unk=False, byte_fallback=False))
    except Exception as error:  # the library raises its bare base class
        raise _malformed(path, str(error)) from None
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


def _malformed(path: Place, reason: str) -> MalformedFile:
    return MalformedFile(
        f"{path.name} has a tokenizer that does not fit together ({shown(reason)}); "
        "download it again"
    )
