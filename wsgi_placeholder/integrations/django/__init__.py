"""Django: wrap the application in `wsgi.py`, set the options in `settings.py`.

    application = placeholders(get_wsgi_application())

    WSGI_PLACEHOLDER = {"prefix": "/placeholder", "max_pixels": 4_000_000}

`manage.py runserver` uses that application too, through the setting WSGI_APPLICATION.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.config import BadOption
from wsgi_placeholder.middleware import PlaceholderMiddleware

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def placeholders(application: WSGIApplication) -> PlaceholderMiddleware:
    """Wrap `application` with the options of the setting WSGI_PLACEHOLDER, if there is one.

    The keys may be in upper case, as in Django's own settings. Raises ImproperlyConfigured for an
    unknown or bad option.
    """
    # Here, so that the package can be imported where Django is not installed.
    from django.conf import settings  # type: ignore[import-untyped]
    from django.core.exceptions import ImproperlyConfigured  # type: ignore[import-untyped]

    options = getattr(settings, "WSGI_PLACEHOLDER", {})
    if not isinstance(options, dict):
        raise ImproperlyConfigured("WSGI_PLACEHOLDER: expected a dict of options")
    keys = {str(key).lower(): key for key in options}
    try:
        return PlaceholderMiddleware(
            application, **{name: options[key] for name, key in keys.items()}
        )
    except BadOption as error:
        key = keys.get(error.name, error.name)
        raise ImproperlyConfigured(str(error.at(f"WSGI_PLACEHOLDER[{key!r}]"))) from error
    except (TypeError, ValueError) as error:
        raise ImproperlyConfigured(f"WSGI_PLACEHOLDER: {error}") from error
