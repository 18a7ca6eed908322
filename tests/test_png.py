"""PNG: the pixels are those of the painting, to half of one of sixteen levels."""

import io
import json
import subprocess
import sys
import time
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
import uharfbuzz
import variants
from PIL import Image, ImageChops
from variants import ALL, FONTS, FRAMED, OVERLAPPING, PLAIN, opened, scene

from wsgi_placeholder import Spec
from wsgi_placeholder.drawing.color import BLACK, TRANSPARENT, WHITE, Color
from wsgi_placeholder.drawing.paint import paint, text_mask, text_strips
from wsgi_placeholder.drawing.scene import Box, Rect, Scene, Text
from wsgi_placeholder.formats import png
from wsgi_placeholder.styles.flat import compose

PAGES = [WHITE, BLACK, Color(255, 0, 255)]


def chunks(body):
    """The (type, content) of each chunk; signature, lengths and CRCs must be right."""
    assert body[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = [], 8
    while position < len(body):
        length = int.from_bytes(body[position : position + 4], "big")
        kind, end = body[position + 4 : position + 8], position + 8 + length
        crc = zlib.crc32(body[position + 4 : end])
        assert body[end : end + 4] == crc.to_bytes(4, "big")
        found.append((kind, body[position + 8 : end]))
        position = end + 4
    assert position == len(body)
    return found


def levels_off(name):
    """How many of the sixteen levels a pixel may be off.

    Half a level is what rounding to the nearest one loses. Where two glyphs overlap, both have
    been rounded, and their union is; on a round outer edge, both fill and border have been.
    """
    return 0.5 if name in PLAIN else 1.5 if name in OVERLAPPING else 1


@pytest.mark.parametrize("name", ALL)
def test_pixels_are_those_of_the_painting(name):
    """Half a level is a 30th of the distance of the two colours that are blended.

    On top come the roundings to whole values, of the palette's colours and of the painting's: one
    when all is opaque, three when alpha is rounded as well.
    """
    made = scene(name)
    picture, plain = opened(png.encode(made)), paint(made)
    assert picture.size == (made.width, made.height)
    for page in PAGES:
        off = variants.furthest(variants.on(page, picture), variants.on(page, plain))
        rounding = 1 if variants.is_opaque(made) else 3
        for value, contrast in zip(off, variants.contrasts(made, page), strict=True):
            assert value <= levels_off(name) * contrast / 15 + rounding


@pytest.mark.parametrize("name", ALL)
def test_a_text_in_a_frame_needs_no_painting_in_colours(monkeypatch, name):
    monkeypatch.setattr(png, "paint", None)
    if name not in FRAMED:
        monkeypatch.setattr(png, "paint_indexed", None)
    header = dict(chunks(png.encode(scene(name))))[b"IHDR"]
    assert header[8:] == bytes((8 if name in FRAMED else 4, 3, 0, 0, 0))


@pytest.mark.parametrize("name", ALL)
def test_chunks(name):
    """PNG third edition, 5.6, 11.2.2: order; 11.3.1.1: no more tRNS than PLTE entries."""
    made = scene(name)
    found = chunks(png.encode(made))
    content = dict(found)
    bits = content[b"IHDR"][8]
    assert content[b"IHDR"][:8] == made.width.to_bytes(4, "big") + made.height.to_bytes(4, "big")
    order = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    assert [kind for kind, _ in found] == [kind for kind in order if kind in content]
    colors = len(content[b"PLTE"]) // 3
    assert len(content[b"PLTE"]) % 3 == 0
    assert 1 <= colors <= 2**bits
    assert len(content.get(b"tRNS", b"")) <= colors
    assert content[b"IEND"] == b""
    # The standard library's zlib checks the Adler-32, and would complain of a missing end.
    row = 1 + -(-made.width * bits // 8)
    inflate = zlib.decompressobj()
    rows = inflate.decompress(content[b"IDAT"]) + inflate.flush()
    assert inflate.eof
    assert inflate.unused_data == b""
    assert len(rows) == made.height * row
    assert set(rows[::row]) <= ({0, 2} if bits == 8 else {0})


def test_an_opaque_picture_says_nothing_of_transparency():
    kinds = {name: {kind for kind, _ in chunks(png.encode(scene(name)))} for name in PLAIN}
    assert b"tRNS" not in kinds["caption"]
    assert b"tRNS" not in kinds["half an ink"]
    assert b"tRNS" in kinds["transparent"]
    assert b"tRNS" in kinds["no text, half transparent"]


@pytest.mark.parametrize("ground", [Color(250, 250, 0), Color(250, 250, 0, 99), TRANSPARENT])
@pytest.mark.parametrize(
    "size", [(60, 50), (61, 900), (2000, 300), (1, 1), (70_000, 9), (9, 70_000)]
)
def test_more_than_one_ink_is_painted_in_colours(size, ground):
    """Exactly, whatever of it repeats, within a strip of rows or across several."""
    box = Box(10, 10, 40, 30)
    whole = Rect(Box(0, 0, *size), ground)
    text = variants.scene("caption").shapes[-1]
    made = Scene(
        *size, (whole, Rect(box, variants.RED), Rect(box.inset(5), variants.BLUE, 3), text)
    )
    body = png.encode(made)
    picture = opened(body)
    assert picture.mode == ("RGB" if ground.opaque else "RGBA")
    assert picture.tobytes() == paint(made).tobytes()
    found = dict(chunks(body))
    assert found.keys() == {b"IHDR", b"IDAT", b"IEND"}
    assert found[b"IHDR"][8:] == bytes((8, 2 if ground.opaque else 6, 0, 0, 0))
    row = 1 + size[0] * len(picture.getbands())
    rows = zlib.decompress(found[b"IDAT"])
    assert len(rows) == size[1] * row
    # Of a row like the one above, nothing is written but that.
    above = None
    for y in range(size[1]):
        pixels = picture.crop((0, y, size[0], y + 1)).tobytes()
        assert rows[y * row] == (2 if pixels == above else 0)
        above = pixels


def test_rows_that_repeat_cost_next_to_nothing():
    made = Scene(2000, 2000, tuple(
        Rect(Box(40 * i, 0, 40 * i + 20, 2000), Color(i, 0, 9)) for i in range(50)
    ))  # fmt: skip
    plain = paint(made)
    assert len(png.encode(made)) < 2000 * 2000 / 50
    assert cpu_seconds(lambda: png.encode(made)) < 0.5 * cpu_seconds(
        lambda: plain.save(io.BytesIO(), "PNG")
    )


def cpu_seconds(work):
    taken = []
    for _ in range(3):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def test_other_sizes_of_text():
    """The bounds of the text's box fall on every fraction of a byte and of the canvas."""
    for width in range(30, 47):
        for size in (7.3, 11, 49.7):
            for align in ("left", "right", "center"):
                spec = Spec.of(width, 37, text="Aj", size=size, padding=0, align=align)
                made = compose(spec, FONTS)
                assert variants.has_text(made)
                off = variants.furthest(opened(png.encode(made)).convert("RGB"), paint(made))
                assert max(off) <= max(variants.contrasts(made, WHITE)) / 30 + 1


def large_text(**keywords):
    made = compose(
        Spec.of(900, 600, **{"size": 200, "weight": 900, "padding": 0} | keywords), FONTS
    )
    return next(shape for shape in made.shapes if isinstance(shape, Text))


@pytest.mark.parametrize("full", [255, 15])
@pytest.mark.parametrize("rows", [1, 7, 16, 100, 5000])
def test_strips_put_together_are_the_mask(full, rows):
    text = large_text(text="ÅV\ngj")
    mask, left, top = text_mask(text, 900, 600, full)
    whole = Image.new("L", mask.size)
    end = top
    for strip, x, y in text_strips(text, 900, 600, full, rows):
        assert (x, y, strip.width) == (left, end, mask.width)
        assert strip.height <= rows
        whole.paste(Image.frombytes("L", strip.size, strip.tobytes()), (0, y - top))
        end += strip.height
    assert end == top + mask.height
    assert whole.tobytes() == mask.tobytes()


@pytest.mark.parametrize(
    "words", ["AVATAR", "VA\nTo\nLy", "q̣x̸", "Å̌d̂b̀", "V\nQ̨V", "f\u0338\u0338T", "ɥ̣Å\u035eV"]
)
def test_large_glyphs_that_overlap_are_united(words):
    """Each glyph is drawn alone here; together they cover 1 - (1 - a)(1 - b), as screening does."""
    text = large_text(text=words)
    whole = Image.new("L", (900, 600))
    boxes = []
    for run in text.runs:
        for glyph in run.glyphs:
            draw = uharfbuzz.RasterDraw()
            scale = text.size / run.face.upem
            draw.transform = (scale, 0.0, 0.0, -scale, round(glyph.x), round(glyph.y))
            draw.draw_glyph(run.face.hb, glyph.id)
            draw.extents = uharfbuzz.RasterExtents(0, 0, 900, 600, 0)
            raster = draw.render()
            alone = Image.frombuffer(
                "L", (900, 600), raster.buffer, "raw", "L", raster.extents.stride, 1
            )
            boxes.append(alone.getbbox())
            whole = ImageChops.screen(whole, alone)
    boxes = [box for box in boxes if box]
    assert any(a[2] > b[0] and a[3] > b[1] and b[3] > a[1] for a, b in pairwise(boxes))
    for full, at_most in ((255, 3), (15, 1.5 * 17)):
        mask, left, top = text_mask(text, 900, 600, full)
        scaled = Image.frombytes("L", mask.size, mask.tobytes()).point(
            [min(value * 255 // full, 255) for value in range(256)]
        )
        here = Image.new("L", (900, 600))
        here.paste(scaled, (left, top))
        assert ImageChops.difference(here, whole).getextrema()[1] <= at_most


MEMORY = """
import gc, sys, tracemalloc
from wsgi_placeholder import PlaceholderMiddleware
app = PlaceholderMiddleware(print, max_pixels=10**9, max_memory=10**10, max_seconds=60)
def get(size):
    path = "/placeholder/" + size + ".png"
    [body] = app({"PATH_INFO": path, "QUERY_STRING": "", "REQUEST_METHOD": "GET"}, lambda *a: None)
    return len(body)
def kilobytes(field):
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
get("300x200")
gc.collect()
if sys.argv[1] == "traced":
    tracemalloc.start()
    length = get("10000x10000")
    print(length, tracemalloc.get_traced_memory()[1])
else:
    open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
    before = kilobytes("VmRSS")
    length = get("10000x10000")
    print(length, 1024 * (kilobytes("VmHWM") - before))
"""


@pytest.mark.parametrize("how", ["traced", "resident"])
def test_a_hundred_megapixels_take_less_than_four_megabytes(how):
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, how], capture_output=True, text=True, check=True
    )
    length, peak = map(int, done.stdout.split())
    assert 1000 < length < 200_000
    assert length < peak < 4_000_000


WITHOUT_ISAL = """
import base64, json, sys
sys.modules["isal"] = None
import variants
from wsgi_placeholder.formats import _zlib
assert _zlib._codec.__name__ == "zlib"
files = {name: variants.encoded("png", variants.scene(name)) for name in variants.ALL}
print(json.dumps({name: body.hex() for name, body in files.items()}))
"""


def test_without_isal_the_files_hold_the_same():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ISAL],
        cwd=Path(variants.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    files = json.loads(done.stdout)
    assert files.keys() == ALL.keys()
    different = 0
    for name, body in files.items():
        theirs, ours = bytes.fromhex(body), png.encode(scene(name))
        assert [
            part if kind != b"IDAT" else zlib.decompress(part) for kind, part in chunks(theirs)
        ] == [part if kind != b"IDAT" else zlib.decompress(part) for kind, part in chunks(ours)]
        assert opened(theirs).convert("RGBA").tobytes() == opened(ours).convert("RGBA").tobytes()
        different += theirs != ours
    assert different, "both were written by the same codec"
