"""The WSGI apps that gunicorn serves for `benchmarks.serving`, each under its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder import PlaceholderMiddleware

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

URL = "/placeholder/600x400"


def page(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]


wrapped = PlaceholderMiddleware(page)


def _answer() -> tuple[list[tuple[str, str]], bytes]:
    got: list[list[tuple[str, str]]] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": URL}
    body = b"".join(wrapped(environ, lambda _, headers: got.append(headers)))  # type: ignore
    return got[0], body


_headers, _body = _answer()
ETAG = dict(_headers)["ETag"]


def bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The same bytes with the same headers, and nothing else at all."""
    start_response("200 OK", list(_headers))
    return [_body]
