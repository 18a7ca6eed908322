"""All that goes out: pictures, 304s, errors. Built once per picture, then only handed out."""

from __future__ import annotations

import contextlib
import json
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from webob.acceptparse import create_accept_header

from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import Busy, MethodNotAllowed, NotAcceptable
from wsgi_placeholder.http.request import header
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.unsigned import may_echo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from wsgiref.types import StartResponse, WSGIEnvironment

    from wsgi_placeholder.config import Config
    from wsgi_placeholder.dialects import Document
    from wsgi_placeholder.errors import PlaceholderError
    from wsgi_placeholder.rendering import Renderer, Rendition

Headers = tuple[tuple[str, str], ...]

METHODS = "GET, HEAD, OPTIONS"
# Only documents can run scripts, but our SVG and PDF may be opened as one, on the app's origin.
SAFE: Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
)
# A picture of an error: large enough to read, whatever the <img> wanted.
_ERROR_SIZE = (600, 300)
_ERROR_BACKGROUND = Color(253, 236, 234)
_ERROR_FOREGROUND = Color(140, 29, 24)


class Finished(NamedTuple):
    """An answer that can be given any number of times."""

    status: str
    headers: Headers
    body: bytes
    etag: str = ""
    unchanged: Headers = ()

    @property
    def weight(self) -> int:
        return len(self.body) + sum(len(value) for _, value in self.headers) + 2000


def finish(rendition: Rendition, etag: str, config: Config, vary: str = "") -> Finished:
    """Return the 200 for a picture, and the headers of its 304."""
    unchanged = _kept(etag, config, vary)
    headers: Headers = (
        ("Content-Type", rendition.media_type),
        ("Content-Length", str(len(rendition.body))),
        *unchanged,
        ("Accept-Ranges", "none"),
    )
    if rendition.missing:
        names = " ".join(f"U+{ord(character):04X}" for character in rendition.missing)
        headers += (("X-Placeholder-Missing-Glyphs", names),)
    return Finished("200 OK", headers, rendition.body, etag, unchanged)


def document(document: Document, base: str, config: Config) -> Finished:
    """Return the 200 for an answer that is no picture."""
    headers, body = document.make(base)
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    kept = (*_kept(etag, config, ""), *headers)
    facts = (("Content-Type", document.media_type), ("Content-Length", str(len(body))))
    return Finished("200 OK", (*facts, *kept), body, etag, kept)


def not_modified(etag: str, config: Config, vary: str = "") -> Finished:
    """Return the 304 for a picture that need not even be rendered (RFC 9110, 15.4.5)."""
    return Finished("304 Not Modified", _kept(etag, config, vary), b"")


def unchanged(finished: Finished) -> Finished:
    """Return the 304 of a 200."""
    return Finished("304 Not Modified", finished.unchanged, b"")


def _kept(etag: str, config: Config, vary: str) -> Headers:
    """The headers that a 200 and its 304 share."""
    keep = f"public, max-age={config.max_age}"
    if config.max_age:
        keep += ", immutable" if config.immutable else ", stale-while-revalidate=86400"
    headers: Headers = (("ETag", etag), ("Cache-Control", keep), *SAFE)
    if vary:
        headers += (("Vary", vary),)
    if config.cors:
        headers += (("Access-Control-Allow-Origin", "*"),)
    return headers


def send(
    finished: Finished, environ: WSGIEnvironment, start_response: StartResponse
) -> list[bytes]:
    """Give an answer, without its body to HEAD (same headers, RFC 9110, 9.3.2)."""
    start_response(finished.status, list(finished.headers))
    if environ.get("REQUEST_METHOD") == "HEAD" or not finished.body:
        return []  # an empty chunk would make a server add Content-Length: 0 to a 204 or 304
    return [finished.body]


def options_answer(config: Config) -> Finished:
    """The answer to OPTIONS, a CORS preflight (Fetch standard, 4.8) included."""
    headers: Headers = (("Allow", METHODS), *SAFE)
    if config.cors:
        headers += (
            ("Access-Control-Allow-Origin", "*"),
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Max-Age", "86400"),
        )
    return Finished("204 No Content", headers, b"")


