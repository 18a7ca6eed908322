"""A response for a file that the app made: its headers, and HTTP's rules for sending it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from webob import Response

from wsgi_placeholder.http.request import header, is_none_match

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

BLOCK = 1 << 18  # bytes of a large body that are in memory at a time

# RFC 9110, 8.3.1, with any printable ASCII as parameters.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(;[ -~]*)?", re.ASCII)
# RFC 9110, 14.1.1 and 14.2: the unit in any case. More digits than any file has bytes are no range.
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)
# What describes the body, and so is no part of an answer without it (RFC 9110, 15.4.5).
_OF_THE_BODY = {
    *("content-type", "content-length", "content-disposition", "content-encoding"),
    *("content-language", "content-md5", "accept-ranges", "last-modified"),
}
# Nor may what is kept of a good answer be kept of a refusal.
_OF_THE_FILE = _OF_THE_BODY | {"etag", "cache-control", "expires"}
# They make a name look like another: "exe.jpg" for "gpj.exe" (Unicode Annex 9, 2).
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class MemoryResponse(Response):
    """A WebOb Response that answers HEAD, If-None-Match and Range as RFC 9110 says.

    WebOb's own `conditional_response` gives a 206 to HEAD and for the first of several ranges, and
    lets caches keep a 416. A response of a file or of rows can be sent once.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = self._answer(environ)
        if body is not self.app_iter:
            _close_unsent(self.app_iter, body)
        start_response(status, headers)
        return body

    def _answer(
        self, environ: WSGIEnvironment
    ) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        method = environ["REQUEST_METHOD"]
        headers: list[tuple[str, str]] = self._abs_headerlist(environ)  # type: ignore[attr-defined]
        if method in ("GET", "HEAD") and self.status_code == 200:
            if self._is_known(header(environ, "If-None-Match")):
                return "304 Not Modified", _without(headers, _OF_THE_BODY), []
            wanted = self._wanted(environ) if method == "GET" else None
            if wanted is not None:
                return self._part(headers, wanted)
        if method == "HEAD":
            return self.status, headers, []
        body = self.app_iter
        if isinstance(body, list) and len(body) == 1 and len(body[0]) > BLOCK:
            # In pieces: of one, waitress would keep a copy until the client has read it all.
            body = self.app_iter_range(0, len(body[0]))
        return self.status, headers, body

    def _is_known(self, given: str) -> bool:
        if given.strip() == "*":
            return True
        etag = self.headers.get("ETag", "").removeprefix("W/")
        return bool(given and etag) and is_none_match(given, etag)

    def _wanted(self, environ: WSGIEnvironment) -> range | None:
        """Return the bytes that are asked for, none where there are no such; None for them all."""
        if self.content_length is None or self.headers.get("Accept-Ranges") != "bytes":
            return None
        if "HTTP_IF_RANGE" in environ:  # RFC 9110, 13.1.5: strong comparison
            given, etag = environ["HTTP_IF_RANGE"].strip(), self.headers.get("ETag")
            if given != etag or given.startswith("W/"):
                return None
        return one_range(header(environ, "Range"), self.content_length)

    def _part(
        self, headers: list[tuple[str, str]], wanted: range
    ) -> tuple[str, list[tuple[str, str]], Iterable[bytes]]:
        if not wanted:
            body = f"The file has {self.content_length} bytes.\n".encode()
            said = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Content-Range", f"bytes */{self.content_length}"),
                ("Cache-Control", "no-store"),
            ]
            return "416 Range Not Satisfiable", _without(headers, _OF_THE_FILE) + said, [body]
        said = [
            ("Content-Length", str(len(wanted))),
            ("Content-Range", f"bytes {wanted[0]}-{wanted[-1]}/{self.content_length}"),
        ]
        part = self.app_iter_range(wanted.start, wanted.stop)
        return "206 Partial Content", _without(headers, {"content-length"}) + said, part

    def app_iter_range(self, start: int, stop: int | None) -> Any:
        body = self.app_iter
        if stop is not None and isinstance(body, list) and len(body) == 1:  # no copy of 200 MB
            return (body[0][at : min(at + BLOCK, stop)] for at in range(start, stop, BLOCK))
        return super().app_iter_range(start, stop)


def respond(
    body: Iterable[bytes],
    media_type: str,
    *,
    length: int | None = None,
    etag: str | None = None,
    filename: str | None = None,
    attachment: bool = False,
) -> MemoryResponse:
    """Put headers before a body; ranges of it are given when its length in bytes is known.

    `etag` comes without quotes. Raises ValueError for a media type or an etag that is none.
    """
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise ValueError(f"media_type is {media_type!r}; expected one such as 'image/png'")
    headers = [("Content-Type", media_type), ("X-Content-Type-Options", "nosniff")]
    if length is None:
        headers.append(("Accept-Ranges", "none"))
    else:
        headers += [("Content-Length", str(length)), ("Accept-Ranges", "bytes")]
    if etag is not None:
        if not re.fullmatch(r"[!#-~]+", etag):  # RFC 9110, 8.8.3, in ASCII
            raise ValueError(f"etag is {etag!r}; expected printable ASCII without spaces or quotes")
        headers.append(("ETag", f'"{etag}"'))
    if filename or attachment:
        headers.append(("Content-Disposition", disposition(filename, attachment=attachment)))
    return MemoryResponse(headerlist=headers, app_iter=body)


def disposition(filename: str | None, *, attachment: bool) -> str:
    """Return a Content-Disposition (RFC 6266) in ASCII, with no way out of its quotes.

    Folders, control characters and those that turn the direction of a name go; where it is not
    ASCII, old clients get what is left of it, all others the name itself (RFC 8187).
    """
    kind = "attachment" if attachment else "inline"
    name = "".join(
        "_" if character in "/\\" else character
        for character in unicodedata.normalize("NFC", _BIDI.sub("", filename or ""))
        if unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
    )
    name = name[-200:].strip(" .")  # the end says of what kind the file is
    if not name:
        return kind
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    # Clients do not agree on escapes in quotes, and some decode percents (RFC 6266, appendix D).
    plain = re.sub(r'[^ -~]|["%\\]', "_", plain)
    value = f'{kind}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='!#$&+^`|')}"


def one_range(given: str, length: int) -> range | None:
    """Return the bytes of a file that a Range header asks for, empty where it has none of them.

    None, for the whole file, when the header asks for several ranges, which nobody must answer, or
    cannot be read (RFC 9110, 14.2).
    """
    match = _ONE_RANGE.fullmatch(given)
    if not match or given.count("-") != 1:
        return None
    first, last = match.groups()
    if first:
        if last and int(last) < int(first):
            return None
        return range(int(first), min(int(last) + 1, length) if last else length)
    return range(max(length - int(last), 0), length) if last else None


def _without(headers: Iterable[tuple[str, str]], names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in names]


def _close_unsent(whole: Any, body: Any) -> None:
    """Close what will not be sent; a part closes the file it is read from by itself."""
    if isinstance(body, list) and hasattr(whole, "close"):
        whole.close()
