"""JPEG in restart intervals: decoded, it is to the pixel what encoding the whole picture gives."""

import io
from itertools import product

import pytest
import variants
from PIL import Image
from variants import ALL, BLUE, FONTS, PLAIN, RED, opened, scene

from wsgi_placeholder import Spec
from wsgi_placeholder.drawing.color import BLACK, TRANSPARENT, WHITE, Color
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Rect, Scene
from wsgi_placeholder.formats import jpeg
from wsgi_placeholder.styles.flat import compose

QUALITIES = [None, 5, 89, 90]
GREY = {"background": Color(200, 200, 200), "foreground": Color(60, 60, 60)}
COLOR = {"background": Color(255, 200, 0), "foreground": BLUE}


def plainly(made, quality):
    """Pillow's own encoding of the whole painting, at the same quality and subsampling."""
    quality = quality or 85
    out = io.BytesIO()
    paint(made, alpha=False).save(
        out, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2
    )
    return out.getvalue()


def assert_same(made, quality):
    body = jpeg.encode(made, quality)
    picture, plain = opened(body), opened(plainly(made, quality))
    assert picture.size == (made.width, made.height)
    assert picture.convert("RGB").tobytes() == plain.tobytes()
    return body


def segments(body):
    """The (marker, content) of each segment up to the entropy-coded data, and where these begin."""
    found, position = [], 2
    while True:
        assert body[position] == 0xFF
        marker, length = (
            body[position + 1],
            int.from_bytes(body[position + 2 : position + 4], "big"),
        )
        found.append((marker, body[position + 4 : position + 2 + length]))
        position += 2 + length
        if marker == 0xDA:
            return found, position


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("name", ALL)
def test_the_pixels_are_those_of_the_plain_encoding(name, quality):
    assert_same(scene(name), quality)


@pytest.mark.parametrize("colors", [GREY, COLOR], ids=["grey", "colour"])
@pytest.mark.parametrize("quality", [85, 90])
def test_every_size_up_to_70(quality, colors):
    """All remainders of both sides by 8 and 16; the text is at every place in turn, or not at all.

    A size of 9 fits into most, and what starts on a row of blocks, ends in the last one, which may
    be a part only, or spans them all, comes with the sizes.
    """
    places = ["top", "center", "bottom", "top-left", "right"]
    drawn = 0
    for width, height in product(range(1, 71), range(1, 71)):
        place = places[(3 * width + height) % 5]
        words = ("", "Ag", "W\nj")[(width + height) % 3]
        spec = Spec.of(width, height, text=words, size=9, align=place, padding=0, **colors)
        made = compose(spec, FONTS)
        drawn += variants.has_text(made)
        assert_same(made, quality)
    assert drawn > 2000


@pytest.mark.parametrize("colors", [GREY, COLOR], ids=["grey", "colour"])
@pytest.mark.parametrize("quality", [85, 90])
@pytest.mark.parametrize("align", ["top", "center", "bottom", "bottom-right"])
@pytest.mark.parametrize("height", range(160, 177))
def test_text_at_every_place_of_every_remainder(height, align, quality, colors):
    given = {"text": "Agj", "size": 21, "padding": height % 5, "align": align, **colors}
    assert_same(compose(Spec.of(123, height, **given), FONTS), quality)


@pytest.mark.parametrize("quality", [85, 90])
@pytest.mark.parametrize(
    ("width", "height", "given"),
    [
        (4999, 3333, {}),
        (3333, 4999, COLOR),
        (1999, 2003, COLOR | {"align": "bottom", "padding": 0}),
        (1, 4999, {"text": ""}),
        (4999, 1, COLOR | {"text": ""}),
        (640, 480, COLOR | {"text": "Wg|" * 9, "size": 900, "padding": 0}),
        (300, 1600, COLOR | {"text": "A\nB\nC\nD\nE", "size": 400, "padding": 0}),
    ],
)
def test_large(width, height, given, quality):
    assert_same(compose(Spec.of(width, height, **given), FONTS), quality)


