"""The app's pages on their way through, for the sizes that they give their pictures."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.http.request import text
from wsgi_placeholder.missing.pages import Notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.missing.pages import Learner

_HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\s*(?:;|$)", re.IGNORECASE)
_PACKED = ("gzip", "deflate")  # RFC 9110, 8.4.1; nothing else is unpacked by the standard library
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


def noting_pages(app: WSGIApplication, learner: Learner) -> WSGIApplication:
    """Return `app`, whose HTML goes out as it is while `learner` notes its pictures' sizes."""

    def noted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "GET":
            return app(environ, start_response)
        page = _Page(learner, environ, start_response)
        return page.over(app(environ, page.start))

    return noted


def _page_in(headers: list[tuple[str, str]]) -> tuple[str, bool] | None:
    """Return the charset of a page and whether it is packed, None for what cannot be read."""
    charset, is_packed = None, False
    for name, value in headers:
        lower = name.lower()
        if lower == "content-type":
            charset = _charset(value)
        elif lower == "content-encoding" and value != "identity":
            if value.lower() not in _PACKED:
                return None
            is_packed = True
    return (charset, is_packed) if charset else None


@functools.lru_cache(32)
def _charset(media_type: str) -> str | None:
    if not _HTML.match(media_type):
        return None
    found = _CHARSET.search(media_type)
    return found[1] if found else "utf-8"


class _Page:
    """One answer, of which it shows late whether it is a page."""

    __slots__ = (
        "_body", "_host", "_learner", "_notes", "_path", "_script_name", "_server_write",
        "_start_response", "_started",
    )  # fmt: skip

    def __init__(
        self, learner: Learner, environ: WSGIEnvironment, start_response: StartResponse
    ) -> None:
        self._learner = learner
        # All that is needed later, for the app may do to the environ what it likes.
        self._path: str = environ.get("PATH_INFO", "")
        self._script_name: str = environ.get("SCRIPT_NAME", "")
        self._host: str = environ.get("HTTP_HOST", "")
        self._start_response = start_response
        self._started = False
        self._notes: Notes | None = None
        self._server_write: Any = None
        self._body: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """The app's `start_response`."""
        try:
            self._started = True
            page = _page_in(headers)
            self._notes = self._notes_in(*page) if page else None
            if exc_info:
                self._server_write = self._start_response(status, headers, exc_info)
            else:  # some servers' start_response takes two arguments only
                self._server_write = self._start_response(status, headers)
        finally:
            exc_info = None
        return self._write if self._notes else self._server_write

    def _notes_in(self, charset: str, is_packed: bool) -> Notes | None:
        try:
            path, mount = text(self._path), text(self._script_name)
        except PlaceholderError:  # no bytes: the app's to complain about
            return None
        return Notes(self._learner, path, mount, charset, self._host, is_packed=is_packed)

    def over(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return what goes to the server for what the app returned."""
        if self._started and not self._notes:
            return body
        if self._notes and type(body) in (list, tuple):
            # Itself, for servers take the length from a list of one.
            for chunk in body:
                self._notes.feed(chunk)
            return body
        self._body = body
        return self

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            if self._notes:
                self._notes.feed(chunk)
            yield chunk

    def close(self) -> None:
        body, self._body = self._body, ()
        if hasattr(body, "close"):
            body.close()

    def _write(self, data: bytes) -> None:
        if self._notes:
            self._notes.feed(data)
        self._server_write(data)
