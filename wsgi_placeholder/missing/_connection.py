"""One origin's connections: to addresses that were looked at, open between pictures, never late.

urllib3 keeps the connections, TLS and HTTP's framing. httpx was not taken because it has no total
deadline, requests because it is urllib3 below with redirects, cookies and proxies to switch off.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import time
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, Any, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProtocolError

from wsgi_placeholder.missing import _bases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3 import BaseHTTPResponse

_FRESH = 60.0  # seconds after which a name is looked up again
# What can go wrong between here and a server that may send anything.
_FAULTS = (HTTPError, HTTPException, OSError, ValueError)
# What an unwanted body may cost to keep its connection: bytes and seconds.
_SHORT = 65536
_MOMENT = 0.25


class Unreachable(OSError):
    """The origin gave no answer, or not in time."""


class _Reader(io.RawIOBase):
    """What a socket receives until a moment; its own timeout begins anew with every byte."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.until = until
        self._socket = sock
        self._raw = cast(io.RawIOBase, sock.makefile("rb", buffering=0))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the origin is too slow")
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def shut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Buffered(io.BufferedReader):
    """One answer; what came after its end belongs to none, for nothing more was asked.

    But for white space, with which many a script ends.
    """

    raw: _Reader
    surplus = False

    def close(self) -> None:
        if not self.closed:
            self.raw.until = 0  # no more is received
            with contextlib.suppress(OSError):
                self.surplus = bool(self.peek(1).strip())
            if self.surplus:
                self.raw.shut()  # so that the pool does not go on with it
        super().close()


class _Punctual:
    """A connection whose answers are read until a moment, from the first byte of their status."""

    buffered: _Buffered

    def response_class(self, sock: socket.socket, *args: Any, **options: Any) -> HTTPResponse:
        response = HTTPResponse(sock, *args, **options)
        response.fp.close()
        # urllib3 has set the socket's timeout to what is left of the total.
        reader = _Reader(sock, time.monotonic() + (sock.gettimeout() or 0))
        response.fp = self.buffered = _Buffered(reader)
        return response


class _Plain(_Punctual, HTTPConnection):  # type: ignore[misc]
    pass


class _Secure(_Punctual, HTTPSConnection):  # type: ignore[misc]
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Answer:
    """A response whose body is still to be read; close() it.

    `length` is the Content-Length, in bytes; None for a body that only ends.
    """

    def __init__(self, response: BaseHTTPResponse, buffered: _Buffered) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.length: int | None = response.length_remaining
        self._response = response
        self._buffered = buffered

    def read(self, most: int, until: float) -> bytes:
        """Return the next `most` bytes, fewer only at the end; raises Unreachable."""
        self._buffered.raw.until = until
        try:
            return self._response.read(most)
        except _FAULTS as error:
            raise Unreachable(str(error)) from error

    @property
    def is_too_long(self) -> bool:
        """True when more was seen than the body that was announced, and has been read."""
        return self._buffered.surplus

    def close(self) -> None:
        """Close; the connection of a body that was read to its end is in its pool by now."""
        with contextlib.suppress(*_FAULTS):
            self._response.close()

    def refuse(self, until: float) -> None:
        """Close, but keep the connection if that takes little: most misses are short 404s."""
        if (self.length or 0) <= _SHORT:
            with contextlib.suppress(Unreachable):
                self.read(_SHORT, min(until, time.monotonic() + _MOMENT))
        self.close()


class Line:
    """The connections to one base; private addresses only if `private`.

    Made anew after a fork: a connection belongs to one process.
    """

    def __init__(self, base: _bases.Base, private: bool, most: int) -> None:
        self._base = base
        self._private = private or base.is_private
        self._options: dict[str, Any] = {"maxsize": most}
        self._pools: list[HTTPConnectionPool] = []
        self._fresh_until = 0.0

    def get(self, target: str, headers: Mapping[str, str], until: float) -> Answer:
        """Ask for a target of this base; raises Unreachable, at `until` at the latest."""
        try:
            return self._get(self._base.prefix + target, headers, until)
        except _FAULTS as error:
            raise Unreachable(str(error)) from error

    def _get(self, target: str, headers: Mapping[str, str], until: float) -> Answer:
        headers = {"Host": self._base.authority, **headers}
        *others, last = self._reachable(until)
        for pool in others:
            with contextlib.suppress(NewConnectionError, ConnectTimeoutError):
                return _ask(pool, target, headers, until)
        return _ask(last, target, headers, until)

    def _reachable(self, until: float) -> list[HTTPConnectionPool]:
        """A pool for each address of the host; at least one."""
        now = time.monotonic()
        if now < self._fresh_until:
            return self._pools
        found = _bases.addresses(self._base.host, self._base.port, until - now)
        # Looked at here and connected to as they are: no second look-up could say otherwise.
        allowed = [ip for ip in found if self._private or _bases.is_public(ip)]
        if not allowed:
            raise OSError("it has only private addresses; option origin_private allows them")
        known = {pool.host: pool for pool in self._pools}
        self._pools = [known.get(ip) or self._pool(ip) for ip in allowed]
        self._fresh_until = now + _FRESH
        return self._pools

    def _pool(self, ip: str) -> HTTPConnectionPool:
        if self._base.scheme == "http":
            return _PlainPool(ip, self._base.port, **self._options)
        if "ssl_context" not in self._options:  # reading the authorities takes 20 ms
            self._options["ssl_context"] = ssl.create_default_context()
        name = None if _bases.is_literal(self._base.host) else self._base.host
        return _SecurePool(ip, self._base.port, server_hostname=name, **self._options)


def _ask(pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], until: float) -> Answer:
    made = pool.num_connections
    try:
        return _ask_once(pool, target, headers, until)
    except ProtocolError:
        if pool.num_connections > made:
            raise
    # It was an open connection, which the origin had closed in the meantime.
    return _ask_once(pool, target, headers, until)


def _ask_once(
    pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], until: float
) -> Answer:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("no time is left")
    response = pool.urlopen(
        "GET",
        target,
        headers=headers,
        redirect=False,
        retries=False,
        # TCP and TLS have a third each, so that something is left for the answer.
        timeout=Timeout(total=left, connect=left / 3),
        preload_content=False,
        decode_content=False,
    )
    connection = cast(_Punctual, response.connection)
    return Answer(response, connection.buffered)
