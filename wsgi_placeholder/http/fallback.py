"""The gate before the wrapped app: its 404s are held back, all else passes as it is.

Nothing is collected. Of an app that starts its answer late one item is read, for its status.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Wanted = TypeVar("Wanted")

# The header of a 404 that one of us further in has given, and means.
MEANT = ("X-Placeholder", "none")


def replacing_404(
    app: WSGIApplication,
    wanted: Callable[[WSGIEnvironment], Wanted | None],
    replace: Callable[[Wanted, StartResponse], Iterable[bytes]],
) -> WSGIApplication:
    """Return `app` with its 404s answered by `replace`, where `wanted` gave what that needs.

    `wanted` is asked before the app, which may change the environ; None leaves the request alone.
    """

    def gated(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = wanted(environ)
        if asked is None:
            return app(environ, start_response)
        gate = _Gate(start_response)
        body = app(environ, gate.start)
        if gate.is_open:
            return body
        if not gate.is_held:
            try:
                rest = iter(body)
                first = [*islice(rest, 1)]
            except BaseException:
                _close(body)
                raise
            if not gate.is_held:
                gate.is_open = True  # for an app that starts later still, which none should
                return _Resumed(body, chain(first, rest))
        _close(body)
        return replace(asked, start_response)

    return gated


class _Gate:
    """The `start_response` of one request."""

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self.is_held = False
        self.is_open = False

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        try:
            if status[:3] == "404" and not self.is_open and MEANT not in headers:
                self.is_held = True
                return _discard
            self.is_held, self.is_open = False, True
            if exc_info:
                return self._start_response(status, headers, exc_info)
            # Some servers' start_response takes two arguments only.
            return self._start_response(status, headers)
        finally:
            exc_info = None


def _discard(data: bytes) -> None:
    """The `write` of a 404 that is replaced."""


class _Resumed:
    """A body of which one item was read: its items, and its own close()."""

    def __init__(self, body: Iterable[bytes], items: Iterator[bytes]) -> None:
        self._body = body
        # No generator with `yield from`: that would close the body once more when it is given up.
        self._items = items

    def __iter__(self) -> Iterator[bytes]:
        return self._items

    def close(self) -> None:
        _close(self._body)


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
