"""Asking a WSGI app in this process, plainly or between validators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from webtest import lint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

PAGE = b"the page of the app"


@dataclass
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status[:3])

    def __getitem__(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, f"{name} twice"
        return found[0] if found else None


def page(environ: Any, start_response: Any) -> list[bytes]:
    """The wrapped app: one page at every URL."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(PAGE)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [PAGE]


def environ_for(url: str, method: str = "GET", script_name: str = "", **headers: str) -> Any:
    """Return the environ of a request; `url` holds PATH_INFO as it is, and the query."""
    path, _, query = url.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path,
        "QUERY_STRING": query,
    }
    setup_testing_defaults(environ)
    del environ["HTTP_HOST"]
    environ.update({"HTTP_" + name.upper(): value for name, value in headers.items()})
    return environ


def ask(app: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """Call an app as a server does, iterate over its answer and close it."""
    given: list[Any] = []
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        given[:] = [status, headers]
        return written.append

    body = app(environ, start_response)
    try:
        content = b"".join((*written, *body))
    finally:
        if hasattr(body, "close"):
            body.close()
    return Answer(given[0], given[1], content)


class Body:
    """An iterable that is watched; an exception among its items is raised."""

    def __init__(self, items: Any) -> None:
        self.items = items
        self.pulled = self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for item in self.items:
            self.pulled += 1
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        self.closed += 1


def checked(app: WSGIApplication) -> WSGIApplication:
    """Put both validators, the standard library's and webtest's, before an app."""
    return lint.middleware(validator(app))
