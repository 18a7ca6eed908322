"""Importing, constructing, idling."""

from __future__ import annotations

import statistics
import subprocess
import sys

_TIMES = 15


def main() -> None:
    ours, webob = [], []
    for _ in range(_TIMES):
        ours.append(_cpu("import wsgi_placeholder"))
        webob.append(_cpu("import webob"))
    nothing = statistics.median(_cpu("pass") for _ in range(_TIMES))
    ratio = statistics.median(
        (a - nothing) / (b - nothing) for a, b in zip(ours, webob, strict=True)
    )
    print(f"Importing takes {ratio:.2f} times what importing webob takes"
          f" ({(statistics.median(ours) - nothing) * 1e3:.0f} ms CPU).")  # fmt: skip
    construct = statistics.median(
        _cpu("import wsgi_placeholder; wsgi_placeholder.placeholder_app()") for _ in range(5)
    )
    extra = construct - statistics.median(ours)
    print(f"Constructing the middleware, codecs and fonts loaded, takes {extra * 1e3:.0f} ms more.")
    idle = _run("import wsgi_placeholder; app = wsgi_placeholder.placeholder_app()" + _RSS)
    print(f"An idle process that can answer has an RSS of {idle:.0f} MB"
          f" (Python alone {_run('pass' + _RSS):.0f} MB).")  # fmt: skip


_CPU = "\nimport time; print(time.process_time())"
# The resident set of this process alone: ru_maxrss also knows what the parent had.
_RSS = "\nprint(int(open('/proc/self/statm').read().split()[1]) * 4096 / 1e6)"


def _cpu(code: str) -> float:
    return _run(code + _CPU)


def _run(code: str) -> float:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
