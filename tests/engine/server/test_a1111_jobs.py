"""How AUTOMATIC1111's clients follow their pictures and stop them; steps wait for the test."""

from __future__ import annotations

import base64
import io
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from scripted_pipeline import PATIENCE
from scripted_server import ScriptedServer

from engine.schema import Done, Encoded, GenerationRequest, Picture, Step
from engine.server.jobs import JobBoard
from engine.ticket import Ticket

NOTHING = {"progress": 0.0, "eta_relative": 0.0}


class Clock:
    """Stands still until a test moves it."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Order:
    """A txt2img request that is sent from a thread of its own."""

    def __init__(self, server: ScriptedServer, **fields: object) -> None:
        self._server = server
        self._fields = {"prompt": "x", "steps": 4, **fields}
        self._thread = threading.Thread(target=self._send)
        self._answer: httpx.Response | None = None
        self._thread.start()

    def answer(self) -> httpx.Response:
        self._thread.join(PATIENCE)
        assert self._answer is not None
        return self._answer

    def _send(self) -> None:
        with httpx.Client(base_url=self._server.url, timeout=PATIENCE, trust_env=False) as client:
            self._answer = client.post("/sdapi/v1/txt2img", json=self._fields)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as running:
        yield running


def progress_once(server: ScriptedServer, reached: Callable[[Any], bool]) -> Any:
    """Ask again and again, as clients do, until something is reached."""
    for _ in range(5_000):
        report = server.client.get("/sdapi/v1/progress").json()
        if reached(report):
            return report
    raise AssertionError(f"never reached: {report}")


def at_step(index: int) -> Callable[[Any], bool]:
    return lambda report: report["state"]["sampling_step"] == index


def test_progress_counts_steps_and_shows_the_picture_so_far(server: ScriptedServer) -> None:
    order = Order(server)
    server.pipeline.allow(2)

    report = progress_once(server, at_step(2))

    assert report["progress"] == 0.5
    assert report["state"]["sampling_steps"] == 4
    assert report["state"]["job_count"] == 1
    shown = Image.open(io.BytesIO(base64.b64decode(report["current_image"])))
    assert shown.getpixel((0, 0)) == (40, 0, 0)
    server.pipeline.free()
    assert order.answer().status_code == 200


def test_a_client_may_leave_the_picture_out(server: ScriptedServer) -> None:
    order = Order(server)
    server.pipeline.allow(1)
    progress_once(server, at_step(1))

    report = server.client.get("/sdapi/v1/progress?skip_current_image=true").json()

    assert report["current_image"] is None
    server.pipeline.free()
    order.answer()


def test_afterwards_nothing_is_under_way(server: ScriptedServer) -> None:
    server.pipeline.free()
    Order(server).answer()

    report = server.client.get("/sdapi/v1/progress").json()

    assert NOTHING.items() <= report.items()
    assert report["state"]["job_count"] == 0
    assert report["current_image"] is None


@pytest.mark.parametrize("how", ["interrupt", "skip"])
def test_an_interrupt_stops_the_picture_at_its_step(server: ScriptedServer, how: str) -> None:
    order = Order(server, steps=50)
    server.pipeline.allow(1)
    progress_once(server, at_step(1))

    assert server.client.post(f"/sdapi/v1/{how}").status_code == 200
    server.pipeline.free()

    assert order.answer().json()["error"]["code"] == "cancelled"
    assert server.pipeline.steps_done < 50
    assert Order(server).answer().status_code == 200


def test_a_client_that_hangs_up_ends_its_own_picture_and_no_other(server: ScriptedServer) -> None:
    body = b'{"prompt": "nobody waits for this", "steps": 50}'
    head = (
        "POST /sdapi/v1/txt2img HTTP/1.1\r\nhost: localhost\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    address = server.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1]))) as connection:
        connection.sendall(head.encode() + body)
        server.pipeline.allow(1)
        progress_once(server, at_step(1))
        another = Order(server)
        progress_once(server, lambda report: report["state"]["job_count"] == 2)

    progress_once(server, lambda report: report["state"]["job_count"] == 1)
    server.pipeline.allow(2)
    progress_once(server, at_step(1))
    server.client.post("/sdapi/v1/interrupt")
    server.pipeline.free()

    assert another.answer().status_code == 200
    assert server.pipeline.served == ["nobody waits for this", "x"]


def test_a_picture_says_how_it_was_made(server: ScriptedServer) -> None:
    server.pipeline.free()

    answer = Order(server, seed=5, negative_prompt="blurry", width=70, height=64).answer().json()

    image = Image.open(io.BytesIO(base64.b64decode(answer["images"][0])))
    assert image.info["parameters"] == (
        "x\nNegative prompt: blurry\n"
        "Steps: 4, Sampler: Euler, Seed: 5, Size: 64x64, Model: scripted, Size asked for: 70x64"
    )
    assert image.size == (64, 64)


class TestLateInterrupt:
    """A client that hangs up interrupts too; by then another's picture may have begun."""

    @pytest.fixture
    def ticket(self) -> Ticket:
        return Ticket((GenerationRequest("x", steps=2),))

    def test_it_leaves_the_next_one_alone(self, ticket: Ticket) -> None:
        board = JobBoard(Clock())
        with board.entry(ticket) as watch:
            board.hung_up()
            watch(Encoded(3, 0.1))

            assert not board.interrupt()
            assert not ticket.is_cancelled()

    def test_a_second_one_is_meant(self, ticket: Ticket) -> None:
        board = JobBoard(Clock())
        with board.entry(ticket) as watch:
            board.hung_up()
            watch(Encoded(3, 0.1))
            board.interrupt()

            assert board.interrupt()
            assert ticket.is_cancelled()

    def test_one_that_comes_long_after_is_meant(self, ticket: Ticket) -> None:
        clock = Clock()
        board = JobBoard(clock)
        with board.entry(ticket) as watch:
            board.hung_up()
            watch(Encoded(3, 0.1))
            clock.seconds += 60

            assert board.interrupt()


def test_a_picture_that_still_waits_is_not_interrupted() -> None:
    board = JobBoard(Clock())
    with board.entry(Ticket((GenerationRequest("x"),))):
        assert not board.interrupt()


def test_the_time_left_follows_from_the_steps_done() -> None:
    clock = Clock()
    board = JobBoard(clock)
    two = Ticket((GenerationRequest("x", steps=2), GenerationRequest("x", steps=2)))
    with board.entry(two) as watch:
        watch(Encoded(3, 0.1))
        clock.seconds += 6
        watch(Step(1, 2, 3.0))
        watch(Step(2, 2, 3.0))
        watch(Done(Picture(1, 1, b"123"), 1, 6.0))
        watch(Encoded(3, 0.1))
        clock.seconds += 3
        watch(Step(1, 2, 3.0))

        report = board.report()

    assert (report["progress"], report["eta_relative"]) == (0.75, 3.0)
