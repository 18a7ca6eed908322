"""Painting a scene with pixels.

Glyphs are rasterised by HarfBuzz from the very outlines and positions that the layout measured
and that SVG and PDF write, so a picture is the same in every format; large glyphs, which are put on
whole pixels, to half a pixel.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import uharfbuzz
from PIL import Image

from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, over
from wsgi_placeholder.drawing.rects import pieces
from wsgi_placeholder.drawing.scene import Rect

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene, Shape, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# A glyph's image, its left and top, and whether it overlaps one before it.
_Placed = tuple[Image.Image, int, int, bool]

# Pixels per em from which nobody sees that a glyph moved by half a pixel.
_LARGE = 48
_STRIP = 1 << 18


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
            for mask, left, top in pieces(shape):
                stain(canvas, shape.fill, mask, left, top)
        else:
            placed = text_mask(shape, *size)
            if placed:
                stain(canvas, shape.fill, *placed)
    return canvas


def backdrop(scene: Scene) -> tuple[Color, tuple[Shape, ...]]:
    """Split a scene into the one colour that covers it all and the shapes above."""
    first = scene.shapes[0] if scene.shapes else None
    if isinstance(first, Rect) and not first.radius and not first.stroke:
        left, top, right, bottom = first.box
        if left <= 0 and top <= 0 and right >= scene.width and bottom >= scene.height:
            return first.fill, scene.shapes[1:]
    return TRANSPARENT, scene.shapes


def text_mask(
    text: Text, width: int, height: int, full: int = 255
) -> tuple[Image.Image, int, int] | None:
    """Rasterise text: its coverage, its left and its top, or None where nothing is inked.

    Coverage is 0..`full`, in mode L; less than 255 are indexes of a palette of blends. The left is
    even, so that two 4-bit pixels share a byte from the start.
    """
    return next(text_strips(text, width, height, full, height), None)


def text_strips(
    text: Text, width: int, height: int, full: int = 255, rows: int | None = None
) -> Iterator[tuple[Image.Image, int, int]]:
    """Rasterise text as `text_mask` does, from top to bottom in strips of `rows`.

    By default a strip has a quarter of a megabyte, so that a huge text takes no more memory; what
    is less than two of them stays whole.
    """
    left = max(math.floor(text.ink.left) - 1, 0) & ~1
    top = max(math.floor(text.ink.top) - 1, 0)
    right = min(math.ceil(text.ink.right) + 1, width)
    bottom = min(math.ceil(text.ink.bottom) + 1, height)
    if right <= left or bottom <= top:
        return
    if text.size < _LARGE:
        yield _small_mask(text, left, top, (right - left, bottom - top), full), left, top
        return
    if rows is None:
        whole = (right - left) * (bottom - top) <= 2 * _STRIP
        rows = bottom - top if whole else max(16, _STRIP // (right - left))
    placed: Iterable[_Placed] = _placed(text, full)
    if rows < bottom - top:
        placed = list(placed)  # each strip looks at all of them
    for start in range(top, bottom, rows):
        size = (right - left, min(rows, bottom - start))
        yield _assembled(placed, left, start, size, full), left, start


def _small_mask(text: Text, left: int, top: int, size: tuple[int, int], full: int) -> Image.Image:
    draw = uharfbuzz.RasterDraw()
    for run in text.runs:
        scale = text.size / run.face.upem
        font = run.face.hb
        for glyph in run.glyphs:
            draw.transform = (scale, 0.0, 0.0, -scale, glyph.x, glyph.y)
            draw.draw_glyph(font, glyph.id)
    draw.extents = uharfbuzz.RasterExtents(left, top, *size, 0)
    raster = draw.render()
    return _as_image(raster, raster.extents, full)


def _placed(text: Text, full: int) -> Iterator[_Placed]:
    """Draw each distinct glyph once and put it on whole pixels, which takes half the time."""
    boxes: list[tuple[int, int, int, int]] = []
    drawn: dict[tuple[int, int], tuple[Image.Image, int, int]] = {}
    draw = uharfbuzz.RasterDraw()
    for run in text.runs:
        scale = text.size / run.face.upem
        draw.transform = (scale, 0.0, 0.0, -scale, 0.0, 0.0)
        for glyph in run.glyphs:
            key = (id(run.face), glyph.id)
            if key not in drawn:
                draw.draw_glyph(run.face.hb, glyph.id)
                raster = draw.render()
                extents = raster.extents
                drawn[key] = _as_image(raster, extents, full), extents.x_origin, extents.y_origin
            image, x, y = drawn[key]
            x, y = x + round(glyph.x), y + round(glyph.y)
            right, bottom = x + image.width, y + image.height
            overlaps = any(
                x < box[2] and box[0] < right and y < box[3] and box[1] < bottom for box in boxes
            )
            boxes.append((x, y, right, bottom))
            yield image, x, y, overlaps


def _assembled(
    placed: Iterable[_Placed],
    left: int,
    top: int,
    size: tuple[int, int],
    full: int,
) -> Image.Image:
    mask = Image.new("L", size)
    for image, x, y, overlaps in placed:
        if y + image.height <= top or y >= top + size[1]:
            continue
        if overlaps:  # kerned into its neighbour: a plain copy would wipe that out
            mask.paste(full, (x - left, y - top), image.point(_back_from(full), "L"))
        else:
            mask.paste(image, (x - left, y - top))
    return mask


def _as_image(raster: Any, extents: Any, full: int) -> Image.Image:
    """Return HarfBuzz's 8-bit coverage brought down to `full`, in mode L."""
    levels = raster.buffer if full == 255 else raster.buffer.translate(_down_to(full))
    size = (extents.width, extents.height)
    return Image.frombuffer("L", size, levels, "raw", "L", extents.stride, 1)


@functools.cache
def _down_to(full: int) -> bytes:
    return bytes((value * full + 127) // 255 for value in range(256))


@functools.cache
def _back_from(full: int) -> list[int]:
    return [min(value * 255 // full, 255) for value in range(256)]


def stain(canvas: Image.Image, color: Color, mask: Image.Image, left: int, top: int) -> None:
    """Lay `color` on a canvas of mode RGBA, RGB or L where `mask` says."""
    if not color.opaque:
        mask = mask.point([round(value * color.alpha / 255) for value in range(256)])
    if canvas.mode == "RGB":
        canvas.paste(color[:3], (left, top), mask)
    elif canvas.mode == "L":
        canvas.paste(color.red, (left, top), mask)
    else:
        layer = Image.new("RGBA", mask.size, (*color[:3], 0))
        layer.putalpha(mask)
        canvas.alpha_composite(layer, (left, top))
