"""One line of text as a browser sets it: a given size, the font's own line box, nothing fitted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.lines import line_of, visual
from wsgi_placeholder.drawing.scene import Box, Glyph, Run, Scene, Text
from wsgi_placeholder.drawing.shaping import Shaper

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Face, Fonts

_UNSEEN = 0.1  # CSS pixels of ink beyond an edge that nobody misses


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A line in CSS pixels, all of them whole: its picture, and how that lies about its advance.

    The baseline is `above` the top and `below` the bottom edge; ink may reach beyond the advance by
    `left` and `right`. Glyphs and `ink` are in em from the pen at the baseline. No character is
    kept.
    """

    size: float
    width: int
    above: int
    below: int
    left: int
    right: int
    glyphs: tuple[tuple[Face, tuple[Glyph, ...]], ...]
    ink: Box

    def pixels(self, scale: float) -> tuple[int, int]:
        """Width and height of the picture in device pixels."""
        return round(self.width * scale), round((self.above + self.below) * scale)

    def scene(self, scale: float, color: Color) -> Scene:
        """Return the picture, on nothing, with so many device pixels to a CSS pixel."""
        em = self.size * scale
        x, y = self.left * scale, round(self.above * scale)
        runs = tuple(
            Run(
                face,
                "",
                tuple(
                    Glyph(glyph.id, x + glyph.x * em, y + glyph.y * em, glyph.advance * em, 0)
                    for glyph in glyphs
                ),
            )
            for face, glyphs in self.glyphs
        )
        left, top, right, bottom = (side * em for side in self.ink)
        ink = Box(x + left, y + top, x + right, y + bottom)
        return Scene(*self.pixels(scale), (Text(runs, em, color, ink),))


def one_line(text: str, fonts: Fonts, family: str, weight: int, size: float) -> Line | None:
    """Lay out `text` (no line breaks) at `size` pixels per em; None where nothing is inked."""
    fonts = fonts.at_size(size)
    words = Shaper(fonts, family, weight).paragraph(text)
    line = line_of(words) if words else None
    if line is None:
        return None
    runs = []
    pen = 0.0
    for piece, gap in visual(words):
        pen += gap
        runs.append((piece.face, tuple(g._replace(x=pen + g.x, cluster=0) for g in piece.glyphs)))
        pen += piece.advance
    face = fonts.face(family, weight)
    extents = face.hb.get_font_extents("ltr")
    # The font's line box, so that lines look even; more only for what else would be cut.
    above = max(_whole(extents.ascender / face.upem * size), _whole(-line.ink.top * size))
    below = max(_whole(-extents.descender / face.upem * size), _whole(line.ink.bottom * size))
    advance = round(pen * size)
    left = max(_whole(-line.ink.left * size), 0)
    right = max(_whole(line.ink.right * size) - advance, 0)
    width = max(left + advance + right, 1)
    return Line(size, width, above, below, left, right, tuple(runs), line.ink)


def _whole(length: float) -> int:
    return math.ceil(length - _UNSEEN)