def test_a_text_over_the_whole_picture_has_no_blank_row_in_it():
    made = compose(Spec.of(200, 64, text="|Åg|", size=999, padding=0, **COLOR), FONTS)
    ink = made.shapes[-1].ink
    assert ink.top < 8
    assert ink.bottom > 56
    for quality in (85, 90):
        body = assert_same(made, quality)
        assert body.count(b"\xff\xd0") == 1


@pytest.mark.parametrize("quality", [85, 90])
@pytest.mark.parametrize("name", PLAIN)
def test_markers(name, quality):
    """T.81: one restart marker after each row of blocks but the last, RST0 to RST7 in turn."""
    made = scene(name)
    body = jpeg.encode(made, quality)
    found, start = segments(body)
    content = dict(found)
    assert body[:2] == b"\xff\xd8"
    assert body[-2:] == b"\xff\xd9"
    assert [marker for marker, _ in found].count(0xC0) == 1, "baseline"
    precision, height, width, components = content[0xC0][0], *(
        int.from_bytes(content[0xC0][i:j], "big") for i, j in ((1, 3), (3, 5), (5, 6))
    )  # fmt: skip
    assert (precision, width, height) == (8, made.width, made.height)
    grey = components == 1
    sampling = content[0xC0][7]
    assert sampling == (0x11 if grey or quality >= 90 else 0x22)
    unit = 8 * (sampling & 15)
    assert int.from_bytes(content[0xDD], "big") == -(-made.width // unit)
    markers, i = [], start
    while (i := body.find(b"\xff", i)) < len(body) - 2:
        if body[i + 1]:
            markers.append(body[i + 1])
        i += 2
    assert markers == [0xD0 + i % 8 for i in range(-(-made.height // unit) - 1)]


def test_two_greys_make_a_grey_picture_and_colours_do_not():
    modes = {
        "grey on grey": GREY,
        "grey on nothing": {"background": TRANSPARENT, "foreground": BLACK},
        "half a grey": {"background": Color(9, 9, 9, 128), "foreground": WHITE},
        "colour on grey": {"foreground": RED},
        "grey on colour": {"background": RED, "foreground": WHITE},
    }
    found = {
        name: opened(jpeg.encode(compose(Spec.of(90, 60, text="Hi", **given), FONTS))).mode
        for name, given in modes.items()
    }
    assert found == dict.fromkeys(modes, "RGB") | dict.fromkeys(list(modes)[:3], "L")
    assert (
        opened(jpeg.encode(compose(Spec.of(90, 60, text="", background=RED), FONTS))).mode == "RGB"
    )


def test_the_file_is_hardly_larger_than_the_plain_one():
    """Within 2 %; greys are smaller, as they have no colour."""
    for size in [(600, 400), (1920, 1080), (3840, 2160)]:
        made = compose(Spec.of(*size, **COLOR), FONTS)
        assert len(jpeg.encode(made)) <= 1.02 * len(plainly(made, None))
        grey = compose(Spec.of(*size, **GREY), FONTS)
        assert len(jpeg.encode(grey)) < 0.9 * len(plainly(grey, None))


def test_only_the_rows_of_the_text_are_encoded(monkeypatch):
    saved = []
    monkeypatch.setattr(jpeg, "paint", None)
    real = jpeg._saved

    def spy(picture, *rest, **more):
        saved.append(picture.size)
        return real(picture, *rest, **more)

    monkeypatch.setattr(jpeg, "_saved", spy)
    made = compose(Spec.of(4000, 3000, text="Hi", size=100), FONTS)
    jpeg.encode(made)
    jpeg.encode(compose(Spec.of(4000, 3000, text=""), FONTS))
    ink = made.shapes[-1].ink
    [with_text, without] = saved
    assert with_text[0] == without[0] == 4000
    assert ink.height < with_text[1] < ink.height + 4 * 16
    assert without[1] == 8, "grey has rows of 8"


def test_what_is_more_than_a_text_is_encoded_whole():
    ground = Rect(Box(0, 0, 60, 50), Color(250, 250, 0))
    made = Scene(60, 50, (ground, Rect(Box(10, 10, 40, 30), RED)))
    assert_same(made, None)
    assert 0xDD not in dict(segments(jpeg.encode(made))[0])
    assert Image.open(io.BytesIO(jpeg.encode(made))).mode == "RGB"
