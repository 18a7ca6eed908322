"""Painting with the indexes of a palette: a byte a pixel where colours would take four."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from wsgi_placeholder.drawing.color import TRANSPARENT, blend, blends
from wsgi_placeholder.drawing.paint import text_mask
from wsgi_placeholder.drawing.rects import (
    bars,
    corner_side,
    edge_mask,
    edges,
    hole_mask,
    in_corners,
)
from wsgi_placeholder.drawing.scene import Rect, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene, Shape

LEVELS = 16
_FULL = LEVELS - 1
# Where the blends of each kind of edge begin in the palette.
_INK, _OUTLINE, _STROKE = 0, LEVELS, 2 * LEVELS
# Ink on ink, a border or a round edge would be a blend that the palette has not.
_NOT_GROUND = [255 * (index not in (_INK, _STROKE)) for index in range(256)]


def paint_indexed(scene: Scene) -> tuple[Image.Image, tuple[Color, ...]] | None:
    """Return the picture as indexes, mode L, and its palette, or None for more than a framed ink.

    That is a fill over the whole canvas, a stroke around it, and texts and plain rectangles of one
    colour that touch neither the stroke nor each other; each may be absent, fill and stroke may be
    rounded alike. Edges have 16 levels. Index 0 is the fill.
    """
    fill, stroke, inks = _parts(scene)
    if not all(_is_ink(shape, inks[0].fill) for shape in inks):
        return None
    if fill and stroke and fill.radius != stroke.radius:
        return None
    canvas = Image.new("L", (scene.width, scene.height), _INK)
    if frame := stroke or fill:
        _frame(canvas, frame, stroke)
    if not all(_inked(canvas, shape) for shape in inks):
        return None
    ground = fill.fill if fill else TRANSPARENT
    ink = inks[0].fill if inks else ground
    line = stroke.fill if stroke else TRANSPARENT
    outline = [ground] * LEVELS
    if frame and frame.radius:
        # On the outer edge the stroke covers as much of a pixel as the fill below it.
        outline = [
            blend(below, line, level / _FULL)
            for level, below in enumerate(blends(TRANSPARENT, ground, LEVELS))
        ]
    return canvas, (*blends(ground, ink, LEVELS), *outline, *blends(ground, line, LEVELS))


def _parts(scene: Scene) -> tuple[Rect | None, Rect | None, Sequence[Shape]]:
    """Split a scene into the fill over it all, the stroke around it all, and what is above."""
    shapes = scene.shapes
    if fill := _whole(scene, shapes, stroked=False):
        shapes = shapes[1:]
    if stroke := _whole(scene, shapes, stroked=True):
        shapes = shapes[1:]
    return fill, stroke, shapes


def _whole(scene: Scene, shapes: Sequence[Shape], *, stroked: bool) -> Rect | None:
    """Return the first shape if it is as large as the canvas, and a stroke or else a fill."""
    first = shapes[0] if shapes else None
    if not isinstance(first, Rect) or bool(first.stroke) != stroked:
        return None
    return first if first.box == (0, 0, scene.width, scene.height) else None


def _is_ink(shape: Shape, color: Color) -> bool:
    plain = isinstance(shape, Text) or not (shape.radius or shape.stroke)
    return plain and shape.fill == color


def _inked(canvas: Image.Image, shape: Shape) -> bool:
    """Lay a shape on the ground, and tell whether there was nothing but ground."""
    if isinstance(shape, Rect):
        bare = not canvas.crop(edges(shape)).point(_NOT_GROUND).getbbox()
        canvas.paste(_FULL, edges(shape))
        return bare
    if not (placed := text_mask(shape, *canvas.size, _FULL)):
        return True
    mask, left, top = placed
    # The mask has a margin, which must not wipe out a border that the text almost touches.
    inked = mask.point([0] + [255] * 255)
    taken = canvas.crop((left, top, left + mask.width, top + mask.height)).point(_NOT_GROUND)
    canvas.paste(mask, (left, top), ImageChops.subtract(inked, taken))
    # Accents on whole pixels may leave the box of the ink by one, which the border then covers.
    x0, y0 = math.floor(shape.ink.left) - left, math.floor(shape.ink.top) - top
    x1, y1 = math.ceil(shape.ink.right) - left, math.ceil(shape.ink.bottom) - top
    return not ImageChops.multiply(taken, inked).crop((x0, y0, x1, y1)).getbbox()


def _frame(canvas: Image.Image, rect: Rect, stroke: Rect | None) -> None:
    side = corner_side(stroke or rect)
    if stroke:
        for bar in bars(stroke):
            canvas.paste(_STROKE + _FULL, bar)
    if not side:
        return
    outer = edge_mask(side, rect.radius).point(_to_levels(_OUTLINE))
    corner = Image.new("L", (side, side), _INK)
    if stroke:
        corner = hole_mask(side, stroke).point(_to_levels(_STROKE, falling=True))
    corner.paste(outer, (0, 0), outer.point(lambda index: 255 * (index < _OUTLINE + _FULL)))
    for mirrored, x, y in in_corners(stroke or rect, corner):
        canvas.paste(mirrored, (x, y))


def _to_levels(start: int, *, falling: bool = False) -> list[int]:
    levels = [start + (value * _FULL + 127) // 255 for value in range(256)]
    return levels[::-1] if falling else levels
