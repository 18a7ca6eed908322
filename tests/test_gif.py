"""GIF: from palette indexes; a pixel is either there, on white, or not."""

import io

import pytest
import variants
from PIL import Image, ImageChops
from variants import ALL, BLUE, FRAMED, HALF_RED, OVERLAPPING, PLAIN, RED, scene

from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Rect, Scene
from wsgi_placeholder.formats import gif


def decoded(made):
    """The only frame, in RGBA."""
    picture = Image.open(io.BytesIO(gif.encode(made)))
    assert picture.format == "GIF"
    assert picture.n_frames == 1
    assert picture.size == (made.width, made.height)
    return picture.convert("RGBA")


@pytest.mark.parametrize("name", ALL)
def test_what_is_there_has_the_colour_it_has_on_white(name):
    """To the level, as PNG; where a hole is, the painting is at most half there."""
    made = scene(name)
    picture, plain = decoded(made), paint(made).convert("RGBA")
    there = picture.getchannel("A")
    assert set(there.tobytes()) <= {0, 255}
    white = variants.on(WHITE, plain)
    shown = white.copy()
    shown.paste(picture.convert("RGB"), (0, 0), there)
    levels = 0.5 if name in PLAIN else 1.5 if name in OVERLAPPING else 1
    rounding = 1 if variants.is_opaque(made) else 3
    off = variants.furthest(shown, white)
    for value, contrast in zip(off, variants.contrasts(made, WHITE), strict=True):
        assert value <= levels * contrast / 15 + rounding
    # Beside a level of the edge, what is more than half there is there, and all else is not.
    alpha = plain.getchannel("A")
    surely = alpha.point(lambda value: 255 * (value > 127 + 18))
    maybe = alpha.point(lambda value: 255 * (value > 127 - 18))
    assert not ImageChops.subtract(surely, there).getbbox()
    assert not ImageChops.subtract(there, maybe).getbbox()


def transparency(made):
    return Image.open(io.BytesIO(gif.encode(made))).info.get("transparency")


def test_only_what_has_holes_says_so():
    assert transparency(scene("caption")) is None
    assert transparency(scene("border")) is None
    assert transparency(scene("half an ink")) is None
    for name in ("transparent", "no text, transparent", "round", "ring on nothing", "circle"):
        index = transparency(scene(name))
        assert index is not None
        assert index in Image.open(io.BytesIO(gif.encode(scene(name)))).tobytes()


@pytest.mark.parametrize("name", FRAMED)
def test_a_frame_is_not_painted_in_colours(monkeypatch, name):
    monkeypatch.setattr(gif, "paint", None)
    decoded(scene(name))


@pytest.mark.parametrize("ground", [BLUE, TRANSPARENT, BLUE._replace(alpha=200)])
def test_what_is_more_than_a_framed_text_is_quantised(ground):
    whole, box = Box(0, 0, 60, 50), Box(10, 10, 40, 30)
    made = Scene(60, 50, (Rect(whole, ground), Rect(box, RED), Rect(box.inset(5), HALF_RED, 3)))
    picture = decoded(made)
    assert picture.getpixel((0, 0))[3] == (255 if ground.alpha else 0)
    white = variants.on(WHITE, paint(made))
    assert max(variants.furthest(variants.on(WHITE, picture), white)) <= 2


def test_the_file_is_small_where_the_picture_is_plain():
    made = scene("very large")
    assert len(gif.encode(made)) < made.width * made.height / 40
