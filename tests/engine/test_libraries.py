"""The list of what importing the libraries reads, and the reading of it beforehand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.libraries import read_ahead

_USED = """
import json
from engine.libraries import used
print(json.dumps(list(used())))
"""


def read_by(listing: Path) -> int:
    """Return how many bytes are read while what is listed is."""
    before = _bytes_read()
    for thread in read_ahead(listing):
        thread.join(60)
        assert not thread.is_alive()
    return _bytes_read() - before


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split("rchar: ")[1].split()[0])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what is read")
def test_what_is_listed_is_read_and_what_is_not_there_or_damaged_is_left_out(
    tmp_path: Path,
) -> None:
    large, small = tmp_path / "a b.so", tmp_path / "c.pyc"
    large.write_bytes(bytes(9 << 20))
    small.write_bytes(bytes(1_000))
    listing = tmp_path / "libraries.txt"
    lines = [
        f"{1 << 20} {7 << 20} {large}",
        f"0 1000 {small}",
        f"0 10 {tmp_path}",
        f"0 0 {tmp_path}",
        f"0 0 {tmp_path}/gone",
        "",
        "damaged",
    ]
    lines += [
        f"0 99 {tmp_path / 'gone'}",
        f"x 99 {small}",
        f"{9 << 20} 4096 {large}",
        f"0 -1 {small}",
    ]
    listing.write_text("\n".join(lines))
    wanted = (7 << 20) + 1_000
    assert wanted <= read_by(listing) < wanted + 50_000


def test_without_a_list_nothing_is_read(tmp_path: Path) -> None:
    assert read_ahead(tmp_path / "nothing.txt") == []


def test_what_serving_imports_is_listed_and_much_less_than_there_is() -> None:
    done = subprocess.run([sys.executable, "-c", _USED], capture_output=True, text=True, check=True)
    extents = json.loads(done.stdout)
    sizes: dict[str, int] = {}
    for path, offset, size in extents:
        assert size >= 0
        assert offset + size <= -(-Path(path).stat().st_size // 4096) * 4096, path
        sizes[Path(path).name] = sizes.get(Path(path).name, 0) + size
    if sys.platform == "linux":
        torch = next(path for path, _, _ in extents if path.endswith("libtorch_cpu.so"))
        assert 1 << 20 < sizes["libtorch_cpu.so"] < Path(torch).stat().st_size / 2
