"""Files of the app's own, straight from memory: how much of it they take, and how fast they go."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks.measure import ratio, rounds
from wsgi_placeholder.memory import csv_response, file_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STATUS, _PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "here", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http"}  # fmt: skip
_MEGABYTE = os.urandom(1 << 20)


def main() -> None:
    taken = rounds({
        "csv": lambda: _plain(20_000),
        "ours": lambda: _ours(20_000),
        "escaped": lambda: _ours(20_000, escape_formulas=True),
    })  # fmt: skip
    rate, escaped = ratio(taken["csv"], taken["ours"]), ratio(taken["csv"], taken["escaped"])
    print(f"Rows stream at {rate:.2f} of the speed of csv.writer with a file that keeps nothing,"
          f" with formulas escaped at {escaped:.2f}.")  # fmt: skip
    if not _PEAK.exists():
        print("Memory: not measured, there is no /proc.")
        return
    for name, what in (
        ("million_rows", "A CSV of a million rows"),
        ("large_file", "A file of 200 MB, written and sent,"),
        ("large_part", "The last half of one"),
    ):
        print(f"{what} takes {_grown_elsewhere(name):.1f} MB above the base.")


def _table(count: int) -> Iterator[tuple[object, ...]]:
    for i in range(count):
        yield i, f"Name {i}", i * 0.5, "Zürich", f"mail{i}@example.com", "text with, comma"


def _ours(count: int, *, escape_formulas: bool = False) -> int:
    return _sent(csv_response(_table(count), escape_formulas=escape_formulas))


def _plain(count: int) -> None:
    with open(os.devnull, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(_table(count))


def _sent(response: object, **headers: str) -> int:
    """Call a response as a server does, and drop each piece as soon as it is there."""
    body = response({**_ENVIRON, **headers}, lambda status, headers: None)  # type: ignore[operator]
    try:
        return sum(map(len, body))
    finally:
        body.close()


def _write(megabytes: int) -> Callable[[IO[bytes]], None]:
    def write(file: IO[bytes]) -> None:
        for _ in range(megabytes):
            file.write(_MEGABYTE)

    return write


def million_rows(count: int = 1_000_000) -> int:
    return _ours(count)


def large_file(megabytes: int = 200) -> int:
    return _sent(file_response(_write(megabytes), "video/mp4"))


def large_part(megabytes: int = 200) -> int:
    asked = f"bytes={megabytes // 2 << 20}-"
    return _sent(file_response(_write(megabytes), "video/mp4"), HTTP_RANGE=asked)


def _grown_elsewhere(name: str) -> float:
    """The peak of a fresh process, in MB, above what it had once all was loaded."""
    code = f"from benchmarks import memory; memory.print_grown(memory.{name})"
    command = [sys.executable, "-W", "ignore", "-c", code]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def print_grown(work: Callable[..., int]) -> None:
    work(10)
    _PEAK.write_text("5")  # the peak begins anew
    before = _kilobytes("VmRSS")
    work()
    print((_kilobytes("VmHWM") - before) / 1000)


def _kilobytes(field: str) -> int:
    lines = _STATUS.read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


if __name__ == "__main__":
    main()
