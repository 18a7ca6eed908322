"""Interleaved rounds, so that a machine that slows down slows every contender alike."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def rounds(
    contenders: dict[str, Callable[[], object]],
    *,
    count: int = 15,
    seconds: float = 0.03,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Return, for each contender, the seconds per call in each round.

    In a round every contender runs for about `seconds`, one after the other.
    """
    calls = {}
    for name, call in contenders.items():
        call()
        start = clock()
        call()
        calls[name] = max(1, int(seconds / max(clock() - start, 1e-7)))
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(count):
        for name, call in contenders.items():
            start = clock()
            for _ in range(calls[name]):
                call()
            taken[name].append((clock() - start) / calls[name])
    return taken


def median(values: list[float]) -> float:
    return statistics.median(values)


def ratio(first: list[float], second: list[float]) -> float:
    """The median, over the rounds, of first ÷ second."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def table(head: list[str], rows: list[list[str]]) -> None:
    """Print a Markdown table, numbers to the right."""
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join([":--", *["--:"] * (len(head) - 1)]) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
