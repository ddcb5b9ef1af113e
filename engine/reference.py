"""The same files through diffusers' `ZImagePipeline`: the oracle that the engine is checked with.

Slow to import and unable to run quantised weights as they are, so nothing else of the engine
uses it. Nothing is downloaded: every component is built from the files alone, in float32.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from torch import Tensor
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3Model

from engine.errors import MalformedFile, UnsupportedModel
from engine.model.sampler import SHIFT
from engine.model.transformer import NORM_EPSILON, ROPE_THETA, TIME_SCALE
from engine.weights.discover import ModelFiles, PartFile, open_part
from engine.weights.gguf import read_header, read_integers, read_strings
from engine.weights.place import Place
from engine.weights.source import JoinedFiles
from engine.weights.stream import TensorReader
from engine.weights.text_encoder_layout import EncoderFile
from engine.weights.transformer_layout import TransformerDims, TransformerFile
from engine.weights.vae_layout import LEVELS, VaeFile

_CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_LONGEST_CAPTION = 1_536
_LONGEST_SIDE = 512
_QWEN3_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_VAE_NAMES = (
    ("decoder.mid.block_1.", "decoder.mid_block.resnets.0."),
    ("decoder.mid.block_2.", "decoder.mid_block.resnets.1."),
    ("decoder.mid.attn_1.norm.", "decoder.mid_block.attentions.0.group_norm."),
    ("decoder.mid.attn_1.q.", "decoder.mid_block.attentions.0.to_q."),
    ("decoder.mid.attn_1.k.", "decoder.mid_block.attentions.0.to_k."),
    ("decoder.mid.attn_1.v.", "decoder.mid_block.attentions.0.to_v."),
    ("decoder.mid.attn_1.proj_out.", "decoder.mid_block.attentions.0.to_out.0."),
    ("decoder.norm_out.", "decoder.conv_norm_out."),
    (".nin_shortcut.", ".conv_shortcut."),
)


def reference_pipeline(files: ModelFiles) -> ZImagePipeline:
    """Build diffusers' pipeline from a model's files, on the CPU, in float32.

    Call it with `guidance_scale=0.0`, which Z-Image-Turbo is made for. Raises `ModelError`
    if a file cannot be used, `UnsupportedModel` also if diffusers' classes cannot express it.
    """
    encoder = open_part(files.text_encoder.path)
    transformer = open_part(files.transformer.path)
    vae = open_part(files.vae.path)
    if not (
        isinstance(encoder, EncoderFile)
        and isinstance(transformer, TransformerFile)
        and isinstance(vae, VaeFile)
    ):
        raise MalformedFile("the model's files changed while they were being read; start again")
    pipeline = ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=SHIFT, use_dynamic_shifting=False),
        vae=reference_vae(vae),
        text_encoder=reference_text_encoder(encoder),
        tokenizer=reference_tokenizer(files.text_encoder.tokenizer or encoder.header.path),
        transformer=reference_transformer(transformer),
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def reference_transformer(
    file: TransformerFile, dtype: torch.dtype = torch.float32
) -> ZImageTransformer2DModel:
    """Build diffusers' transformer from a file, in `dtype`, with no memory beyond that."""
    dims = file.dims
    if dims.noise_refiners != dims.context_refiners:
        raise UnsupportedModel(
            f"{file.header.path.name} has {dims.noise_refiners} noise and {dims.context_refiners} "
            "context refiners, which diffusers cannot express; run it with the engine alone"
        )
    with torch.device("meta"):
        model = ZImageTransformer2DModel(**transformer_config(dims))
    model.load_state_dict(_diffusers_transformer(_read(file, dtype)), assign=True)
    return model.eval()


def transformer_config(dims: TransformerDims) -> dict[str, object]:
    """Return what diffusers' folders have in `transformer/config.json`."""
    return {
        "in_channels": dims.channels,
        "dim": dims.dim,
        "n_layers": dims.layers,
        "n_refiner_layers": dims.noise_refiners,
        "n_heads": dims.heads,
        "n_kv_heads": dims.heads,
        "norm_eps": NORM_EPSILON,
        "cap_feat_dim": dims.caption_width,
        "rope_theta": ROPE_THETA,
        "t_scale": TIME_SCALE,
        "axes_dims": list(dims.rope_axes),
        "axes_lens": [_LONGEST_CAPTION, _LONGEST_SIDE, _LONGEST_SIDE],
    }


