"""Text that people read and scrapers do not: a small picture of it, at a URL that tells nothing.

The picture is drawn when it is asked for, from what its URL's token holds (see `tokens`). No answer
and nothing that is kept says the text: not headers, metadata, cache keys, reprs or errors.
"""

from __future__ import annotations

import hmac
import logging
import math
import re
import time
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import Busy
from wsgi_placeholder.formats.png import FORMAT
from wsgi_placeholder.http import request, response
from wsgi_placeholder.http.fallback import MEANT
from wsgi_placeholder.http.response import Finished
from wsgi_placeholder.text_picture import TextPicture
from wsgi_placeholder.tokens import Tokens, checked_secrets, subkey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.drawing.color import Color

_log = logging.getLogger(__name__)

_PATH = re.compile(r"/t/([^/]+)\.png")
_SCALES = (1, 2, 3)  # of the srcset
_LONGEST_LIFE = 10**8  # seconds, three years
_OVERHEAD = 500  # what an entry of the cache weighs beside its file

_SAFE: response.Headers = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, noimageindex"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
)


def _plain(status: str, body: bytes, *more: tuple[str, str]) -> Finished:
    headers: response.Headers = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *_SAFE,
        *more,
    )
    return Finished(status, headers, body)


# The one answer for whatever is wrong with a token: which it is, only an attacker would ask.
_NOT_FOUND = _plain("404 Not Found", b"Not found\n", MEANT)
_NOT_ALLOWED = _plain("405 Method Not Allowed", b"Method not allowed\n", ("Allow", "GET, HEAD"))
_BUSY = _plain("503 Service Unavailable", b"Busy\n", ("Retry-After", "2"))


