"""One thread of the process for expensive pictures.

Encoders leave what they free in the heap arena of the thread they ran in: the same pictures drawn
by sixteen request threads held ten times the memory. Waiting is bounded in number and in time;
beyond, the client is told to come back, while hits and everything cheap go on as before.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, TypeVar

from wsgi_placeholder.errors import Busy
from wsgi_placeholder.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")

_MOST_WAITING = 64
_LONGEST_WAIT = 2.0  # seconds
# Give back to the system what a picture of this many bytes took.
_LARGE = 32_000_000


class Workshop:
    """Runs one job at a time in its own thread, which starts with the first job."""

    def __init__(self) -> None:
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._executor: ThreadPoolExecutor | None = None

    def run(self, job: Callable[[], Made], bytes_needed: float) -> Made:
        """Return what `job` returns, or raise what it raises, or Busy."""
        with self._lock:
            if self._waiting >= _MOST_WAITING:
                raise Busy("Too many pictures are being drawn; try again in 2 seconds.")
            executor = self._executor or ThreadPoolExecutor(1, thread_name_prefix="placeholder")
            try:
                future = executor.submit(self._do, job, bytes_needed)
            except RuntimeError as error:  # no thread to be had, or the process is ending
                raise Busy("No picture can be drawn now; try again in 2 seconds.") from error
            self._executor = executor  # its thread has started, which a system may refuse
            self._waiting += 1
        try:
            try:
                return future.result(_LONGEST_WAIT)
            except FutureTimeout:
                if future.cancel():
                    raise Busy("The queue is too long; try again in 2 seconds.") from None
                return future.result()  # it has begun, and its cost is bounded
        finally:
            with self._lock:
                self._waiting -= 1

    @staticmethod
    def _do(job: Callable[[], Made], bytes_needed: float) -> Made:
        try:
            return job()
        finally:
            if bytes_needed > _LARGE:
                _trim()


def _trim() -> None:
    """Return free memory to the system, where the C library can (glibc's malloc_trim)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
