"""Pictures, and small files, in the place of the wrapped app's 404s.

The size comes from a ladder: what the URL surely says, what a page said, what the client hints,
what the name seems to say, and a default.
"""

from __future__ import annotations

import dataclasses
import errno
import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from wsgi_placeholder.config import BadOption, Config
from wsgi_placeholder.dialects import complete
from wsgi_placeholder.errors import PlaceholderError, TooLarge
from wsgi_placeholder.http import request, response
from wsgi_placeholder.http.wanted import PICTURES, extension_of
from wsgi_placeholder.missing import Guess, sizes
from wsgi_placeholder.missing.files import makers
from wsgi_placeholder.missing.origin import Origin
from wsgi_placeholder.missing.report import Report
from wsgi_placeholder.rendering import Renderer
from wsgi_placeholder.sizes import parse_size
from wsgi_placeholder.spec import size_caption

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.http.response import Finished, Headers
    from wsgi_placeholder.http.wanted import Wanted
    from wsgi_placeholder.missing._fetched import Fetched
    from wsgi_placeholder.missing.pages import Learner
    from wsgi_placeholder.rendering import Rendition
    from wsgi_placeholder.spec import Spec

_DEFAULTS = {"ico": (32, 32), "pdf": (794, 1123)}  # A4 at 96 px an inch
_DEFAULT = (600, 400)


class Substitutes:
    """Answers in place of the app's 404s, and gives what stands for missing files elsewhere.

    What is replaced is noted in the report; what the origin has is not missing.
    """

    def __init__(
        self,
        config: Config,
        renderer: Renderer,
        learner: Learner | None = None,
        report: Report | None = None,
    ) -> None:
        # Nobody signs the URLs of the app's files.
        unsigned = [rule for rule in config.require_signature if isinstance(rule, int)]
        most = min([config.max_pixels, *unsigned])
        self._config = dataclasses.replace(config, max_pixels=most)
        self._renderer = renderer
        self._report = Report() if report is None else report  # an empty one is false
        self._learner = learner
        self._rules = sizes.compile_rules(config.missing_sizes)
        self._aliases = sizes.compile_sizes(dict(config.missing_aliases))
        self._files = makers(config.missing_types)
        self._origin = _origin(config)

    def picture(self, path: str, known: Guess | None = None) -> Rendition | None:
        """Return what stands for a missing file that no request asks for, None for no picture.

        `known` goes before what `path`, that of its URL, tells of the size.
        Raises PlaceholderError.
        """
        extension = extension_of(path)
        if extension not in PICTURES:
            return None
        found = sizes.from_url(path, {}, self._rules, self._aliases)
        _, spec = self._picture(path, extension, (known, found, sizes.from_name(path)))
        return self._renderer.render(spec)

    def replace(self, wanted: Wanted, start_response: StartResponse) -> Iterable[bytes]:
        """Answer in place of the app's 404: with the origin's file, or with one of ours."""
        environ, path, extension = wanted
        if self._origin and self._may_be_fetched(extension):
            file = self._origin.fetch(path, environ.get("QUERY_STRING", ""))
            if file:
                self._report.discard(path)
                return _sent(file, environ, start_response)
        if extension in self._files:
            return self._file(wanted)(environ, start_response)
        try:
            finished = self._answer(wanted)
        except PlaceholderError as error:
            finished = response.error_answer(error, environ, self._renderer)
        return response.send(finished, environ, start_response)

    def _may_be_fetched(self, extension: str) -> bool:
        """False for what `Origin` never passes on, so that nobody is asked in vain."""
        return extension != "svg" and (extension not in self._files or extension == "pdf")

    def _file(self, wanted: Wanted) -> WSGIApplication:
        """Return what is no picture; browsers play sound and film by ranges of it."""
        from wsgi_placeholder.http.memory_response import respond

        environ, path, extension = wanted
        self._report.note(path, "type", referer=environ.get("HTTP_REFERER", ""))
        media_type, make = self._files[extension]
        body = make(sizes.name_of(path))
        made = respond([body], media_type, length=len(body))
        made.status = self._config.missing_status
        made.headers.update(_kept("type"))
        return made

    def _answer(self, wanted: Wanted) -> Finished:
        environ, path, extension = wanted
        guess, spec = self._picture(path, extension, self._rungs(environ, path))
        page: str = environ.get("HTTP_REFERER", "")
        self._report.note(path, guess.rule, spec.width, spec.height, page)
        kept = _kept(f"{guess.rule}; size={spec.width}x{spec.height}")
        if self._config.missing_status == HTTPStatus.OK:
            # Not that of the same picture below our prefix: this one may turn into the file.
            etag = f'"missing-{self._renderer.etag(spec)[1:]}'
            kept = (("ETag", etag), *kept)
            given = request.header(environ, "If-None-Match")
            if given and request.is_none_match(given, etag):
                return response.Finished("304 Not Modified", kept, b"")
        rendition = self._renderer.render(spec)
        return self._finished(rendition.media_type, rendition.body, kept)

    def _picture(
        self, path: str, extension: str, rungs: Iterable[Guess | None]
    ) -> tuple[Guess, Spec]:
        """Walk the ladder down to the first rung that knows a size.

        One that knows a single side has its shape from the next one that knows both.
        """
        one_side: Guess | None = None
        for guess in filter(None, rungs):
            width, height, *_ = guess
            if not (sides := sizes.both_sides(guess)):
                continue
            if width is None or height is None:
                one_side = one_side or guess
                continue
            if one_side and (shaped := sizes.both_sides(one_side, width / height)):
                return one_side, self._spec(path, *shaped, one_side.scale)
            return guess, self._spec(path, *sides, guess.scale)
        if one_side and (sides := sizes.both_sides(one_side)):
            return one_side, self._spec(path, *sides, one_side.scale)
        sides = _DEFAULTS.get(extension, _DEFAULT)
        return Guess(*sides, "default"), self._spec(path, *sides, 1)

    def _rungs(self, environ: WSGIEnvironment, path: str) -> Iterator[Guess | None]:
        raw = request.text(environ.get("QUERY_STRING", ""))
        pairs = parse_qsl(raw[: self._config.max_url], keep_blank_values=True)
        query = {name.lower(): value for name, value in reversed(pairs)}
        yield sizes.from_url(path, query, self._rules, self._aliases)
        if self._learner is not None:
            yield self._learner.size_of(path, raw)
        yield sizes.from_hints(
            request.header(environ, "Sec-CH-Width"), request.header(environ, "Sec-CH-DPR")
        )
        yield sizes.from_name(path)

    def _spec(self, path: str, width: int, height: int, scale: float) -> Spec:
        """Return the picture; where it is above the limits, a smaller one of the same shape."""
        given: dict[str, Any] = {
            "format": sizes.format_of(path) or "png",
            "scale": round(min(max(scale, 1), 4), 2),
            "width": width,
            "height": height,
            "text": self._caption(path, width, height),
        }
        try:
            return complete(given, self._config)
        except TooLarge as error:
            given["width"], given["height"] = parse_size(error.hint or "600x400")
            return complete(given, self._config)

    def _caption(self, path: str, width: int, height: int) -> str:
        text = self._config.missing_text.replace("|", "\n")
        text = text.replace("{size}", size_caption(width, height))
        return text.replace("{name}", sizes.name_of(path))

    def _finished(self, media_type: str, body: bytes, kept: Headers) -> Finished:
        status = self._config.missing_status
        facts = (("Content-Type", media_type), ("Content-Length", str(len(body))))
        return response.Finished(f"{status} {HTTPStatus(status).phrase}", (*facts, *kept), body)


