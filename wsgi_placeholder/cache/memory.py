"""A cache in this process: bounded in bytes, read without a lock, filled by one thread a key."""

from __future__ import annotations

import os
import threading
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class MemoryCache(Generic[Value]):
    """Least recently used values go when `max_bytes` are exceeded; `size_of` weighs a value.

    A value heavier than an eighth of the whole is returned but not kept: it would push out all
    the small ones.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[Value], int]) -> None:
        self._heaviest = max_bytes // 8
        self._size_of = size_of
        self._values: LRUCache[Hashable, Value] = LRUCache(max_bytes, getsizeof=size_of)
        self._coming: dict[Hashable, Future[Value]] = {}
        self._lock = threading.Lock()
        _rearmed.add(self)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def bytes(self) -> int:
        """The weight of all that is kept."""
        return int(self._values.currsize)

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        if self._size_of(value) <= self._heaviest:
            with self._lock:
                self._values[key] = value

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value, made once however many threads ask; they share its exception too."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                return value
            future = self._coming.get(key)
            if future is None:
                mine: Future[Value] = Future()
                self._coming[key] = mine
        if future is not None:
            return future.result()
        try:
            value = make()
        except BaseException as error:
            self._settle(key)
            mine.set_exception(error)
            raise
        self.put(key, value)
        self._settle(key)
        mine.set_result(value)
        return value

    def _settle(self, key: Hashable) -> None:
        with self._lock:
            self._coming.pop(key, None)

    def _rearm(self) -> None:
        """After a fork: no thread of the parent will ever release its lock or finish its work."""
        self._lock = threading.Lock()
        self._coming = {}


_rearmed: weakref.WeakSet[MemoryCache[Any]] = weakref.WeakSet()


def _rearm_all() -> None:
    for cache in list(_rearmed):
        cache._rearm()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_rearm_all)
