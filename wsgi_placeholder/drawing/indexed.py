"""Painting with the indexes of a palette: a byte a pixel where colours would take four."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

from wsgi_placeholder.drawing.color import TRANSPARENT, blend, blends
from wsgi_placeholder.drawing.paint import text_mask
from wsgi_placeholder.drawing.rects import bars, corner_side, edge_mask, hole_mask, in_corners
from wsgi_placeholder.drawing.scene import Rect, Text

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene

LEVELS = 16
_FULL = LEVELS - 1
# Where the blends of each kind of edge begin in the palette.
_INK, _OUTLINE, _STROKE = 0, LEVELS, 2 * LEVELS
# Ink on a border or a round edge would be a blend that the palette has not.
_ON_FRAME = [255 * (index not in (_INK, _STROKE)) for index in range(256)]


def paint_indexed(scene: Scene) -> tuple[Image.Image, tuple[Color, ...]] | None:
    """Return the picture as indexes, mode L, and its palette, or None for more than a framed text.

    A framed text is a fill over the whole canvas, a stroke around it, one text that does not touch
    it; each may be absent, both rectangles may be rounded alike. Edges have 16 levels. Index 0 is
    the fill.
    """
    rects = [shape for shape in scene.shapes if isinstance(shape, Rect)]
    texts = [shape for shape in scene.shapes if isinstance(shape, Text)]
    fills = [rect for rect in rects if not rect.stroke]
    strokes = [rect for rect in rects if rect.stroke]
    if max(len(fills), len(strokes), len(texts)) > 1 or [*fills, *strokes, *texts] != [
        *scene.shapes
    ]:
        return None
    if any(rect.box != (0, 0, scene.width, scene.height) for rect in rects):
        return None
    if len({rect.radius for rect in rects}) > 1:
        return None
    canvas = Image.new("L", (scene.width, scene.height), _INK)
    fill = fills[0].fill if fills else TRANSPARENT
    stroke = strokes[0] if strokes else None
    if rects:
        _frame(canvas, rects[0], stroke)
    ink = fill
    if texts and (placed := text_mask(texts[0], *canvas.size, _FULL)):
        mask, left, top = placed
        # The mask has a margin, which must not wipe out a border that the text almost touches.
        inked = mask.point([0] + [255] * 255)
        below = canvas.crop((left, top, left + mask.width, top + mask.height))
        if ImageChops.multiply(below.point(_ON_FRAME), inked).getbbox():
            return None
        canvas.paste(mask, (left, top), inked)
        ink = texts[0].fill
    line = stroke.fill if stroke else TRANSPARENT
    # On the outer edge the stroke covers as much of a pixel as the fill below it.
    outline = [
        blend(below, line, level / _FULL)
        for level, below in enumerate(blends(TRANSPARENT, fill, LEVELS))
    ]
    return canvas, (*blends(fill, ink, LEVELS), *outline, *blends(fill, line, LEVELS))


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
