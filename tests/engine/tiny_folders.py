"""The tiny models as transformers and diffusers store them: safetensors, shards, folders."""

from __future__ import annotations

from pathlib import Path

import oracles
import tiny_models
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, ZImagePipeline
from safetensors.torch import save_file


def write_transformer(path: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the transformer by the original code's names, as ComfyUI has it."""
    return _write(path, tiny_models.transformer_state(), dtype)


def write_diffusers_transformer(path: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the transformer by diffusers' names in one file."""
    state = tiny_models.diffusers_transformer_names(tiny_models.transformer_state())
    return _write(path, state, dtype)


def write_text_encoder(path: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write the text encoder by transformers' names, as ComfyUI has it: no tokenizer."""
    state = {
        "model." + ".".join(oracles.QWEN3_NAMES.get(word, word) for word in name.split(".")): array
        for name, array in tiny_models.encoder_state().items()
    }
    return _write(path, state, dtype)


def write_tokenizer(directory: Path) -> Path:
    """Write the `tokenizer.json` that transformers writes."""
    oracles.tokenizer().save_pretrained(directory)
    for path in directory.glob("tokenizer_config.json"):
        path.unlink()
    return directory / "tokenizer.json"


def write_pipeline(directory: Path, shard_size: str = "10GB") -> Path:
    """Write the folder that diffusers itself writes; small shards make several of each part."""
    pipeline = ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=oracles.vae(tiny_models.VaeSizes()),
        text_encoder=oracles.text_encoder(tiny_models.EncoderSizes()),
        tokenizer=oracles.tokenizer(),
        transformer=oracles.transformer(tiny_models.TransformerSizes()),
    )
    pipeline.save_pretrained(directory, max_shard_size=shard_size)
    return directory


def _write(path: Path, state: tiny_models.State, dtype: torch.dtype) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: torch.from_numpy(a).to(dtype) for name, a in state.items()}, path)
    return path
