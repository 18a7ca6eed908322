"""What must be made anew in the child of a fork (gunicorn --preload): locks, threads, promises.

A lock that another thread of the parent held stays locked in the child, and no thread of the
parent lives there.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_renewals: set[weakref.WeakMethod[Any]] = set()


def renew_after_fork(method: Callable[[], None]) -> None:
    """Call the bound `method` in every child, as long as its object lives."""
    _renewals.add(weakref.WeakMethod(method, _renewals.discard))


def _renew_all() -> None:
    for reference in list(_renewals):
        method = reference()
        if method is not None:
            method()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_renew_all)
