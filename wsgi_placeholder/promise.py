"""A value that one thread makes and others wait for, whatever stops any of them."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

from wsgi_placeholder.errors import Busy

Value = TypeVar("Value")


class Promise(Generic[Value]):
    """The maker sets `value` or `error`, and however it went, `over`, and then releases `done`.

    A Future is ten times as dear to make, and takes its lock in a function of Python: an exception
    from outside (a server's timeout, Ctrl-C) that comes there leaves it locked for ever. Methods
    of this lock are C, and no such exception comes between two of them that follow one another.
    """

    __slots__ = ("done", "error", "over", "value")
    value: Value  # there once it is made

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.over = False
        self.done = threading.Lock()
        self.done.acquire()

    def wait(self, seconds: float) -> bool:
        """Wait until it is over, but not longer; return whether it is."""
        try:
            self.done.acquire(timeout=seconds)
        finally:
            # For the others, and also where an exception came as soon as we had taken it: then we
            # cannot know that we had, and another may have released it for us.
            if self.over:
                try:  # noqa: SIM105  suppress() is a function of Python
                    self.done.release()
                except RuntimeError:
                    pass
        return self.over

    def kept(self, seconds: float) -> Value:
        """Wait for the value, or raise what making it raised, or Busy if that was stopped."""
        self.wait(seconds)
        try:
            if self.error is not None:
                raise self.error
            if not hasattr(self, "value"):
                raise Busy("Drawing the picture was stopped; try again in 2 seconds.")
            return self.value
        finally:
            del self  # the error's traceback would hold what holds the error
