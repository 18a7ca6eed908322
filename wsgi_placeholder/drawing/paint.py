"""Painting a scene with pixels.

Glyphs are rasterised by HarfBuzz from the very outlines and positions that the layout measured
and that SVG and PDF write, so a picture is the same in every format, to the fraction of a pixel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import uharfbuzz
from PIL import Image, ImageChops

from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, over
from wsgi_placeholder.drawing.scene import Rect

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene, Shape, Text


def paint(scene: Scene, *, alpha: bool = True) -> Image.Image:
    """Return the picture in mode RGB, or RGBA where `alpha` allows and the scene is not opaque.

    Without `alpha` a transparent scene is painted on white.
    """
    ground, shapes = backdrop(scene)
    size = (scene.width, scene.height)
    if ground.opaque or not alpha:
        canvas = Image.new("RGB", size, over(ground, WHITE)[:3])
    else:
        canvas = Image.new("RGBA", size, tuple(ground))
    for shape in shapes:
        if isinstance(shape, Rect):
            _paint_rect(canvas, shape)
        else:
            placed = text_mask(shape, *size)
            if placed:
                _stain(canvas, shape.fill, *placed)
    return canvas


def backdrop(scene: Scene) -> tuple[Color, tuple[Shape, ...]]:
    """Split a scene into the one colour that covers it all and the shapes above."""
    first = scene.shapes[0] if scene.shapes else None
    if isinstance(first, Rect) and not first.radius and not first.stroke:
        left, top, right, bottom = first.box
        if left <= 0 and top <= 0 and right >= scene.width and bottom >= scene.height:
            return first.fill, scene.shapes[1:]
    return TRANSPARENT, scene.shapes


def text_mask(text: Text, width: int, height: int) -> tuple[Image.Image, int, int] | None:
    """Rasterise text: its coverage (mode L), its left and its top; None where nothing is inked.

    The left is even, so that two pixels of a 4-bit picture share a byte from the start.
    """
    left = max(math.floor(text.ink.left) - 1, 0) & ~1
    top = max(math.floor(text.ink.top) - 1, 0)
    right = min(math.ceil(text.ink.right) + 1, width)
    bottom = min(math.ceil(text.ink.bottom) + 1, height)
    if right <= left or bottom <= top:
        return None
    draw = uharfbuzz.RasterDraw()
    for run in text.runs:
        scale = text.size / run.face.upem
        font = run.face.hb
        for glyph in run.glyphs:
            draw.transform = (scale, 0.0, 0.0, -scale, glyph.x, glyph.y)
            draw.draw_glyph(font, glyph.id)
    draw.extents = uharfbuzz.RasterExtents(left, top, right - left, bottom - top, 0)
    image = draw.render()
    size = (right - left, bottom - top)
    return Image.frombuffer("L", size, image.buffer, "raw", "L", image.extents.stride, 1), left, top


def _stain(canvas: Image.Image, color: Color, mask: Image.Image, left: int, top: int) -> None:
    """Lay `color` on the canvas where `mask` says."""
    if not color.opaque:
        mask = mask.point([round(value * color.alpha / 255) for value in range(256)])
    if canvas.mode == "RGB":
        canvas.paste(color[:3], (left, top), mask)
    else:
        layer = Image.new("RGBA", mask.size, (*color[:3], 0))
        layer.putalpha(mask)
        canvas.alpha_composite(layer, (left, top))


def _paint_rect(canvas: Image.Image, rect: Rect) -> None:
    """Bars where edges are straight, masks only in the corners: cost follows the outline."""
    left, top, right, bottom = (round(edge) for edge in rect.box)
    stroke = round(rect.stroke)
    corner = min(
        max(math.ceil(rect.radius), stroke), math.ceil((right - left) / 2), (bottom - top + 1) // 2
    )
    thick = stroke or corner
    bars = [
        (left + corner, top, right - corner, top + thick),
        (left + corner, bottom - thick, right - corner, bottom),
    ]
    if stroke:
        bars.append((left, top + corner, left + stroke, bottom - corner))
        bars.append((right - stroke, top + corner, right, bottom - corner))
    else:
        bars.append((left, top + corner, right, bottom - corner))
    for x0, y0, x1, y1 in bars:
        if x1 > x0 and y1 > y0:
            _stain(canvas, rect.fill, Image.new("L", (x1 - x0, y1 - y0), 255), x0, y0)
    if corner:
        mask = corner_mask(corner, rect.radius, stroke)
        flip, turn = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM
        for x, mirrored in ((left, mask), (right - corner, mask.transpose(flip))):
            _stain(canvas, rect.fill, mirrored, x, top)
            _stain(canvas, rect.fill, mirrored.transpose(turn), x, bottom - corner)


def corner_mask(side: int, radius: float, stroke: int = 0) -> Image.Image:
    """Coverage (mode L) of the top left `side` × `side` pixels of a rounded rectangle."""
    mask = Image.new("L", (side, side), 255)
    mask.paste(_quarter(radius), (0, 0))
    if stroke:
        hole = Image.new("L", (side, side), 0)
        if side > stroke:
            hole.paste(255, (stroke, stroke, side, side))
            hole.paste(_quarter(max(radius - stroke, 0)), (stroke, stroke))
        mask = ImageChops.subtract(mask, hole)
    return mask


def _quarter(radius: float) -> Image.Image:
    """Coverage (mode L) of the top left quarter of a disc, by the distance to its edge.

    Only the few pixels on the edge are computed; the rest of each row is a run.
    """
    side = math.ceil(radius)
    rows = bytearray()
    for y in range(side):
        dy = radius - y - 0.5
        outer = math.sqrt(max((radius + 0.5) ** 2 - dy * dy, 0))
        inner = math.sqrt(max((radius - 0.5) ** 2 - dy * dy, 0)) if radius > 0.5 else 0.0
        start = min(max(math.floor(radius - outer - 0.5), 0), side)
        end = min(max(math.ceil(radius - inner + 0.5), start), side)
        rows += bytes(start)
        for x in range(start, end):
            distance = math.hypot(radius - x - 0.5, dy)
            rows.append(round(255 * min(max(radius - distance + 0.5, 0), 1)))
        rows += b"\xff" * (side - end)
    return Image.frombytes("L", (side, side), bytes(rows))