class Html(str):
    """Markup that Jinja, Django, Mako and Chameleon take as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


class _Drawn(NamedTuple):
    body: bytes
    etag: str


class TextImages:
    """URLs and tags of pictures of secret text, and the WSGI app that answers the URLs.

    `secret` is at least 32 random bytes, or a list of such: the first makes tokens, all read them.
    `public` lets shared caches keep the pictures. `options` are those of `PlaceholderMiddleware`;
    `config`, where given, holds them and the prefix. Raises TypeError or ValueError for a bad
    option or weak secret, and ImportError where `cryptography` is not installed.
    """

    def __init__(
        self,
        secret: str | bytes | Sequence[str | bytes],
        prefix: str = "/placeholder",
        *,
        public: bool = False,
        config: Config | None = None,
        **options: Any,
    ) -> None:
        if config is not None and options:
            raise TypeError(f"config holds all options; {', '.join(options)} cannot be given too")
        self.config = config or Config.of(prefix=prefix, **options)
        self._tokens = Tokens(secret, purpose="text", prefix=self.config.prefix)
        self._digest_key = subkey(checked_secrets(secret)[0], "cache")
        self._kept_by = "public" if public else "private"
        self._drawn: MemoryCache[_Drawn] = MemoryCache(
            self.config.cache_bytes // 8, lambda drawn: len(drawn.body) + _OVERHEAD
        )
        self.config.loaded_fonts.face(self.config.font, 400)

    def text_url(
        self,
        text: str,
        size: float = 16,
        color: str | Color = "#333",
        *,
        weight: int | str = 400,
        font: str | None = None,
        style: str = "plain",
        scale: float = 1,
        expires_in: int | None = None,
        script_name: str = "",
    ) -> str:
        """Return the URL, prefix included, of a PNG of one line of text on nothing.

        `size` is the em in CSS pixels, 4 to 200, `scale` the device pixels to one of them, 1 to 4.
        The style "waves" draws two thin ones through the letters, against simple OCR.
        With `expires_in` seconds the URL works at least as long and at most half as long again:
        meanwhile it stays the same, for caches. `script_name` is where the site is mounted. Raises
        ValueError or BadParameter, neither of which repeats the text.
        """
        picture = TextPicture.of(
            text, size, color,
            weight=weight, font=font, style=style, scale=scale, config=self.config,
        )  # fmt: skip
        picture.line(self.config)
        return self._url(picture, expires_in, script_name)

    def img(
        self,
        text: str | None,
        size: float = 16,
        color: str | Color = "#333",
        *,
        weight: int | str = 400,
        font: str | None = None,
        style: str = "plain",
        alt: str | None = None,
        expires_in: int | None = None,
        script_name: str = "",
    ) -> Html:
        """Return the `<img>` of a text, in a `<span>`, for 1, 2 and 3 device pixels to a CSS pixel.

        It stands on the line as the text would: on the baseline, no line gets higher by it, and no
        style sheet's rules for pictures apply. `alt`, by default "text as image", is for people
        who cannot see it; the text itself there is a ValueError. Of no text, None or "", there is
        no tag.
        """
        if text is None or (isinstance(text, str) and not text.strip()):
            return Html("")  # an address without a telephone number
        pictures = [
            TextPicture.of(
                text, size, color,
                weight=weight, font=font, style=style, scale=scale, config=self.config,
            )
            for scale in _SCALES
        ]  # fmt: skip
        if alt is not None and pictures[0].text.casefold() in " ".join(alt.split()).casefold():
            raise ValueError("alt says the secret text; describe it: “e-mail address”")
        line = pictures[-1].line(self.config)
        urls = [self._url(picture, expires_in, script_name) for picture in pictures]
        source_set = ", ".join(f"{url} {n}x" for url, n in zip(urls, _SCALES, strict=True))
        width, height = line.width, line.above + line.below
        # No height of its own, its edges at the baseline: what is in sight hangs over both.
        margins = " ".join(
            f"-{side}px" if side else "0"
            for side in (line.above, line.right, line.below, line.left)
        )
        css = f"all:unset;width:{width}px;height:{height}px;margin:{margins}"
        # In a flex container or a grid, an element is a box of its own and a text is within one.
        return Html(
            f'<span style="all:unset"><img src="{escape(urls[0])}" srcset="{escape(source_set)}"'
            f' width="{width}" height="{height}"'
            f' alt="{escape("text as image" if alt is None else alt)}" style="{css}"></span>'
        )

    def _url(self, picture: TextPicture, expires_in: int | None, script_name: str) -> str:
        expires = 0
        if expires_in is not None:
            if not isinstance(expires_in, (int, float)) or not 1 <= expires_in <= _LONGEST_LIFE:
                raise ValueError(f"expires_in: expected seconds, 1 to {_LONGEST_LIFE}")
            step = max(expires_in // 2, 1)
            expires = math.ceil((time.time() + expires_in) / step) * step
        token = self._tokens.seal(*picture.packed(), expires)
        return f"{script_name}{self.config.prefix}/t/{token}.png"

    def owns(self, path: str) -> bool:
        """True when a PATH_INFO is one of ours, whether or not its token is any good."""
        return path.startswith(f"{self.config.prefix}/t/")

    def answer(self, path: str) -> Finished:
        """Return the picture at a PATH_INFO, or the one 404 for all that is wrong with it."""
        match = _PATH.fullmatch(path.removeprefix(self.config.prefix)) if self.owns(path) else None
        try:
            opened = self._tokens.open(match[1]) if match else None
            if opened is None:
                return _NOT_FOUND
            text, details, expires = opened
            drawn = self._drawn.get_or_make(
                self._digest(text + b"\0" + details), lambda: self._draw(text, details)
            )
        except (Busy, MemoryError):
            return _BUSY
        except Exception as error:  # a font that is gone, a limit that is lower now
            # No more than its kind: a message might say the text.
            _log.warning("a secret text cannot be drawn: %s", type(error).__name__)
            return _NOT_FOUND
        age = self.config.max_age
        if expires:
            age = min(age, max(expires - int(time.time()), 0))
        unchanged: response.Headers = (
            ("ETag", drawn.etag),
            ("Cache-Control", f"{self._kept_by}, max-age={age}"),
            *_SAFE,
        )
        headers: response.Headers = (
            ("Content-Type", FORMAT.media_type),
            ("Content-Length", str(len(drawn.body))),
            *unchanged,
        )
        return Finished("200 OK", headers, drawn.body, drawn.etag, unchanged)

    def _draw(self, text: bytes, details: bytes) -> _Drawn:
        picture = TextPicture.unpacked(text, details)
        body = picture.png(self.config)
        return _Drawn(body, f'"{self._digest(b"etag" + body)}"')

    def _digest(self, data: bytes) -> str:
        """A name for `data` that nobody without the secret can tell from guesses at the text."""
        return hmac.digest(self._digest_key, data, "sha256")[:16].hex()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = "/" + environ.get("PATH_INFO", "").lstrip("/")
        if environ.get("SCRIPT_NAME", "").endswith(self.config.prefix) and not self.owns(path):
            path = self.config.prefix + path  # mounted at our prefix, not around all
        if environ.get("REQUEST_METHOD", "GET") not in ("GET", "HEAD"):
            return response.send(_NOT_ALLOWED, environ, start_response)
        finished = self.answer(path)
        given = request.header(environ, "If-None-Match")
        if given and finished.etag and request.is_none_match(given, finished.etag):
            finished = response.unchanged(finished)
        return response.send(finished, environ, start_response)

    def wrap(self, app: WSGIApplication) -> WSGIApplication:
        """Return a WSGI app that answers our URLs and leaves all others to `app`."""

        def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            ours = self.owns(environ.get("PATH_INFO", ""))
            return (self if ours else app)(environ, start_response)

        return wrapped
