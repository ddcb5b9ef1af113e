"""Modules of the page that can be looked at alone, run where they will run."""

from __future__ import annotations

from typing import Any

import pytest
from visits import Visit

from engine.schema import Size

USUAL = """([width, height]) => import("/page/sizes.js").then(
  ({ usualSizes }) => usualSizes({ width, height }).map((size) => [size.width, size.height]))"""
WISH = 'fields => import("/page/wish.js").then(({ wishFrom }) => wishFrom(fields))'
IN_LINK = 'hash => import("/page/wish.js").then(({ wishInLink }) => wishInLink(hash))'
EVENTS = """pieces => import("/page/events.js").then(async ({ readEvents }) => {
  const bytes = pieces.map((piece) => new Uint8Array(piece));
  const body = new ReadableStream({
    start(stream) { bytes.forEach((each) => stream.enqueue(each)); stream.close(); },
  });
  const found = [];
  for await (const { name, data } of readEvents(body)) found.push([name, data]);
  return found;
})"""
LEFT = """steps => import("/page/pace.js").then(({ Pace }) => {
  const pace = new Pace(2, 4);
  const left = [pace.left];
  for (const [index, seconds] of steps) {
    pace.step(index, 4, seconds);
    left.push(pace.left);
  }
  return left;
})"""


@pytest.mark.parametrize("native", [(1024, 1024), (128, 128), (64, 64), (1216, 832), (2048, 2048)])
def test_every_size_that_is_offered_can_be_made(visit: Visit, native: tuple[int, int]) -> None:
    sizes = [Size(*size) for size in visit.page.evaluate(USUAL, native)]

    for size in sizes:
        size.check()
    assert sizes[0] == Size(*native)
    assert len(set(sizes)) == len(sizes)


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"steps": "many"}, "steps", 8),
        ({"steps": "900"}, "steps", 50),
        ({"count": -3}, "count", 1),
        ({"size": "9e9x1"}, "size", ""),
        ({"seed": "1e3"}, "seed", ""),
        ({"seed": str(2**63)}, "seed", ""),
        ({"guidance": "x"}, "guidance", 0),
        ({"prompt": "x" * 5_000}, "prompt", "x" * 4_000),
        ({"prompt": None}, "prompt", ""),
    ],
)
def test_whatever_a_link_or_a_draft_says_a_wish_can_be_ordered(
    visit: Visit, fields: Any, name: str, value: object
) -> None:
    assert visit.page.evaluate(WISH, fields)[name] == value


@pytest.mark.parametrize("hash_", ["", "#", "#gallery", "#%E0%A4%A", "#prompt="])
def test_an_address_without_a_prompt_is_no_wish(visit: Visit, hash_: str) -> None:
    assert visit.page.evaluate(IN_LINK, hash_) is None


@pytest.mark.parametrize("length", [1, 2, 3, 7, 1000])
def test_events_are_read_however_the_network_cuts_them(visit: Visit, length: int) -> None:
    text = (
        ': keep-alive\n\nevent: a\ndata: {"x": "图片"}\n\ndata: one\r\ndata: two\r\n\r\ndata: cut'
    )
    stream = text.encode()
    pieces = [list(stream[at : at + length]) for at in range(0, len(stream), length)]

    found = visit.page.evaluate(EVENTS, pieces)

    assert found == [["a", '{"x": "图片"}'], ["message", "one\ntwo"]]


def test_the_first_step_counts_only_while_it_is_alone(visit: Visit) -> None:
    left = visit.page.evaluate(LEFT, [[1, 5.0], [2, 1.0], [3, 3.0]])

    assert left == [None, 35.0, 6.0, 10.0]