def negotiated(accept: str, offers: Sequence[tuple[str, str]]) -> str:
    """Return the name of the offer, of (name, media type) pairs in our order, the client likes.

    Equally liked ones come in our order; but */* and image/* are also sent by clients that never
    heard of AVIF and WebP, so these go only to who names them. An Accept header that cannot be
    read counts as none. Raises NotAcceptable.
    """
    wish = create_accept_header(accept or None)
    types = [media_type for _, media_type in offers]
    accepted = dict(wish.acceptable_offers(types))
    if not accepted:
        raise NotAcceptable(
            f"Accept names no format we can write; expected one of {', '.join(types)}.",
            parameter="Accept",
        )
    named = {media_range.partition(";")[0].lower() for media_range, *_ in wish.parsed or ()}
    safe = {"image/png", "image/jpeg", "image/gif"}
    known = {kind: quality for kind, quality in accepted.items() if kind in named | safe}
    likes = known or accepted
    return max(offers, key=lambda offer: likes.get(offer[1], 0))[0]


def error_answer(error: PlaceholderError, environ: WSGIEnvironment, renderer: Renderer) -> Finished:
    """Say what is wrong: a picture to an <img>, problem+json (RFC 9457) or plain text to others."""
    status = f"{error.status} {HTTPStatus(error.status).phrase}"
    kind = _wanted(environ)
    drawn = _error_picture(error, renderer) if kind == "picture" else None
    if drawn:
        media_type, body = "image/png", drawn
    elif kind == "json":
        media_type, body = "application/problem+json", _problem(error, status)
    else:
        media_type = "text/plain; charset=utf-8"
        body = f"{status}\n\n{error.sentence}\n".encode()
    headers: Headers = (
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept, Sec-Fetch-Dest"),
        *SAFE,
    )
    if isinstance(error, MethodNotAllowed):
        headers += (("Allow", METHODS),)
    if isinstance(error, Busy):
        headers += (("Retry-After", "2"),)
    if renderer.config.cors:
        headers += (("Access-Control-Allow-Origin", "*"),)
    return Finished(status, headers, body)


def prefers_pictures(environ: WSGIEnvironment) -> bool:
    """True for who likes no other kind better than images, and names them."""
    return _wanted(environ) == "picture"


def _wanted(environ: WSGIEnvironment) -> str:
    """The kind of the media range that the client names first among those it likes best.

    Every browser names images first for an <img> and text/html for a page; */* says nothing.
    """
    if header(environ, "Sec-Fetch-Dest") == "image":
        return "picture"
    liked, kind = 0.0, "text"
    for media_range, quality, *_ in (
        create_accept_header(header(environ, "Accept") or None).parsed or ()
    ):
        main, _, sub = media_range.partition(";")[0].lower().partition("/")
        named = "json" if sub.endswith("json") else {"image": "picture", "text": "text"}.get(main)
        if named and quality > liked:
            liked, kind = quality, named
    return kind


def _problem(error: PlaceholderError, status: str) -> bytes:
    problem = {
        "type": "about:blank",
        "title": status[4:],
        "status": error.status,
        "code": error.code,
        "detail": error.sentence,
        "parameter": error.parameter,
        "hint": error.hint,
    }
    return json.dumps({k: v for k, v in problem.items() if v is not None}).encode()


def _error_picture(error: PlaceholderError, renderer: Renderer) -> bytes | None:
    """Return the sentence as a PNG, or None when there is no memory even for that."""
    told = error.sentence if may_echo(renderer.config) else error.code
    text = f"{error.status} {HTTPStatus(error.status).phrase}\n{told}"
    spec = Spec.of(
        *_ERROR_SIZE,
        text=text,
        size=26,
        weight=500,
        font=renderer.config.font,
        most_characters=400,
        background=_ERROR_BACKGROUND,
        foreground=_ERROR_FOREGROUND,
    )
    with contextlib.suppress(Busy):
        return renderer.render(spec).body
    return None
