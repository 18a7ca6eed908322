"""What a request asks for: the only decoder of WSGI strings (PEP 3333, "Unicode Issues")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from wsgi_placeholder.errors import BadParameter, BadSignature, TooManyParameters, UriTooLong

if TYPE_CHECKING:
    from collections.abc import Container
    from wsgiref.types import WSGIEnvironment

    from wsgi_placeholder.config import Config

# More than any browser sends; beyond it a header is noise, and parsing it is somebody's attack.
_LONGEST_HEADER = 512


@dataclass(frozen=True, slots=True)
class Request:
    """The facts of a request on our prefix.

    `path` is what follows the prefix, and a signature, decoded, with its leading slash; `query` its
    pairs.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    is_signed: bool = False


def read(environ: WSGIEnvironment, config: Config) -> Request:
    """Decode a request whose PATH_INFO begins with our prefix.

    Raises UriTooLong, TooManyParameters, BadSignature, or BadParameter (not latin-1 as PEP 3333
    demands).
    """
    # Some servers collapse leading slashes, some do not; both mean the same to us.
    path = ("/" + environ.get("PATH_INFO", "").lstrip("/"))[len(config.prefix) :]
    query = environ.get("QUERY_STRING", "")
    if len(path) + len(query) > config.max_url:
        raise UriTooLong(
            # Not how many: of each length there would be another picture that says so.
            f"Path and query have more than the {config.max_url} bytes that are allowed."
        )
    signed = None
    if config.signer:  # it covers the bytes as they came: one slash more is another URL
        raw = environ.get("PATH_INFO", "")
        signed = config.signer.opened(raw.removeprefix(config.prefix), query)
        if signed is None and "all" in config.require_signature:
            raise BadSignature
    query = text(query)
    return Request(
        environ.get("REQUEST_METHOD", "GET"),
        text(path if signed is None else signed),
        tuple(pairs(query, config.max_fields)),
        signed is not None,
    )


def text(raw: str) -> str:
    """Decode a WSGI string; raises BadParameter when it is not latin-1, as PEP 3333 demands."""
    try:
        return raw.encode("latin-1").decode("utf-8", "replace")
    except UnicodeEncodeError as error:
        raise BadParameter("The URL is not in bytes.", parameter="path") from error


def pairs(query: str, most: int) -> list[tuple[str, str]]:
    """Read a decoded query; raises TooManyParameters."""
    try:
        return parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=most)
    except ValueError as error:
        raise TooManyParameters(
            f"The query has more than {most} parameters.", parameter="query"
        ) from error


def from_own_host(environ: WSGIEnvironment, hosts: Container[str], prefix: str) -> WSGIEnvironment:
    """Return a request to a service's own host as one below our prefix, any other as it is.

    People point a dead service's name at their machine; `/300` there is `{prefix}/{host}/300`.
    """
    host = environ.get("HTTP_HOST", "").partition(":")[0].lower().rstrip(".").removeprefix("www.")
    path = environ.get("PATH_INFO", "")
    if host not in hosts or (prefix and path.startswith(prefix + "/")):
        return environ
    return {**environ, "PATH_INFO": f"{prefix}/{host}{path}"}


def script_name(environ: WSGIEnvironment) -> str:
    """Return the path at which the site is mounted, percent-encoded."""
    path = environ.get("SCRIPT_NAME", "").encode("latin-1", "replace")
    return quote(path, safe="/~!$&'()*+,;=:@")


def header(environ: WSGIEnvironment, name: str) -> str:
    """Return a request header ("Accept"), empty when absent or longer than any sane one."""
    value: str = environ.get("HTTP_" + name.upper().replace("-", "_"), "")
    return value if len(value) <= _LONGEST_HEADER else ""


def is_none_match(given: str, etag: str) -> bool:
    """True when an If-None-Match header names `etag` (RFC 9110, 13.1.2: weak comparison)."""
    if given == etag or given.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in given.split(","))
