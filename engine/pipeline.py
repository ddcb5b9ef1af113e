"""From a prompt to a picture: text encoder, eight steps of flow matching, VAE decoder.

`Pipeline.generate` is the whole algorithm and is meant to be read like the paper's. It yields
the events of `engine.schema` as they happen.
"""

from __future__ import annotations

import gc
import math
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from engine.errors import Cancelled, GenerationFailed
from engine.model.answer import Answer
from engine.model.denoiser import Denoiser, Guidance
from engine.model.linear import Strategy
from engine.model.loading import Model, load_model
from engine.model.memory import give_back_freed_memory
from engine.model.noise import initial_noise
from engine.model.preview import Previewer, preview_steps
from engine.model.sampler import outlook, sigmas
from engine.model.sparing import narrow, sparingly
from engine.model.transformer import Caption
from engine.schema import (
    Decoded,
    Done,
    Encoded,
    GenerationEvent,
    GenerationRequest,
    Picture,
    Size,
    Step,
)
from engine.weights.discover import ModelFiles
from engine.weights.vae_layout import FACTOR

AUTO: Final = "auto"
CACHED_PROMPTS: Final = 8

_WARM_UP: Final = GenerationRequest("a", size=Size(64, 64), steps=1, seed=0)


@dataclass(frozen=True, slots=True)
class EncodedPrompt:
    """A prompt after the text encoder and the context refiner."""

    caption: Caption
    tokens: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class _StepUnderWay:
    """A step that was given to the device; `began` is when, by the pipeline's clock."""

    number: int
    began: float
    finite: Answer
    preview: Callable[[], Tensor] | None


