"""A cache in this process: bounded in bytes, read without a lock, filled by one thread a key."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from wsgi_placeholder.forks import renew_after_fork
from wsgi_placeholder.promise import Promise

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Value = TypeVar("Value")

# Seconds to wait for another thread's value. That thread says when it stops, however it stops; this
# is for what should not happen, and far above what a picture takes.
_PATIENCE = 30.0


class _Entry(Generic[Value]):
    __slots__ = ("read", "value", "weight")

    def __init__(self, value: Value, weight: int) -> None:
        self.value = value
        self.weight = weight
        self.read = False  # since it was last passed over


def strings_size(key: Hashable) -> int:
    """Return the bytes of a key that is a tuple of strings."""
    return sum(map(sys.getsizeof, key)) if isinstance(key, tuple) else sys.getsizeof(key)


class MemoryCache(Generic[Value]):
    """The oldest values go when `max_bytes` are exceeded, but for those read since (CLOCK).

    That keeps what is popular as well as "least recently used" does, and a hit is one look-up in a
    dict: nothing is moved, nothing locked. `size_of` weighs a value in bytes, `key_size` its key. A
    value heavier than an eighth of the whole is returned but not kept: it would push out all the
    small ones. Values are not None.

    An exception from outside (an exit, a server's timeout, Ctrl-C) may stop a thread at any line:
    then its key is free again, who waits is told, and the books are right.
    """

    def __init__(
        self,
        max_bytes: int,
        size_of: Callable[[Value], int],
        key_size: Callable[[Any], int] = strings_size,
    ) -> None:
        self._max_bytes = max_bytes
        self._size_of = size_of
        self._key_size = key_size
        self._entries: dict[Hashable, _Entry[Value]] = {}  # the oldest first
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._count()
        self._coming: dict[Hashable, Promise[Value]] = {}
        self._lock = threading.Lock()

    def _count(self) -> None:
        self._bytes = sum([entry.weight for entry in self._entries.values()])

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
        entry = _Entry(value, self._size_of(value) + self._key_size(key))
        if entry.weight > self._max_bytes // 8:
            return
        with self._lock:
            try:
                self._replace(key, entry)
            except BaseException:
                self._count()  # stopped halfway
                raise

    def _replace(self, key: Hashable, entry: _Entry[Value]) -> None:
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
        """Return the value, made once however many threads ask; they share its exception too.

        Raises Busy where the thread that made it was stopped.
        """
        value = self.get(key)
        if value is not None:
            return value
        mine: Promise[Value] = Promise()
        try:  # before the claim, or an exception right after it would leave the others waiting
            with self._lock:
                promise = self._coming.get(key)
                if promise is None or promise.over:
                    promise = self._coming[key] = mine
            if promise is not mine:
                return promise.kept(_PATIENCE)
            value = self.get(key)  # made between our look and our claim?
            if value is None:
                value = make()
                self.put(key, value)
            mine.value = value
        except Exception as error:
            mine.error = error
            raise
        finally:
            # First of all: a promise that is left behind, but over, is as good as none.
            mine.over = True
            mine.done.release()
            if self._coming.get(key) is mine:
                self._coming.pop(key, None)
        return value
