"""Pages of the wrapped app, their URLs of services leading to us: `//host/path` below our prefix.

A URL counts when `//` stands directly before a known host and a path after it, with `http:`,
`https:` or nothing in front; in scripts and JSON the slashes may be written `\\/`. What stays as
it is: a link to a service's home page, a host in prose, a port or user name, and a URL inside of
another one, in its path or as a parameter (`?url=https://...`), for whoever is asked there is to
fetch it, not the browser. The new URL is a path, `{SCRIPT_NAME}{prefix}/{host}/...`, in og:image
and canonical links too, though crawlers want those absolute: no crawler sees a dev site.

Bytes are looked at, nothing is parsed, and a doubtful URL stays. Two slashes begin a comment of a
script, so without a scheme a URL must follow a quote, `url(`, `](` or an attribute's `=`, or be a
later one in a srcset, between a comma with one space and its ` 2x` or ` 300w`. Taken for URLs all
the same are a comment right behind a closing quote, `"a"//placehold.it/9`, and a URL behind a space
or a comma inside of another one, `mailto:x?body=see https://...`.

Bodies are never collected. Of each chunk at most the start of a URL is kept for the next one, and
of a srcset a URL to its end.
"""

from __future__ import annotations

import functools
import re
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

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

# The longest name of an attribute whose value has no quotes.
_NAME = 32
_QUOTES = (
    rb"[\"'`]",
    rb"\\u00(?:2[27]|60)",
    rb"&#3[49];",
    rb"&(?:quot|apos|#x2[27]|#03[49]);",
)
# Behind white space, written \n in a string. A parameter's name has ?, & or the like before it.
_ATTRIBUTE = b"=(?:%s)" % b"|".join(
    rb"(?<=(?:\s|\\(?=[nrt]))[\w:.-]{%d}=)" % length for length in range(1, _NAME + 1)
)
# What may stand before a URL, with a scheme and without. What is often before a comment is not in
# the second: white space, \n (scripts come as strings too), the BOM of a script, { [ > and so on.
_BEFORE = (*_QUOTES, _ATTRIBUTE, rb"[\s(\[{<>,\x80-\xff]", rb"\\[nrt]", rb"&[gl]t;",
           rb"\\u00(?i:0[9ad]|2[08c]|3[ce]|5b)")  # fmt: skip
_BEFORE_SLASHES = (*_QUOTES, _ATTRIBUTE, rb"(?i:url)\(", rb"\]\(")
# A URL in a srcset after its slashes, and what follows it.
_CANDIDATE = rb"[^\s\"'`<>]{0,250}"
_DESCRIPTOR = rb"(?<!,) [\d.]{1,6}[wx][,\"'`\\&]"
# Where the text ends before one can tell whether it is a URL in a srcset.
_UNDECIDED = re.compile(rb"\\?/\\?/" + _CANDIDATE + rb"(?:(?<!,) [\d.]{0,6}[wx]?)?\Z")
_MOST_UNDECIDED = len(r", \/\/") + 250 + len(" 1234.5w")
# How a path begins that is more than the home page: {, [, $ and % begin a template's fields.
_PATH = rb"[\w~%${\[@+\x80-\xff-]"


