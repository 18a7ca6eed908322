"""The commands that print lists: formats, sizes, fonts, and what is missing on a running site."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wsgi_placeholder import dialects, registry
from wsgi_placeholder.missing.report import listable
from wsgi_placeholder.sizes import NAMED
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wsgi_placeholder.formats import Format

# Seconds to wait for a site, and each time for more of what it sends.
_PATIENCE = 30.0
# Bytes; the report keeps less.
_MOST = 16 << 20
# How the processes of a site are found: requests at a time, rounds of them in vain, and the end.
_AT_ONCE = 8
_ROUNDS = 20
_MOST_PROCESSES = 100


class CannotList(Exception):
    """Why there is no list, as one sentence for the user."""


def formats(arguments: argparse.Namespace) -> None:
    """Print a table; the largest picture is what format and configuration allow together."""
    rows = [("FORMAT", "MEDIA TYPE", "EXTENSIONS", "LARGEST SIDE", "MEGAPIXELS", "WRITTEN HERE")]
    for name in registry.names("formats"):
        format: Format = registry.load("formats", name)
        allowed = dialects.allowed_pixels(format, Spec.of(1), arguments.config)
        rows.append(
            (
                format.name,
                format.media_type,
                ", ".join(format.extensions),
                str(format.max_side),
                f"{min(allowed, format.max_side**2) / 1e6:.2f}",
                "yes" if format.available() else "no: this Pillow cannot",
            )
        )
    _print(rows)


def sizes(arguments: argparse.Namespace) -> None:
    names: dict[tuple[int, int], list[str]] = {}
    for name, size in NAMED.items():
        names.setdefault(size, []).append(name)
    _print([("SIZE", "NAMES"), *((f"{w}x{h}", ", ".join(names[w, h])) for w, h in sorted(names))])


def fonts(arguments: argparse.Namespace) -> None:
    print(*arguments.config.font_names, sep="\n")


def _print(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def missing(arguments: argparse.Namespace) -> None:
    """Print what a running site replaced, as `rsync --files-from` reads it; raises CannotList."""
    lists = _lists(_report_url(arguments.url, arguments.config.prefix))
    below = f"/{arguments.below.strip('/')}/".replace("//", "/")
    lines = (line for text in lists.values() for line in text.split("\n") if line)
    paths = ["/" + line.removeprefix("./") for line in lines]
    names = listable(path.removeprefix(below) for path in paths if path.startswith(below))
    # UTF-8, as the names of files are, whatever the terminal's locale is.
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(f"{name}\n" for name in names).encode("utf-8", "replace"))
    if "" not in lists:
        print(f"processes of this site that have answered: {len(lists)}", file=sys.stderr)


def _report_url(url: str, prefix: str) -> str:
    """Return the URL of the list, for the URL of a site, of its prefix or of its report."""
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise CannotList(f"{url} is no URL of a site; expected such as http://127.0.0.1:8000")
    path = parts.path.rstrip("/")
    if not path.endswith("/missing"):
        path = f"{path.removesuffix(prefix)}{prefix}/missing"
    return parts._replace(path=path, query="format=text", fragment="").geturl()


def _lists(url: str) -> dict[str, str]:
    """Return each process's list by its number; that of a site of a single process by "".

    Which process answers is the server's choice, so many are asked for at once, until in some
    rounds none has been new.
    """
    from concurrent.futures import ThreadPoolExecutor

    lists = dict([_fetched(url)])
    in_vain = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while "" not in lists and in_vain < _ROUNDS and len(lists) < _MOST_PROCESSES:
            answers = dict(pool.map(_fetched, [url] * _AT_ONCE))
            in_vain = 0 if answers.keys() - lists.keys() else in_vain + 1
            lists |= answers
    return lists


def _fetched(url: str) -> tuple[str, str]:
    """Return the number of the process that has answered, "" where it is the only one; its list."""
    # No other command needs these, and they take longer to import than all of ours.
    from http.client import HTTPException, IncompleteRead
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        request = Request(url, headers={"User-Agent": f"wsgi-placeholder/{__version__}"})
        with urlopen(request, timeout=_PATIENCE) as answer:
            kind, _, process = answer.headers.get("X-Placeholder", "").partition("; process=")
            body: bytes = answer.read(_MOST) if kind == "report" else b""
            if kind == "report" and answer.length:
                raise IncompleteRead(body, answer.length)
    except HTTPError as error:
        error.close()
        why = f"{url} answers {error.code}; missing and missing_report must be on there"
        raise CannotList(why) from error
    except (OSError, HTTPException, ValueError) as error:
        said = " ".join(str(getattr(error, "reason", error) or type(error).__name__).split())
        why = "".join(letter if letter.isprintable() else "\ufffd" for letter in said)
        raise CannotList(f"cannot read {url}: {why}") from error
    if kind != "report":
        raise CannotList(f"{url} is no report of what is missing; is the prefix right?")
    return process, body.decode("utf-8", "replace")
