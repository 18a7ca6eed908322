"""One module per URL grammar, each with one `DIALECT`: what a service's URLs mean here."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, unquote

from wsgi_placeholder import formats, registry
from wsgi_placeholder.errors import BadParameter, TooLarge, TooManyParameters, nearest, quoted
from wsgi_placeholder.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wsgi_placeholder.drawing.color import Color

# `format=auto`: the middleware chooses by the Accept header before the Spec is complete.
AUTO = "auto"
# Of a URL in a page, on a command line or in another URL.
_MOST_FIELDS = 100


class Defaults(Protocol):
    """What the configuration says of everything a URL leaves open, and of the limits."""

    @property
    def background(self) -> Color: ...
    @property
    def foreground(self) -> Color | None: ...
    @property
    def format(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def font(self) -> str: ...
    @property
    def weight(self) -> int: ...
    @property
    def font_names(self) -> Sequence[str]: ...
    @property
    def dialects(self) -> Sequence[str]: ...
    @property
    def max_pixels(self) -> int: ...
    @property
    def max_memory(self) -> int: ...
    @property
    def max_seconds(self) -> float: ...
    @property
    def max_text(self) -> int: ...
    @property
    def max_lines(self) -> int: ...


class Document(NamedTuple):
    """An answer that is no picture, such as the list of a photo service.

    `make(base)` returns further headers and the body. URLs in the body begin with `base`, our
    prefix as the client sees it, percent-encoded, followed by a host of the dialect.
    """

    media_type: str
    make: Callable[[str], tuple[tuple[tuple[str, str], ...], bytes]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One grammar.

    `parse` reads the path (decoded, after the prefix and the dialect's name or host, with its
    leading slash) and the query's pairs. It raises PlaceholderError for what the dialect calls
    wrong. `hosts` are the names under which the service is known, lower case, without `www.`.
    """

    parse: Callable[[str, Sequence[tuple[str, str]], Defaults], Spec | Document]
    hosts: tuple[str, ...] = ()


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec | Document:
    """Read a URL in the dialect that its first part names, or else in the configured one.

    The name is that of a dialect or one of its hosts; a whole URL may stand there, `https://` and
    all, as it was copied from a page.
    """
    # A URL that was percent-encoded as a whole brings its own query along in the path.
    url, more, tail = path.lstrip("/ ").partition("?")
    scheme, colon, behind = url.partition(":")
    is_url = bool(colon) and scheme.lower() in ("http", "https")
    first, _, rest = (behind if is_url else url).lstrip("/").partition("/")
    if name := named(first, defaults):
        path = "/" + rest
        if more:
            query = [*pairs_of(tail), *query]
    elif is_url or (first[:1].isalpha() and "." in first and rest and nearest(first, hosts())):
        services = ", ".join(name for name in enabled(defaults) if name != "native")
        raise BadParameter(
            f"{quoted(first)} is no service we stand in for; expected one of {services}.",
            parameter="path",
            hint=nearest(first, hosts()),
        )
    dialect: Dialect = registry.load("dialects", name or enabled(defaults)[0])
    return dialect.parse(path, query, defaults)


def parse_url(url: str, defaults: Defaults) -> Spec | Document:
    """Read a URL as it stands in a page, percent-encoded: a native one or a service's.

    Raises PlaceholderError.
    """
    path, _, query = url.partition("?")
    return parse(unquote(path), pairs_of(query), defaults)


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Read a query that is no request's own, whose number of fields has a limit already.

    Raises TooManyParameters.
    """
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise TooManyParameters(
            f"The query has more than {_MOST_FIELDS} parameters.", parameter="query"
        ) from error


def enabled(defaults: Defaults) -> Sequence[str]:
    """The dialects that are answered; URLs that name none are read in the first."""
    return _with_native(tuple(defaults.dialects))


@functools.cache
def _with_native(named: tuple[str, ...]) -> tuple[str, ...]:
    """Our own is never off: the URLs that we build must be answered."""
    if named:
        return tuple(dict.fromkeys((*named, "native")))
    return tuple(dict.fromkeys(("native", *registry.names("dialects"))))


@functools.cache
def hosts() -> Mapping[str, str]:
    """Return the names of the dialects by the hosts of their services."""
    return {
        host: name
        for name in registry.names("dialects")
        for host in registry.load("dialects", name).hosts
    }


def named(first: str, defaults: Defaults) -> str | None:
    """Return the dialect that a host, or the first part of a path, names; None for neither."""
    host = first.strip().lower().partition(":")[0].removeprefix("www.")
    name = hosts().get(host, host)
    return name if name in enabled(defaults) else None


def complete(given: dict[str, Any], defaults: Defaults) -> Spec:
    """Return the Spec of what a URL gave (keywords of `Spec.of`), within the limits.

    Raises TooLarge.
    """
    values: dict[str, Any] = {
        "background": defaults.background,
        "format": defaults.format,
        "style": defaults.style,
        "font": defaults.font,
        "weight": defaults.weight,
        **given,
    }
    if "background" not in given:
        values.setdefault("foreground", defaults.foreground)
    if values["format"] != AUTO and not formats.installed()[values["format"]].lossy:
        values["quality"] = None  # it changes nothing there, so it must not make another picture
    spec = Spec.of(**values, most_characters=defaults.max_text, most_lines=defaults.max_lines)
    if spec.format != AUTO:
        check_limits(spec, defaults)
    return spec


def check_limits(spec: Spec, defaults: Defaults) -> None:
    """Raise TooLarge when painting and encoding the picture would cost more than is allowed."""
    width, height = spec.pixels
    format = formats.installed()[spec.format]
    most = allowed_pixels(format, spec, defaults)
    if max(width, height) > format.max_side:
        raise TooLarge(
            f"The picture would be {width}x{height} pixels; {format.name} allows at most"
            f" {format.max_side} a side.",
            parameter="size",
            hint=_shrunk(spec, format.max_side, most),
        )
    if width * height > most:
        raise TooLarge(
            f"The picture would be {width}x{height}, {_mega(width * height)} megapixels; at most"
            f" {_mega(most)} are allowed for {format.name} here.",
            parameter="size",
            hint=_shrunk(spec, format.max_side, most),
        )


def _shrunk(spec: Spec, side: int, pixels: int) -> str:
    """The largest size of about the same shape that is allowed, in CSS pixels."""
    width, height = spec.pixels
    factor = min(side / max(width, height), math.sqrt(pixels / (width * height)))
    width = max(1, int(spec.width * factor))
    return f"{width}x{max(1, min(int(spec.height * factor + 1e-9), int(pixels / width)))}"


def _mega(pixels: int) -> str:
    return f"{pixels / 1e6:.6f}".rstrip("0").rstrip(".")


def allowed_pixels(format: formats.Format, spec: Spec, defaults: Defaults) -> int:
    """The most pixels a picture like `spec` may have in `format` under the configured costs."""
    bytes_each, ns_each = format.cost_per_pixel(spec)
    return min(
        defaults.max_pixels,
        int(defaults.max_memory / bytes_each),
        int(defaults.max_seconds * 1e9 / ns_each),
    )
