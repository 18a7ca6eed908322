"""One module per output format, each with one `FORMAT`; see `Format` for what it must say."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsgi_placeholder import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wsgi_placeholder.drawing.scene import Scene
    from wsgi_placeholder.spec import Spec


# Styles of one ink in a frame, as `paint_indexed` paints it; what others draw, nobody knows here.
_FRAMED = frozenset(("flat", "identicon"))


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How to write one format.

    `encode(scene, quality)` returns the file; `quality` is 1..100 or None for the default, and is
    ignored by formats without `lossy`. `default_quality` is the one that writes the same file as
    None, where one does. `max_side` is the format's own limit in pixels.

    `bytes_per_pixel` and `ns_per_pixel` estimate the peak memory and CPU time of painting and
    encoding any scene; `framed_cost` the same two for one ink in a frame, and `flat_cost` for a
    text on one colour, where a format has a shorter way for it. All are at worst, with text all
    over; `sparse` says that the real cost of a flat one follows the rows of text. `translucent` is
    how many times as much any scene takes when one can see through it.
    Pictures that would cost more than the configuration allows are refused before anything is
    allocated. `available()` is asked once, at start.
    """

    name: str
    media_type: str
    encode: Callable[[Scene, int | None], bytes]
    extensions: tuple[str, ...]
    max_side: int
    bytes_per_pixel: float
    ns_per_pixel: float
    framed_cost: tuple[float, float] | None = None
    flat_cost: tuple[float, float] | None = None
    sparse: bool = False
    translucent: float = 1
    lossy: bool = False
    default_quality: int | None = None
    available: Callable[[], bool] = _always

    def cost_per_pixel(self, spec: Spec) -> tuple[float, float]:
        """Return the bytes and nanoseconds that each pixel of `spec` may cost."""
        if self.flat_cost and spec.is_flat:
            return self.flat_cost
        framed = spec.style in _FRAMED
        if self.framed_cost and framed:
            return self.framed_cost
        # A style that is not ours may leave the background out.
        factor = 1 if framed and spec.is_opaque else self.translucent
        return self.bytes_per_pixel * factor, self.ns_per_pixel * factor


@functools.cache
def installed() -> Mapping[str, Format]:
    """Every format that can be written here, by name."""
    found: dict[str, Format] = {}
    for name in registry.names("formats"):
        format = registry.load("formats", name)
        if format.available():
            found.setdefault(format.name, format)  # nobody replaces a built-in one
    return found


@functools.cache
def by_extension() -> Mapping[str, Format]:
    """Every format that can be written here, by each of its extensions (lower case, no dot)."""
    found: dict[str, Format] = {}
    for format in installed().values():
        for extension in format.extensions:
            found.setdefault(extension, format)
    return found
