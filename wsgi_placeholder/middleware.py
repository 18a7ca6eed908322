"""The middleware: what is ours is answered, all else is the wrapped app's, untouched."""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import dialects, formats
from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import MethodNotAllowed, PlaceholderError, TooLarge
from wsgi_placeholder.http import request, response
from wsgi_placeholder.http.fallback import replacing_404
from wsgi_placeholder.http.missing import report_answer
from wsgi_placeholder.http.noting import noting_pages
from wsgi_placeholder.http.rewrite import rewriting
from wsgi_placeholder.http.wanted import wanting
from wsgi_placeholder.missing.pages import Learner
from wsgi_placeholder.missing.report import Report
from wsgi_placeholder.rendering import Renderer
from wsgi_placeholder.substitutes import Substitutes
from wsgi_placeholder.text_images import TextImages
from wsgi_placeholder.unsigned import restrained
from wsgi_placeholder.urls import url_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from wsgi_placeholder.http.response import Finished
    from wsgi_placeholder.spec import Spec
    from wsgi_placeholder.text_images import Html

# By what they cost on the wire, the cheapest first; SVG for who likes nothing else as well.
_NEGOTIABLE = ("avif", "webp", "png", "jpeg", "gif", "svg")
# Stands where the answer depends on the Accept header, under which the answers themselves stand.
_NEGOTIATED = response.Finished("", (), b"")


