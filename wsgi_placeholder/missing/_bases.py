"""Where to ask for a missing file: bases as configured, targets as requested, addresses as found.

Host and port never come from a request, so no path can lead elsewhere (SSRF).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})", re.ASCII)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,=:@%-]+)*/?", re.ASCII)
# What RFC 3986 lets stand in a segment, but for the ";" by which some servers read "..;" as "..".
_IN_SEGMENTS = "!$&'()*+,=:@"
_IN_QUERIES = _IN_SEGMENTS + ";/?%"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\\\ufffd]")
_LONGEST = 4096  # bytes of a target
# RFC 6052 and 8215: addresses that a gateway turns into the IPv4 address in their last 32 bits.
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))


class Base(NamedTuple):
    """One origin: `prefix` is what its URL has before the path of ours, without a last slash."""

    scheme: str
    host: str
    port: int
    prefix: str

    @property
    def authority(self) -> str:
        """What the header Host says (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """True when the configuration itself names this machine or a private network."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        return is_literal(self.host) and not is_public(self.host)


def parse(url: str) -> Base:
    """Read a base such as "https://www.example.com/media"; ValueError says what is wrong."""
    # urlsplit drops line breaks and tabs, so they are looked for before.
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"the origin {url!r} is not a URL in plain ASCII")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the origin {url!r} is not a URL: {error}") from error
    if parts.scheme not in _PORTS:
        raise ValueError(f"the origin {url!r} must begin with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an origin's URL cannot hold a user or a password: nobody is logged in")
    host = parts.hostname or ""
    if not (_NAME.fullmatch(host) or is_literal(host)) or port == 0:
        raise ValueError(f"the origin {url!r} names no host")
    if parts.query or parts.fragment or not _PREFIX.fullmatch(parts.path) or _dotted(parts.path):
        raise ValueError(f"the origin {url!r} must end with its host or a plain path")
    return Base(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def _dotted(path: str) -> bool:
    return any(segment in (".", "..") for segment in path.split("/"))


def quoted(path: str, query: str = "") -> str | None:
    """Return a decoded path and a raw query as a target, or None for what no file is called.

    Nothing of `path` keeps a meaning: what is in it is the name of a file, segment by segment.
    """
    root, *segments = path.split("/")
    if root or not segments or "" in segments or _dotted(path) or _CONTROLS.search(path):
        return None
    try:
        target = "/" + "/".join(quote(segment, safe=_IN_SEGMENTS) for segment in segments)
        if query:
            target += "?" + quote(query, safe=_IN_QUERIES, encoding="latin-1", errors="strict")
    except UnicodeEncodeError:  # lone surrogates, or a query that is not in bytes
        return None
    return target if len(target) <= _LONGEST else None


def is_literal(host: str) -> bool:
    """True for an IP address, which no name server is asked for."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """True for an address on the internet, also when an IPv6 address stands for an IPv4 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        translated = any(ip in network for network in _TRANSLATED)
        last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if translated else None
        ip = ip.ipv4_mapped or ip.sixtofour or last or ip
    return ip.is_global and not ip.is_multicast


def addresses(host: str, port: int, seconds: float) -> list[str]:
    """Return the addresses of a host; raises OSError, after `seconds` at the latest.

    The system's resolver knows no limit, so a name is looked up in a thread of its own.
    """
    if is_literal(host):
        return [host]
    found: dict[str, None] = {}
    failure: list[OSError] = []

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure.append(OSError(f"its name cannot be resolved: {error}"))
        else:
            found.update((str(answer[4][0]), None) for answer in answers)

    thread = threading.Thread(target=resolve, name="placeholder-dns", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # no thread to be had
        raise OSError(str(error)) from error
    thread.join(seconds)
    if failure:
        raise failure[0]
    if thread.is_alive() or not found:
        raise TimeoutError("the name server does not answer")
    return list(found)
