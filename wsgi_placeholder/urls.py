"""Native URLs made by programs: of a picture's parameters, or of another service's URL."""

from __future__ import annotations

from typing import Any

from wsgi_placeholder import dialects
from wsgi_placeholder.config import Config
from wsgi_placeholder.dialects import native
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.spec import Spec


def url_for(
    size: Spec | int | str,
    height: int | None = None,
    /,
    *,
    config: Config | None = None,
    **parameters: Any,
) -> str:
    """Return the URL, prefix included, of a picture: `url_for(600, 400, bg="navy", text="Hi")`.

    `size` is a width, any size of the grammar ("640x4:3", "hd1080"), or a whole Spec.
    `parameters` are those of a URL's query, with values as there, or as numbers, bools and
    Colors; None is one not given. Only `text` is taken literally, its line breaks included.
    Raises BadParameter or TooLarge, as the URL would.
    """
    config = config or Config()
    if isinstance(size, Spec):
        return _address(size, config)
    path = f"/{size}" if height is None else f"/{size}x{height}"
    query = [
        (name, native.escaped(str(value)) if name == "text" else native.written(value))
        for name, value in parameters.items()
        if value is not None
    ]
    return _address(native.parse(path, query, config), config)


def convert(url: str, *, config: Config | None = None) -> str:
    """Return the native URL, prefix included, of the picture that a service's URL asks for.

    `url` is as it stands in a page: "https://via.placeholder.com/300.png/09f/fff?text=Hi",
    "//placekitten.com/200/300", "holder.js/300x200?theme=sky". Raises PlaceholderError for what
    the service would refuse, and for a host that is no service.
    """
    config = config or Config()
    spec = dialects.parse_url(url.strip(), config)
    if isinstance(spec, dialects.Document):
        raise BadParameter("This URL is that of a list, not of a picture.", parameter="path")
    return _address(spec, config)


def _address(spec: Spec, config: Config) -> str:
    is_first = dialects.enabled(config)[0] == "native"
    return config.prefix + ("" if is_first else "/native") + native.build(spec, config)
