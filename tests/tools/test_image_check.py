"""What the check of the images makes of what programs say, and which limits it holds them to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from images.base_image import portable_pip_settings  # noqa: E402
from images.building import Built, Layer, context_bytes, reason_in, shortened  # noqa: E402
from images.contents import faults, label_faults  # noqa: E402
from images.machine import missing_packages  # noqa: E402
from images.report import Measured, broken_limits, table  # noqa: E402
from images.serving import Served  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILT = Built("Dockerfile.optimized", 970_000_000, 7_900_000, 19.1, (Layer("base", 214_000_000),))
RUN = Served("models at /models", 0.9, 4.2, 5.0, 0.4, b"red")
GOOD = Measured(
    cpu=BUILT,
    gpu=replace(BUILT, what="Dockerfile.gpu, TORCH_BUILD=+cpu"),
    stored=290_000_000,
    runs=(RUN, replace(RUN, how="models at /app")),
)
INSIDE = {
    "user": 65532,
    "console": False,
    "stray": [],
    "without_bytecode": [],
    "distributions": {"torch": "2.13.0+cpu", "zimage-console": "0.1.0"},
    "listed": {"torch": "2.13.0+cpu"},
}
LABELS = {
    f"org.opencontainers.image.{name}": value
    for name, value in {
        "title": "Z",
        "licenses": "Apache-2.0",
        "version": "0.1.0",
        "revision": "",
        "source": "",
    }.items()
}


def test_good_images_break_no_limit() -> None:
    assert broken_limits(GOOD) == []


@pytest.mark.parametrize(
    ("measured", "line"),
    [
        (replace(GOOD, cpu=replace(BUILT, size=1_200_000_001)), "1,200.0 MB, more than"),
        (replace(GOOD, gpu=replace(BUILT, context=4_000_000_000)), "missing in .dockerignore"),
        (replace(GOOD, runs=(RUN, replace(RUN, how="slow", pixels=b"blue"))), "picture slow"),
    ],
    ids=["large", "context", "picture"],
)
def test_each_limit_that_is_broken_is_a_line(measured: Measured, line: str) -> None:
    (said,) = broken_limits(measured)
    assert line in said


def test_the_table_has_every_image_layer_and_run() -> None:
    lines = table(GOOD).splitlines()

    assert lines[1].split() == ["Dockerfile.optimized", "970.0", "MB", "7.9", "MB", "19.1"]
    assert [line for line in lines if line.startswith("compressed")] != []
    assert lines[-1].endswith("0.90 s  4.20 s         5.00 s  0.40 s")


def test_an_image_as_it_should_be_has_no_faults() -> None:
    assert faults(INSIDE) == []
    assert label_faults(LABELS, "0.1.0") == []


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"user": 0}, "runs as root"),
        ({"console": True}, "has the console in it"),
        ({"stray": ["/opt/z.gguf"]}, "/opt/z.gguf has no business"),
        ({"without_bytecode": ["/opt/a.py"]}, "/opt/a.py is not compiled"),
        ({"listed": {"torch": "2.12.0"}}, "differ in torch 2.12.0"),
    ],
    ids=["root", "console", "stray", "bytecode", "list"],
)
def test_what_must_not_be_in_an_image_is_named(changed: Mapping[str, object], line: str) -> None:
    assert any(line in fault for fault in faults({**INSIDE, **changed}))


def test_labels_must_be_there_and_true() -> None:
    assert "no label title" in label_faults(None, "0.1.0")[0]
    assert "0.1.0, pyproject.toml 0.2.0" in label_faults(LABELS, "0.2.0")[0]


def test_what_a_build_was_sent_is_read_from_its_log() -> None:
    log = "#2 transferring context: 276B done\n#7 transferring context: 3.1MB 0.1s\n"
    log += "#7 transferring context: 7.94MB 0.2s done\n"
    assert context_bytes(log) == 276 + 7_940_000


def test_the_reason_of_a_failed_build_is_one_line() -> None:
    log = "#9 1.2 Resolved 3 packages\n#9 2.2 error: No solution found\n#9 ERROR: exit code: 1\n"
    assert reason_in(log) == "error: No solution found"
    assert reason_in("") == "no reason given"


def test_layers_are_called_by_the_first_words_of_what_made_them() -> None:
    assert shortened("COPY /opt/zimage/engine /opt/zimage/engine # buildkit") == (
        "COPY /opt/zimage/engine /opt/zimage/engine"
    )
    assert (
        shortened("RUN /bin/sh -c useradd --uid 65532 zimage # buildkit") == "useradd --uid 65532"
    )
    assert shortened("") == "base"


def test_only_what_is_true_elsewhere_of_pips_settings_goes_into_a_base() -> None:
    listing = (
        ":env:.cert='/etc/ssl/own.pem'\n"
        "global.extra-index-url='file:///srv/simple https://wheels.example/simple'\n"
        "global.find-links='/srv/wheels'\n"
        "global.index-url='https://mirror.example/simple'\n"
    )
    assert portable_pip_settings(listing) == (
        "[global]\n"
        "extra-index-url = https://wheels.example/simple\n"
        "index-url = https://mirror.example/simple\n"
    )
    assert portable_pip_settings("") == "[global]\n"


def test_only_packages_of_missing_programs_are_installed() -> None:
    assert missing_packages({"sh": "dash", "no-such-program": "one", "nor-this": "another"}) == [
        "another",
        "one",
    ]
