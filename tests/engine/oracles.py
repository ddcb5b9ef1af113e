"""The tiny models as diffusers and transformers see them, by those libraries' own conversions."""

from __future__ import annotations

from pathlib import Path

import tiny_models
import torch
from diffusers import AutoencoderKL, ZImageTransformer2DModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_vae_checkpoint,
    convert_z_image_transformer_checkpoint_to_diffusers,
)
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3Model

QWEN3_NAMES = {
    "token_embd": "embed_tokens",
    "output_norm": "norm",
    "blk": "layers",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def relative_error(found: torch.Tensor, expected: torch.Tensor) -> float:
    """The size of the difference against the size of what was expected."""
    assert found.shape == expected.shape
    return float((found - expected).norm() / expected.norm())


def transformer(sizes: tiny_models.TransformerSizes) -> ZImageTransformer2DModel:
    head_dim = sizes.dim // sizes.heads
    model = ZImageTransformer2DModel(
        in_channels=sizes.channels,
        dim=sizes.dim,
        n_layers=sizes.layers,
        n_refiner_layers=sizes.noise_refiners,
        n_heads=sizes.heads,
        n_kv_heads=sizes.heads,
        cap_feat_dim=sizes.caption_width,
        axes_dims=[head_dim // 4, head_dim * 3 // 8, head_dim * 3 // 8],
        axes_lens=[1536, 512, 512],
    )
    state = _tensors(tiny_models.transformer_state(sizes))
    model.load_state_dict(convert_z_image_transformer_checkpoint_to_diffusers(state))
    return model.eval()


def text_encoder(sizes: tiny_models.EncoderSizes) -> Qwen3Model:
    config = Qwen3Config(
        vocab_size=sizes.vocabulary,
        hidden_size=sizes.width,
        intermediate_size=sizes.feed_forward,
        num_hidden_layers=sizes.layers,
        num_attention_heads=sizes.heads,
        num_key_value_heads=sizes.kv_heads,
        head_dim=sizes.head_dim,
        rms_norm_eps=sizes.epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": sizes.theta},
    )
    model = Qwen3Model(config)
    state = _tensors(tiny_models.encoder_state(sizes))
    model.load_state_dict(
        {".".join(QWEN3_NAMES.get(p, p) for p in n.split(".")): t for n, t in state.items()}
    )
    return model.eval()


def vae(sizes: tiny_models.VaeSizes) -> AutoencoderKL:
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=sizes.widths,
        layers_per_block=sizes.blocks - 1,
        latent_channels=sizes.channels,
        norm_num_groups=sizes.groups,
        scaling_factor=sizes.scaling,
        shift_factor=sizes.shift,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    state = convert_ldm_vae_checkpoint(_tensors(tiny_models.vae_state(sizes)), model.config)
    lacking, strange = model.load_state_dict(state, strict=False)
    assert not strange
    assert all(name.startswith("encoder.") for name in lacking)
    return model.eval()


def tokenizer() -> Qwen2Tokenizer:
    tokens, _, merges = tiny_models.vocabulary()
    oracle = Qwen2Tokenizer(
        vocab={token: index for index, token in enumerate(tokens)},
        merges=[tuple(merge.split(" ")) for merge in merges],
    )
    oracle.add_tokens(list(tiny_models.SPECIAL_TOKENS), special_tokens=True)
    oracle.add_tokens(list(tiny_models.USER_DEFINED_TOKENS))
    return oracle


def write_diffusers_vae(path: Path, sizes: tiny_models.VaeSizes) -> Path:
    """Write the whole autoencoder by diffusers' names, as its own folders have it."""
    from safetensors.torch import save_file

    metadata = {
        "norm_num_groups": str(sizes.groups),
        "scaling_factor": str(sizes.scaling),
        "shift_factor": str(sizes.shift),
    }
    save_file(vae(sizes).state_dict(), path, metadata)
    return path


def _tensors(state: tiny_models.State) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array) for name, array in state.items()}
