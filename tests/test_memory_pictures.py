"""Pictures of strangers: what is opened, what is refused, and what is written on them."""

import contextlib
import io
import random
import struct
import time
import warnings
import zlib

import pytest
from PIL import Image, ImageChops, ImageCms

from wsgi_placeholder import Config, render
from wsgi_placeholder.memory import image_response, open_image, thumbnail, watermark

PHOTO = Image.radial_gradient("L").resize((400, 300)).convert("RGB")


def saved(image, format, **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_pictures_are_opened(format, kind):
    image = open_image(kind(saved(PHOTO, format)))
    assert image.size == (400, 300)
    image.getpixel((3, 3))


def test_only_named_formats_are_tried():
    for format in ("BMP", "TIFF", "ICO"):
        data = saved(PHOTO, format)
        with pytest.raises(ValueError, match="no picture, or none of PNG, JPEG, GIF, WEBP"):
            open_image(data)
        assert open_image(data, formats=[format.lower()])
    with pytest.raises(ValueError, match="none of JPEG"):
        open_image(saved(PHOTO, "PNG"), formats=["JPEG"])
    with pytest.raises(ValueError, match="Pillow cannot read NOPE"):
        open_image(b"", formats=["PNG", "nope"])
    assert open_image(saved(PHOTO, "JPEG"), formats=["jpg"])
    for nothing in ("text", None, io.BytesIO()):
        with pytest.raises(TypeError, match="expected bytes"):
            open_image(nothing)
    with pytest.raises(ValueError, match="none of PNG"):
        open_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")


def bomb(width, height):
    """A PNG that says to be large and has nearly no bytes."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@pytest.mark.parametrize("size", [(5001, 5000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 9)])
def test_bombs_are_refused_before_they_are_decoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("decoded"))
    with pytest.raises(ValueError, match="pixels"):
        open_image(bomb(*size))


def test_a_jpeg_of_a_thousand_scans_is_refused():
    """Each goes over all pixels again, and takes 40 bytes: 140 kB would be 20 seconds."""
    data = saved(Image.new("L", (5000, 5000), "white"), "JPEG", progressive=True, quality=50)
    start = data.index(b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x21")
    end = data.index(b"\xff", start + 10)
    while data[end + 1] == 0:
        end = data.index(b"\xff", end + 2)
    before = time.process_time()
    with pytest.raises(ValueError, match="the picture has 1006 scans; at most 64 are decoded"):
        open_image(data[:end] + data[start:end] * 1000 + data[end:])
    assert time.process_time() - before < 1
    # Not those of a thumbnail in a header, nor what stands behind the end.
    marks = b"\xff\xda" * 1000
    photo = saved(PHOTO, "JPEG", progressive=True, icc_profile=marks, restart_marker_rows=1)
    assert open_image(photo + marks).size == (400, 300)


def test_what_a_camera_adds_is_not_sent_on_but_colours_are():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0110] = "A camera"
    exif[0x8825] = {1: "N", 2: (47.0, 22.0, 0.0)}
    data = saved(PHOTO, "JPEG", exif=exif, comment=b"My home", icc_profile=profile)
    assert b"A camera" in data
    for format in ("jpeg", "png", "webp", "tiff", "avif"):
        for image in (open_image(data), watermark(thumbnail(open_image(data), (99, 99)), "x")):
            sent = image_response(image, format).body
            assert b"My home" not in sent
            with Image.open(io.BytesIO(sent)) as seen:
                assert not {0x0110, 0x8825} & set(seen.getexif())
                assert seen.info["icc_profile"] == profile
    # One of another space, or larger than the picture, is none.
    for other in (profile.replace(b"RGB ", b"CMYK", 1), profile + bytes(100_000), b"short"):
        for format in ("jpeg", "png"):
            image = open_image(saved(PHOTO, "JPEG", icc_profile=other))
            with Image.open(io.BytesIO(image_response(image, format).body)) as seen:
                assert "icc_profile" not in seen.info
    image = open_image(saved(PHOTO, "JPEG", icc_profile=profile))
    assert image_response(image, "jpeg", icc_profile=None).status_code == 200


def test_the_cap_is_exact_and_can_be_moved():
    data = saved(PHOTO, "PNG")
    assert open_image(data, max_pixels=120_000)
    with pytest.raises(ValueError, match="the picture has 400×300 pixels; at most 119999"):
        open_image(data, max_pixels=119_999)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_cut_and_damaged_files_are_value_errors(format):
    data = saved(PHOTO, format)
    for length in {0, 1, 8, 20, 30, *range(40, len(data) - 20, len(data) // 20)}:
        with pytest.raises(ValueError, match="picture"):
            open_image(data[:length])
    chance = random.Random(1)
    for _ in range(300):  # whatever the bytes: a picture or a ValueError
        bad = bytearray(data)
        for _ in range(8):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with contextlib.suppress(ValueError):
                open_image(bad)


def test_a_phones_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by a quarter to the right
    turned = open_image(saved(PHOTO, "JPEG", exif=exif))
    assert turned.size == (300, 400)
    assert open_image(saved(turned, "PNG")).size == (300, 400)
    assert open_image(saved(PHOTO, "JPEG", exif=b"Exif\0\0garbage")).size == (400, 300)


@pytest.mark.parametrize(
    ("size", "expected"),
    [((100, 100), (100, 75)), ((9999, 30), (40, 30)), ((800, 900), (400, 300)), ((1, 1), (1, 1))],
)
def test_thumbnails_keep_proportions_and_never_grow(size, expected):
    small = thumbnail(PHOTO, size)
    assert small.size == expected
    assert small is not PHOTO
    with pytest.raises(ValueError, match="at least"):
        thumbnail(PHOTO, (0, 5))


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I;16", "I", "F"]
)
def test_every_mode_can_be_made_smaller_and_marked(mode):
    image = PHOTO.convert(mode) if mode not in ("I;16", "LAB") else Image.new(mode, (400, 300))
    before = image.tobytes()
    marked = watermark(thumbnail(image, (200, 200)), "Sample")
    assert marked.size == (200, 150)
    assert image.tobytes() == before
    assert image_response(marked, "jpeg").status_code == 200


def test_sixteen_bits_keep_their_shades():
    assert thumbnail(Image.new("I;16", (40, 40), 30_000), (4, 4)).getpixel((1, 1)) == 117


def test_a_palette_is_smoothed():
    lines = Image.new("P", (100, 100))
    lines.putpalette([0, 0, 0, 255, 255, 255])
    for x in range(0, 100, 2):
        lines.paste(1, (x, 0, x + 1, 100))
    grey = thumbnail(lines, (25, 25)).getpixel((12, 12))
    assert 100 < grey[0] < 155


def marks(image, **options):
    """Where a watermark changed the picture."""
    marked = watermark(image, "© Söhne", **options)
    return ImageChops.difference(marked.convert("RGB"), image.convert("RGB")).getbbox(), marked


def test_a_watermark_is_where_it_is_wanted():
    left, top, right, bottom = marks(PHOTO)[0]
    assert left > 200
    assert top > 200
    assert 385 < right < 400
    assert 285 < bottom < 300
    left, top, right, bottom = marks(PHOTO, align="top-left", size=40)[0]
    assert (left, top) < (15, 15)
    assert 35 < bottom - top + 10 < 60
    with pytest.raises(ValueError, match="align is 'middle'; expected one of"):
        watermark(PHOTO, "x", align="middle")


@pytest.mark.parametrize(
    ("ground", "ink"), [("white", 0), ("black", 255), ("#ffd", 0), ("#113", 255)]
)
def test_it_reads_on_what_is_below(ground, ink):
    image = Image.new("RGB", (400, 300), ground)
    (left, top, right, bottom), marked = marks(image)
    extremes = marked.crop((left, top, right, bottom)).convert("L").getextrema()
    assert abs(extremes[ink == 255] - image.convert("L").getpixel((0, 0))) > 120
    assert ink not in extremes  # half transparent


def test_its_color_size_and_font_are_the_users():
    grey = Image.new("L", (400, 300), 100)
    _, marked = marks(grey, color="white")
    assert marked.mode == "L"
    assert marked.getextrema() == (100, 255)
    narrow, wide = (
        marks(grey, size=30, config=Config.of(weight=weight))[0] for weight in (100, 900)
    )
    assert wide[2] - wide[0] > narrow[2] - narrow[0]


def test_a_transparent_picture_stays_so():
    image = Image.new("RGBA", (200, 100))
    marked = watermark(image, "Sample", align="center")
    assert marked.getpixel((0, 0)) == (0, 0, 0, 0)
    assert marked.getchannel("A").getextrema()[1] > 150


def test_what_cannot_be_read_is_left_out():
    tiny = Image.new("RGB", (12, 8))
    assert watermark(tiny, "Copyright").tobytes() == tiny.tobytes()
    assert watermark(PHOTO, "\n \x00").tobytes() == PHOTO.tobytes()


def test_it_is_the_text_of_a_placeholder():
    """One layout in the project: a mark alone on a picture is what a placeholder draws."""
    drawn = open_image(render("400x100/fff/000?text=Hello&size=40&padding=4").body)
    config = Config.of(weight=600)
    blank = Image.new("RGB", (400, 100), "white")
    marked = watermark(blank, "Hello", color="000", size=40, align="center", config=config)
    assert ImageChops.difference(marked, drawn.convert("RGB")).getextrema()[0][1] < 20


def test_one_format_and_one_side():
    data = io.BytesIO()
    Image.new("RGB", (9, 9)).save(data, "JPEG")
    assert open_image(data.getvalue(), formats="jpeg").size == (9, 9)
    with pytest.raises(TypeError, match=r"size is 100; expected \(width, height\)"):
        thumbnail(Image.new("RGB", (9, 9)), 100)
