"""Training of the demo model's diffusion transformer by flow matching on latents."""

import copy
import random
from collections import defaultdict
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from engine.demo.architecture import LATENT_CHANNELS, build_transformer
from engine.demo.captions import Captioner, Captions
from engine.demo.judge import Pixels
from engine.demo.measure import Case, measure, report, sample_cases
from engine.demo.optimiser import Ensemble, rate_at
from engine.demo.painter import Painter
from engine.demo.pictures import NATIVE_SIDE
from engine.demo.scenes import Scene
from engine.demo.velocity import denoise, predict, prepare, shifted

BATCH = 32
_RATE = 2e-3
_AVERAGING = 0.995
_PURE_NOISE_SHARE = 0.04
_FINE_WEIGHT = 1.5
_HIGH = 0.75
_CHECKED_PROMPTS = 48
_LATENT_SIDE = NATIVE_SIDE // 8

Decoder = Callable[[Tensor], Tensor]
"""Normalised latents to pictures [n, 3, height, width] in 0..1."""


class TransformerTraining:
    """Learns the way from noise to the latents of what a caption says."""

    def __init__(
        self,
        scenes: list[Scene | None],
        latents: Tensor,
        captioner: Captioner,
        decode: Decoder,
        steps: int,
        seed: int,
    ) -> None:
        torch.manual_seed(seed)
        self.steps = steps
        self._scenes, self._latents = scenes, latents
        self._captioner, self._decode, self._seed = captioner, decode, seed
        self._network = build_transformer()
        prepare(self._network)
        self.average = copy.deepcopy(self._network).requires_grad_(False)
        self._optimiser = Ensemble(self._network, _inner_weights(self._network), _RATE, _RATE)
        self._batches = self._stream(0)

    def advance(self, step: int) -> dict[str, float]:
        """Fit one batch; report the error, and that of the noisier part alone."""
        captions = next(self._batches)
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + step)
        clean = self._latents[captions.chosen]
        noise = torch.randn(clean.shape, generator=generator)
        levels = _noise_levels(len(clean), generator)
        mixed = torch.lerp(clean, noise, levels[:, None, None, None])
        with torch.autocast("cpu", torch.bfloat16):
            guess = predict(self._network, mixed, 1 - levels, captions.features, captions.lengths)
        errors = (guess.float() - (clean - noise)).square().mean(dim=(1, 2, 3))
        torch.autograd.backward(errors.mean())
        self._optimiser.step(rate_at(step / self.steps))
        self._update_average(step)
        return {"error": errors.mean().item(), "high": errors[levels > _HIGH].mean().item()}

    @torch.no_grad()
    def report(self) -> dict[str, float]:
        """Draw held-out prompts with the averaged weights, 8 steps, and judge the pictures."""
        cases = sample_cases(_CHECKED_PROMPTS, seed=1)
        result = report(measure(self._painter(cases), cases))
        names = ("right", "nearest_shape", "colour", "background", "place", "size")
        return {name: float(str(result[name])) for name in names}

    def state(self) -> dict[str, object]:
        """Return weights, their average and the optimiser."""
        return {
            "network": self._network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state(),
        }

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a saved state, with batches of their own."""
        self._network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._optimiser.restore(state["optimiser"])  # type: ignore[arg-type]
        self._batches = self._stream(torch.randint(1, 1 << 30, ()).item())

    def _stream(self, turn: float) -> Iterator[Captions]:
        rng = random.Random(f"transformer-{self._seed}-{turn}")
        fine = [
            _FINE_WEIGHT if scene is not None and scene.shape in ("star", "cross") else 1.0
            for scene in self._scenes
        ]
        return self._captioner.stream(rng, self._scenes, fine, BATCH)

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        keep = min(_AVERAGING, (1 + step) / (10 + step))
        averaged, current = list(self.average.parameters()), list(self._network.parameters())
        torch._foreach_lerp_(averaged, current, 1 - keep)

    def _painter(self, cases: list[Case]) -> Painter:
        """Draw all cases in batches of one padded length; return a look-up of the pictures."""
        alike: dict[int, list[Case]] = defaultdict(list)
        for case in cases:
            alike[self._captioner.rows(case.text)].append(case)
        drawn: dict[tuple[str, int], Pixels] = {}
        for group in alike.values():
            captions = self._captioner.caption([case.text for case in group], [])
            noise = torch.stack([_noise(case.seed) for case in group])
            latents = denoise(self.average, noise, captions.features, captions.lengths)
            pictures = (self._decode(latents) * 255).round().byte().permute(0, 2, 3, 1)
            for case, picture in zip(group, pictures, strict=True):
                drawn[case.text, case.seed] = picture.numpy()
        return lambda text, seed: drawn[text, seed]


def _noise(seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(LATENT_CHANNELS, _LATENT_SIDE, _LATENT_SIDE, generator=generator)


def _noise_levels(count: int, generator: torch.Generator) -> Tensor:
    """Stratified noise levels [count], shifted like the sampler's, some of them exactly 1."""
    even = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    pure = torch.rand(count, generator=generator) < _PURE_NOISE_SHARE
    return torch.where(pure, 1.0, shifted(even.clamp(min=1e-3)))


def _inner_weights(network: nn.Module) -> set[str]:
    """Names of the matrices inside the blocks, modulation aside."""
    return {
        name
        for name, weight in network.named_parameters()
        if weight.ndim == 2 and (".attention." in name or ".feed_forward." in name)
    }