def missing_pictures(**options: Any) -> Callable[[str], bytes]:
    """Return a function that gives the picture of a missing file, for libraries that open files.

    It takes the file's URL path, whose end is its name, and raises FileNotFoundError for what is
    no picture, and PlaceholderError. `options` are those of the middleware.
    """
    config = Config.of(**options)
    substitutes = Substitutes(config, Renderer(config))

    def missing_picture(path: str) -> bytes:
        made = substitutes.picture(path)
        if made is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return made.body

    return missing_picture


def _kept(rule: str) -> Headers:
    """The headers that a replaced answer and its 304 share, but for the ETag."""
    return (
        ("Cache-Control", "no-store"),
        ("X-Placeholder", f"missing; rule={rule}"),
        *response.SAFE,
    )


def _origin(config: Config) -> Origin | None:
    """Return the origin that is asked first; raises BadOption."""
    if not config.origin:
        return None
    try:
        return Origin(
            config.origin,
            config.origin_store or None,
            store_at=config.origin_store_at,
            allow_private=config.origin_private,
        )
    except ValueError as error:
        raise BadOption("origin", config.origin, str(error)) from error


def _sent(
    file: Fetched, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    """Answer with a file of the origin."""
    headers = [
        ("Content-Type", file.media_type),
        ("Content-Length", str(file.length)),
        ("Cache-Control", "no-store"),
        ("X-Placeholder", "origin"),
        *response.SAFE,
    ]
    try:
        start_response("200 OK", headers)
    except BaseException:
        file.close()
        raise
    if environ["REQUEST_METHOD"] == "HEAD":
        file.close()
        return []
    return file
