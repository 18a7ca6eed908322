"""Which 404s may be replaced: what is asked for, read from the request alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.http.request import text
from wsgi_placeholder.http.response import prefers_pictures
from wsgi_placeholder.missing.origin import is_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIEnvironment

    from wsgi_placeholder.config import Config

# Extensions of pictures, also of those that we answer with another format.
PICTURES = frozenset({
    "apng", "avif", "bmp", "gif", "heic", "heif", "ico", "jfif", "jpe", "jpeg", "jpg", "jxl", "png",
    "svg", "tif", "tiff", "webp",
})  # fmt: skip


class Wanted(NamedTuple):
    """A request that may be answered in place of the app; its own environ the app may change."""

    environ: WSGIEnvironment
    path: str
    extension: str


def wanting(config: Config) -> Callable[[WSGIEnvironment], Wanted | None]:
    """Return what tells, before the app sees a request, whether its 404 may be replaced."""
    functions = [rule for rule in config.missing if callable(rule)]
    words = [word for word in config.missing if not callable(word)]
    prefixes = tuple(word for word in words if word[0] == "/")
    types = frozenset(dict(config.missing_types))
    extensions = {word[1:].lower() for word in words if word[0] == "."}
    if extensions:
        extensions |= types

    def wanted(environ: WSGIEnvironment) -> Wanted | None:
        raw: str = environ.get("PATH_INFO", "")
        if "." not in raw and not _may_be_picture(environ):  # pages, in a hurry
            return None
        extension = extension_of(raw)
        if not (extension in types or _is_picture(extension, environ)):
            return None
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD") or is_loop(environ):
            return None
        try:
            path = text(raw)
        except PlaceholderError:  # not in bytes, as PEP 3333 demands: the app's to answer
            return None
        if prefixes and not path.startswith(prefixes):
            return None
        if extensions and extension not in extensions:
            return None
        if not all(rule(path) for rule in functions):
            return None
        return Wanted(environ.copy(), path, extension)

    return wanted


def extension_of(path: str) -> str:
    """Return what follows the last dot, in lower case; of at most eight characters, or none."""
    dot = path.rfind(".", -9)
    return path[dot + 1 :].lower() if dot >= 0 else ""


def _may_be_picture(environ: WSGIEnvironment) -> bool:
    """False where no header asks for a picture."""
    if "HTTP_SEC_FETCH_DEST" in environ:
        return environ["HTTP_SEC_FETCH_DEST"] in ("image", "empty", "")
    return "image/" in environ.get("HTTP_ACCEPT", "")


def _is_picture(extension: str, environ: WSGIEnvironment) -> bool:
    destination = environ.get("HTTP_SEC_FETCH_DEST", "")
    if destination == "image":
        return True
    if destination not in ("", "empty") or environ.get("HTTP_SEC_FETCH_MODE") == "navigate":
        return False  # a page, a script, a video
    accept: str = environ.get("HTTP_ACCEPT", "")
    # Over plain HTTP browsers say nothing else of what they want it for, except to localhost.
    if "application/xhtml+xml" in accept:
        return False
    if extension in PICTURES:
        return not accept or "image/" in accept or "*/*" in accept
    return "image/" in accept and prefers_pictures(environ)
