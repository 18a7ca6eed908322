"""Pages of the wrapped app, their URLs of services leading to us: `//host/path` below our prefix.

Which URLs count, `_service_urls.py` says. What stands for them is a path,
`{SCRIPT_NAME}{prefix}/{host}/...`, in og:image and canonical links too, though crawlers want those
absolute: no crawler sees a dev site. Bodies are never collected.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from wsgi_placeholder.http._service_urls import Stream, Urls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    Headers = list[tuple[str, str]]

# text/plain is shown as it is, so nobody's browser loads what it names.
_REWRITTEN = re.compile(
    r"(?:text|application)/(?:html|css|xml|json|(?:x-)?javascript)|[^/]+/[^/]+[+.](?:html|json|xml)"
)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
# What speaks of the very bytes that the app wrote.
_OF_THE_BYTES = {
    "accept-ranges", "content-digest", "content-length", "content-md5", "digest", "repr-digest",
}  # fmt: skip


def rewriting(app: WSGIApplication, hosts: Iterable[str], prefix: str) -> WSGIApplication:
    """Return `app` with the URLs of `hosts` (lower case, without `www.`) leading below `prefix`.

    HTML, CSS, JSON, XML and JavaScript are rewritten, unless encoded, partial or an attachment;
    all else passes as the very object that the app returned. A strong ETag becomes a weak one
    wherever the body changes or may change, for it names the app's bytes (RFC 9110, 8.8.1). So
    If-Match fails with it (13.1.1). An answer to HEAD has no Content-Length (8.6 allows it): what
    it would be nobody knows without the body.
    """
    urls = Urls(hosts)

    def rewritten(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _Answer(urls, prefix, environ, start_response)
        return answer.over(app(environ, answer.start))

    return rewritten


class _Answer:
    """One response: what the app calls and what the server iterates over.

    The headers are held until the first bytes come. When these are the whole body its new length
    is known.
    """

    def __init__(
        self, urls: Urls, prefix: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> None:
        # All that is needed later, for the app may do to the environ what it likes.
        self._urls = urls
        self._prefix = environ.get("SCRIPT_NAME", "") + prefix
        self._asked = environ.get("HTTP_IF_NONE_MATCH", "")
        self._start_response = start_response
        self._held: tuple[str, Headers] | None = None
        self._sent = False
        self._stream: Stream | None = None
        self._server_write: Any = None
        self._body: Iterable[bytes] = ()

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """The app's `start_response`."""
        if self._held and not exc_info:
            self._send(self._held[1])  # a second start is a mistake, and the server's to notice
        self._held = self._stream = None
        if _may_have_urls(status, headers):
            self._stream = Stream(self._urls, self._base())
            if not self._sent:
                self._held = status, headers
                return self._write
            headers = _altered(headers)
        else:
            headers = self._as_asked(status, headers)
        self._sent = True
        try:
            # Some servers' start_response takes two arguments only.
            given = (exc_info,) if exc_info else ()
            self._server_write = self._start_response(status, headers, *given)
        finally:
            exc_info, given = None, ()
        return self._write if self._stream else self._server_write

    def over(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return what goes to the server for what the app returned."""
        if self._sent and not self._stream:
            return body
        self._body = body
        # Servers take the length from a list of one.
        if self._held and type(body) in (list, tuple) and len(body) == 1:  # type: ignore[arg-type]
            return [b"".join(self)]
        return self

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            if self._held:
                yield self._first(chunk, *self._held)
            else:
                yield self._stream.feed(chunk) if self._stream else chunk
        if self._held:
            self._send(_altered(self._held[1]))
        if self._stream and (rest := self._stream.rest()):
            yield rest

    def close(self) -> None:
        body, self._body = self._body, ()
        if hasattr(body, "close"):
            body.close()

    def _first(self, chunk: bytes, status: str, headers: Headers) -> bytes:
        assert self._stream
        new = self._stream.feed(chunk)
        if ("content-length", str(len(chunk))) not in ((k.lower(), v) for k, v in headers):
            self._send(_altered(headers))
            return new
        new += self._stream.rest()
        if new == chunk:
            self._send(headers)
        else:
            self._send([*_altered(headers), ("Content-Length", str(len(new)))])
        return new

    def _write(self, data: bytes) -> None:
        if self._held:
            self._send(_altered(self._held[1]))
        if self._stream:
            data = self._stream.feed(data)
        self._server_write(data)

    def _send(self, headers: Headers) -> None:
        assert self._held
        status, self._held, self._sent = self._held[0], None, True
        self._server_write = self._start_response(status, headers)

    def _base(self) -> bytes:
        # Quoted more than a path needs: it comes to stand in attributes, strings and url(...).
        path = quote(self._prefix.strip("/"), encoding="latin-1", errors="replace")
        return f"/{path}/".encode() if path else b"/"

    def _as_asked(self, status: str, headers: Headers) -> Headers:
        """Name in a 304 the tag that the client has: a weak one was made of the app's."""
        if not (self._asked and status.startswith("304")):
            return headers
        return [
            (name, "W/" + value)
            if name.lower() == "etag" and "W/" + value in self._asked
            else (name, value)
            for name, value in headers
        ]


def _may_have_urls(status: str, headers: Headers) -> bool:
    given = {name.lower(): value for name, value in headers}
    return (
        status[:3] not in ("204", "206", "304")
        and "content-range" not in given
        and given.get("content-encoding", "identity").strip().lower() in ("", "identity")
        and not given.get("content-disposition", "").strip().lower().startswith("attachment")
        and _is_rewritten(given.get("content-type", ""))
    )


@functools.lru_cache(64)
def _is_rewritten(content_type: str) -> bool:
    if not _REWRITTEN.fullmatch(content_type.partition(";")[0].strip().lower()):
        return False
    charset = _CHARSET.search(content_type)
    try:
        return charset is None or "https://".encode(charset[1]) == b"https://"
    except (LookupError, ValueError):
        return False


def _altered(headers: Headers) -> Headers:
    return [
        (name, "W/" + value if name.lower() == "etag" and value.startswith('"') else value)
        for name, value in headers
        if name.lower() not in _OF_THE_BYTES
    ]
