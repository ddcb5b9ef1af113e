from __future__ import annotations

import asyncio

from console.sources.pace import Pace


async def test_calls_within_the_quota_do_not_wait() -> None:
    pace = Pace(5, 3_600.0)
    for _ in range(5):
        await pace.turn()


async def test_one_more_waits_until_the_first_is_long_enough_ago() -> None:
    pace, clock = Pace(2, 0.05), asyncio.get_running_loop().time
    began = clock()
    for _ in range(5):
        await pace.turn()
    assert clock() - began >= 0.1


async def test_turns_are_taken_in_the_order_of_asking() -> None:
    pace = Pace(1, 0.01)
    order: list[int] = []

    async def ask(number: int) -> None:
        await pace.turn()
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(4)))
    assert order == [0, 1, 2, 3]
