"""One thread of the process for expensive pictures.

Encoders leave what they free in the heap arena of the thread they ran in: the same pictures drawn
by sixteen request threads held ten times the memory. Waiting is bounded in number and in time;
beyond, the client is told to come back, while hits and everything cheap go on as before.
"""

from __future__ import annotations

import _thread
import ctypes
import sys
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from wsgi_placeholder.errors import Busy
from wsgi_placeholder.forks import renew_after_fork
from wsgi_placeholder.promise import Promise

if TYPE_CHECKING:
    from collections.abc import Callable

Made = TypeVar("Made")

_MOST_WAITING = 64
_LONGEST_WAIT = 2.0  # seconds until a job must have begun
_PATIENCE = 30.0  # seconds for one that has begun, whose cost is bounded: far above what it takes
# Give back to the system what a picture of this many bytes took.
_LARGE = 32_000_000


class _Job(Promise[Made]):
    __slots__ = ("bytes_needed", "claim", "work")

    def __init__(self, work: Callable[[], Made], bytes_needed: float) -> None:
        super().__init__()
        self.work = work
        self.bytes_needed = bytes_needed
        self.claim = threading.Lock()  # taken once: by who does it, or by who gives it up


class Workshop:
    """Runs one job at a time in its own thread, which starts with the first job.

    Who waits may be stopped at any line by an exception from outside; so jobs are not counted up
    and down, but kept, and those that are over do not count. Nothing is called under the lock that
    waits for another thread.
    """

    def __init__(self) -> None:
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._lock = threading.Lock()
        self._jobs: set[_Job[Any]] = set()
        self._queue: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._alive = threading.Lock()  # held by the thread

    def __del__(self) -> None:
        self._queue.put(None)

    def run(self, work: Callable[[], Made], bytes_needed: float) -> Made:
        """Return what `work` returns, or raise what it raises, or Busy."""
        job = _Job(work, bytes_needed)
        try:
            with self._lock:
                self._jobs -= {other for other in list(self._jobs) if other.over}
                if len(self._jobs) >= _MOST_WAITING:
                    raise Busy("Too many pictures are being drawn; try again in 2 seconds.")
                if not self._alive.locked():  # never begun, or memory ran out at the wrong line
                    self._start()
                self._jobs.add(job)
                self._queue.put(job)
            if not job.wait(_LONGEST_WAIT) and job.claim.acquire(blocking=False):
                raise Busy("The queue is too long; try again in 2 seconds.")
            return job.kept(_PATIENCE)
        finally:
            job.claim.acquire(blocking=False)  # where nobody waits any more, nothing need be drawn
            self._jobs.discard(job)
            del job  # an error's traceback would hold what holds the error

    def _start(self) -> None:
        try:
            # A threading.Thread would have us wait until it has begun, which it may never do.
            _thread.start_new_thread(_work, (self._queue, self._alive))
        except RuntimeError as error:  # no thread to be had, or the process is ending
            raise Busy("No picture can be drawn now; try again in 2 seconds.") from error


def _work(queue: SimpleQueue[_Job[Any] | None], alive: threading.Lock) -> None:
    if alive.locked():  # one that was started at the same time is here
        return
    with alive:
        threading.current_thread().name = "placeholder"
        while _do_next(queue):
            pass


def _do_next(queue: SimpleQueue[_Job[Any] | None]) -> bool:
    """Do a job, in a function of its own: waiting for the next one keeps nothing of the last."""
    job = queue.get()
    if job is None:
        queue.put(None)  # for who may wait to take our place
        return False
    try:
        if job.claim.acquire(blocking=False):
            try:
                job.value = job.work()
            finally:
                if job.bytes_needed > _LARGE:
                    _trim()
    except BaseException as error:
        job.error = error
    finally:
        job.over = True
        job.done.release()
        del job
    return True


def _trim() -> None:
    """Return free memory to the system, where the C library can (glibc's malloc_trim)."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
