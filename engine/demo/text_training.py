"""Training of the demo model's text encoder: name what a prompt asks for, from its last token.

The features that the diffusion transformer reads are those of the last layer but one, so the five
questions are put to them; the last layer is never trained, as it is never used.
"""

import random

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from engine.demo.architecture import TEXT_WIDTH, build_text_encoder
from engine.demo.optimiser import Ensemble, rate_at
from engine.demo.prompts import LANGUAGES, Prompt, sample_held_out_prompt, sample_prompt
from engine.demo.scenes import COLOURS, PLACES, SHAPES, SIZES
from engine.demo.tokenizer_training import TEMPLATE, Vocabulary, build_tokenizer

_BATCH = 96
_RATE = 2e-3
_CHECKED_PROMPTS = 400
_CHUNK = 32

# The last answer of every question is "none": the prompt asks for no shape.
_ANSWERS: dict[str, tuple[str, ...]] = {
    "shape": SHAPES,
    "colour": COLOURS,
    "background": COLOURS,
    "size": SIZES,
    "place": PLACES,
}


class TextTraining:
    """Learns to answer five questions about random prompts."""

    def __init__(self, vocabulary: Vocabulary, steps: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.steps = steps
        self.encoder = build_text_encoder(len(vocabulary.tokens))
        self._tokenizer, self._seed = build_tokenizer(vocabulary), seed
        self._heads = nn.ModuleDict(
            {name: nn.Linear(TEXT_WIDTH, len(answers) + 1) for name, answers in _ANSWERS.items()}
        )
        both = nn.ModuleDict({"encoder": self.encoder, "heads": self._heads})
        inner = {
            name
            for name, weight in both.named_parameters()
            if ".layers." in name and weight.ndim == 2
        }
        self._trained, self._optimiser = both, Ensemble(both, inner, _RATE, _RATE)

    def advance(self, step: int) -> dict[str, float]:
        """Fit one batch of fresh prompts."""
        rng = random.Random(f"text-{self._seed}-{step}")
        prompts = _by_length([sample_prompt(rng) for _ in range(_BATCH)])
        logits = self._answer(prompts)
        losses = [cross_entropy(logits[name], _right_answers(name, prompts)) for name in _ANSWERS]
        loss = torch.stack(losses).sum()
        torch.autograd.backward(loss)
        self._optimiser.step(rate_at(step / self.steps))
        return {"loss": loss.item()}

    @torch.no_grad()
    def report(self) -> dict[str, float]:
        """Share of right answers by question over held-out combinations."""
        rng = random.Random("text-report")
        prompts = [
            sample_held_out_prompt(rng, LANGUAGES[index % len(LANGUAGES)])
            for index in range(_CHECKED_PROMPTS)
        ]
        logits = self._answer(prompts)
        return {
            name: (logits[name].argmax(-1) == _right_answers(name, prompts)).float().mean().item()
            for name in _ANSWERS
        }

    def state(self) -> dict[str, object]:
        """Return weights and optimiser."""
        return {"trained": self._trained.state_dict(), "optimiser": self._optimiser.state()}

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self._trained.load_state_dict(state["trained"])  # type: ignore[arg-type]
        self._optimiser.restore(state["optimiser"])  # type: ignore[arg-type]

    def _answer(self, prompts: list[Prompt]) -> dict[str, Tensor]:
        """Logits by question [prompts, answers]."""
        chunks = [prompts[start : start + _CHUNK] for start in range(0, len(prompts), _CHUNK)]
        last = torch.cat([self._last_features(chunk) for chunk in chunks])
        return {name: head(last) for name, head in self._heads.items()}

    def _last_features(self, prompts: list[Prompt]) -> Tensor:
        """Features [prompts, width] of every prompt's last token."""
        texts = [prompt.text for prompt in prompts]
        features, lengths = encode(self.encoder, self._tokenizer, texts)
        return features[torch.arange(len(prompts)), lengths - 1]


def _by_length(prompts: list[Prompt]) -> list[Prompt]:
    """Put prompts of like length together, so that chunks of them need little padding."""
    return sorted(prompts, key=lambda prompt: len(prompt.text.encode()))


def encode(encoder: nn.Module, tokenizer: Tokenizer, texts: list[str]) -> tuple[Tensor, Tensor]:
    """Return features [texts, tokens, width] of the last layer but one, and the token counts.

    Rows after a text's own tokens are padding: attention is causal, so they change nothing.
    """
    ids = [tokenizer.encode(TEMPLATE.format(prompt=text)).ids for text in texts]
    longest = max(map(len, ids))
    padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
    features: Tensor = encoder(padded, output_hidden_states=True, use_cache=False).hidden_states[-2]
    return features, torch.tensor([len(row) for row in ids])


def _right_answers(question: str, prompts: list[Prompt]) -> Tensor:
    answers = _ANSWERS[question]
    return torch.tensor(
        [
            len(answers) if prompt.scene is None else answers.index(getattr(prompt.scene, question))
            for prompt in prompts
        ]
    )
