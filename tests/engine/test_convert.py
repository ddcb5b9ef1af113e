"""A prepared transformer: the same picture as rounding at the start gives, or a refusal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import gguf
import pytest
import tiny_models

from engine.cli import main
from engine.convert import CannotPrepare, prepare
from engine.errors import ModelError, UnsupportedModel
from engine.loading import load_pipeline
from engine.model.linear import Strategy, int8_available
from engine.model.linear.byte_products import REDUCED_RANGE, quickest_product
from engine.model.linear.parameters import Parameters
from engine.model.loading import load_model, outlook
from engine.model.plan import Conditions, plan_strategies
from engine.schema import Done, GenerationRequest, Size
from engine.timeline import Timeline
from engine.weights.discover import Part, find_model, open_part
from engine.weights.mount.place import MountPlace
from engine.weights.mount.shelf import MountShelf
from engine.weights.place import Place
from engine.weights.prepared import LIMIT_KEY, VERSION_KEY
from engine.weights.transformer_layout import ROUNDED, TransformerFile

pytestmark = pytest.mark.skipif(not int8_available(), reason="this CPU has no quick integers")


def opened(directory: Path) -> TransformerFile:
    file = open_part(find_model(directory).transformer.path)
    assert isinstance(file, TransformerFile)
    return file


def prepared_from(directory: Path, target: Path, limit: int | None = None) -> Path:
    """Return a copy of a model whose transformer is prepared."""
    target.mkdir()
    file = opened(directory)
    for each in directory.iterdir():
        if each != file.header.path:
            shutil.copy(each, target)
    limit = quickest_product()[1] if limit is None else limit
    prepare(file, target / "prepared.gguf", limit, lambda done, total: None)
    return target


def picture(models: Place, linear: str = "auto") -> bytes:
    pipeline = load_pipeline(models, device="cpu", threads=None, timeline=Timeline(), linear=linear)
    *_, done = pipeline.generate(GenerationRequest("a cat", Size(64, 64), 2, seed=3))
    assert isinstance(done, Done)
    return done.picture.rgb


@pytest.fixture
def quantised(tmp_path: Path) -> Path:
    """A model as publishers have it: large weights in Q8_0, small ones in floats."""
    return tiny_models.write_model(tmp_path / "quantised", types=_q8)


def _q8(name: str, shape: tuple[int, ...]) -> gguf.GGMLQuantizationType:
    kinds = gguf.GGMLQuantizationType
    return kinds.Q8_0 if len(shape) == 2 and shape[-1] % 32 == 0 else kinds.F32


@pytest.mark.parametrize("kind", ["floats", "quantised"])
def test_the_picture_is_that_of_rounding_at_the_start(
    kind: str, tiny_model: Path, quantised: Path, tmp_path: Path
) -> None:
    original = tiny_model if kind == "floats" else quantised
    prepared = prepared_from(original, tmp_path / "prepared")
    assert picture(prepared) == picture(original, "int8") != picture(original, "dense")


def test_from_a_mount_too_where_its_weights_stay_where_they_come(
    quantised: Path, tmp_path: Path
) -> None:
    prepared = prepared_from(quantised, tmp_path / "prepared")
    assert picture(MountPlace(MountShelf(), prepared)) == picture(prepared)


def test_split_query_key_and_value_become_one(tmp_path: Path, tiny_model: Path) -> None:
    split = tmp_path / "split"
    split.mkdir()
    tiny_models.write_transformer(split / "t.gguf", diffusers_names=True)
    for name in ("tiny_qwen3.gguf", "tiny_ae.safetensors"):
        shutil.copy(tiny_model / name, split)
    assert picture(prepared_from(split, tmp_path / "p")) == picture(split, "int8")


def test_its_tensors_lie_in_the_order_of_use_and_nothing_between(
    tiny_model: Path, tmp_path: Path
) -> None:
    file = opened(prepared_from(tiny_model, tmp_path / "p"))
    offsets = [offset for offset, _ in file.tensors.extents]
    assert offsets == sorted(offsets)
    assert set(file.header.tensors) == set(file.tensors.required)


def test_what_model_code_rounds_is_what_is_prepared(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = Parameters.linear

    def noting(self: Parameters, name: str) -> object:
        asked.append(f"{self._prefix}{name}.weight")
        return real(self, name)

    monkeypatch.setattr(Parameters, "linear", noting)
    load_model(
        find_model(tiny_model),
        "cpu",
        lambda: 0.0,
        lambda *_: None,
        lambda *_: None,
        Strategy.INT8,
    )
    names = set(opened(tiny_model).tensors.required)
    assert {name for name in asked if name in names} == {n for n in names if n.endswith(ROUNDED)}


def test_a_prepared_model_stays_rounded_and_says_what_it_takes(
    tiny_model: Path, tmp_path: Path
) -> None:
    prepared = prepared_from(tiny_model, tmp_path / "p")
    assert outlook(find_model(prepared), "cpu").strategies[Part.TRANSFORMER] is Strategy.INT8
    with pytest.raises(UnsupportedModel, match="was prepared for 8-bit integers, not for dense"):
        picture(prepared, "dense")


def test_integers_that_this_device_is_not_exact_with_are_refused(
    tiny_model: Path, tmp_path: Path
) -> None:
    prepared = prepared_from(tiny_model, tmp_path / "p", limit=127)
    files = find_model(prepared)
    parts = [open_part(f.path).tensors for f in (files.text_encoder, files.transformer, files.vae)]
    import torch

    for conditions in (
        Conditions(torch.float32, 1 << 40, int8_limit=REDUCED_RANGE),
        Conditions(torch.bfloat16, 1 << 40),
    ):
        with pytest.raises(UnsupportedModel, match="prepared for integers up to 127"):
            plan_strategies(*parts, conditions)


def test_a_prepared_file_is_not_prepared_again(tiny_model: Path, tmp_path: Path) -> None:
    file = opened(prepared_from(tiny_model, tmp_path / "p"))
    with pytest.raises(UnsupportedModel, match="prepared already"):
        prepare(file, tmp_path / "again.gguf", 127, lambda done, total: None)
    assert not list(tmp_path.glob("again*"))


def test_what_is_there_is_never_overwritten_and_no_part_is_left(
    tiny_model: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there.gguf"
    there.write_text("mine")
    with pytest.raises(CannotPrepare, match="is there already"):
        prepare(opened(tiny_model), there, 127, lambda done, total: None)
    assert there.read_text() == "mine"
    with pytest.raises(CannotPrepare, match="no directory"):
        prepare(opened(tiny_model), tmp_path / "no" / "x.gguf", 127, lambda done, total: None)

    def interrupted(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(opened(tiny_model), tmp_path / "new.gguf", 127, interrupted)
    assert not list(tmp_path.glob("new*"))


@pytest.mark.parametrize(("version", "limit"), [(2, 127), (1, 0), (1, 128)])
def test_a_file_prepared_in_an_unknown_way_is_refused(
    version: int, limit: int, tiny_model: Path, tmp_path: Path
) -> None:
    prepared = prepared_from(tiny_model, tmp_path / "p")
    path = prepared / "prepared.gguf"
    data = bytearray(path.read_bytes())
    for key, value in ((VERSION_KEY, version), (LIMIT_KEY, limit)):
        at = data.index(key.encode()) + len(key) + 4
        data[at : at + 8] = value.to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(ModelError, match="prepared by another version"):
        picture(prepared)


def test_the_command_writes_it_and_says_what_it_is(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "p.gguf"
    command = ["convert", "--models", str(tiny_model), "-o", str(target)]
    assert main([*command, "--cpu", "any", "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert (document["file"], document["limit"]) == (str(target), REDUCED_RANGE)
    assert document["bytes"] == target.stat().st_size
    assert said.err.splitlines()[-1] == "engine: 100 %"
    assert main(command) == 1
    assert "is there already" in capsys.readouterr().err
    assert main([*command, "--cpu", "mine"]) == 2
