"""Django: wrap the application in `wsgi.py`, set the options in `settings.py`.

    application = placeholders(get_wsgi_application())

    WSGI_PLACEHOLDER = {"prefix": "/placeholder", "max_pixels": 4_000_000}

`manage.py runserver` uses that application too, through the setting WSGI_APPLICATION.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from wsgi_placeholder.config import BadOption
from wsgi_placeholder.middleware import PlaceholderMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

    _T = TypeVar("_T")


def placeholders(application: WSGIApplication) -> PlaceholderMiddleware:
    """Wrap `application` with the options of the setting WSGI_PLACEHOLDER, if there is one.

    The keys may be in upper case, as in Django's own settings. Raises ImproperlyConfigured for an
    unknown or bad option.
    """
    return with_options(lambda **options: PlaceholderMiddleware(application, **options))


def recorded_size(path: str) -> tuple[int, int] | None:
    """Return the size that a model has recorded for the file at a URL path.

    A rule for the option `missing_sizes`: `[("^/media/", recorded_size)]`.
    """
    from django.db import connections

    from wsgi_placeholder.integrations.django.storage import base_urls, size_in_models

    opened = [each for each in connections.all(initialized_only=True) if each.connection]
    try:
        names = [path.removeprefix(base) for base in base_urls() if path.startswith(base)]
        return next(filter(None, map(size_in_models, names)), None)
    finally:
        # Django closes connections when its own request ends, which may be over: then what was
        # opened for us stays open. In the middle of one they are not ours to close.
        for each in connections.all(initialized_only=True):
            if each not in opened:
                each.close_if_unusable_or_obsolete()


def with_options(make: Callable[..., _T]) -> _T:
    """Call `make` with the options of the setting WSGI_PLACEHOLDER; raises ImproperlyConfigured."""
    # Here, so that the package can be imported where Django is not installed.
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    options: Any = getattr(settings, "WSGI_PLACEHOLDER", {})
    if not isinstance(options, dict):
        raise ImproperlyConfigured("WSGI_PLACEHOLDER: expected a dict of options")
    keys = {str(key).lower(): key for key in options}
    try:
        return make(**{name: options[key] for name, key in keys.items()})
    except BadOption as error:
        key = keys.get(error.name, error.name)
        said = str(error.at(f"WSGI_PLACEHOLDER[{key!r}]"))
    except (TypeError, ValueError) as error:
        said = f"WSGI_PLACEHOLDER: {error}"
    # Django's page of an error shows the variables of every frame, of its causes too: no secret.
    del options
    raise ImproperlyConfigured(said)
