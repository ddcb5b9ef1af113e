"""The first few of many, in whatever order they come."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class FirstOf(Generic[T]):
    """The `limit` first of all that were ever offered by their `key`, each once.

    What it holds depends on what was offered, and not on the order. A key stands for its item:
    of two with the same key one is kept.
    """

    __slots__ = ("_items", "_key", "_keys", "_limit")

    def __init__(self, limit: int, key: Callable[[T], Any]) -> None:
        self._limit = limit
        self._key = key
        self._keys: list[Any] = []
        self._items: list[T] = []

    def offer(self, item: T) -> bool:
        """Take `item` in unless it is known or comes after all that there is room for."""
        key = self._key(item)
        if len(self._keys) == self._limit and key > self._keys[-1]:
            return False
        place = bisect_left(self._keys, key)
        if place < len(self._keys) and self._keys[place] == key:
            return False
        self._keys.insert(place, key)
        self._items.insert(place, item)
        del self._keys[self._limit :], self._items[self._limit :]
        return True

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)
