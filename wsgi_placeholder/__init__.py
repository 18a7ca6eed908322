"""Placeholder and fallback images for any Python web site, drawn in memory."""

from wsgi_placeholder.config import Config
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.middleware import PlaceholderMiddleware, placeholder_app, url_for
from wsgi_placeholder.render import Rendition, render
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.version import __version__

__all__ = [
    "Config",
    "PlaceholderError",
    "PlaceholderMiddleware",
    "Rendition",
    "Spec",
    "__version__",
    "placeholder_app",
    "render",
    "url_for",
]
