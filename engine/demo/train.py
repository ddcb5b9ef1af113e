"""Training of the demo model from nothing: pictures, autoencoder, text encoder, transformer, files.

`python -m engine.demo.train --out DIR --work DIR [--threads 2] [--seed 1] [--share 1.0]`

Every stage keeps checkpoints in the work directory and goes on from them when started again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from engine.demo import album, export, latents
from engine.demo.captions import Captioner
from engine.demo.progress import run_stage
from engine.demo.text_training import TextTraining
from engine.demo.tokenizer_training import Vocabulary, build_tokenizer, train_vocabulary
from engine.demo.transformer_training import TransformerTraining
from engine.demo.vae_training import VaeTraining

if TYPE_CHECKING:
    from diffusers import AutoencoderKL
    from transformers import Qwen3Model

_VAE_STEPS = 2300
_TEXT_STEPS = 750
_TRANSFORMER_STEPS = 2600


def main(arguments: list[str] | None = None) -> int:
    """Train all stages that are not done yet and write the three files."""
    parser = argparse.ArgumentParser(prog="python -m engine.demo.train")
    parser.add_argument("--out", type=Path, required=True, help="where the three files go")
    parser.add_argument("--work", type=Path, required=True, help="where checkpoints are kept")
    parser.add_argument("--threads", type=int, default=2, help="processor threads")
    parser.add_argument("--seed", type=int, default=1, help="seed of everything random")
    parser.add_argument("--share", type=float, default=1.0, help="share of the full training")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    train(options.out, options.work, options.seed, options.share)
    return 0


def train(out: Path, work: Path, seed: int, share: float) -> None:
    """Run the stages one after another; `share` shortens all of them, to try things out."""

    def steps(full: int) -> int:
        return max(1, round(full * share))

    for directory in (out, work):
        directory.mkdir(parents=True, exist_ok=True)
    pictures = _kept_album(work / "album.pt", seed, steps(album.DEFAULT_COUNT))
    vae_stage = run_stage("vae", work, partial(VaeTraining, pictures, steps(_VAE_STEPS), seed))
    vae = latents.as_half(cast("VaeTraining", vae_stage).vae)
    vocabulary = train_vocabulary(seed)
    text_stage = run_stage(
        "text", work, partial(TextTraining, vocabulary, steps(_TEXT_STEPS), seed)
    )
    encoder = cast("TextTraining", text_stage).encoder
    made = latents.kept_latents(work / "latents.pt", vae, pictures.pictures)
    _export_ends(out, vae, made, encoder, vocabulary)
    encoder.load_state_dict(export.as_stored(encoder.state_dict()))
    transformer_stage = run_stage(
        "transformer",
        work,
        partial(
            TransformerTraining,
            pictures.scenes,
            made.values,
            Captioner(encoder, build_tokenizer(vocabulary)),
            partial(latents.decode, vae, made),
            steps(_TRANSFORMER_STEPS),
            seed,
        ),
    )
    average = cast("TransformerTraining", transformer_stage).average.state_dict()
    export.export_transformer(out / export.TRANSFORMER_FILE, average)


def _export_ends(
    out: Path,
    vae: AutoencoderKL,
    made: latents.Latents,
    encoder: Qwen3Model,
    vocabulary: Vocabulary,
) -> None:
    """Write the two files that are ready before the transformer is trained."""
    state: Mapping[str, Tensor] = vae.state_dict()
    export.export_vae(out / export.VAE_FILE, state, made.scaling, made.shift)
    export.export_text_encoder(out / export.TEXT_ENCODER_FILE, encoder.state_dict(), vocabulary)


def _kept_album(path: Path, seed: int, count: int) -> album.Album:
    """Read the pictures of an earlier run, or draw and keep them."""
    if path.exists():
        kept: album.Album = torch.load(path, weights_only=False)
        return kept
    wall = time.monotonic()
    drawn = album.draw_album(seed, count)
    torch.save(drawn, path)
    print(f"album {count}  {time.monotonic() - wall:.0f} s", flush=True)
    return drawn


if __name__ == "__main__":
    raise SystemExit(main())
