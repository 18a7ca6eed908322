"""Colours: every spelling, every complaint, and contrast that people can read."""

import itertools
import random

import pytest
from PIL import ImageColor
from PIL.ImageColor import colormap

from wsgi_placeholder.drawing.color import (
    BLACK,
    TRANSPARENT,
    WHITE,
    Color,
    contrast,
    grey,
    luminance,
    mix,
    over,
    parse_color,
    readable_on,
)
from wsgi_placeholder.errors import BadParameter


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("0", (0, 0, 0, 255)),
        ("a", (170, 170, 170, 255)),
        ("a5", (165, 165, 165, 255)),
        ("09f", (0, 153, 255, 255)),
        ("#09F", (0, 153, 255, 255)),
        ("09f8", (0, 153, 255, 136)),
        ("ff6347", (255, 99, 71, 255)),
        ("FF634780", (255, 99, 71, 128)),
        (" tomato ", (255, 99, 71, 255)),
        ("RebeccaPurple", (102, 51, 153, 255)),
        ("transparent", (0, 0, 0, 0)),
    ],
)
def test_spellings(text, color):
    assert parse_color(text) == Color(*color)


@pytest.mark.parametrize("name", sorted(colormap))
def test_every_css_name(name):
    color = parse_color(name)
    # Pillow now holds a tuple in the table where it held a string.
    assert color == (*ImageColor.getrgb(name), 255)
    assert parse_color(name) == color


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("oragne", "orange"),
        ("transparant", "transparent"),
        ("24610", "024610"),
        ("7777777", "777777"),
        ("", None),
        ("٣٠٠", None),
        ("#", None),
        ("##fff", None),
        ("ggg", None),
        ("fff\n\nfff", None),
        ("x" * 5000, None),
        ("rgb(1,2", None),
    ],
)
def test_complaints(text, hint):
    with pytest.raises(BadParameter) as caught:
        parse_color(text, "bg")
    assert caught.value.parameter == "bg"
    assert "bg is" in caught.value.detail
    assert "expected 1, 2, 3, 4, 6 or 8 hex digits" in caught.value.detail
    assert caught.value.hint == hint


def test_hex_reads_back():
    for color in (Color(1, 2, 3), Color(1, 2, 3, 4), WHITE, TRANSPARENT):
        assert parse_color(color.hex) == color


def test_wcag_figures():
    assert luminance(WHITE) == pytest.approx(1)
    assert luminance(BLACK) == 0
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    # Published example: #767676 is the lightest grey that passes on white.
    assert contrast(Color(0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.005)
    assert contrast(Color(0x77, 0x77, 0x77), WHITE) < 4.5


def test_the_chosen_foreground_reads_on_any_background():
    numbers = random.Random(7)
    grounds = [Color(v, v, v) for v in range(256)]
    grounds += [Color(*(numbers.randrange(256) for _ in range(3))) for _ in range(2000)]
    grounds += [Color(*(numbers.choice((0, 255)) for _ in range(3))) for _ in range(50)]
    for ground in grounds:
        ink = readable_on(ground)
        assert ink.opaque
        assert contrast(ink, ground) >= 4.5, (ground, ink)


def test_on_a_transparent_background_it_reads_on_white_and_black():
    ink = readable_on(TRANSPARENT)
    assert contrast(ink, WHITE) >= 4.5
    assert contrast(ink, BLACK) >= 4.5
    half = Color(200, 0, 0, 200)
    assert contrast(readable_on(half), over(half, WHITE)) >= 4.5


def test_the_chosen_foreground_keeps_the_hue_and_is_no_harsher_than_needed():
    ink = readable_on(Color(255, 240, 240))
    assert ink.red > ink.green
    assert contrast(ink, Color(255, 240, 240)) < 7
    assert readable_on(Color(0, 0, 128)).blue > readable_on(Color(0, 0, 128)).red


@pytest.mark.parametrize("value", range(0, 256, 5))
def test_grey_stays_grey(value):
    assert readable_on(Color(value, value, value)).is_grey


def test_the_default_grey_keeps_its_ink():
    assert readable_on(Color(221, 221, 221)) == Color(96, 96, 96)


@pytest.mark.parametrize(
    "ground", ["000", "navy", "1d3557", "264653", "333", "2d2d2d", "0f0", "ffd700", "yellow"]
)
def test_dark_and_strong_colours_get_more_than_the_least_contrast(ground):
    color = parse_color(ground)
    assert contrast(readable_on(color), color) > 6.9


@pytest.mark.parametrize("ground", ["777", "888", "999", "aaa", "bbb", "ccc"])
def test_middle_greys_stay_calm(ground):
    assert contrast(readable_on(parse_color(ground)), parse_color(ground)) < 5


def test_the_lighter_the_grey_the_lighter_is_no_ink():
    """Ink never jumps between grounds that nobody can tell apart, but where it turns to white."""
    inks = [readable_on(Color(value, value, value)).red for value in range(256)]
    assert sum(abs(a - b) > 12 for a, b in itertools.pairwise(inks)) == 1


def test_mixing():
    assert mix(BLACK, WHITE, 0.5) == Color(128, 128, 128)
    assert over(Color(255, 0, 0, 51), WHITE) == Color(255, 204, 204)
    assert over(TRANSPARENT, Color(1, 2, 3)) == Color(1, 2, 3)
    assert grey(Color(255, 0, 0, 9)) == Color(76, 76, 76, 9)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("rgb(0,153,255)", "0099ff"), ("none", "transparent"), ("hsl(120,50%,50%)", "40bf40")],
)
def test_other_spellings_of_style_sheets_are_told_what_to_write(text, hint):
    with pytest.raises(BadParameter) as caught:
        parse_color(text)
    assert caught.value.hint == hint
