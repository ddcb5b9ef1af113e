"""A machine on which something behaves badly: it is told of in time, and nothing else is blamed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from doctor_worlds import GOOD_TERMINAL, Machine, practice, program, reds
from test_doctor_here import BUILDER

from console.config import Config
from console.examining import case_here, world_here
from console.model.doctor import reaching
from console.model.doctor.answers import Because, Unanswered
from console.model.doctor.checks import Check
from console.model.doctor.finding import State
from console.model.text import SafeText
from console.session.doctor.examination import examine
from console.session.engine_session import utc_now
from console.sources.base import Offline
from console.sources.docker import DockerProgram
from console.sources.logins import Logins
from console.sources.program_run import DoesNotEnd, run
from console.sources.reach import GOOGLE, Reach
from console.sources.tools import Tools

HANG = "while :; do /bin/sleep 600; done"
FLOOD = 'line=$(printf "%9999s" \'{"nonsense": "\\033[2J\'); while :; do echo "$line"; done'
BREAKS = {
    "a docker that hangs": ("docker", HANG, Check.DOCKER, "said nothing within 0.5 s"),
    "a docker that never ends": ("docker", FLOOD, Check.DOCKER, "says more than 16,777,216 bytes"),
    "a gcloud that hangs": ("gcloud", HANG, Check.GCLOUD, "said nothing within 0.5 s"),
    "a gcloud that never ends": ("gcloud", FLOOD, Check.GCLOUD, "says more than"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_program_that_behaves_badly_is_told_of_alone(name: str, tmp_path: Path) -> None:
    which, script, check, words = BREAKS[name]
    machine = Machine(tmp_path)
    machine.docker(info=BUILDER)
    program(machine.bin, which, script)
    patience = 0.5 if script == HANG else 60.0
    environment = {**machine.environment, "PATH": f"{machine.bin}:/usr/bin:/bin"}

    class Impatient(Tools):
        async def docker(self) -> object:  # type: ignore[override]
            return await DockerProgram(environment, seconds=patience).look()

    world = machine.world()
    object.__setattr__(world, "tools", Impatient(environment, patience))
    report = await examine(machine.case(sandbox=True), world, seconds=120.0)

    assert {*reds(report)} == {check}, report.finding(check)
    assert words in report.finding(check).found
    assert report.finding(check).mends


async def test_a_docker_whose_engine_hangs_is_no_docker_that_hangs(tmp_path: Path) -> None:
    program(
        tmp_path / "bin",
        "docker",
        f'if [ "$1" = --version ]; then echo "Docker version 28.2.2, build 0"; else {HANG}; fi',
    )
    found = await DockerProgram({"PATH": f"{tmp_path}/bin"}, seconds=0.5).look()

    assert (found.client.version, found.client.problem) == ("28.2.2", "")
    assert isinstance(found.engine, str)
    assert "said nothing within" in found.engine


async def test_a_docker_that_adds_up_for_too_long_has_its_engine_told(tmp_path: Path) -> None:
    program(
        tmp_path / "bin",
        "docker",
        f"""case "$1" in
--version) echo "Docker version 28.2.2, build 0" ;;
info) echo '{BUILDER}' ;;
*) {HANG} ;;
esac""",
    )
    found = await DockerProgram({"PATH": f"{tmp_path}/bin"}, counting=0.5).look()

    assert not isinstance(found.engine, str)
    assert "`docker system df` said nothing within 0.5 s" in found.engine.silent


async def test_a_program_run_from_a_thread_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program(tmp_path, "slow", f"(echo began; exec /bin/sleep 600) > {pipe} & wait")
    # The pipe has an end when nobody is left who could write into it.
    ended = asyncio.create_task(asyncio.to_thread(pipe.read_bytes))
    with pytest.raises(DoesNotEnd, match="no answer within"):
        await asyncio.to_thread(run, [str(tmp_path / "slow")], {}, 0.5)

    async with asyncio.timeout(30.0):
        assert await ended == b"began\n"


@pytest.mark.parametrize("script", [FLOOD, f"{FLOOD} >&2"], ids=["output", "errors"])
def test_a_program_that_says_too_much_is_not_heard_out(script: str, tmp_path: Path) -> None:
    program(tmp_path, "loud", script)
    with pytest.raises(DoesNotEnd, match="says more than 1,000 bytes"):
        run([str(tmp_path / "loud")], {}, seconds=60.0, largest=1_000)


async def test_a_gcloud_that_never_ends_is_no_login_and_says_why(tmp_path: Path) -> None:
    program(tmp_path / "bin", "gcloud", FLOOD)
    login = await Logins({"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}).login()

    assert "gcloud does not work: it says more than" in login.problem
    assert not login.offline


@pytest.mark.parametrize("hours", [5, -5])
async def test_of_a_clock_that_is_hours_off_only_the_clock_is_wrong(
    hours: int, tmp_path: Path
) -> None:
    async with practice(tmp_path, clock=lambda: utc_now() + timedelta(hours=hours)) as opened:
        report = await opened.examined()

    assert [each.check for each in report.having(State.WRONG)] == [Check.CLOCK]
    assert "5 h" in report.finding(Check.CLOCK).found


async def test_a_login_that_has_run_out_by_a_wrong_clock_is_not_blamed(tmp_path: Path) -> None:
    told = '{"credential": {"access_token": "ya29.x", "token_expiry": "2020-01-01T00:00:00Z"}}'
    program(tmp_path / "bin", "gcloud", f"echo '{told}'")
    login = await Logins({"HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}).login()
    refused = Unanswered(Because.LOGIN, SafeText("invalid_grant"))

    assert "already expired" in login.problem
    assert reaching.login(login, refused).state is State.WRONG
    found = reaching.login(login, refused, clock_is_wrong=True)
    assert (found.state, found.mends) == (State.UNKNOWN, ())
    assert "the clock, which is wrong" in found.found


def proxies(value: str) -> dict[str, str]:
    return dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), value)


@pytest.mark.parametrize("proxy", ["http://ada:secret@127.0.0.1:9", "nonsense://x y", "http://["])
async def test_a_proxy_that_does_not_answer_is_named_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in proxies(proxy).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Offline, match=r"through the proxy .* that https_proxy names") as refused:
        await Reach(GOOGLE, utc_now, os.environ).reach()

    assert "secret" not in str(refused.value)


async def test_a_sandbox_is_not_asked_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in proxies("http://127.0.0.1:9").items():
        monkeypatch.setenv(name, value)
    async with practice(tmp_path) as opened:
        report = await opened.examined()

    assert report.well
    assert report.having(State.UNKNOWN) == ()


async def test_without_a_path_and_a_home_there_is_still_a_report(tmp_path: Path) -> None:
    config = Config(pictures_directory=tmp_path)
    with (tmp_path / "screen").open("w") as screen:
        case = case_here(config, "", {}, screen)
    report = await examine(case, world_here(config, {"OMP_NUM_THREADS": "1"}))

    assert report.finding(Check.MODELS).state is State.OK
    assert report.finding(Check.TERMINAL).state is State.WARNING
    assert not report.having(State.UNKNOWN)


async def test_folders_that_cannot_be_written_are_named_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path, terminal=GOOD_TERMINAL)
    allowed: Callable[..., bool] = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: allowed(path, mode) and not mode & os.W_OK)
    report = await machine.examined()

    assert {*reds(report)} == {Check.DISK}
    assert f"not writable: {tmp_path}" in report.finding(Check.DISK).found
    assert report.finding(Check.DISK).mends[0].command.startswith('sudo chown -R "$USER" ')
