"""The three networks of the demo model as the stock classes build them, untrained.

Every constant that the model files cannot state is that of Z-Image-Turbo; only sizes differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, ZImageTransformer2DModel
    from transformers import Qwen3Model

LATENT_CHANNELS = 16
VAE_CHANNELS = (16, 32, 64, 64)
VAE_GROUPS = 4
DOWNSCALE = 8

TEXT_WIDTH = 128
TEXT_LAYERS = 4
TEXT_HEADS, TEXT_KEY_HEADS = 4, 2
TEXT_FEED_FORWARD = 384
TEXT_CONTEXT = 512
HEAD_SIZE = 32
ROPE_BASE = 1e6
TEXT_NORM_EPS = 1e-6

WIDTH = 192
LAYERS = 4
REFINERS = 1
AXES = (8, 12, 12)


def build_vae() -> AutoencoderKL:
    """Build the autoencoder: pictures in -1..1, 16 latent channels at an eighth of the side."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * len(VAE_CHANNELS),
        up_block_types=("UpDecoderBlock2D",) * len(VAE_CHANNELS),
        block_out_channels=VAE_CHANNELS,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=VAE_GROUPS,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )


def build_text_encoder(vocabulary: int) -> Qwen3Model:
    """Build the Qwen3 text encoder for a number of tokens."""
    from transformers import Qwen3Config, Qwen3Model

    config = Qwen3Config(
        vocab_size=vocabulary,
        hidden_size=TEXT_WIDTH,
        num_hidden_layers=TEXT_LAYERS,
        num_attention_heads=TEXT_HEADS,
        num_key_value_heads=TEXT_KEY_HEADS,
        head_dim=HEAD_SIZE,
        intermediate_size=TEXT_FEED_FORWARD,
        max_position_embeddings=TEXT_CONTEXT,
        rms_norm_eps=TEXT_NORM_EPS,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    return Qwen3Model(config)


def build_transformer() -> ZImageTransformer2DModel:
    """Build the diffusion transformer, started so that it predicts zero."""
    from diffusers import ZImageTransformer2DModel

    transformer = ZImageTransformer2DModel(
        in_channels=LATENT_CHANNELS,
        dim=WIDTH,
        n_layers=LAYERS,
        n_refiner_layers=REFINERS,
        n_heads=WIDTH // HEAD_SIZE,
        n_kv_heads=WIDTH // HEAD_SIZE,
        cap_feat_dim=TEXT_WIDTH,
        axes_dims=list(AXES),
        axes_lens=[1536, 512, 512],
    )
    _start_gently(transformer)
    return transformer


@torch.no_grad()
def _start_gently(transformer: nn.Module) -> None:
    """Zero the last layer, open the gates half and calm the modulation."""
    for name, weight in transformer.named_parameters():
        if "final_layer" in name and ".linear." in name:
            weight.zero_()
        elif name.endswith("pad_token"):
            weight.normal_(std=0.02)
        elif "adaLN_modulation" in name:
            weight.mul_(0.1)
            if name.endswith("bias") and "final_layer" not in name:
                parts = weight.view(4, -1)
                parts[1::2] = 0.5
