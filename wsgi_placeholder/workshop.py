"""One thread of the process for expensive pictures.

Encoders leave what they free in the heap arena of the thread they ran in: the same pictures drawn
by sixteen request threads held ten times the memory. Waiting is bounded in number and in time;
beyond, the client is told to come back, while hits and everything cheap go on as before.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, TypeVar

from wsgi_placeholder.errors import Busy
from wsgi_placeholder.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

Made = TypeVar("Made")

_MOST_WAITING = 64
_LONGEST_WAIT = 2.0  # seconds
# Give back to the system what a picture of this many bytes took.
_LARGE = 32_000_000


class Workshop:
    """Runs one job at a time in its own thread, which starts with the first job.

    Who waits may be stopped at any line by an exception from outside; so jobs are not counted up
    and down, but kept, and those that are done do not count.
    """

    def __init__(self) -> None:
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.Lock()
        self._jobs: set[Future[Any]] = set()
        self._executor: ThreadPoolExecutor | None = None
        self._threads: list[threading.Thread] = []  # of the executor: none before it began, or one

    def run(self, job: Callable[[], Made], bytes_needed: float) -> Made:
        """Return what `job` returns, or raise what it raises, or Busy."""
        future: Future[Made] | None = None
        try:
            with self._lock:
                self._jobs -= {done for done in list(self._jobs) if done.done()}
                if len(self._jobs) >= _MOST_WAITING:
                    raise Busy("Too many pictures are being drawn; try again in 2 seconds.")
                future, threads = self._begin(job, bytes_needed)
                self._jobs.add(future)
            while not wait([future], _LONGEST_WAIT).done:
                if future.cancel():
                    raise Busy("The queue is too long; try again in 2 seconds.")
                # It has begun, and its cost is bounded; only its thread could have died.
                if _dead(threads):
                    raise Busy("Drawing the picture was stopped; try again in 2 seconds.")
            return future.result()
        finally:
            if future is not None:
                self._jobs.discard(future)
                future.cancel()  # where nobody waits any more, nothing need be drawn

    def _begin(
        self, job: Callable[[], Made], bytes_needed: float
    ) -> tuple[Future[Made], list[threading.Thread]]:
        executor, threads = self._executor, self._threads
        if executor is None or _dead(threads):  # memory that ran out at the wrong line kills it
            threads = []
            executor = ThreadPoolExecutor(
                1, thread_name_prefix="placeholder", initializer=_sign, initargs=(threads,)
            )
        try:
            future = executor.submit(self._do, job, bytes_needed)
        except RuntimeError as error:  # no thread to be had, or the process is ending
            self._executor = None
            raise Busy("No picture can be drawn now; try again in 2 seconds.") from error
        # Its thread has started, which a system may refuse.
        self._executor, self._threads = executor, threads
        return future, threads

    @staticmethod
    def _do(job: Callable[[], Made], bytes_needed: float) -> Made:
        try:
            return job()
        finally:
            if bytes_needed > _LARGE:
                _trim()


def _sign(threads: list[threading.Thread]) -> None:
    threads.append(threading.current_thread())


def _dead(threads: list[threading.Thread]) -> bool:
    return any(not thread.is_alive() for thread in threads)


def _trim() -> None:
    """Return free memory to the system, where the C library can (glibc's malloc_trim)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
