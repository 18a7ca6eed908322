"""The app's pages on their way through, for the sizes that they give their pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.http.request import text
from wsgi_placeholder.missing.pages import Notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.missing.pages import Learner

_HTML = re.compile(r"\s*(?:text/html|application/xhtml\+xml)\s*(?:;|$)", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


def noting_pages(app: WSGIApplication, learner: Learner) -> WSGIApplication:
    """Return `app`, whose HTML goes out as it is while `learner` notes its pictures' sizes."""

    def noted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "GET":
            return app(environ, start_response)
        page = _Page(learner, environ, start_response)
        return page.over(app(environ, page.start))

    return noted


class _Page:
    """One answer, of which it shows late whether it is a page."""

    def __init__(
        self, learner: Learner, environ: WSGIEnvironment, start_response: StartResponse
    ) -> None:
        self._learner = learner
        # All that is needed later, for the app may do to the environ what it likes.
        self._at = [environ.get(name, "") for name in ("PATH_INFO", "SCRIPT_NAME", "HTTP_HOST")]
        self._start_response = start_response
        self._started = False
        self._notes: Notes | None = None
        self._server_write: Any = None
        self._body: Iterable[bytes] = ()

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """The app's `start_response`."""
        try:
            self._started = True
            self._notes = self._notes_of(headers)
            given = (exc_info,) if exc_info else ()
            self._server_write = self._start_response(status, headers, *given)
        finally:
            exc_info = None
            given = ()
        return self._write if self._notes else self._server_write

    def _notes_of(self, headers: list[tuple[str, str]]) -> Notes | None:
        given = {name.lower(): value for name, value in headers}
        kind = given.get("content-type", "")
        if not _HTML.match(kind) or given.get("content-encoding", "identity") != "identity":
            return None
        charset = _CHARSET.search(kind)
        try:
            path, mount = map(text, self._at[:2])
            name = charset[1] if charset else "utf-8"
            return Notes(self._learner, path, mount, name, self._at[2])
        except (ValueError, LookupError):  # a charset that nobody knows
            return None

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
