"""Damaged and malicious files: only `ModelError`, in one line, with little memory."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import gguf
import numpy as np
import pytest
import tiny_models
import written_gguf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from engine.errors import MalformedFile, ModelError
from engine.weights import gguf as our_gguf
from engine.weights import safetensors as our_safetensors
from engine.weights.discover import inspect_directory, open_part
from engine.weights.tensors import Header

Read = Callable[[Path], Header]
ANY_FUNCTION = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def attempt(read: Read, path: Path, data: bytes) -> ModelError | None:
    path.write_bytes(data)
    try:
        header = read(path)
    except ModelError as refusal:
        problem = refusal
    else:
        assert all(tensor.end <= len(data) for tensor in header.tensors.values())
        return None
    assert str(problem).isprintable()
    assert path.name in str(problem)
    return problem


@pytest.fixture(scope="module")
def small_gguf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    def metadata(writer: gguf.GGUFWriter) -> None:
        writer.add_uint32("a.number", 7)
        writer.add_string("a.text", "hello")
        writer.add_array("some.words", ["one", "two", "three"])
        writer.add_array("some.numbers", [1, 2, 3])

    state = {"one": np.ones((2, 32), np.float32), "two": np.ones(32, np.float32)}
    path = tmp_path_factory.mktemp("hostile") / "small.gguf"
    types = tiny_models.matrices_as(tiny_models.Type.Q8_0)
    tiny_models.write_gguf(path, state, architecture="test", types=types, metadata=metadata)
    return path.read_bytes()


@pytest.fixture(scope="module")
def small_safetensors(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("hostile") / "small.safetensors"
    state = {"one": np.ones((2, 4), np.float32), "two": np.ones(3, np.float16)}
    save_file(state, path, {"norm_num_groups": "4"})
    return path.read_bytes()


def test_a_gguf_cut_anywhere_is_refused(small_gguf: bytes, tmp_path: Path):
    path = tmp_path / "cut.gguf"
    with little_memory():
        for length in range(len(small_gguf) - 1):
            assert attempt(our_gguf.read_header, path, small_gguf[:length]) or _only_padding(
                small_gguf, length
            )


def _only_padding(data: bytes, length: int) -> bool:
    return not any(data[length:])


def test_a_safetensors_file_cut_anywhere_is_refused(small_safetensors: bytes, tmp_path: Path):
    path = tmp_path / "cut.safetensors"
    with little_memory():
        for length in range(len(small_safetensors)):
            assert attempt(our_safetensors.read_header, path, small_safetensors[:length])


@pytest.mark.parametrize("byte", [0x00, 0x01, 0x7F, 0x80, 0xFF])
def test_any_changed_byte_of_a_gguf_is_read_or_refused(
    small_gguf: bytes, tmp_path: Path, byte: int
):
    path = tmp_path / "changed.gguf"
    with little_memory():
        for at in range(len(small_gguf)):
            attempt(
                our_gguf.read_header, path, small_gguf[:at] + bytes([byte]) + small_gguf[at + 1 :]
            )


@ANY_FUNCTION
@given(data=st.data())
def test_any_changed_number_of_a_gguf_is_read_or_refused(
    small_gguf: bytes, tmp_path: Path, data: st.DataObject
):
    changed = bytearray(small_gguf)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 8))
        number = data.draw(
            st.sampled_from([0, 1, 2**16, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1])
        )
        changed[at : at + 8] = number.to_bytes(8, "little")
    with little_memory():
        attempt(our_gguf.read_header, tmp_path / "changed.gguf", bytes(changed))


@ANY_FUNCTION
@given(junk=st.binary(max_size=200))
def test_junk_after_the_magic_is_refused(tmp_path: Path, junk: bytes):
    assert attempt(our_gguf.read_header, tmp_path / "junk.gguf", b"GGUF\x03\0\0\0" + b"\1" + junk)


@ANY_FUNCTION
@given(data=st.data())
def test_any_changed_bytes_of_a_safetensors_file_are_read_or_refused(
    small_safetensors: bytes, tmp_path: Path, data: st.DataObject
):
    changed = bytearray(small_safetensors)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    with little_memory():
        attempt(our_safetensors.read_header, tmp_path / "changed.safetensors", bytes(changed))


def test_a_tensor_without_numbers_beyond_the_end_is_refused(
    small_gguf: bytes, tmp_path: Path
) -> None:
    changed = bytearray(small_gguf)
    described = changed.rindex(b"two") + 3 + 4
    changed[described : described + 8] = (0).to_bytes(8, "little")
    offset = described + 8 + 4
    changed[offset : offset + 8] = (1 << 31).to_bytes(8, "little")
    refusal = attempt(our_gguf.read_header, tmp_path / "empty.gguf", bytes(changed))
    assert "truncated" in str(refusal)


def _safetensors(header: object, data: bytes = bytes(16)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


GOOD = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(_safetensors([1, 2]), id="no-table"),
        pytest.param(_safetensors(b"{" * 50_000), id="deep-object"),
        pytest.param(_safetensors(b'{"a":' + b"[" * 100_000), id="deep-array"),
        pytest.param(_safetensors(b"{nonsense"), id="no-json"),
        pytest.param(_safetensors(b"\xff\xfe{}"), id="no-utf8"),
        pytest.param(_safetensors(b'{"a":1' + b"9" * 5_000 + b"}"), id="long-number"),
        pytest.param(_safetensors({"t": 5}), id="tensor-no-table"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [-4]}}), id="negative"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [4.0]}}), id="fraction"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [True]}}), id="boolean"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [2**70]}}), id="huge"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [5]}}), id="wrong-size"),
        pytest.param(_safetensors({"t": GOOD | {"shape": [1] * 100}}), id="many-dimensions"),
        pytest.param(_safetensors({"t": GOOD | {"data_offsets": [16, 0]}}), id="backwards"),
        pytest.param(_safetensors({"t": GOOD | {"data_offsets": [4, 20]}}), id="beyond-the-end"),
        pytest.param(_safetensors({"t": GOOD | {"dtype": "F5"}}), id="unknown-type"),
        pytest.param(_safetensors({"t": GOOD, "u": GOOD}), id="shared-bytes"),
        pytest.param(
            _safetensors(b'{"t":%b,"t":%b}' % ((json.dumps(GOOD).encode(),) * 2)), id="twice"
        ),
        pytest.param(_safetensors({"__metadata__": {"a": 1}}), id="metadata-no-text"),
        pytest.param((2**63).to_bytes(8, "little") + b"{}", id="endless-header"),
    ],
)
def test_a_safetensors_header_that_lies_is_refused(tmp_path: Path, file: bytes):
    assert attempt(our_safetensors.read_header, tmp_path / "lie.safetensors", file)


def _gguf_of_long_names() -> bytes:
    """As many pairs and tensors as may be, with names that take four bytes for each letter."""
    long = "x" * 116 + "\N{CIRCLED IDEOGRAPH SECRET}\N{GRINNING FACE}"
    pairs = [f"{long}{n}" for n in range(1_000)]
    data = b"GGUF" + struct.pack("<IQQ", 3, 2_000, len(pairs))
    for key in pairs:
        data += written_gguf.text(key) + written_gguf.value(long)
    for n in range(2_000):
        data += written_gguf.text(f"{long}{n}") + struct.pack("<I4QIQ", 4, 1, 1, 1, 1, 0, 32 * n)
    return data + bytes(32 * 2_001)


def _tensors_without_numbers(count: int) -> bytes:
    empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    return _safetensors({f"layers.{n}.x": empty for n in range(count)})


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(_gguf_of_long_names(), id="gguf-long-names"),
        pytest.param(_tensors_without_numbers(2_000), id="many-tensors"),
        pytest.param(_tensors_without_numbers(50_000), id="very-many-tensors"),
        pytest.param(_safetensors(b'{"a":[' + b"[]," * 30_000 + b"1]}"), id="lists"),
        pytest.param(_safetensors(b'{"a":[' + b"{}," * 300_000 + b"1]}"), id="tables"),
        pytest.param(
            _safetensors(b'{"__metadata__":{"a":"%b\xf0\x9f\x98\x80"}}' % (b"x" * 400_000)),
            id="wide-letters",
        ),
        pytest.param(
            _safetensors(b'{"__metadata__":{"a":"%b\xf0\x9f\x98\x80"}}' % (b"x" * 9_000_000)),
            id="very-many-wide-letters",
        ),
    ],
)
def test_a_header_takes_no_more_memory_than_its_file_and_a_little(tmp_path: Path, file: bytes):
    path = tmp_path / ("x.gguf" if file.startswith(b"GGUF") else "x.safetensors")
    path.write_bytes(file)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError):
            open_part(path)
        assert tracemalloc.get_traced_memory()[1] < len(file) + (4 << 20)
    finally:
        tracemalloc.stop()


def test_a_huge_sparse_file_is_refused_without_reading_it(tmp_path: Path):
    path = tmp_path / "sparse.gguf"
    path.write_bytes(
        b"GGUF\x03\0\0\0"
        + bytes(8)
        + (1).to_bytes(8, "little")  # one metadata pair
        + (1).to_bytes(8, "little")
        + b"k"
        + (9).to_bytes(4, "little")  # named k, an array
        + (8).to_bytes(4, "little")
        + (2**30).to_bytes(8, "little")  # of 2**30 strings
    )
    with path.open("r+b") as file:
        file.truncate(2**40)
    with little_memory(), pytest.raises(MalformedFile, match="claims 1,073,741,824 values"):
        our_gguf.read_header(path)


@ANY_FUNCTION
@given(data=st.data())
def test_looking_at_a_damaged_part_never_raises(
    tiny_model: Path, tmp_path: Path, data: st.DataObject
):
    source = tiny_model / data.draw(st.sampled_from(["tiny_z_image.gguf", "tiny_ae.safetensors"]))
    changed = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, 6_000))] = data.draw(st.integers(0, 255))
    (tmp_path / source.name).write_bytes(changed)
    (facts,) = inspect_directory(tmp_path)
    assert facts.problem.isprintable()
    (tmp_path / source.name).unlink()
