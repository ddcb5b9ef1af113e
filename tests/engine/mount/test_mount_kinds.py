from __future__ import annotations

from pathlib import Path

import pytest

from engine.weights.mount.kinds import is_remote

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:27 / /models ro,nosuid shared:9 - fuse.gcsfuse bucket ro,user_id=0
31 22 0:28 / /models/inner rw - tmpfs tmpfs rw
32 22 0:29 / /with\040blank rw - nfs4 server:/share rw
33 22 0:30 / /twice rw - fuse x rw
34 33 0:31 / /twice rw master:3 - xfs /dev/sdb rw
35 22 0:32 / /app rw - 9p none rw
nonsense
36 22 0:33 / /cut
"""


@pytest.mark.parametrize(
    ("directory", "remote"),
    [
        ("/models", True),
        ("/models/z-image/deep", True),
        ("/models-of-mine", False),
        ("/models/inner", False),
        ("/with blank/m", True),
        ("/twice/m", False),
        ("/app", True),
        ("/home/somebody", False),
    ],
)
def test_the_innermost_and_latest_mount_decides(
    directory: str, remote: bool, tmp_path: Path
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert is_remote(Path(directory), mounts) is remote


def test_where_mounts_are_not_told_everything_counts_as_here(tmp_path: Path) -> None:
    assert not is_remote(Path("/models"), tmp_path / "no such file")


def test_a_link_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    target = tmp_path / "far"
    target.mkdir()
    (tmp_path / "near").symlink_to(target)
    mounts.write_text(f"22 1 8:1 / / rw - ext4 x rw\n30 22 0:27 / {target} ro - nfs x ro\n")
    assert is_remote(tmp_path / "near", mounts)


def test_this_machines_own_mounts_can_be_read() -> None:
    assert is_remote(Path("/proc"))
    assert not is_remote(Path(__file__))
