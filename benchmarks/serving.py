"""Behind gunicorn (two sync workers), under wrk: hits, 304s and pass-through against bare apps."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.request import urlopen

from benchmarks import apps
from benchmarks.measure import median, ratio, rounds, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS, _SECONDS = 15, 2


def main() -> None:
    _per_call()
    if not shutil.which("wrk"):
        print("Throughput through gunicorn: not measured, wrk is not installed.")
        return
    with ExitStack() as stack:
        wrapped = stack.enter_context(gunicorn("wrapped")) + apps.URL
        constant = stack.enter_context(gunicorn("bare")) + apps.URL
        plain = stack.enter_context(gunicorn("page")) + "/page"
        passed = wrapped.replace(apps.URL, "/page")
        not_modified = ("-H", f"If-None-Match: {apps.ETAG}")
        # The server reads one header more, which is none of our doing: so here, too.
        as_long = ("-H", f"X-None-Match: {apps.ETAG}")
        rates: dict[str, list[float]] = {}
        turns = [
            ("bare app", constant, ()),
            ("hit", wrapped, ()),
            ("304", wrapped, not_modified),
            ("hit, one header more", wrapped, as_long),
            ("bare page", plain, ()),
            ("page through us", passed, ()),
        ]
        for _ in range(_ROUNDS):
            for name, url, options in turns:
                rates.setdefault(name, []).append(wrk(url, *options))
            turns.append(turns.pop(0))  # nobody always comes first, or after the same one

    def against(name: str, other: str) -> str:
        pairs = zip(rates[name], rates[other], strict=True)
        return f"{statistics.median(a / b for a, b in pairs):.3f}"

    print("Requests per second through gunicorn, two sync workers, wrk with eight connections\n")
    table(
        ["", "median", "ratio"],
        [
            ["bare app, same bytes and headers", f"{median(rates['bare app']):.0f}", "1"],
            ["our hit", f"{median(rates['hit']):.0f}", against("hit", "bare app")],
            ["our 304, to our hit", f"{median(rates['304']):.0f}", against("304", "hit")],
            ["to our hit asked with as many headers", "",
             against("304", "hit, one header more")],
            ["a page of the app alone", f"{median(rates['bare page']):.0f}", "1"],
            ["that page through us", f"{median(rates['page through us']):.0f}",
             against("page through us", "bare page")],
        ],
    )  # fmt: skip


def _per_call() -> None:
    """What we add to a call of the app, and what a hit costs, without any server."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/page", "QUERY_STRING": ""}
    hit = {**environ, "PATH_INFO": apps.URL}
    again = {**hit, "HTTP_IF_NONE_MATCH": apps.ETAG}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None: ...

    taken = rounds({
        "app": lambda: apps.page(environ, start_response),  # type: ignore[arg-type]
        "through us": lambda: apps.wrapped(environ, start_response),  # type: ignore[arg-type]
        "bare": lambda: apps.bare(hit, start_response),  # type: ignore[arg-type]
        "hit": lambda: apps.wrapped(hit, start_response),  # type: ignore[arg-type]
    })  # fmt: skip
    unchanged = rounds({
        "hit": lambda: apps.wrapped(hit, start_response),  # type: ignore[arg-type]
        "304": lambda: apps.wrapped(again, start_response),  # type: ignore[arg-type]
    })  # fmt: skip
    less = ratio(unchanged["304"], unchanged["hit"])
    added = median([a - b for a, b in zip(taken["through us"], taken["app"], strict=True)])
    more = median([a - b for a, b in zip(taken["hit"], taken["bare"], strict=True)])
    print(
        f"Passing a request on adds {added * 1e6:.2f} µs to a call; a hit costs"
        f" {more * 1e6:.2f} µs more than a constant answer, and a 304 {less:.2f} times a hit.\n"
    )


@contextmanager
def gunicorn(name: str, *options: str) -> Iterator[str]:
    """Serve an app of `benchmarks.apps`; yields where it is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}",
         "--no-control-socket", "--log-level", "error", *options, f"benchmarks.apps:{name}"],
    )  # fmt: skip
    try:
        here = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:  # its master listens before any worker has the app
                urlopen(f"{here}/page", timeout=10).close()
                break
            except OSError:
                time.sleep(0.05)
        yield here
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def wrk(url: str, *options: str) -> float:
    """Return the requests per second."""
    command = ["wrk", "-t1", "-c8", f"-d{_SECONDS}s", *options, url]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([0-9.]+)", told)
    if not found or ("Non-2xx" in told and "If-None-Match" not in str(options)):
        raise RuntimeError(told)
    return float(found[1])


if __name__ == "__main__":
    main()
