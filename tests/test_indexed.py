"""Painting in palette indexes: when it is possible, and what the indexes mean."""

import pytest
import variants
from PIL import Image
from variants import ALL, BLUE, FONTS, INK, RED, scene

from wsgi_placeholder import Spec
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.indexed import LEVELS, paint_indexed
from wsgi_placeholder.drawing.paint import paint, text_mask
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


def ink(box):
    return Rect(box, INK)


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
        (fill(), ink(Box(10, 10, 20, 20))),
        (fill(), stroke(), ink(Box(3, 3, 20, 20)), ink(Box(20, 3, 57, 10))),
        (fill(radius=9), stroke(radius=9), ink(Box(5, 5, 20, 20))),
        (ink(Box(1, 0, 20, 20)), ink(Box(30, 30, 999, 40))),
        (fill(), ink(Box(10, 10, 10, 20)), ink(Box(70, 10, 80, 20)), ink(Box(-9, -9, 1, 1))),
        (fill(), text(), ink(Box(2, 2, 9, 9))),
    ],
    ids=len,
)
def test_one_ink_in_a_frame_is_painted_in_indexes(shapes):
    picture, palette = indexed(*shapes)
    assert picture.mode == "L"
    assert picture.size == (60, 40)
    assert max(picture.tobytes()) < len(palette) == 3 * LEVELS
    # Index 0 is what fills the picture, so that blank rows are zeros.
    ground = [shape.fill for shape in shapes if isinstance(shape, Rect) and not shape.stroke]
    assert palette[0] == BLUE or (palette[0].alpha == 0 and BLUE not in ground)
    # And it is the scene: colours as painted, where edges are on whole pixels.
    shown = Image.new("RGBA", picture.size)
    shown.putdata([tuple(palette[index]) for index in picture.tobytes()])
    whole = all(isinstance(shape, Rect) and not shape.radius for shape in shapes)
    page = Color(0, 255, 0)
    painted = paint(Scene(60, 40, shapes))
    assert max(variants.furthest(variants.on(page, shown), variants.on(page, painted))) <= (
        0 if whole else 20
    )
    assert picture.tobytes().count(0) > 1000


@pytest.mark.parametrize(
    "shapes",
    [
        (fill(), fill(), fill()),
        (stroke(), stroke()),
        (text(), text()),
        (stroke(), fill()),
        (text(), fill()),
        (fill(), text(), stroke()),
        (text(), fill(INK)),
        (fill(), stroke(box=WHOLE.inset(2))),
        (fill(), ink(Box(5, 5, 9, 9)), fill(RED, box=Box(20, 5, 29, 9))),
        (fill(), text(), ink(Box(5, 5, 55, 35))),
        (fill(), ink(Box(5, 5, 20, 20)), ink(Box(19, 19, 30, 30))),
        (fill(), fill(INK, 2, Box(5, 5, 20, 20))),
        (fill(), stroke(INK, box=Box(5, 5, 20, 20))),
        (fill(), stroke(), ink(Box(2, 10, 20, 20))),
        (fill(), stroke(), ink(Box(10, 10, 20, 38))),
        (fill(radius=9), ink(Box(1, 1, 20, 20))),
        (fill(radius=9), stroke(radius=9), ink(Box(4, 4, 20, 20))),
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


@pytest.mark.parametrize("text", ["ạ̈q̣", "q̣x̸ạ̈ŗ̂ǫ̛"])
def test_an_accent_that_rounding_puts_on_the_border_is_hidden_by_it(text):
    """Or else everybody could ask for pictures that must be painted in colours."""
    given = {"border": 3, "border_color": RED, "foreground": INK, "weight": 900}
    hidden = 0
    for width, height in ((741, 639), (419, 387), (753, 344), (563, 207)):
        bare = paint_indexed(compose(Spec.of(width, height, text="", **given), FONTS))[0]
        made = compose(Spec.of(width, height, text=text, padding=0, size=999, **given), FONTS)
        full, _ = paint_indexed(made)
        for box in ((0, 0, width, 3), (0, height - 3, width, height), (0, 0, 3, height)):
            assert full.crop(box).tobytes() == bare.crop(box).tobytes()
        mask, _, top = text_mask(made.shapes[-1], width, height, LEVELS - 1)
        _, first, _, last = mask.getbbox()
        hidden += top + first < 3 or top + last > height - 3
    assert hidden


@pytest.mark.parametrize("shapes", [(fill(), ink(Box(5, 5, 9, 9))), (fill(), stroke(), text())])
def test_an_opaque_picture_has_an_opaque_palette(shapes):
    assert all(color.opaque for color in indexed(*shapes)[1])
    assert not all(color.opaque for color in indexed(fill(radius=5))[1])


def test_one_byte_a_pixel_and_no_more():
    picture, _ = indexed(fill(radius=5), stroke(radius=5), text())
    assert len(picture.tobytes()) == 60 * 40
