"""Streaming the app's pages through `rewrite=True`, next to one bytes.replace over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measure import median, rounds, table
from wsgi_placeholder import PlaceholderMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_OTHER = b"https://www.example.com/p/"
_OURS = (b"https://via.placeholder.com/", b"/placeholder/via.placeholder.com/")
_LINE = (
    b'  <li class="card"><a href="%s%d"><h2>Lorem ipsum dolor</h2></a>\n'
    b"  <p>Sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.</p></li>\n"
)
_CHUNKS = 32


def main() -> None:
    print("Streaming HTML with a URL in each 170 bytes, MB/s\n")
    rows = []
    for size in (1024, 8192, 65536):
        for every, said in ((0, "none"), (20, "5 %"), (1, "all")):
            chunk = _chunk(size, every)
            taken = rounds({"ours": _ours(chunk), "replace": _replace(chunk)})
            speed = {name: len(chunk) * _CHUNKS / median(taken[name]) / 1e6 for name in taken}
            rows.append([f"{size}", said, f"{speed['ours']:.0f}", f"{speed['replace']:.0f}"])
    table(["bytes a chunk", "of the URLs are rewritten", "rewrite=True", "bytes.replace"], rows)


def _chunk(size: int, every: int) -> bytes:
    lines = (
        _LINE % (_OURS[0] if every and i % every == 0 else _OTHER, i) for i in range(size // 100)
    )
    return b"".join(lines)[:size]


def _site(chunk: bytes) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return iter([chunk] * _CHUNKS)

    return app


def _ours(chunk: bytes) -> Callable[[], object]:
    app = PlaceholderMiddleware(_site(chunk), rewrite=True)
    return lambda: sum(map(len, app({"PATH_INFO": "/"}, lambda *_: bytes)))  # type: ignore


def _replace(chunk: bytes) -> Callable[[], object]:
    return lambda: sum(len(chunk.replace(*_OURS)) for _ in range(_CHUNKS))
