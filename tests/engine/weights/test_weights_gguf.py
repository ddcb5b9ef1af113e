from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest
import tiny_models
import written_gguf

from engine.errors import MalformedFile, ModelError, UnsupportedModel
from engine.weights.gguf import read_header, read_integers, read_strings
from engine.weights.tensors import GGML_TYPES, ArrayFacts


def test_finds_every_tensor_where_the_gguf_package_finds_it(tiny_model: Path):
    for path in tiny_model.glob("*.gguf"):
        header = read_header(path)
        reader = gguf.GGUFReader(path)
        assert list(header.tensors) == [tensor.name for tensor in reader.tensors]
        for theirs in reader.tensors:
            ours = header.tensors[theirs.name]
            assert ours.offset == theirs.data_offset
            assert ours.bytes == theirs.n_bytes
            assert list(ours.shape) == theirs.shape.tolist()[::-1]


def test_knows_the_block_sizes_of_every_type():
    theirs = {int(t): (t.name, *gguf.GGML_QUANT_SIZES[t]) for t in gguf.GGMLQuantizationType}
    assert {i: (t.name, t.block, t.block_bytes) for i, t in GGML_TYPES.items()} == theirs


@pytest.fixture
def described(tmp_path: Path) -> Path:
    """A small file with every kind of metadata."""

    def metadata(writer: gguf.GGUFWriter) -> None:
        writer.add_uint8("a.uint8", 200)
        writer.add_int8("a.int8", -100)
        writer.add_uint16("a.uint16", 60_000)
        writer.add_int16("a.int16", -30_000)
        writer.add_uint32("a.uint32", 4_000_000_000)
        writer.add_int32("a.int32", -2_000_000_000)
        writer.add_uint64("a.uint64", 2**63 + 1)
        writer.add_int64("a.int64", -(2**62))
        writer.add_float32("a.float32", 0.5)
        writer.add_float64("a.float64", 1e300)
        writer.add_bool("a.bool", True)
        writer.add_string("a.string", "红色 circle")
        writer.add_array("strings", ["one", "", "三", "four" * 50])
        writer.add_array("integers", [3, -1, 2])
        writer.add_array("floats", [0.5, 1.5])

    state = {
        "matrix": np.arange(12, dtype=np.float32).reshape(3, 4),
        "vector": np.ones(5, np.float32),
    }
    return tiny_models.write_gguf(
        tmp_path / "described.gguf", state, architecture="test", metadata=metadata
    )


def test_reads_metadata_as_what_it_is(described: Path):
    metadata = dict(read_header(described).metadata)
    assert {k: v for k, v in metadata.items() if not isinstance(v, ArrayFacts)} == {
        "general.architecture": "test",
        "a.uint8": 200,
        "a.int8": -100,
        "a.uint16": 60_000,
        "a.int16": -30_000,
        "a.uint32": 4_000_000_000,
        "a.int32": -2_000_000_000,
        "a.uint64": 2**63 + 1,
        "a.int64": -(2**62),
        "a.float32": 0.5,
        "a.float64": 1e300,
        "a.bool": True,
        "a.string": "红色 circle",
    }
    assert metadata["a.bool"] is True


def test_reads_arrays_only_when_asked(described: Path):
    header = read_header(described)
    assert isinstance(header.metadata["strings"], ArrayFacts)
    assert read_strings(header, "strings") == ["one", "", "三", "four" * 50]
    assert read_integers(header, "integers") == [3, -1, 2]
    assert read_strings(header, "missing") is None
    assert read_integers(header, "missing") is None


def test_a_vocabulary_longer_than_the_reading_window_is_skipped(tmp_path: Path):
    words = [f"{'word' * (n % 9)}{n}" for n in range(100_000)]
    path = tiny_models.write_gguf(
        tmp_path / "long.gguf",
        {"x": np.ones(4, np.float32)},
        architecture="test",
        metadata=lambda writer: writer.add_array("words", words),
    )
    header = read_header(path)
    assert header.tensors["x"].shape == (4,)
    assert read_strings(header, "words") == words


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (lambda header: header.integer("a.string"), "a whole number"),
        (lambda header: header.integer("a.bool"), "a whole number"),
        (lambda header: header.number("a.string"), "a number"),
        (lambda header: header.text("a.uint8"), "a string"),
        (lambda header: header.text("strings"), "a string"),
        (lambda header: read_strings(header, "integers"), "an array of string"),
        (lambda header: read_integers(header, "floats"), "an array of int32"),
    ],
)
def test_metadata_of_another_kind_is_refused_by_name(described: Path, ask, wanted: str):
    with pytest.raises(MalformedFile, match=rf"described\.gguf: metadata .* where {wanted} is"):
        ask(read_header(described))


