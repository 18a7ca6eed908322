"""Painting with pixels: fills, frames, corners, text, on opaque and transparent grounds."""

import math

import pytest
from PIL import Image, ImageChops

from wsgi_placeholder import Config, Spec
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, Color
from wsgi_placeholder.drawing.paint import backdrop, paint, text_mask
from wsgi_placeholder.drawing.scene import Box, Rect, Scene, Text
from wsgi_placeholder.styles.flat import compose

FONTS = Config.of().loaded_fonts
RED, BLUE = Color(200, 0, 0), Color(0, 0, 200)


def whole(width, height, fill, radius=0.0, stroke=0.0):
    return Rect(Box(0, 0, width, height), fill, radius, stroke)


def painted(width, height, *shapes, **keywords):
    return paint(Scene(width, height, shapes), **keywords)


def caption(width=200, height=100, **keywords):
    return compose(Spec.of(width, height, **keywords), FONTS)


def test_modes():
    assert painted(4, 4, whole(4, 4, RED)).mode == "RGB"
    assert painted(4, 4).mode == "RGBA"
    assert painted(4, 4, alpha=False).mode == "RGB"
    assert painted(4, 4, whole(4, 4, RED._replace(alpha=9))).getpixel((2, 2)) == (200, 0, 0, 9)


def test_without_alpha_it_stands_on_white():
    assert painted(4, 4, alpha=False).getpixel((0, 0)) == WHITE[:3]
    half = painted(4, 4, whole(4, 4, Color(255, 0, 0, 51)), alpha=False)
    assert half.getpixel((0, 0)) == (255, 204, 204)


def test_the_backdrop_is_what_covers_all():
    cover, above = whole(9, 9, RED), whole(9, 9, BLUE, stroke=2)
    assert backdrop(Scene(9, 9, (cover, above))) == (RED, (above,))
    for first in (whole(9, 8, RED), whole(9, 9, RED, radius=1), above):
        assert backdrop(Scene(9, 9, (first,))) == (TRANSPARENT, (first,))


def test_a_stroke_is_the_inner_edge():
    picture = painted(20, 10, whole(20, 10, RED), whole(20, 10, BLUE, stroke=3))
    for x in range(20):
        for y in range(10):
            edge = x < 3 or y < 3 or x >= 17 or y >= 7
            assert picture.getpixel((x, y)) == (BLUE if edge else RED)[:3]


@pytest.mark.parametrize("stroke", [5, 6, 40])
def test_a_stroke_wider_than_half_fills_all(stroke):
    picture = painted(20, 10, whole(20, 10, RED), whole(20, 10, BLUE, stroke=stroke))
    assert picture.getcolors() == [(200, BLUE[:3])]


@pytest.mark.parametrize(("side", "radius"), [(40, 20), (41, 20.5), (60, 12), (30, 3.3), (9, 1)])
def test_corners_are_quarters_of_a_disc(side, radius):
    alpha = painted(side, side, whole(side, side, RED, radius=radius)).getchannel("A")
    for transpose in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM):
        assert ImageChops.difference(alpha, alpha.transpose(transpose)).getbbox() is None
    covered = sum(alpha.tobytes()) / 255
    assert covered == pytest.approx(side * side - (4 - math.pi) * radius * radius, rel=0.01)


def test_a_disc():
    alpha = painted(50, 50, whole(50, 50, RED, radius=25)).getchannel("A")
    for x in range(50):
        for y in range(50):
            distance = math.hypot(x + 0.5 - 25, y + 0.5 - 25)
            if distance < 24:
                assert alpha.getpixel((x, y)) == 255
            elif distance > 26:
                assert alpha.getpixel((x, y)) == 0


def test_a_round_frame_has_the_same_width_everywhere():
    ring = painted(60, 60, whole(60, 60, RED, radius=30, stroke=6)).getchannel("A")
    assert ring.getpixel((30, 30)) == 0
    assert ring.getpixel((30, 2)) == ring.getpixel((2, 30)) == 255
    diagonal = round(30 - 27 / math.sqrt(2))
    assert ring.getpixel((diagonal, diagonal)) == 255
    area = sum(ring.tobytes()) / 255
    assert area == pytest.approx(math.pi * (30**2 - 24**2), rel=0.02)


def test_the_mask_is_the_ink():
    text = next(shape for shape in caption().shapes if isinstance(shape, Text))
    mask, left, top = text_mask(text, 200, 100)
    assert left % 2 == 0
    box = mask.getbbox()
    assert left + box[0] == pytest.approx(text.ink.left, abs=1.5)
    assert left + box[2] == pytest.approx(text.ink.right, abs=1.5)
    assert top + box[1] == pytest.approx(text.ink.top, abs=1.5)
    assert top + box[3] == pytest.approx(text.ink.bottom, abs=1.5)
    assert mask.getextrema() == (0, 255)


def test_a_mask_outside_the_canvas_is_none():
    text = next(shape for shape in caption().shapes if isinstance(shape, Text))
    assert text_mask(text, 3, 3) is None


def test_text_is_laid_over_what_is_there():
    made = caption(foreground=RED, background=Color(0, 0, 0, 0))
    picture = paint(made)
    colors = {color[:3] for _, color in picture.getcolors(20000) if color[3] == 255}
    assert colors == {RED[:3]}
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
    faint = paint(caption(foreground=RED._replace(alpha=128), background=Color(0, 0, 255)))
    assert min(color[2] for _, color in faint.getcolors(20000)) == pytest.approx(127, abs=2)


def test_large_text_is_where_small_text_is():
    """Large glyphs may be put on whole pixels, but not shifted by more."""
    for size in (40, 60, 120):
        made = caption(800, 300, text="ÄVgj", size=size)
        text = made.shapes[-1]
        mask, left, top = text_mask(text, 800, 300)
        box = mask.getbbox()
        off_x = left + (box[0] + box[2]) / 2 - 400
        off_y = top + (box[1] + box[3]) / 2 - 150
        assert abs(off_x) <= 1
        assert abs(off_y) <= 1
