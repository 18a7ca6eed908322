"""A rectangle in pieces: bars where edges are straight, masks only where corners are round.

So the cost of painting one follows its outline, and only the few pixels on a round edge are
computed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsgi_placeholder.drawing.scene import Rect

_MIRROR, _FLIP = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM


def pieces(rect: Rect) -> Iterator[tuple[Image.Image, int, int]]:
    """Yield masks (mode L) that together cover the rectangle once, with their left and top."""
    for left, top, right, bottom in bars(rect):
        yield Image.new("L", (right - left, bottom - top), 255), left, top
    side = corner_side(rect)
    if side:
        mask = edge_mask(side, rect.radius)
        if rect.stroke:
            mask = ImageChops.subtract(mask, hole_mask(side, rect))
        yield from in_corners(rect, mask)


def bars(rect: Rect) -> Iterator[tuple[int, int, int, int]]:
    """Yield the boxes of all that lies outside the corner squares."""
    left, top, right, bottom = edges(rect)
    side, stroke = corner_side(rect), int(rect.stroke)
    thick = stroke or side
    boxes = [
        (left + side, top, right - side, min(top + thick, bottom)),
        (left + side, max(bottom - thick, top + thick), right - side, bottom),
    ]
    if stroke:
        boxes.append((left, top + side, min(left + stroke, right), bottom - side))
        boxes.append((max(right - stroke, left + stroke), top + side, right, bottom - side))
    else:
        boxes.append((left, top + side, right, bottom - side))
    yield from (box for box in boxes if box[2] > box[0] and box[3] > box[1])


def in_corners(rect: Rect, mask: Image.Image) -> Iterator[tuple[Image.Image, int, int]]:
    """Yield the mask of the top left corner four times, mirrored into each, never overlapping."""
    left, top, right, bottom = edges(rect)
    width, height = min(mask.width, right - left), min(mask.height, bottom - top)
    # On odd sides the left and upper corners take the pixel in the middle.
    rest_x, rest_y = min(width, right - left - width), min(height, bottom - top - height)
    for flipped, rows, y in ((mask, height, top), (mask.transpose(_FLIP), rest_y, bottom - rest_y)):
        offset = 0 if flipped is mask else mask.height - rows
        band = flipped.crop((0, offset, mask.width, offset + rows))
        if rows and width:
            yield band.crop((0, 0, width, rows)), left, y
        if rows and rest_x:
            mirrored = band.transpose(_MIRROR)
            yield mirrored.crop((mask.width - rest_x, 0, mask.width, rows)), right - rest_x, y


def edges(rect: Rect) -> tuple[int, int, int, int]:
    """The box, which is on whole pixels, as whole numbers."""
    left, top, right, bottom = map(int, rect.box)
    return left, top, right, bottom


def corner_side(rect: Rect) -> int:
    """The side of the squares that hold all that is round, and the stroke's corners."""
    left, top, right, bottom = edges(rect)
    side = max(math.ceil(rect.radius), int(rect.stroke))
    return min(side, (right - left + 1) // 2, (bottom - top + 1) // 2) if side else 0


def edge_mask(side: int, radius: float) -> Image.Image:
    """Coverage (mode L) of the top left `side` × `side` pixels of a rounded rectangle."""
    mask = Image.new("L", (side, side), 255)
    mask.paste(_quarter(radius), (0, 0))
    return mask


def hole_mask(side: int, rect: Rect) -> Image.Image:
    """Coverage (mode L) of what a stroke leaves open in the top left `side` × `side` pixels."""
    stroke = int(rect.stroke)
    mask = Image.new("L", (side, side), 0)
    if side > stroke:
        mask.paste(255, (stroke, stroke, side, side))
        mask.paste(_quarter(max(rect.radius - stroke, 0)), (stroke, stroke))
    return mask


def _quarter(radius: float) -> Image.Image:
    """Coverage (mode L) of the top left quarter of a disc, by the distance to its edge.

    Only the few pixels on the edge are computed; the rest of each row is a run.
    """
    side = math.ceil(radius - 0.5)  # pixels whose middles lie beyond it are on the straight edge
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