def reference_text_encoder(file: EncoderFile) -> Qwen3Model:
    """Build transformers' Qwen3 from a file; its last layer, which is not used, is random."""
    dims, state = file.dims, _read(file)
    config = Qwen3Config(
        vocab_size=dims.vocabulary,
        hidden_size=dims.width,
        intermediate_size=len(state["blk.0.ffn_gate.weight"]),
        num_hidden_layers=dims.layers + 1,
        num_attention_heads=dims.heads,
        num_key_value_heads=dims.kv_heads,
        head_dim=dims.head_dim,
        rms_norm_eps=dims.epsilon,
        rope_parameters={"rope_type": "default", "rope_theta": dims.theta},
    )
    model = Qwen3Model(config)
    renamed = {"embed_tokens.weight": state.pop("token_embd.weight")}
    for name, tensor in state.items():
        _, layer, kind, suffix = name.split(".")
        renamed[f"layers.{layer}.{_QWEN3_NAMES[kind]}.{suffix}"] = tensor
    _load(model, renamed, may_lack=(f"layers.{dims.layers}.", "norm."))
    return model.eval()


def reference_vae(file: VaeFile) -> AutoencoderKL:
    """Build diffusers' autoencoder from a file; the encoder, which is not used, is random."""
    dims, state = file.dims, _read(file)
    widths = [len(state[f"decoder.up.{n}.block.0.conv1.weight"]) for n in range(LEVELS)]
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * LEVELS,
        up_block_types=("UpDecoderBlock2D",) * LEVELS,
        block_out_channels=tuple(widths),
        layers_per_block=dims.blocks - 1,
        latent_channels=dims.channels,
        norm_num_groups=dims.groups,
        scaling_factor=dims.scaling,
        shift_factor=dims.shift,
        use_quant_conv=False,
        use_post_quant_conv=False,
    )
    _load(model, _diffusers_vae(state), may_lack=("encoder.",))
    return model.eval()


def reference_tokenizer(path: Place) -> Qwen2Tokenizer:
    """Build transformers' tokenizer from a `tokenizer.json` or from a GGUF's metadata.

    Raises `UnsupportedModel` for a `tokenizer.json` that is in a bucket.
    """
    if path.suffix.lower() == ".json":
        if not isinstance(path, Path):
            raise UnsupportedModel("transformers reads directories; download the model's files")
        return Qwen2Tokenizer.from_pretrained(path.parent, chat_template=_CHAT_TEMPLATE)
    header = read_header(path)
    tokens = read_strings(header, "tokenizer.ggml.tokens") or []
    merges = read_strings(header, "tokenizer.ggml.merges") or []
    types = read_integers(header, "tokenizer.ggml.token_type") or []
    named = list(zip(tokens, types, strict=True))
    tokenizer = Qwen2Tokenizer(
        vocab={token: index for index, token in enumerate(tokens)},
        merges=[tuple(merge.split(" ", 1)) for merge in merges],
        chat_template=_CHAT_TEMPLATE,
    )
    tokenizer.add_tokens([token for token, kind in named if kind == 3], special_tokens=True)
    tokenizer.add_tokens([token for token, kind in named if kind == 4])
    return tokenizer


def _read(file: PartFile, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """Return all tensors of a part as floats, by canonical name."""
    with JoinedFiles(file.header.files) as source:
        reader = TensorReader(source, file.tensors, lambda count: None)
        return {
            name: torch.cat([stored.numbers(dtype) for stored in reader.read(name)])
            for name in file.tensors.required
        }


def _load(
    model: Qwen3Model | AutoencoderKL, state: dict[str, Tensor], may_lack: tuple[str, ...]
) -> None:
    lacking, strange = model.load_state_dict(state, strict=False)
    wrong = [name for name in lacking if not name.startswith(may_lack)] + strange
    if wrong:
        raise UnsupportedModel(f"diffusers' classes do not fit the file: {', '.join(wrong[:3])}")


def _diffusers_transformer(state: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if ".attention.qkv." in name:
            for projection, rows in zip(("to_q", "to_k", "to_v"), tensor.chunk(3), strict=True):
                renamed[name.replace("qkv", projection)] = rows
            continue
        name = name.replace(".attention.out.", ".attention.to_out.0.")
        name = name.replace(".q_norm.", ".norm_q.").replace(".k_norm.", ".norm_k.")
        if name.startswith(("x_embedder.", "final_layer.")):
            name = "all_" + name.replace(".", ".2-1.", 1)
        renamed[name] = tensor.view(1, -1) if name.endswith("pad_token") else tensor
    return renamed


def _diffusers_vae(state: dict[str, Tensor]) -> dict[str, Tensor]:
    renamed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        for old, new in _VAE_NAMES:
            name = name.replace(old, new)
        if name.startswith("decoder.up."):
            _, _, level, kind, rest = name.split(".", 4)
            kind = "resnets" if kind == "block" else "upsamplers.0"
            name = f"decoder.up_blocks.{LEVELS - 1 - int(level)}.{kind}.{rest}"
        linear = ".attentions.0.to_" in name and name.endswith(".weight")
        renamed[name] = tensor.flatten(1) if linear else tensor
    return renamed