class PlaceholderMiddleware:
    """Answers every URL below `prefix` with a picture and hands all others to `app`.

    `options` are the fields of `Config`; an unknown or bad one raises TypeError or ValueError,
    naming it, here at start. The object opens no socket, starts no thread, and is never written
    to afterwards, so it may be made before a server forks.
    """

    def __init__(self, app: WSGIApplication, prefix: str = "/placeholder", **options: Any) -> None:
        if not callable(app):
            raise TypeError(f"expected a WSGI application to wrap, got {app!r}")
        self.config = Config.of(prefix=prefix, **options)
        self.renderer = Renderer(self.config)
        self._prefix = self.config.prefix
        self._hosts = frozenset(
            host for host in self.config.hosts if dialects.named(host, self.config)
        )
        # Kept whether it can be asked for or not: `testing.assert_no_missing_images` reads it.
        self.report = Report() if self.config.missing else None
        self.texts: TextImages | None = None
        if self.config.secret and importlib.util.find_spec("cryptography"):
            self.texts = TextImages(self.config.secret, config=self.config)
        self.app = self._surrounded(app)
        self._finished: MemoryCache[Finished] = MemoryCache(
            self.config.cache_bytes // 2, lambda finished: finished.weight
        )
        self._offers = [
            (name, formats.installed()[name].media_type)
            for name in _NEGOTIABLE
            if name in formats.installed()
        ]

    def _surrounded(self, app: WSGIApplication) -> WSGIApplication:
        """Put what the options ask for between us and the app; without them it stands alone."""
        if self.report is not None:
            learner = Learner() if self.config.learn else None
            substitutes = Substitutes(self.config, self.renderer, learner, self.report)
            app = replacing_404(app, wanting(self.config), substitutes.replace)
            if learner is not None:  # an empty one is false
                app = noting_pages(app, learner)
        rewrite = [host for host in self.config.rewrite if dialects.named(host, self.config)]
        return rewriting(app, rewrite, self._prefix) if rewrite else app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._hosts:
            environ = request.from_own_host(environ, self._hosts, self._prefix)
        path = environ.get("PATH_INFO", "")
        if not path.startswith(self._prefix) and path[:2] != "//":
            return self.app(environ, start_response)
        # Raw and undecoded: the same bytes asked for again need no reading at all.
        finished = self._finished.get((path, environ.get("QUERY_STRING", "")))
        if (
            finished is not None
            and finished is not _NEGOTIATED
            and environ.get("REQUEST_METHOD") == "GET"
        ):
            given = environ.get("HTTP_IF_NONE_MATCH")
            if given is None:
                start_response("200 OK", list(finished.headers))
                return [finished.body]
            if given == finished.etag:
                start_response("304 Not Modified", list(finished.unchanged))
                return []
        return self._slower(environ, start_response, path)

    def _slower(
        self, environ: WSGIEnvironment, start_response: StartResponse, path: str
    ) -> Iterable[bytes]:
        """All but a plain GET of a picture that is at hand."""
        # gunicorn passes on the leading slashes that waitress and wsgiref make one.
        plain = "/" + path.lstrip("/") if path[:2] == "//" else path
        if not plain.startswith(self._prefix) or plain[len(self._prefix) :][:1] not in ("", "/"):
            return self.app(environ, start_response)
        if self.texts is not None and self.texts.owns(plain):
            return self.texts(environ, start_response)
        try:
            finished = self._answer(environ, path)
        except PlaceholderError as error:
            finished = response.error_answer(error, environ, self.renderer)
        return response.send(finished, environ, start_response)

    def _answer(self, environ: WSGIEnvironment, path: str) -> Finished:
        method = environ.get("REQUEST_METHOD", "GET")
        if method == "OPTIONS":
            return response.options_answer(self.config)
        if method not in ("GET", "HEAD"):
            raise MethodNotAllowed(f"Pictures answer {response.METHODS} only.")
        if self._is_report(path) and self.report is not None:
            return report_answer(self.report, environ)
        key: tuple[str, ...] = (path, environ.get("QUERY_STRING", ""))
        finished = self._finished.get(key)
        if finished is _NEGOTIATED:
            finished = self._finished.get((*key, request.header(environ, "Accept")))
        given = environ.get("HTTP_IF_NONE_MATCH", "")
        if finished is None:
            return self._made(environ, key, given)
        if given and request.is_none_match(given, finished.etag):
            return response.unchanged(finished)
        return finished

    def _is_report(self, path: str) -> bool:
        return self.config.missing_report and "/" + path.strip("/") == f"{self._prefix}/missing"

    def _made(self, environ: WSGIEnvironment, key: tuple[str, ...], given: str) -> Finished:
        """Read the URL and render its picture, or only its 304."""
        asked = request.read(environ, self.config)
        spec = dialects.parse(asked.path, asked.query, self.config)
        if isinstance(spec, dialects.Document):
            base = request.script_name(environ) + self._prefix
            finished = response.document(spec, base, self.config)
            matches = given and request.is_none_match(given, finished.etag)
            return response.unchanged(finished) if matches else finished
        if not asked.is_signed:
            spec = restrained(spec, self.config)
        vary = ""
        if spec.format == dialects.AUTO:
            vary, accept = "Accept", request.header(environ, "Accept")
            spec = spec.replace(format=response.negotiated(accept, self._within_limits(spec)))
            dialects.check_limits(spec, self.config)
            self._finished.put(key, _NEGOTIATED)
            key = (*key, accept)
        etag = self.renderer.etag(spec)
        if given and request.is_none_match(given, etag):
            return response.not_modified(etag, self.config, vary)
        finished = response.finish(self.renderer.render(spec), etag, self.config, vary)
        self._finished.put(key, finished)
        return finished

    def _within_limits(self, spec: Spec) -> list[tuple[str, str]]:
        """The formats to choose from: those that may be as large, or all when none may."""
        within = []
        for offer in self._offers:
            with contextlib.suppress(TooLarge):
                dialects.check_limits(spec.replace(format=offer[0]), self.config)
                within.append(offer)
        return within or self._offers

    def url_for(
        self,
        size: Spec | int | str,
        height: int | None = None,
        /,
        *,
        script_name: str = "",
        **parameters: Any,
    ) -> str:
        """Return the URL of a picture, as the function `url_for` does, under these options.

        `script_name` is where the site is mounted (`environ["SCRIPT_NAME"]`).
        """
        return script_name + url_for(size, height, config=self.config, **parameters)

    def text_url(self, text: str, *looks: Any, **more: Any) -> str:
        """Return the URL of a secret text's picture: `TextImages.text_url`, with its arguments.

        It needs the option `secret` (else a ValueError) and `cryptography` (else an ImportError).
        """
        return self._secret_texts.text_url(text, *looks, **more)

    def text_img(self, text: str | None, *looks: Any, **more: Any) -> Html:
        """Return the tag of a secret text's picture: `TextImages.img`, with its arguments."""
        return self._secret_texts.img(text, *looks, **more)

    @property
    def _secret_texts(self) -> TextImages:
        # Made here only where there is no secret or no cryptography, and the error says so.
        return self.texts or TextImages(self.config.secret, config=self.config)


def not_found(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The app behind a stand-alone placeholder app: there is nothing else here."""
    start_response(
        "404 Not Found",
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", "10"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [b"Not found\n"]


def placeholder_app(prefix: str = "", **options: Any) -> PlaceholderMiddleware:
    """Return a stand-alone WSGI app: every URL is a picture, or below `prefix` only."""
    return PlaceholderMiddleware(not_found, prefix=prefix, **options)
