"""The flat look: what is drawn, where, and when the text is left out."""

import itertools
import math

import pytest

from wsgi_placeholder import Config, Spec
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.scene import Box, Rect, Text
from wsgi_placeholder.styles.flat import compose

FONTS = Config.of().loaded_fonts
RED = Color(200, 0, 0)


def scene(width, height=None, **keywords):
    return compose(Spec.of(width, height, **keywords), FONTS)


def text_of(made):
    return next((shape for shape in made.shapes if isinstance(shape, Text)), None)


def test_background_and_caption():
    made = scene(600, 400)
    background, text = made.shapes
    assert background == Rect(Box(0, 0, 600, 400), Color(221, 221, 221))
    assert "".join(run.text for run in text.runs) == "600×400"
    assert made.title == "600×400"
    assert (made.width, made.height, made.missing) == (600, 400, "")
    assert text.fill == Spec.of(600, 400).foreground


def test_a_transparent_background_is_not_painted():
    [text] = scene(600, 400, background=Color(0, 0, 0, 0)).shapes
    assert isinstance(text, Text)


def test_border_and_radius_are_scaled():
    fill, stroke, text = scene(60, 40, scale=2, border=3, border_color=RED, radius=5).shapes
    assert fill == Rect(Box(0, 0, 120, 80), Color(221, 221, 221), 10)
    assert stroke == Rect(Box(0, 0, 120, 80), RED, 10, 6)
    assert isinstance(text, Text)


def test_a_thin_border_is_a_pixel():
    assert scene(60, 40, border=0.1).shapes[1].stroke == 1


def test_no_text_no_shape():
    made = scene(60, 40, text="")
    assert len(made.shapes) == 1
    assert made.title == ""


@pytest.mark.parametrize("side", [1, 2, 8, 16])
def test_an_icon_has_no_caption(side):
    assert text_of(scene(side)) is None


@pytest.mark.parametrize("size", [(32, 32), (48, 48), (88, 31), (400, 12), (40, 400)])
def test_small_pictures_have_theirs_whole(size):
    text = text_of(scene(*size))
    assert "".join(run.text for run in text.runs) == f"{size[0]}×{size[1]}"
    assert text.size >= 7


def test_a_caption_is_never_shortened():
    for width in range(1, 60):
        for height in (10, 40, 600):
            text = text_of(scene(width, height))
            assert text is None or "".join(r.text for r in text.runs) == f"{width}×{height}"


def test_captions_weigh_the_same_at_every_shape():
    sizes = {
        (w, h): text_of(scene(w, h)).size
        for w, h in [(600, 400), (400, 600), (490, 490), (980, 245)]
    }
    assert max(sizes.values()) == pytest.approx(min(sizes.values()), rel=0.02)
    assert text_of(scene(1200, 800)).size == pytest.approx(2 * sizes[600, 400])


def test_short_texts_are_larger_without_a_jump():
    sizes = [text_of(scene(150, text="Jamesonabc"[:length])).size for length in range(1, 11)]
    assert sizes[0] == sizes[2] == pytest.approx(0.2 * 150)
    assert sizes[7] == sizes[9] == pytest.approx(0.115 * 150)
    assert all(1 <= a / b < 1.16 for a, b in itertools.pairwise(sizes))


@pytest.mark.parametrize("size", [(600, 400), (99, 99), (1000, 1000), (9999, 100)])
def test_size_captions_have_one_share_however_short(size):
    text = text_of(scene(*size, padding=0))
    assert text.size == pytest.approx(0.115 * math.sqrt(size[0] * size[1]), rel=0.06)


def test_the_given_size_is_kept_where_it_fits():
    assert text_of(scene(600, 400, text="Hello", size=24)).size == 24
    assert text_of(scene(600, 400, text="Hello", size=24, scale=2)).size == 48
    assert text_of(scene(600, 400, text="Hello", size=5)).size == 5
    assert text_of(scene(600, 400, size=90)).size == 90
    tight = text_of(scene(60, 40, text="Hello", size=90))
    assert 7 < tight.size < 90
    assert "…" not in tight.runs[-1].text


def test_the_default_padding_is_a_share_of_the_short_side():
    text = text_of(scene(300, 100, text="W" * 20, align="left"))
    assert text.ink.left == pytest.approx(8.5)
    text = text_of(scene(300, 100, text="W" * 20, align="left", padding=30, border=2))
    assert text.ink.left == pytest.approx(32.5)


def test_round_corners_do_not_cut_the_text():
    radius = 50
    text = text_of(scene(100, text="Round and about", radius=radius, padding=0, align="top-left"))
    for x, y in [(text.ink.left, text.ink.top), (text.ink.right, text.ink.top)]:
        assert math.hypot(x - 50, y - 50) <= radius


def test_a_given_padding_that_leaves_nothing_leaves_the_text_out():
    assert text_of(scene(100, text="A", padding=50)) is None
    assert text_of(scene(100, padding=45)) is None
    assert text_of(scene(100, text="A", border=50)) is None


def test_the_usual_padding_makes_room_where_the_text_needs_it():
    text = text_of(scene(300, 200, border=93))
    assert "".join(run.text for run in text.runs) == "300×200"
    assert text.ink.top > 94, "a pixel is left between border and text"
    assert text_of(scene(300, 200, border=93, padding=16)) is None
    assert text_of(scene(600, 600, scale=2, border=295, text="A")).ink.top >= 592


@pytest.mark.parametrize("size", [(24, 24), (20, 100), (18, 18), (16, 40), (20, 600)])
def test_narrow_pictures_have_their_caption_in_two_lines(size):
    text = text_of(scene(*size))
    assert "".join(run.text for run in text.runs) == f"{size[0]}×{size[1]}"
    assert [run.text for run in text.runs] == [f"{size[0]}×", f"{size[1]}"]
    assert text.size >= 7


def test_missing_characters_are_told():
    fonts = Config.of(system_fonts=False).loaded_fonts
    made = compose(Spec.of(100, text="a\ue83a日本日"), fonts)
    assert made.missing in ("日本", ""), "nothing but what was asked for"
    if "noto-sans-jp" not in fonts.names:
        assert made.missing == "日本"
