"""Machines that lack one thing each: the doctor names it and its mend, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from doctor_worlds import GIB, GOOD_TERMINAL, Machine, commands, program, reds, states

from console.model.doctor.checks import Check
from console.model.doctor.finding import State
from console.model.text import SafeText
from console.session.doctor.examination import examine
from console.session.history.database import History

BUNDLED = Path(__file__).parents[3] / "engine" / "demo" / "files"
HERE = {
    *(Check.ENGINE, Check.MODELS, Check.MEMORY, Check.DISK, Check.HISTORY),
    Check.TERMINAL,
}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@dataclass(frozen=True)
class Lack:
    """What is missing, which check says so and how badly, in which words, with which mend."""

    lacking: Callable[[Machine], None]
    check: Check
    state: State
    words: str
    mend: str
    silent: tuple[Check, ...] = ()


def change(**attributes: object) -> Callable[[Machine], None]:
    def apply(machine: Machine) -> None:
        for name, value in attributes.items():
            setattr(machine, name, value)

    return apply


def foreign_history(machine: Machine) -> None:
    machine.history.parent.mkdir()
    connection = sqlite3.connect(machine.history)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()


def damaged_history(machine: Machine) -> None:
    machine.history.parent.mkdir()
    machine.history.write_bytes(b"SQLite format 3\0" + b"\x07" * 8_000)


def newer_history(machine: Machine) -> None:
    History.open(machine.history).close()
    connection = sqlite3.connect(machine.history)
    connection.execute("PRAGMA user_version = 999")
    connection.close()


def half_a_model(machine: Machine) -> None:
    folder = machine.home / "half a model"
    folder.mkdir()
    for name in ("ae_demo.safetensors", "qwen3_demo-Q8_0.gguf"):
        (folder / name).write_bytes((BUNDLED / name).read_bytes())
    machine.models = str(folder)


LACKS = {
    "the extra": Lack(
        change(missing=("torch", "gguf")),
        Check.ENGINE,
        State.WRONG,
        "not installed: torch, gguf",
        "pip install 'zimage-console[engine]'",
        silent=(Check.MODELS,),
    ),
    "a part of the model": Lack(
        half_a_model,
        Check.MODELS,
        State.WRONG,
        "transformer",
        "python -m engine inspect '",
    ),
    "the directory of the model": Lack(
        change(models="/nowhere/at all"),
        Check.MODELS,
        State.WRONG,
        "/nowhere/at all",
        "python -m engine inspect '/nowhere/at all'",
    ),
    "memory": Lack(
        change(memory=GIB // 2, available=GIB // 4),
        Check.MEMORY,
        State.WRONG,
        "536.9 MB",
        "zimage-console",
    ),
    "free memory": Lack(
        change(available=GIB // 2),
        Check.MEMORY,
        State.WARNING,
        "536.9 MB of it free",
        "ps -eo rss,comm",
    ),
    "any room": Lack(change(free=10_000_000), Check.DISK, State.WRONG, "10.0 MB free", "du -xh "),
    "room for long": Lack(
        change(free=500_000_000), Check.DISK, State.WARNING, "500.0 MB free", "du -xh "
    ),
    "a history of its own": Lack(
        foreign_history, Check.HISTORY, State.WRONG, "is another program's", "mv "
    ),
    "a console of today": Lack(
        newer_history,
        Check.HISTORY,
        State.WRONG,
        "written by a newer console",
        "pip install --upgrade zimage-console",
    ),
    "a whole history": Lack(damaged_history, Check.HISTORY, State.WRONG, "history.sqlite3", "mv "),
    "a terminal": Lack(
        change(terminal=replace(GOOD_TERMINAL, name=SafeText("dumb"), can_host=False)),
        Check.TERMINAL,
        State.WARNING,
        "TERM is 'dumb'",
        "TERM=xterm-256color",
    ),
    "letters": Lack(
        change(terminal=replace(GOOD_TERMINAL, unicode=False)),
        Check.TERMINAL,
        State.WARNING,
        "no more than ASCII",
        "export LC_ALL=C.UTF-8",
    ),
    "lines": Lack(
        change(terminal=replace(GOOD_TERMINAL, width=80, height=20)),
        Check.TERMINAL,
        State.WARNING,
        "80×20 is small",
        "",
    ),
}


async def test_a_machine_that_lacks_nothing_is_well(machine: Machine) -> None:
    report = await machine.examined()

    assert {each.check for each in report.having(State.OK)} == HERE
    assert {each.check for each in report.having(State.NOT_ASKED)} == {*Check} - HERE
    assert report.well


@pytest.mark.parametrize("name", LACKS)
async def test_what_is_lacking_is_named_with_its_mend_and_nothing_else(
    name: str, machine: Machine
) -> None:
    lack = LACKS[name]
    lack.lacking(machine)
    report = await machine.examined()

    assert {*reds(report)} == {lack.check}
    found = report.finding(lack.check)
    assert found.state is lack.state
    assert lack.words in found.found
    assert lack.mend in commands(found)
    assert {each.check for each in report.having(State.UNKNOWN)} == {*lack.silent}
    assert report.well is (lack.state is not State.WRONG)


async def test_a_history_is_looked_at_and_left_as_it_is(machine: Machine) -> None:
    assert "none yet" in (await machine.examined()).finding(Check.HISTORY).found
    assert not machine.history.exists()
    History.open(machine.history).close()
    before = machine.history.read_bytes()

    report = await machine.examined()

    assert report.finding(Check.HISTORY).state is State.OK
    assert machine.history.read_bytes() == before


async def test_a_model_in_a_bucket_is_not_looked_for_here(machine: Machine) -> None:
    machine.models = "gs://a-bucket/z-image"

    assert states(await machine.examined())[Check.MODELS] is State.NOT_ASKED


async def test_a_disk_that_does_not_answer_silences_nothing_else(machine: Machine) -> None:
    class Broken:
        def __init__(self) -> None:
            self.memory = machine.source().memory
            self.missing_packages = machine.source().missing_packages

        def space(self, folder: Path) -> object:
            raise OSError(5, "Input/output error")

    world = replace(machine.world(), machine=Broken())
    report = await examine(machine.case(), world)

    assert report.finding(Check.DISK).state is State.UNKNOWN
    assert "Input/output error" in report.finding(Check.DISK).found
    assert {each.check for each in report.having(State.OK)} == HERE - {Check.DISK}


async def test_an_engine_that_hangs_is_given_up(machine: Machine) -> None:
    slow = machine.world()

    class Hanging:
        async def models(self, directory: str | None) -> object:
            import asyncio

            await asyncio.Event().wait()

    report = await examine(machine.case(), replace(slow, tools=Hanging()), seconds=0.05)

    assert "no answer within" in report.finding(Check.MODELS).found
    assert report.finding(Check.MEMORY).state is State.OK
    assert report.finding(Check.TERMINAL).state is State.OK


def no_gcloud(machine: Machine) -> None:
    (machine.bin / "gcloud").unlink()


def no_docker(machine: Machine) -> None:
    (machine.bin / "docker").unlink()


BUILDER = '{"ServerVersion":"28.2.2","DockerRootDir":"/"}'
TOOLS = {
    "gcloud": Lack(
        no_gcloud, Check.GCLOUD, State.WARNING, "not installed", "curl -sSL https://sdk.cloud"
    ),
    "a gcloud of today": Lack(
        lambda machine: program(
            machine.bin, "gcloud", """echo '{"Google Cloud SDK": "470.0.1"}'"""
        ),
        Check.GCLOUD,
        State.WARNING,
        "470.0.1 is older than 528.0.0",
        "gcloud components update",
    ),
    "a gcloud that works": Lack(
        lambda machine: program(machine.bin, "gcloud", "echo no python >&2; exit 1"),
        Check.GCLOUD,
        State.WARNING,
        "does not work: no python",
        "gcloud components update",
    ),
    "Docker": Lack(no_docker, Check.DOCKER, State.WARNING, "it is not installed", ""),
    "a Docker of today": Lack(
        lambda machine: machine.docker("20.10.24", BUILDER),
        Check.DOCKER,
        State.WARNING,
        "20.10.24 is older than 23.0.0",
        "",
    ),
    "Docker's engine": Lack(
        lambda machine: program(
            machine.bin,
            "docker",
            'if [ "$1" = --version ]; then echo "Docker version 28.2.2, build 0"; '
            "else echo Cannot connect to the Docker daemon >&2; exit 1; fi",
        ),
        Check.DOCKER,
        State.WARNING,
        "its engine does not answer: Cannot connect",
        "sudo systemctl start docker",
    ),
    "room for a build": Lack(
        change(free=5_000_000_000),
        Check.BUILD_SPACE,
        State.WRONG,
        "a build for CPU takes about 6.0 GB",
        "",
    ),
}


@pytest.mark.parametrize("name", TOOLS)
async def test_a_tool_that_is_lacking_is_named_with_its_mend_and_no_other(
    name: str, machine: Machine
) -> None:
    lack = TOOLS[name]
    machine.docker(info=BUILDER)
    lack.lacking(machine)
    report = await examine(machine.case(sandbox=True), machine.world())

    assert {*reds(report)} == {lack.check}
    found = report.finding(lack.check)
    assert found.state is lack.state
    assert lack.words in found.found
    assert lack.mend in commands(found)
