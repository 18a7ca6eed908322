"""GIF, WebP, AVIF, ICO, PNG and JPEG: decoded again, they are what was asked for."""

import io
import struct

import pytest
from PIL import Image, ImageChops, ImageStat

from wsgi_placeholder import Config, Spec, formats
from wsgi_placeholder.dialects import complete
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.styles.flat import compose

FONTS = Config.of().loaded_fonts
RASTER = ["avif", "gif", "ico", "jpeg", "png", "webp"]
LIMITS = {"avif": 32768, "gif": 65535, "ico": 256, "jpeg": 65500, "png": 65535, "webp": 16383}
# The most a channel may be off where the picture is flat, and on average.
OFF = {"avif": (4, 3), "gif": (1, 2), "ico": (1, 2), "jpeg": (4, 2), "png": (1, 2), "webp": (4, 2)}


def scene(width=120, height=80, **keywords):
    return compose(Spec.of(width, height, **keywords), FONTS)


def decoded(name, made, quality=None):
    picture = Image.open(io.BytesIO(formats.installed()[name].encode(made, quality)))
    picture.load()
    return picture


@pytest.mark.parametrize("name", RASTER)
def test_installed_under_its_extensions(name):
    format = formats.installed()[name]
    assert format.name == name
    assert format.media_type.startswith("image/")
    assert format.max_side == LIMITS[name]
    for extension in format.extensions:
        assert formats.by_extension()[extension] is format


@pytest.mark.parametrize("name", RASTER)
@pytest.mark.parametrize("size", [(1, 1), (1, 256), (2, 3), (17, 33), (255, 7), (256, 256)])
def test_the_size_is_the_one_asked_for(name, size):
    picture = decoded(name, scene(*size))
    assert picture.size == size
    assert picture.format == {"ico": "ICO"}.get(name, name.upper())


@pytest.mark.parametrize("name", RASTER)
@pytest.mark.parametrize("ground", [(221, 221, 221), (255, 165, 0), (10, 20, 200), (255, 255, 255)])
def test_colours(name, ground):
    made = scene(background=Color(*ground), text="Hi")
    picture, plain = decoded(name, made).convert("RGB"), paint(made)
    at_most, on_average = OFF[name]
    for x, y in [(0, 0), (119, 0), (0, 79), (119, 79)]:
        for value, wanted in zip(picture.getpixel((x, y)), ground, strict=True):
            assert abs(value - wanted) <= at_most
    difference = ImageStat.Stat(ImageChops.difference(picture, plain)).mean
    assert max(difference) <= on_average
    assert picture.getcolors(120 * 80) is None or len(picture.getcolors(120 * 80)) > 2, "has text"


@pytest.mark.parametrize("name", ["avif", "ico", "png", "webp"])
def test_alpha_is_kept(name):
    made = scene(background=Color(255, 0, 0, 128), text="")
    red, green, blue, alpha = decoded(name, made).convert("RGBA").getpixel((60, 40))
    assert abs(alpha - 128) <= 2
    assert red > 245
    assert max(green, blue) < 10
    clear = decoded(name, scene(background=Color(0, 0, 0, 0), text="Hi")).convert("RGBA")
    assert clear.getpixel((0, 0))[3] == 0
    assert clear.getchannel("A").getextrema()[1] > 250, "the text is there"


def test_gif_is_transparent_or_not():
    clear = decoded("gif", scene(background=Color(0, 0, 0, 0), text="Hi"))
    assert clear.convert("RGBA").getpixel((0, 0))[3] == 0
    assert clear.convert("RGBA").getchannel("A").getextrema() == (0, 255)
    assert "transparency" not in decoded("gif", scene(text="Hi")).info


def test_jpeg_stands_on_white():
    picture = decoded("jpeg", scene(background=Color(0, 0, 0, 0), text=""))
    assert picture.mode in ("RGB", "L")
    assert picture.convert("RGB").getpixel((60, 40)) == (255, 255, 255)
    half = decoded("jpeg", scene(background=Color(255, 0, 0, 128), text="")).convert("RGB")
    assert all(
        abs(a - b) <= 4 for a, b in zip(half.getpixel((60, 40)), (255, 127, 127), strict=True)
    )


@pytest.mark.parametrize("name", ["avif", "gif", "ico", "png", "webp"])
def test_round_corners_are_transparent(name):
    picture = decoded(name, scene(radius=30, border=3, text="Hi")).convert("RGBA")
    assert picture.getpixel((0, 0))[3] < 16
    assert picture.getpixel((119, 79))[3] < 16
    assert picture.getpixel((60, 0))[3] > 240
    assert picture.getpixel((0, 40))[3] > 240


@pytest.mark.parametrize("name", RASTER)
def test_a_frame_and_round_corners_look_as_painted(name):
    made = scene(radius=12, border=4, border_color=Color(200, 0, 0), text="Hello")
    picture = decoded(name, made).convert("RGBA")
    plain = paint(made, alpha=name != "jpeg").convert("RGBA")
    for shown in (picture, plain):
        shown.paste(
            (255, 255, 255, 255), (0, 0), shown.getchannel("A").point(lambda a: 255 * (a < 64))
        )
    at_most = 4.5 if formats.installed()[name].lossy else 1
    assert max(ImageStat.Stat(ImageChops.difference(picture, plain)).mean) < at_most


@pytest.mark.parametrize("name", ["avif", "jpeg", "webp"])
def test_quality_is_for_the_lossy(name):
    format = formats.installed()[name]
    assert format.lossy
    made = scene(400, 300)
    low, high = format.encode(made, 5), format.encode(made, 100)
    assert len(low) < len(format.encode(made, None)) <= len(high)


@pytest.mark.parametrize("name", RASTER)
def test_the_same_scene_is_the_same_bytes(name):
    made = scene(radius=5, text="Once more")
    encode = formats.installed()[name].encode
    assert encode(made, None) == encode(made, None)
    assert encode(made, None) == encode(scene(radius=5, text="Once more"), None)


def test_ico_header():
    body = formats.installed()["ico"].encode(scene(256, 128), None)
    assert struct.unpack_from("<HHH", body) == (0, 1, 1)
    width, height, _, _, planes, bits, length, offset = struct.unpack_from("<BBBBHHII", body, 6)
    assert (width, height, planes, bits) == (0, 128, 1, 32)
    assert offset == 22
    assert len(body) == offset + length
    assert body[22:30] == b"\x89PNG\r\n\x1a\n"
    assert Image.open(io.BytesIO(body)).info["sizes"] == {(256, 128)}


@pytest.mark.parametrize("name", RASTER)
@pytest.mark.parametrize("upright", [False, True])
def test_at_the_limit_of_the_format(name, upright):
    sides = (LIMITS[name], 2)
    made = scene(*(sides[::-1] if upright else sides), text="")
    body = formats.installed()[name].encode(made, None)
    with Image.open(io.BytesIO(body)) as picture:
        assert picture.size == (made.width, made.height)
        picture.load()


@pytest.mark.parametrize("name", RASTER)
def test_beyond_the_limit_is_refused_before_anything_is_drawn(name, encoded):
    for side in ("width", "height"):
        given = {"width": 1, "height": 1, "format": name} | {side: LIMITS[name] + 1}
        with pytest.raises(TooLarge) as caught:
            complete(given, Config.of(max_seconds=60))
        assert caught.value.parameter == "size"
        assert str(LIMITS[name]) in caught.value.detail
    assert encoded == []
