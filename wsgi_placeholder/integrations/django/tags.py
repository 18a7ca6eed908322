"""Django's template tags, under the options of the setting WSGI_PLACEHOLDER.

    {% load placeholder %}
    <img src="{% placeholder 600 400 text="Hero" %}" alt="">
    {% secret_text person.email size=14 color="#8c1d18" %}

`"libraries": {"placeholder": "wsgi_placeholder.integrations.django.tags"}` in the OPTIONS of
TEMPLATES makes them known.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from django import template
from django.core.signals import setting_changed
from django.urls import get_script_prefix

from wsgi_placeholder.config import Config
from wsgi_placeholder.integrations.django import with_options
from wsgi_placeholder.text_images import TextImages
from wsgi_placeholder.urls import url_for

if TYPE_CHECKING:
    from wsgi_placeholder.text_images import Html


def placeholder(size: Any, height: Any = None, /, **parameters: Any) -> str:
    """Return the URL of a picture; the arguments are those of `wsgi_placeholder.url_for`."""
    return _script_name() + url_for(size, height, config=_config(), **parameters)


def secret_text(text: object, **looks: Any) -> Html:
    """Return the `<img>` of a text; the arguments are those of `TextImages.img`."""
    return _texts().img(None if text is None else str(text), script_name=_script_name(), **looks)


def _script_name() -> str:
    return str(get_script_prefix()).removesuffix("/")


@functools.cache
def _config() -> Config:
    return with_options(Config.of)


@functools.cache
def _texts() -> TextImages:
    return TextImages(_config().secret, config=_config())


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "WSGI_PLACEHOLDER":  # in tests, with override_settings
        _config.cache_clear()
        _texts.cache_clear()


setting_changed.connect(_forget)
register = template.Library()
register.simple_tag(placeholder)
register.simple_tag(secret_text)