def rewriting(app: WSGIApplication, hosts: Iterable[str], prefix: str) -> WSGIApplication:
    """Return `app` with the URLs of `hosts` (lower case, without `www.`) leading below `prefix`.

    HTML, CSS, JSON, XML and JavaScript are rewritten, unless encoded, partial or an attachment;
    all else passes as the very object that the app returned. A strong ETag becomes a weak one
    wherever the body changes or may change, for it names the app's bytes (RFC 9110, 8.8.1). So
    If-Match fails with it (13.1.1). An answer to HEAD has no Content-Length (8.6 allows it): what
    it would be nobody knows without the body.
    """
    urls = _Urls(hosts)

    def rewritten(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = _Answer(urls, prefix, environ, start_response)
        return answer.over(app(environ, answer.start))

    return rewritten


class _Urls:
    """Finds the URLs of hosts."""

    def __init__(self, hosts: Iterable[str]) -> None:
        # holder.js is no host, but the name of a script.
        names = sorted(host for host in hosts if not host.endswith(".js"))
        self.plain = _pattern(names, rb"/")
        self.escaped = _pattern(names, rb"\\/")
        longest = len("www.") + max(map(len, names), default=0)
        self._most_begun = longest + len(r"https:\/\/\/") + 1
        # Any start of any URL and a little more: "h", "https:/", "//via.place", "//picsum.photos/".
        self._begun = re.compile(
            rb"[hH/\\](?i:t|tt|ttps?(?::\\?)?)?/?(?:\\?/[\w.-]{0,%d}(?:\\?/)?)?\\?\Z" % longest
        )

    def begun(self, data: bytes, start: int) -> int:
        """Return how many bytes at the end of data[start:] may be the beginning of a URL."""
        found = self._begun.search(data, max(start, len(data) - self._most_begun))
        return len(data) - found.start() if found else 0


def _pattern(hosts: list[str], slash: bytes) -> re.Pattern[bytes]:
    """A pattern of the slashes of a URL; all around them is looked at, but no part of the match.

    It is made for speed. It begins with a literal, which is found ten times as fast as an
    optional scheme, and the first letter of a host is one too, whatever the case of the rest.
    """
    names = [host.encode() for host in hosts]
    host = b"|".join(
        b"%s(?i:%s)" % (letter, b"|".join(re.escape(name[1:]) for name in group))
        for letter, group in groupby(names, lambda name: name[:1])
    )
    loud = b"(?=[A-Z])(?i:(?:www[.])?(?:%s))" % b"|".join(map(re.escape, names))
    slashes = slash + slash
    before = [
        b"(?<=%s%s)" % (left, end)
        for lefts, end in (
            (_BEFORE, b"(?i:https:)" + slashes),
            (_BEFORE, b"(?i:http:)" + slashes),
            (_BEFORE_SLASHES, slashes),
        )
        for left in lefts
    ]
    before.append(b"(?<=, %s)(?=%s)" % (slashes, _CANDIDATE + _DESCRIPTOR))
    return re.compile(
        slashes
        + b"(?=(?:%s|w(?i:ww[.])(?:%s)|%s)%s(?:%s|%s))" % (host, host, loud, slash, _PATH, slash)
        + b"(?:%s)" % b"|".join(before)
    )  # fmt: skip


def _replaced(data: bytes, slashes: re.Pattern[bytes], base: bytes) -> bytes:
    *before, last = slashes.split(data)
    if not before:
        return data
    # Nothing but a scheme has a colon there: see _BEFORE.
    without_schemes = [
        (text[:-6] if text[-2] in b"sS" else text[:-5]) if text[-1:] == b":" else text
        for text in before
    ]
    return base.join([*without_schemes, last])


class _Stream:
    """One body on its way through; `base` is the path, with slashes around it, of our hosts."""

    def __init__(self, urls: _Urls, base: bytes) -> None:
        self._urls = urls
        self._base = base
        self._context = b"\n"  # what went out last, without any URL that could be found again
        self._kept = b""

    def feed(self, chunk: bytes) -> bytes:
        """Return what can go out now."""
        if not chunk:
            return chunk
        data = self._context + self._kept + chunk
        undecided = b""
        # The last comma will do, for no URL of a srcset has one with a space after it.
        comma = data.rfind(b", ", -_MOST_UNDECIDED)
        if comma >= 0 and _UNDECIDED.match(data, comma + 2):
            data, undecided = data[: comma + 2], data[comma + 2 :]
        begun = self._urls.begun(data, len(self._context))
        self._kept = data[len(data) - begun :] + undecided
        new = _replaced(data, self._urls.plain, self._base)
        # The search for one byte is nearly free, and most pages have none.
        if b"\\" in new and rb"\/\/" in new:
            new = _replaced(new, self._urls.escaped, self._base.replace(b"/", rb"\/"))
        out = new[len(self._context) : len(new) - begun]
        seen = self._context + out[-_NAME - 2 :]
        self._context = seen[max(seen.rfind(b"/"), len(seen) - _NAME - 2, 0) :]
        return out

    def rest(self) -> bytes:
        """Return what was kept, when nothing follows."""
        kept, self._kept = self._kept, b""
        return kept


class _Answer:
    """One response: what the app calls and what the server iterates over.

    The headers are held until the first bytes come. When these are the whole body its new length
    is known.
    """

    def __init__(
        self, urls: _Urls, prefix: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> None:
        # All that is needed later, for the app may do to the environ what it likes.
        self._urls = urls
        self._prefix = environ.get("SCRIPT_NAME", "") + prefix
        self._asked = environ.get("HTTP_IF_NONE_MATCH", "")
        self._start_response = start_response
        self._held: tuple[str, Headers] | None = None
        self._sent = False
        self._stream: _Stream | None = None
        self._server_write: Any = None
        self._body: Iterable[bytes] = ()

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """The app's `start_response`."""
        if self._held and not exc_info:
            self._send(self._held[1])  # a second start is a mistake, and the server's to notice
        self._held = self._stream = None
        if _may_have_urls(status, headers):
            self._stream = _Stream(self._urls, self._base())
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
