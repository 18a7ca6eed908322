"""A picture as a few frozen shapes, between the styles that compose and the formats that encode.

All coordinates are device pixels with the origin at the top left, y downwards; shapes are painted
in order. Every format must draw every shape, so a new shape is a promise for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Face


class Box(NamedTuple):
    """Left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def inset(self, by: float) -> Box:
        """Return the box with `by` pixels less on every side; its width may become negative."""
        return Box(self.left + by, self.top + by, self.right - by, self.bottom - by)


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle with corners of `radius`; with `stroke` > 0, only its inner edge.

    Edges and stroke are put on whole pixels here, the radius within half the short side, and a box
    whose right is left of its left (or bottom above its top) is made empty, so that every format
    draws the same.
    """

    box: Box
    fill: Color
    radius: float = 0
    stroke: float = 0

    def __post_init__(self) -> None:
        left, top, right, bottom = map(round, self.box)
        box = Box(left, top, max(left, right), max(top, bottom))
        half = min(box.width, box.height) / 2
        object.__setattr__(self, "box", box)
        object.__setattr__(self, "radius", max(min(self.radius, half), 0))
        object.__setattr__(self, "stroke", max(round(self.stroke), 1) if self.stroke > 0 else 0)


class Glyph(NamedTuple):
    """One glyph of a run: its id in the face, its origin, its advance, and its first character.

    `cluster` indexes `Run.text`; several glyphs may share one, one may stand for several.
    """

    id: int
    x: float
    y: float
    advance: float
    cluster: int


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one face in visual order, left to right; `text` is in reading order."""

    face: Face
    text: str
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Laid-out text: `size` is the em in pixels, `ink` the box around all that is inked."""

    runs: tuple[Run, ...]
    size: float
    fill: Color
    ink: Box


Shape = Rect | Text


@dataclass(frozen=True, slots=True)
class Scene:
    """Shapes on a transparent canvas of `width` × `height` pixels.

    `title` is what the picture says, for people who cannot see it; `missing` holds the characters
    that no installed font can draw.
    """

    width: int
    height: int
    shapes: tuple[Shape, ...]
    title: str = ""
    missing: str = ""
