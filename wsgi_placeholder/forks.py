"""What must be made anew in the child of a fork (gunicorn --preload): locks, threads, promises.

A lock that another thread of the parent held stays locked in the child, and no thread of the
parent lives there.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Renewable(Protocol):
    """Something with parts that a fork breaks, which `renew` replaces."""

    def renew(self) -> None: ...


_living: weakref.WeakSet[Renewable] = weakref.WeakSet()


def renew_after_fork(thing: Renewable) -> None:
    """Call `thing.renew()` in every child, as long as it lives."""
    _living.add(thing)


def _renew_all() -> None:
    for thing in list(_living):
        thing.renew()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_renew_all)
