"""A cache in this process: bounded in bytes, read without a lock, filled by one thread a key."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

from wsgi_placeholder.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class MemoryCache(Generic[Value]):
    """The oldest values go when `max_bytes` are exceeded, but for those read since (CLOCK).

    That keeps what is popular as well as "least recently used" does, and a hit is one look-up in a
    dict: nothing is moved, nothing locked. `size_of` weighs a value in bytes. One heavier than an
    eighth of the whole is returned but not kept: it would push out all the small ones.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[Value], int]) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        # [value, weight, read since it was last passed over], the oldest first
        self._entries: dict[Hashable, list[object]] = {}
        self._bytes = 0
        self._renew()
        renew_after_fork(self._renew)

    def _renew(self) -> None:
        self._coming: dict[Hashable, Future[Value]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """The weight of all that is kept."""
        return self._bytes

    def get(self, key: Hashable) -> Value | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry[2] = True
        return entry[0]  # type: ignore[return-value]

    def put(self, key: Hashable, value: Value) -> None:
        weight = self._size_of(value)
        if weight > self._max_bytes // 8:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self._bytes += weight - (replaced[1] if replaced else 0)  # type: ignore[operator]
            self._entries[key] = [value, weight, False]
            while self._bytes > self._max_bytes:
                oldest = next(iter(self._entries))
                entry = self._entries.pop(oldest)
                if entry[2]:
                    entry[2] = False
                    self._entries[oldest] = entry
                else:
                    self._bytes -= entry[1]  # type: ignore[operator]

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value, made once however many threads ask; they share its exception too."""
        value = self.get(key)
        if value is not None:
            return value
        with self._lock:
            coming = self._coming.get(key)
            if coming is None:
                mine = self._coming[key] = Future[Value]()
        if coming is not None:
            return coming.result()
        try:
            value = self.get(key)  # made between our look and our claim?
            if value is None:
                value = make()
                self.put(key, value)
        except BaseException as error:
            self._coming.pop(key, None)
            mine.set_exception(error)
            raise
        self._coming.pop(key, None)
        mine.set_result(value)
        return value
