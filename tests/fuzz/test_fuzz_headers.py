"""A short run of the fuzzer; `fuzz_headers.py` says how to make a long one."""

from __future__ import annotations

from pathlib import Path

import fuzz_headers
import pytest
import seeds


@pytest.mark.parametrize("seed", range(3))
def test_damaged_headers_are_read_or_refused(tmp_path: Path, seed: int):
    endings = fuzz_headers.run(1_000, seed, tmp_path)
    assert sum(endings.values()) == 1_000
    kinds = {ending.split(": ")[1] for ending in endings}
    assert kinds >= {"MalformedFile", "UnsupportedModel", "TransformerFile", "EncoderFile"}


def test_the_whole_files_can_be_used(tmp_path: Path):
    for name, data in seeds.seeds(tmp_path).items():
        path = tmp_path / name
        path.write_bytes(data)
        assert fuzz_headers.read(path) in ("TransformerFile", "EncoderFile", "VaeFile")


def test_a_fault_is_told_with_the_file_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fuzz_headers, "SPARE_BYTES", -1_000_000)
    with pytest.raises(fuzz_headers.Fault, match=r"case 0 of seed 5 .* bytes of memory for a file"):
        fuzz_headers.run(1, 5, tmp_path)
    assert list(tmp_path.glob("case.*"))