class Pipeline:
    """A loaded model that makes one picture at a time; not to be shared among threads.

    `name` is the transformer file's, `native_size` the size that the model was made for, and
    `strategies` says how the weights of each part are kept (a `Strategy`), and `converting` how
    many seconds of loading went into bringing them into that form.
    """

    def __init__(
        self,
        model: Model,
        *,
        clock: Callable[[], float] = time.perf_counter,
        draw_seed: Callable[[], int] = lambda: secrets.randbelow(2**32),
    ) -> None:
        self._model = model
        self._clock = clock
        self._draw_seed = draw_seed
        self._prompts: OrderedDict[str, EncodedPrompt] = OrderedDict()
        # A GPU gets the next step while it works on this one, so that it never waits for one.
        self._steps_ahead = 1 if model.device.type == "cuda" else 0
        self._waited = -math.inf
        self.name = model.name
        self.native_size = model.native_size
        self.converting = model.converting
        self.strategies = {str(part): str(kept) for part, kept in model.strategies.items()}

    @classmethod
    def load(
        cls,
        files: ModelFiles,
        *,
        device: str = "cpu",
        on_file: Callable[[str, int, float], None] = lambda name, size, seconds: None,
        on_progress: Callable[[int, int], None] = lambda done, total: None,
        clock: Callable[[], float] = time.perf_counter,
        linear: str = AUTO,
        one_prompt: bool = False,
    ) -> Pipeline:
        """Read a model's weights onto a device, in the order in which they are used.

        `on_file` hears of each file's name, bytes read and the seconds of waiting for them;
        `on_progress` of the bytes read so far and in all. `linear` is how to keep weights, a
        `Strategy` or `auto`; with `one_prompt`, nothing is kept for a second one. Raises
        `ModelError` if a file changed or does not fit, and `UnsupportedModel` for a device or a
        strategy that is not there.
        """
        wanted = None if linear == AUTO else Strategy(linear)
        model = load_model(
            files, device, clock, on_file, on_progress, wanted, one_prompt=one_prompt
        )
        return cls(model, clock=clock)

    def warm_up(self) -> None:
        """Make a small picture and throw it away, so that the first real one is no slower.

        On a CPU it would not be: its first picture takes as long as its second, and this one only
        keeps whoever waits for the engine waiting (docs/benchmarks.md).
        """
        if self._model.device.type == "cpu":
            return
        for _ in self.generate(_WARM_UP):
            pass
        self._prompts.clear()

    def free_memory(self) -> None:
        """Give back what is kept only to be faster: prompts, and memory that torch holds spare."""
        self._prompts.clear()
        gc.collect()
        if self._model.device.type == "cuda":
            torch.cuda.empty_cache()
        give_back_freed_memory()

    def generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool] = lambda: False
    ) -> Iterator[GenerationEvent]:
        """Make a picture, yielding `Encoded`, `Step` after each step, `Decoded` and `Done`.

        `cancelled` is asked before each step and before decoding. Raises `InvalidRequest` at
        once, `Cancelled` within one step, and `GenerationFailed` if the numbers go wrong.
        """
        request.check()
        return self._generate(request, cancelled)

    def _generate(
        self, request: GenerationRequest, cancelled: Callable[[], bool]
    ) -> Iterator[GenerationEvent]:
        started = self._clock()
        size = request.size or self.native_size
        seed = self._draw_seed() if request.seed is None else request.seed

        _stop_if(cancelled)
        cached = request.prompt in self._prompts
        prompt = sparingly(partial(self._encode, request.prompt), self.free_memory)
        guidance = self._guidance(request)
        self._catch_up()
        yield Encoded(prompt.tokens, self._clock() - started, cached, prompt.truncated)

        transformer = self._model.transformer
        height, width = size.height // FACTOR, size.width // FACTOR
        levels = sigmas(request.steps)
        denoiser = Denoiser(transformer, prompt.caption, height, width, levels, guidance)
        latents = initial_noise(transformer.dims.channels, height, width, seed, request.noise)
        latents = latents.to(self._model.device)
        previewer = Previewer(self._model.vae)
        previewed = preview_steps(request.previews, request.steps)
        under_way: deque[_StepUnderWay] = deque()
        for number, (sigma, next_sigma) in enumerate(pairwise(levels), 1):
            _stop_if(cancelled)
            began, noisier = self._clock(), latents
            latents = sparingly(partial(denoiser.step, latents, number - 1), self.free_memory)
            finite, preview = Answer(torch.isfinite(latents).all()), None
            if number in previewed:
                preview = partial(previewer, outlook(noisier, latents, sigma, next_sigma))
            under_way.append(_StepUnderWay(number, began, finite, preview))
            while len(under_way) > (self._steps_ahead if preview is None else 0):
                yield self._finished(under_way.popleft(), request.steps)
        for step in under_way:
            yield self._finished(step, request.steps)

        _stop_if(cancelled)
        before = self._clock()
        picture = self._decode(latents)
        yield Decoded(self._clock() - before)
        yield Done(picture, seed, self._clock() - started)

    def _catch_up(self) -> None:
        """Wait until the device has done what it was given, so that its time can be told."""
        if self._model.device.type == "cuda":
            torch.cuda.synchronize()

    def _finished(self, step: _StepUnderWay, of: int) -> Step:
        """Wait for a step; its seconds are those since it or the wait for it began."""
        began = max(step.began, self._waited)
        finite = step.finite.wait()
        self._waited = self._clock()
        if not finite:
            raise _gone_wrong(f"in step {step.number}")
        preview = _as_picture(step.preview()) if step.preview else None
        return Step(step.number, of, self._waited - began, preview)

    def _guidance(self, request: GenerationRequest) -> Guidance | None:
        if request.guidance == 0:
            return None
        encode = partial(self._encode, request.negative_prompt)
        return Guidance(sparingly(encode, self.free_memory).caption, request.guidance)

    @torch.inference_mode()
    def _encode(self, prompt: str) -> EncodedPrompt:
        """Return the refined caption of a prompt, from the cache of the latest prompts or anew."""
        if prompt in self._prompts:
            self._prompts.move_to_end(prompt)
            return self._prompts[prompt]
        tokenized = self._model.tokenizer.encode(prompt)
        caption = self._model.transformer.caption(self._model.text_encoder(tokenized.ids))
        encoded = EncodedPrompt(caption, len(tokenized.ids), tokenized.truncated)
        self._prompts[prompt] = encoded
        if len(self._prompts) > CACHED_PROMPTS:
            self._prompts.popitem(last=False)
        return encoded

    @torch.inference_mode()
    def _decode(self, latents: Tensor) -> Picture:
        """Return the picture of finished latents [channels, height / 8, width / 8]."""
        vae = self._model.vae
        image = sparingly(partial(vae, latents), self.free_memory, partial(narrow, vae))
        if not torch.isfinite(image).all():
            raise _gone_wrong("while the picture was decoded")
        return _as_picture((image / 2 + 0.5).clamp(0, 1))


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled("the request was cancelled before its picture was finished")


def _gone_wrong(when: str) -> GenerationFailed:
    return GenerationFailed(
        f"the picture could not be computed: not-a-number values appeared {when}; the model "
        "files may be damaged, download them again or choose another quantisation"
    )


def _as_picture(image: Tensor) -> Picture:
    """Return an image [3, height, width] from 0 to 1 in 8 bits."""
    pixels = (image * 255).round().to(torch.uint8)
    _, height, width = pixels.shape
    return Picture(width, height, pixels.permute(1, 2, 0).cpu().numpy().tobytes())
