"""The inbox: one ticket of each client in turn, and no client that keeps the others out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inbox import Inbox, NoPlace
from engine.schema import GenerationRequest
from engine.ticket import Ticket

CLIENTS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=30)


def ticket(name: str) -> Ticket:
    return Ticket((GenerationRequest(name),))


def put(inbox: Inbox, *names: str) -> None:
    """Put a ticket of each name into the inbox; the first letter is the client."""
    for name in names:
        inbox.put(name[0], ticket(name))


def taken(inbox: Inbox) -> list[str]:
    found = []
    while (next_one := inbox.take()) is not None:
        found.append(next_one.requests[0].prompt)
    return found


def test_clients_take_turns() -> None:
    inbox = Inbox(10)
    put(inbox, "a1", "a2", "a3", "b1", "c1", "b2")

    assert taken(inbox) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_who_has_just_been_served_comes_after_a_newcomer() -> None:
    inbox = Inbox(10)
    put(inbox, "a1")
    inbox.take()
    put(inbox, "a2", "b1")

    assert taken(inbox) == ["b1", "a2"]


def test_who_was_away_has_saved_up_no_turns() -> None:
    inbox = Inbox(10)
    put(inbox, "a1", "a2", "a3", "a4")
    inbox.take()
    inbox.take()
    put(inbox, "b1", "b2", "b3")

    assert taken(inbox) == ["b1", "a3", "b2", "a4", "b3"]


def test_the_order_told_is_the_order_of_service() -> None:
    inbox = Inbox(10)
    put(inbox, "a1", "a2", "b1")

    told = [each.requests[0].prompt for each in inbox.tickets()]

    assert told == taken(inbox)


def test_a_full_inbox_refuses_who_holds_as_much_as_anybody() -> None:
    inbox = Inbox(4)
    put(inbox, "a1", "a2", "b1", "b2")

    with pytest.raises(NoPlace):
        put(inbox, "a3")


def test_a_newcomer_gets_the_last_place_of_who_holds_most() -> None:
    inbox = Inbox(3)
    put(inbox, "a1", "a2", "b1")

    displaced = inbox.put("c", ticket("c1"))

    assert displaced is not None
    assert displaced.requests[0].prompt == "a2"
    assert taken(inbox) == ["a1", "b1", "c1"]


def test_a_ticket_that_ended_frees_its_place() -> None:
    inbox = Inbox(1)
    waiting = ticket("a1")
    inbox.put("a", waiting)
    waiting.cancel()

    put(inbox, "a2")

    assert taken(inbox) == ["a2"]


@given(CLIENTS)
def test_each_client_is_served_in_its_own_order_and_nothing_is_lost(clients: list[str]) -> None:
    inbox = Inbox(len(clients))
    names = [f"{client}{index:02}" for index, client in enumerate(clients)]
    put(inbox, *names)

    order = taken(inbox)

    assert sorted(order) == sorted(names)
    for client in set(clients):
        own = [name for name in order if name[0] == client]
        assert own == sorted(own)


@given(CLIENTS)
def test_nobody_who_waits_is_ever_two_tickets_behind_another(clients: list[str]) -> None:
    inbox = Inbox(len(clients))
    put(inbox, *(f"{client}{index:02}" for index, client in enumerate(clients)))
    order = [name[0] for name in taken(inbox)]

    for place in range(len(order)):
        served = Counter(order[:place])
        assert all(max(served.values(), default=0) <= served[each] + 1 for each in order[place:])
