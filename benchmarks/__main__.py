"""Measure wsgi-placeholder against what one would otherwise do: `python -m benchmarks`.

Prints Markdown tables of ratios, each the median over interleaved rounds in this one run; the
README shows them. `python -m benchmarks cold start` runs only those.
"""

from __future__ import annotations

import importlib
import sys

SECTIONS = ("cold", "growth", "start", "serving", "missing", "rewriting", "memory", "outside")


def main(names: list[str]) -> None:
    for name in names or SECTIONS:
        importlib.import_module(f"benchmarks.{name}").main()
        print(flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