def test_a_truncated_file_says_which_tensor_is_cut(tmp_path: Path):
    path = tiny_models.write_transformer(tmp_path / "model.gguf")
    whole = path.read_bytes()
    path.write_bytes(whole[:-5_000])
    with pytest.raises(MalformedFile) as caught:
        read_header(path)
    assert str(caught.value).startswith("model.gguf is truncated: tensor ")
    assert f"the file has {len(whole) - 5_000:,}; download it again" in str(caught.value)


@pytest.mark.parametrize(
    ("start", "kind", "words"),
    [
        (b"", MalformedFile, "is truncated"),
        (b"GG", MalformedFile, "is truncated"),
        (b"PK\x03\x04" + bytes(60), MalformedFile, "is not a GGUF file"),
        (b"GGUF" + (1).to_bytes(4, "little") + bytes(60), UnsupportedModel, "is GGUF version 1"),
        (b"GGUF" + (3).to_bytes(4, "big") + bytes(60), UnsupportedModel, "is a big-endian GGUF"),
        (
            b"GGUF\x03\0\0\0" + b"\xff" * 16,
            MalformedFile,
            "it claims 18,446,744,073,709,551,615 tensors",
        ),
    ],
)
def test_other_beginnings_are_refused(tmp_path: Path, start: bytes, kind, words: str):
    path = tmp_path / "odd.gguf"
    path.write_bytes(start)
    with pytest.raises(kind, match=words):
        read_header(path)


def test_an_unknown_tensor_type_is_refused_with_advice(described: Path):
    data = bytearray(described.read_bytes())
    at = data.index(b"matrix") + 6 + 4 + 16
    data[at : at + 4] = (99).to_bytes(4, "little")
    described.write_bytes(data)
    with pytest.raises(UnsupportedModel, match=r"tensor matrix has type 99, .* for example Q4_K_M"):
        read_header(described)


def test_tensors_that_share_bytes_are_refused(described: Path):
    data = bytearray(described.read_bytes())
    at = data.index(b"vector") + 6 + 4 + 8 + 4
    data[at : at + 8] = bytes(8)
    described.write_bytes(data)
    with pytest.raises(MalformedFile, match="tensors vector and matrix share bytes"):
        read_header(described)


def test_names_from_a_file_cannot_break_a_message_into_lines(tmp_path: Path):
    name = "evil\n\x1b[31mname" + "x" * 500
    path = tiny_models.write_gguf(
        tmp_path / "evil.gguf", {name: np.ones(4, np.float32)}, architecture="test"
    )
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelError) as caught:
        read_header(path)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_long_text_stays_in_the_file(tmp_path: Path):
    metadata = {"tokenizer.chat_template": "x" * 100_000, "general.name": "short"}
    path = written_gguf.write(tmp_path / "long.gguf", metadata, {})
    header = read_header(path)
    template = header.metadata["tokenizer.chat_template"]
    assert isinstance(template, ArrayFacts)
    assert (template.kind, template.bytes) == ("text", 100_000)
    assert path.read_bytes()[template.offset :].startswith(b"x" * 100)
    assert header.text("general.name") == "short"


def test_more_tensors_than_any_model_has_are_refused(tmp_path: Path):
    tensors = {f"t{n}": written_gguf.Described((1,)) for n in range(3_000)}
    with pytest.raises(MalformedFile, match="it claims 3,000 tensors"):
        read_header(written_gguf.write(tmp_path / "many.gguf", {}, tensors))


def test_a_vocabulary_costs_a_twentieth_of_the_gguf_packages_time(tmp_path: Path):
    """Both in this thread's own processor time, one after the other, on a tenth of Qwen's."""
    path = written_gguf.write(
        tmp_path / "words.gguf", written_gguf.vocabulary(15_000, 15_000), written_gguf.qwen3()
    )

    def seconds(read: Callable[[Path], object]) -> float:
        before = time.thread_time()
        read(path)
        return time.thread_time() - before

    ours = min(seconds(read_header) for _ in range(5))
    assert seconds(gguf.GGUFReader) >= 20 * ours


def test_a_tensor_without_dimensions_is_no_block(tmp_path: Path):
    tensors = {"x": written_gguf.Described((32,), "Q8_0")}
    path = written_gguf.write(tmp_path / "point.gguf", {}, tensors)
    data = path.read_bytes()
    at = data.index(b"x", 24) + 1
    path.write_bytes(data[:at] + bytes(4) + data[at + 12 :])
    with pytest.raises(MalformedFile, match="hold 1 numbers, which is no whole number of Q8_0"):
        read_header(path)
