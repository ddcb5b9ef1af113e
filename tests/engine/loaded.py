"""Parts of the engine built from files, one at a time."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.model.linear import Parameters, Strategy
from engine.model.text_encoder import ResidentTextEncoder
from engine.model.transformer import Transformer
from engine.model.vae import VaeDecoder
from engine.weights.discover import PartFile, open_part
from engine.weights.source import JoinedFiles
from engine.weights.stream import TensorReader
from engine.weights.text_encoder_layout import EncoderFile
from engine.weights.transformer_layout import TransformerFile
from engine.weights.vae_layout import VaeFile


def transformer(path: Path, strategy: Strategy = Strategy.DENSE) -> Transformer:
    file = open_part(path)
    assert isinstance(file, TransformerFile)
    with JoinedFiles(file.header.files) as source:
        return Transformer(_parameters(source, file, strategy), file.dims)


def text_encoder(path: Path, strategy: Strategy = Strategy.DENSE) -> ResidentTextEncoder:
    file = open_part(path)
    assert isinstance(file, EncoderFile)
    with JoinedFiles(file.header.files) as source:
        return ResidentTextEncoder(_parameters(source, file, strategy), file.dims)


def vae(path: Path) -> VaeDecoder:
    file = open_part(path)
    assert isinstance(file, VaeFile)
    with JoinedFiles(file.header.files) as source:
        return VaeDecoder(_parameters(source, file, Strategy.DENSE), file.dims)


def _parameters(source: JoinedFiles, file: PartFile, strategy: Strategy) -> Parameters:
    reader = TensorReader(source, file.tensors, lambda count: None)
    return Parameters(reader, torch.device("cpu"), torch.float32, strategy)
