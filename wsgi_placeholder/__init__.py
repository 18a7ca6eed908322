"""Placeholder and fallback images for any Python web site, drawn in memory.

The names below are imported when they are first used, so that `import wsgi_placeholder` costs a
settings file or a command line nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    from wsgi_placeholder.config import Config
    from wsgi_placeholder.errors import PlaceholderError
    from wsgi_placeholder.middleware import PlaceholderMiddleware, placeholder_app
    from wsgi_placeholder.rendering import Rendition, render
    from wsgi_placeholder.spec import Spec
    from wsgi_placeholder.substitutes import missing_pictures
    from wsgi_placeholder.text_images import TextImages
    from wsgi_placeholder.urls import convert, url_for

_HOMES = {
    "Config": "config",
    "PlaceholderError": "errors",
    "PlaceholderMiddleware": "middleware",
    "Rendition": "rendering",
    "Spec": "spec",
    "TextImages": "text_images",
    "convert": "urls",
    "missing_pictures": "substitutes",
    "placeholder_app": "middleware",
    "render": "rendering",
    "url_for": "urls",
}

__all__ = [
    "Config",
    "PlaceholderError",
    "PlaceholderMiddleware",
    "Rendition",
    "Spec",
    "TextImages",
    "__version__",
    "convert",
    "missing_pictures",
    "placeholder_app",
    "render",
    "url_for",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
