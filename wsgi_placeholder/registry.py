"""Plug-ins by name: dialects, styles, formats.

Built-in ones are the modules of this package's folder of that kind; third parties add theirs
through entry points of the group `wsgi_placeholder.<kind>`. Each module holds one object named
after the kind (`FORMAT`, `STYLE`, `DIALECT`), and an entry point names that object. Nothing is
imported before it is asked for.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import pkgutil
from typing import Any


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """Return the names of all plug-ins of `kind` ("formats", ...), built-in ones first."""
    return tuple(_sources(kind))


@functools.cache
def load(kind: str, name: str) -> Any:
    """Import and return one plug-in; raises KeyError when there is none of that name."""
    source = _sources(kind)[name]
    if isinstance(source, importlib.metadata.EntryPoint):
        return source.load()
    return getattr(importlib.import_module(source), kind[:-1].upper())


@functools.cache
def _sources(kind: str) -> dict[str, str | importlib.metadata.EntryPoint]:
    package = importlib.import_module(f"wsgi_placeholder.{kind}")
    found: dict[str, str | importlib.metadata.EntryPoint] = {
        module.name.replace("_", "-"): f"{package.__name__}.{module.name}"
        for module in pkgutil.iter_modules(package.__path__)
        if not module.name.startswith("_")
    }
    for entry in importlib.metadata.entry_points(group=f"wsgi_placeholder.{kind}"):
        found.setdefault(entry.name, entry)
    return found
