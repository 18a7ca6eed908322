"""Painting in palette indexes: when it is possible, and what the indexes mean."""

import pytest
import variants
from PIL import Image
from variants import ALL, BLUE, FONTS, INK, RED, scene

from wsgi_placeholder import Spec
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.indexed import LEVELS, paint_indexed
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Rect, Scene, Text
from wsgi_placeholder.styles.flat import compose

WHOLE = Box(0, 0, 60, 40)


def text(**keywords):
    made = compose(Spec.of(60, 40, text="Hi", size=20, foreground=INK, **keywords), FONTS)
    return next(shape for shape in made.shapes if isinstance(shape, Text))


def fill(color=BLUE, radius=0, box=WHOLE):
    return Rect(box, color, radius)


def stroke(color=RED, radius=0, box=WHOLE, width=3):
    return Rect(box, color, radius, width)


def indexed(*shapes):
    return paint_indexed(Scene(60, 40, shapes))


@pytest.mark.parametrize(
    "shapes",
    [
        (),
        (fill(),),
        (stroke(),),
        (text(),),
        (fill(), text()),
        (fill(), stroke(), text()),
        (fill(radius=9), stroke(radius=9), text()),
        (stroke(radius=9), text()),
        (fill(TRANSPARENT), stroke(), text()),
    ],
    ids=len,
)
def test_a_framed_text_is_painted_in_indexes(shapes):
    picture, palette = indexed(*shapes)
    assert picture.mode == "L"
    assert picture.size == (60, 40)
    assert max(picture.tobytes()) < len(palette) == 3 * LEVELS
    # Index 0 is what fills the picture, so that blank rows are zeros.
    ground = [shape.fill for shape in shapes if isinstance(shape, Rect) and not shape.stroke]
    assert palette[0] == BLUE or (palette[0].alpha == 0 and BLUE not in ground)
    assert picture.tobytes().count(0) > 1000


@pytest.mark.parametrize(
    "shapes",
    [
        (fill(), fill()),
        (stroke(), stroke()),
        (text(), text()),
        (stroke(), fill()),
        (text(), fill()),
        (fill(), text(), stroke()),
        (fill(box=Box(0, 0, 59, 40)),),
        (fill(box=Box(1, 0, 60, 40)),),
        (fill(), stroke(box=WHOLE.inset(2))),
        (fill(radius=9), stroke(radius=5)),
        (fill(), stroke(radius=5)),
    ],
)
def test_anything_else_is_not(shapes):
    assert indexed(*shapes) is None


@pytest.mark.parametrize("name", ALL)
def test_the_palette_paints_the_scene(name):
    """As exactly as test_png.py says of the files, in which the same indexes stand."""
    made = scene(name)
    picture, palette = paint_indexed(made)
    shown = Image.new("RGBA", picture.size)
    shown.putdata([tuple(palette[index]) for index in picture.tobytes()])
    page = Color(0, 255, 0)
    off = variants.furthest(variants.on(page, shown), variants.on(page, paint(made)))
    for value, contrast in zip(off, variants.contrasts(made, page), strict=True):
        assert value <= (1.5 if name in variants.OVERLAPPING else 1) * contrast / 15 + 3


@pytest.mark.parametrize("border", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(200, 100), (49, 21)])
def test_text_beside_the_border_leaves_it_whole(border, size):
    """The mask of a text is a pixel or two larger than its ink."""
    given = {"border": border, "border_color": RED, "foreground": INK}
    bare = compose(Spec.of(*size, text="", **given), FONTS)
    full = compose(Spec.of(*size, text="WWWW", size=999, padding=0, **given), FONTS)
    without, with_text = paint_indexed(bare)[0].tobytes(), paint_indexed(full)[0].tobytes()
    for before, after in zip(without, with_text, strict=True):
        assert before == after or before == 0, "text lies on the ground only"
    assert with_text != without


@pytest.mark.parametrize("radius", [0, 9])
def test_text_on_the_border_is_left_to_others(radius):
    """Its pixels would be blends of three colours."""
    frame = (fill(radius=radius), stroke(radius=radius))
    assert indexed(*frame, text()) is not None
    assert indexed(*frame, text(align="top", padding=0)) is None
    assert indexed(*frame, text(align="bottom", padding=0)) is None


def test_one_byte_a_pixel_and_no_more():
    picture, _ = indexed(fill(radius=5), stroke(radius=5), text())
    assert len(picture.tobytes()) == 60 * 40
