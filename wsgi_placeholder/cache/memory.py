"""A cache in this process: bounded in bytes, read without a lock, filled by one thread a key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from wsgi_placeholder.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")


class _Entry(Generic[Value]):
    __slots__ = ("read", "value", "weight")

    def __init__(self, value: Value, weight: int) -> None:
        self.value = value
        self.weight = weight
        self.read = False  # since it was last passed over


class _Promise(Generic[Value]):
    """A value that one thread makes; a Future would be ten times as dear to make."""

    __slots__ = ("done", "error", "value")

    def __init__(self) -> None:
        self.value: Value
        self.error: Exception | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def kept(self) -> Value:
        """Wait for the value, or raise what making it raised."""
        with self.done:
            if self.error is not None:
                raise self.error
            return self.value


class MemoryCache(Generic[Value]):
    """The oldest values go when `max_bytes` are exceeded, but for those read since (CLOCK).

    That keeps what is popular as well as "least recently used" does, and a hit is one look-up in a
    dict: nothing is moved, nothing locked. `size_of` weighs a value in bytes. One heavier than an
    eighth of the whole is returned but not kept: it would push out all the small ones.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[Value], int]) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._entries: dict[Hashable, _Entry[Value]] = {}  # the oldest first
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._bytes = sum(entry.weight for entry in self._entries.values())
        self._coming: dict[Hashable, _Promise[Value]] = {}
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
        entry.read = True
        return entry.value

    def put(self, key: Hashable, value: Value) -> None:
        entry = _Entry(value, self._size_of(value))
        if entry.weight > self._max_bytes // 8:
            return
        with self._lock:
            replaced = self._entries.pop(key, None)
            self._bytes += entry.weight - (replaced.weight if replaced else 0)
            self._entries[key] = entry
            while self._bytes > self._max_bytes:
                oldest = next(iter(self._entries))
                entry = self._entries.pop(oldest)
                if entry.read:
                    entry.read = False
                    self._entries[oldest] = entry
                else:
                    self._bytes -= entry.weight

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value, made once however many threads ask; they share its exception too."""
        value = self.get(key)
        if value is not None:
            return value
        with self._lock:
            promise = self._coming.get(key)
            if promise is None:
                mine = self._coming[key] = _Promise()
        if promise is not None:
            return promise.kept()
        try:
            value = self.get(key)  # made between our look and our claim?
            if value is None:
                value = make()
                self.put(key, value)
            mine.value = value
        except BaseException as error:
            # What stops this thread (an exit, a server's timeout) must not stop the others.
            interrupted = RuntimeError("the thread that drew the picture was stopped")
            mine.error = error if isinstance(error, Exception) else interrupted
            raise
        finally:
            self._coming.pop(key, None)
            mine.done.release()
        return value
