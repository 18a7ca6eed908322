"""Rectangles in pieces: put together they cover each pixel as much as the distance says."""

import itertools
import math

import pytest
from PIL import Image

from wsgi_placeholder.drawing.color import BLACK
from wsgi_placeholder.drawing.rects import bars, corner_side, edge_mask, edges, hole_mask, pieces
from wsgi_placeholder.drawing.scene import Box, Rect

SIZES = [(1, 1), (1, 7), (2, 2), (3, 5), (20, 11), (21, 12), (40, 40), (41, 41)]
RADII = [0, 0.4, 1, 1.5, 2, 3.3, 5, 5.5, 6, 20, 20.5]
STROKES = [0, 1, 2, 3, 6, 30]
CASES = [
    (width, height, radius, stroke)
    for (width, height), radius, stroke in itertools.product(SIZES, RADII, STROKES)
    if radius <= min(width, height) / 2
]


def coverage(x, y, box, radius):
    """How much of a pixel lies in a rounded box, by the distance of its middle to the edge.

    The distance is that of the usual formula, the length of what lies beyond the inner box; the
    straight edges are on whole pixels, so a pixel beside a corner is all in or all out.
    """
    left, top, right, bottom = box
    x, y = x + 0.5, y + 0.5
    if not (left < x < right and top < y < bottom):
        return 0
    dx = max(left + radius - x, x - right + radius)
    dy = max(top + radius - y, y - bottom + radius)
    if dx <= 0 or dy <= 0:
        return 1
    return min(max(radius - math.hypot(dx, dy) + 0.5, 0), 1)


def wanted(rect):
    outer = rect.box
    inner = outer.inset(rect.stroke) if rect.stroke else None
    if inner and (inner.width <= 0 or inner.height <= 0):
        inner = None
    rows = []
    for y in range(math.ceil(outer.bottom) + 3):
        for x in range(math.ceil(outer.right) + 3):
            covered = round(255 * coverage(x, y, outer, rect.radius))
            if inner:
                radius = max(rect.radius - rect.stroke, 0)
                covered = max(covered - round(255 * coverage(x, y, inner, radius)), 0)
            rows.append(covered)
    return rows


def together(rect):
    """The masks of all pieces in one, which must lie in the box and apart from each other."""
    size = (math.ceil(rect.box.right) + 3, math.ceil(rect.box.bottom) + 3)
    whole, taken = Image.new("L", size), Image.new("L", size)
    for mask, left, top in pieces(rect):
        assert mask.mode == "L"
        box = (left, top, left + mask.width, top + mask.height)
        assert mask.width > 0 < mask.height
        assert rect.box.left <= left <= box[2] <= rect.box.right
        assert rect.box.top <= top <= box[3] <= rect.box.bottom
        assert not taken.crop(box).getbbox(), "two pieces cover one pixel"
        taken.paste(1, box)
        whole.paste(mask, (left, top))
    return whole


@pytest.mark.parametrize("at", [(0, 0), (4, 7)])
def test_pieces_cover_the_rectangle_once(at):
    for width, height, radius, stroke in CASES:
        box = Box(*at, at[0] + width, at[1] + height)
        rect = Rect(box, BLACK, radius, stroke)
        found, right = list(together(rect).tobytes()), wanted(rect)
        assert len(found) == len(right)
        off = max(abs(a - b) for a, b in zip(found, right, strict=True))
        assert off <= 1, (width, height, radius, stroke)


def test_the_cost_of_painting_follows_the_outline():
    """Nothing but bars for straight edges; what is computed is as small as the corner."""
    frame = Rect(Box(0, 0, 60_000, 40_000), BLACK, 0, 3)
    assert sum((right - left) * (bottom - top) for left, top, right, bottom in bars(frame)) == (
        60_000 * 40_000 - 59_994 * 39_994 - 4 * 9
    )
    assert corner_side(frame) == 3
    round_one = Rect(Box(0, 0, 60_000, 40_000), BLACK, 12, 3)
    assert edges(round_one) == (0, 0, 60_000, 40_000)
    assert edge_mask(corner_side(round_one), 12).size == (12, 12)
    assert hole_mask(12, round_one).size == (12, 12)


def test_no_corner_for_a_plain_rectangle():
    rect = Rect(Box(2, 3, 9, 5), BLACK)
    assert corner_side(rect) == 0
    assert list(bars(rect)) == [(2, 3, 9, 5)]


@pytest.mark.parametrize("stroke", [1, 2, 5])
def test_a_hole_is_inside_the_edge(stroke):
    rect = Rect(Box(0, 0, 90, 90), BLACK, 30, stroke)
    outer, hole = edge_mask(30, 30).tobytes(), hole_mask(30, rect).tobytes()
    assert all(a >= b for a, b in zip(outer, hole, strict=True))
    # So no pixel is on both edges, and a palette needs one index for each.
    assert not any(0 < a < 255 and b for a, b in zip(outer, hole, strict=True))
