"""The inbox: bounded, and fair among clients.

Tickets are served in rounds, one ticket of each client per round, a client's own in the order in
which they came (start-time fair queueing, Goyal et al. 1996, with every ticket of weight one). When
all places are taken, a client that holds fewer gets the last place of the one that holds most,
so that nobody can keep others out by filling the queue.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from engine.ticket import Ticket


class NoPlace(Exception):
    """All places are taken, and none of them is to be given up for this client."""


@dataclass(frozen=True, slots=True)
class _Place:
    round: int
    arrival: int
    client: str
    ticket: Ticket


class Inbox:
    """Tickets that wait; one that ends while it waits frees its place. Not thread-safe."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._places: list[_Place] = []
        self._arrivals = 0
        self._round = 0
        self._served_this_round: set[str] = set()

    def put(self, client: str, ticket: Ticket) -> Ticket | None:
        """Let `ticket` wait; returns the one that lost its place to it, if any.

        Raises `NoPlace` where the inbox is full.
        """
        places = self._waiting()
        displaced = None
        if len(places) >= self._capacity:
            displaced = self._least_entitled(places, client)
            places.remove(displaced)
        latest = max(
            (place.round for place in places if place.client == client),
            default=self._round if client in self._served_this_round else self._round - 1,
        )
        self._arrivals += 1
        places.append(_Place(latest + 1, self._arrivals, client, ticket))
        self._places = sorted(places, key=lambda place: (place.round, place.arrival))
        return displaced.ticket if displaced else None

    def take(self) -> Ticket | None:
        """Remove and return the ticket that is to be served next."""
        self._places = self._waiting()
        if not self._places:
            return None
        place = self._places.pop(0)
        if place.round != self._round:
            self._round = place.round
            self._served_this_round.clear()
        self._served_this_round.add(place.client)
        return place.ticket

    def tickets(self) -> list[Ticket]:
        """Return those who wait, in the order in which they will be served."""
        return [place.ticket for place in self._waiting()]

    def clear(self) -> None:
        """Forget them all."""
        self._places.clear()

    def _waiting(self) -> list[_Place]:
        return [place for place in self._places if not place.ticket.finished]

    def _least_entitled(self, places: list[_Place], client: str) -> _Place:
        held = Counter(place.client for place in places)
        greediest, most = held.most_common(1)[0]
        if most <= held[client] + 1:
            raise NoPlace
        return [place for place in places if place.client == greediest][-1]
