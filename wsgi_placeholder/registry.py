"""Plug-ins by name: dialects, styles, formats.

Built-in ones are the modules of this package's folder of that kind; third parties add theirs
through entry points of the group `wsgi_placeholder.<kind>`. Each module holds one object named
after the kind (`FORMAT`, `STYLE`, `DIALECT`), and an entry point names that object. Nothing is
imported before it is asked for.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class PluginError(ImportError):
    """A third-party plug-in that cannot be used: which, of what distribution, and why."""


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """Return the names of all plug-ins of `kind` ("formats", ...), built-in ones first."""
    return tuple(_sources(kind))


@functools.cache
def load(kind: str, name: str) -> Any:
    """Import and return one plug-in.

    Raises KeyError when there is none of that name, and PluginError when it is not what it says.
    """
    source = _sources(kind)[name]
    if isinstance(source, str):
        return getattr(importlib.import_module(source), kind[:-1].upper())
    try:
        return _checked(kind, source.load())
    except Exception as error:  # whatever a stranger's module raises
        origin = f"{source.dist.name} {source.dist.version}" if source.dist else "no distribution"
        raise PluginError(
            f"the plug-in {name!r} of {kind} ({source.value}, from {origin}) cannot be used:"
            f" {type(error).__name__}: {error}"
        ) from error


def _checked(kind: str, plugin: object) -> object:
    """Return the plug-in if it is a Format, a Dialect, or a style, which is any function."""
    expected = kind[:-1].title()
    wanted = getattr(importlib.import_module(f"wsgi_placeholder.{kind}"), expected)
    if not (callable(plugin) if kind == "styles" else isinstance(plugin, wanted)):
        raise TypeError(f"expected a {expected}, not {plugin!r}")
    return plugin


def plugin_versions() -> tuple[str, ...]:
    """Name and version of every third-party plug-in: what they draw may change with these."""
    return tuple(
        f"{kind} {source.name} {source.value} {source.dist.version if source.dist else ''}"
        for kind in ("dialects", "formats", "styles")
        for source in _sources(kind).values()
        if not isinstance(source, str)
    )


@functools.cache
def _sources(kind: str) -> dict[str, str | EntryPoint]:
    from importlib.metadata import entry_points  # a third of our import time, used only here

    package = importlib.import_module(f"wsgi_placeholder.{kind}")
    found: dict[str, str | EntryPoint] = {
        module.name.replace("_", "-"): f"{package.__name__}.{module.name}"
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    }
    for entry in entry_points(group=f"wsgi_placeholder.{kind}"):
        found.setdefault(entry.name, entry)
    return found
