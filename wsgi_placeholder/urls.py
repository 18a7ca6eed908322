"""Native URLs made by programs: of a picture's parameters, or of another service's URL."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from wsgi_placeholder import dialects
from wsgi_placeholder.config import Config
from wsgi_placeholder.dialects import native
from wsgi_placeholder.drawing.font_files import slug
from wsgi_placeholder.errors import BadParameter, TooLarge, UriTooLong, nearest, quoted
from wsgi_placeholder.spec import Spec

# Scheme and host, and what follows them but for the fragment, which no browser sends.
_WEB = re.compile(r"https?://([^/?#]*)([^#]*)", re.IGNORECASE)


def url_for(
    size: Spec | int | str,
    height: int | None = None,
    /,
    *,
    prefix: str | None = None,
    config: Config | None = None,
    **parameters: Any,
) -> str:
    """Return the URL, prefix included, of a picture: `url_for(600, 400, bg="navy", text="Hi")`.

    `size` is a width, any size of the grammar ("640x4:3", "hd1080"), or a whole Spec.
    `parameters` are those of a URL's query, with values as there, or as numbers, bools and
    Colors; None is one not given. Only `text` is taken literally, its line breaks included.
    `prefix` is that of `config`, by default /placeholder; where the configuration makes signatures
    count, the URL has one. Raises BadParameter or TooLarge, as the
    URL would, UriTooLong, and ValueError for a Spec that no URL gives.
    """
    config = config or _defaults()
    if isinstance(size, Spec):
        with contextlib.suppress(BadParameter, TooLarge, KeyError):
            url = _path(size, config)
            if dialects.parse_url(url, config) == size:
                return whole(url, config, prefix)
        raise ValueError(f"no URL asks for exactly this picture: {size}")
    path = f"/{size}" if height is None else f"/{size}x{height}"
    query = [(name, _said(name, value)) for name, value in parameters.items() if value is not None]
    url = _path(native.parse(path, query, config), config)
    font = slug(str(parameters.get("font") or ""))
    if font and font not in config.font_names:  # well known, and perhaps installed elsewhere
        url += ("&" if "?" in url else "?") + f"font={font}"
    return whole(url, config, prefix)


def _said(name: str, value: object) -> str:
    """Return a parameter's value as a URL has it, before percent-encoding."""
    if name == "text":
        return native.escaped(str(value))
    if native.ALIASES.get(name, name) in ("bg", "fg") and isinstance(value, int):
        raise BadParameter(
            f'{name} is a number; expected a colour as text such as "ff8800".',
            parameter=name,
            hint=f'"{value:06x}"' if 0 <= value <= 0xFFFFFF else None,
        )
    return native.written(value)


def convert(url: str, *, prefix: str | None = None, config: Config | None = None) -> str:
    """Return the native URL, prefix included, of the picture that a service's URL asks for.

    `url` is as it stands in a page: "https://via.placeholder.com/300.png/09f/fff?text=Hi",
    "//placekitten.com/200/300", "holder.js/300x200?theme=sky". Raises PlaceholderError for what
    the service would refuse, and for a host that is no service.
    """
    config = config or _defaults()
    return whole(_path(read(url, config), config), config, prefix)


def read(url: str, config: Config) -> Spec:
    """Return the picture that a URL asks for: a service's, or ours with or without host and prefix.

    Raises PlaceholderError.
    """
    if not isinstance(url, str):
        raise TypeError(f"expected a URL as str, got {url!r}")
    spec = dialects.parse_url(_without_our_host(url.strip(), config), config)
    if isinstance(spec, dialects.Document):
        raise BadParameter("This URL is that of a list, not of a picture.", parameter="path")
    return spec


def _without_our_host(url: str, config: Config) -> str:
    """Return what follows the prefix of a URL of our own; any other must be a service's."""
    web = _WEB.match(url)
    if web is None:
        return _opened(url.removeprefix(config.prefix), config)
    if dialects.named(web[1], config):
        return url
    if not web[2].startswith(config.prefix + "/"):
        services = ", ".join(name for name in dialects.enabled(config) if name != "native")
        raise BadParameter(
            f"{quoted(web[1])} is no service we stand in for, and {config.prefix}/ does not follow"
            f" it; expected one of {services}.",
            parameter="url",
            hint=nearest(web[1], dialects.hosts()),
        )
    return _opened(web[2].removeprefix(config.prefix), config)


def _opened(url: str, config: Config) -> str:
    """Return what follows the prefix without its signature; raises BadSignature for a wrong one."""
    if config.signer is None:
        return url
    path, mark, query = url.partition("?")
    signed = config.signer.opened(unquote_to_bytes(path).decode("latin-1"), query)
    return url if signed is None else quote(signed, encoding="latin-1") + mark + query


def _path(spec: Spec, config: Config) -> str:
    """Return what follows the prefix."""
    is_first = dialects.enabled(config)[0] == "native"
    return ("" if is_first else "/native") + native.build(spec, config)


def whole(url: str, config: Config, prefix: str | None = None) -> str:
    """Put the prefix before what follows it, and a signature where signatures count.

    Raises UriTooLong.
    """
    if prefix is not None and (given := Config.of(prefix=prefix).prefix) != config.prefix:
        config = dataclasses.replace(config, prefix=given)
    if config.signer and config.signs:
        url = config.signer.sign(url)
    if len(url) > config.max_url:
        raise UriTooLong(f"The URL would have {len(url)} bytes; at most {config.max_url} are read.")
    return config.prefix + url


@functools.cache
def _defaults() -> Config:
    return Config()
