"""Paste Deploy: `use = egg:wsgi-placeholder` in a `[filter:...]` or `[app:...]` section.

[filter:placeholder]
use = egg:wsgi-placeholder
prefix = /placeholder
fonts = %(here)s/fonts
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from wsgi_placeholder.config import OPTIONS, BadOption
from wsgi_placeholder.middleware import PlaceholderMiddleware, placeholder_app

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from wsgiref.types import WSGIApplication


def filter_app_factory(
    app: WSGIApplication, global_conf: Mapping[str, str] | None, **local_conf: str
) -> PlaceholderMiddleware:
    """Wrap `app`; the section's keys are the options.

    Raises TypeError or ValueError for an unknown or bad one, and for one that stands in [DEFAULT].
    """
    return _made(functools.partial(PlaceholderMiddleware, app), global_conf, local_conf)


def app_factory(global_conf: Mapping[str, str] | None, **local_conf: str) -> PlaceholderMiddleware:
    """Return the stand-alone app; options and errors are those of `filter_app_factory`."""
    return _made(placeholder_app, global_conf, local_conf)


def _made(
    make: Callable[..., PlaceholderMiddleware],
    global_conf: Mapping[str, str] | None,
    local_conf: Mapping[str, str],
) -> PlaceholderMiddleware:
    _refuse_hidden(global_conf, local_conf)
    try:
        return make(**local_conf)
    except BadOption as error:
        file = (global_conf or {}).get("__file__", "ini file")
        raise error.at(f"{file}: {error.name}") from error


def _refuse_hidden(global_conf: Mapping[str, str] | None, local_conf: Mapping[str, str]) -> None:
    """Paste Deploy drops a section's own value when [DEFAULT] has a key of the same name.

    What was meant for us is then lost without a word, so a name of ours there is an error.
    """
    hidden = [name for name in OPTIONS if name in (global_conf or {}) and name not in local_conf]
    if hidden:
        raise ValueError(
            f"option {hidden[0]} stands in [DEFAULT], where it hides the one of this section;"
            f" rename it there, or take it over here with: get {hidden[0]} = {hidden[0]}"
        )
