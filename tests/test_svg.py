"""SVG: well-formed and inert whatever the text, and the very picture that the PNG shows."""

from __future__ import annotations

import gc
import io
import os
import random
import re
import shutil
import subprocess
import sys
import timeit
import weakref
from urllib.parse import quote
from xml.etree import ElementTree

import fontpkg
import pytest
import resvg_py
import uharfbuzz
from asking import ask, checked, environ_for
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from PIL import Image, ImageChops, ImageStat

from wsgi_placeholder import Spec, formats, registry, render
from wsgi_placeholder.drawing.color import BLACK, TRANSPARENT, WHITE, Color
from wsgi_placeholder.drawing.font_files import read_font
from wsgi_placeholder.drawing.fonts import Face, Fonts
from wsgi_placeholder.drawing.scene import Box, Glyph, Rect, Run, Scene, Text
from wsgi_placeholder.formats import png, svg

NAMESPACE = "{http://www.w3.org/2000/svg}"
# The closed world of our documents: element → attribute → what its value may be.
NUMBER = r"-?\d+(\.\d+)?"
SHAPE = {"fill": "#[0-9a-f]{6}", "fill-opacity": r"[01]\.\d{3}"}
ALLOWED = {
    "svg": {
        "width": r"\d+",
        "height": r"\d+",
        "viewBox": r"0 0 \d+ \d+",
        "role": "img",
    },
    "title": {},
    "rect": SHAPE | dict.fromkeys(("x", "y", "width", "height", "rx"), NUMBER),
    "path": SHAPE
    | {
        "fill-rule": "evenodd",
        "transform": rf"scale\({NUMBER}\)",
        "d": r"[MHVAmhvlqtcz0-9. -]*",
    },
}


@pytest.fixture(scope="module")
def fonts():
    return Fonts()


@pytest.fixture(scope="module")
def compose(fonts):
    """Make the Scene of a Spec given by its keywords."""

    def compose(*size, **keywords):
        spec = Spec.of(*size, **keywords)
        return registry.load("styles", spec.style)(spec, fonts)

    return compose


def document(body):
    """Parse an SVG, check that it lies within the closed world, return its root."""
    root = ElementTree.fromstring(body)
    assert ElementTree.tostring(root)  # what was parsed can be written again
    for element in root.iter():
        assert element.tag.startswith(NAMESPACE)
        allowed = ALLOWED[element.tag.removeprefix(NAMESPACE)]
        for name, value in element.attrib.items():
            assert re.fullmatch(allowed[name], value), (name, value)
        assert element.tag == NAMESPACE + "title" or not (element.text or "").strip()
        assert not (element.tail or "").strip()
    assert b"<?" not in body
    assert b"<!" not in body
    return root


# What a document says


@pytest.mark.parametrize(
    ("url", "width", "height"),
    [("600x400/svg", 600, 400), ("600x400@2x.svg", 1200, 800), ("1x1.svg", 1, 1)],
)
def test_size_is_that_of_the_scene_in_pixels(url, width, height):
    root = document(render(url).body)
    assert (root.get("width"), root.get("height")) == (str(width), str(height))
    assert root.get("viewBox") == f"0 0 {width} {height}"
    assert root.get("role") == "img"


def test_title_is_the_first_child_and_the_text(compose):
    root = document(svg.encode(compose(300, 200, text="R&D <“ok”>\nzwei")))
    assert [child.tag for child in root].count(NAMESPACE + "title") == 1
    assert root[0].tag == NAMESPACE + "title"
    assert root[0].text == "R&D <“ok”>\nzwei"


def test_no_title_without_text(compose):
    assert b"<title" not in svg.encode(compose(300, 200, text=""))


def test_text_too_small_to_draw_is_still_said(compose):
    root = document(svg.encode(compose(8, 8, text="A long caption")))
    assert [child.tag.removeprefix(NAMESPACE) for child in root] == ["title", "rect"]
    assert root[0].text == "A long caption"


def test_opacity_is_written_only_where_it_is_not_full(compose):
    assert b"opacity" not in svg.encode(compose(300, 200))
    body = svg.encode(compose(300, 200, foreground=Color(1, 2, 3, 128)))
    assert body.count(b'fill="#010203" fill-opacity="0.502"') == 1


def test_format_is_offered_with_its_media_type(middleware):
    assert formats.by_extension()["svg"] is svg.FORMAT
    answer = ask(checked(middleware), environ_for("/placeholder/300x200.svg"))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "sandbox" in answer["Content-Security-Policy"]


# Hostile text and colours (script, references, characters that XML forbids)

PIECES = [
    "<script>alert(1)</script>", "</title><script>alert(1)</script>", "]]>", "<![CDATA[", "<!--",
    "--><svg onload=alert(1)>", '"/><a xlink:href="javascript:alert(1)">', "' onclick='x", "&",
    "&#0;", "&lt;", "&xxe;", '<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>', "<?php ?>",
    "url(https://evil.example)", "<style>@import 'x'</style>", "{width}", "\\", "%", "\0", "\x0b",
    "\x1b[31m", "\x7f", "\x85", "\r\n", "\t", "\u200d", "\u2028", "\u202e", "\ufeff", "\ufffd",
    "\ue000", "e\u0301", "Привет", "你好", "नमस्ते", "😀", "Ω", "x" * 30, " ",
]  # fmt: skip
RIGHT_TO_LEFT = ["שלום", "مرحبا", "ﷺ"]
NONCHARACTERS = ["\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"]
LONE = ["\ud800", "\udfff", "\udc80", "\ude00\ud83d"]
COLOURS = [
    "red", "transparent", "09f", "09f8", "#123456", "red\"/><script>", "url(https://evil.example)",
    "expression(1)", "rgb(1,2,3)", "\0", "fff;fill:url(#x)", "'onload='x",
]  # fmt: skip


def hostile_text(chance, pieces):
    return "".join(chance.choices(pieces, k=chance.randint(1, 4)))


def hostile_color(chance):
    return Color(*(chance.choice([0, 255, chance.randrange(256)]) for _ in range(4)))


@pytest.mark.parametrize("more", [RIGHT_TO_LEFT, NONCHARACTERS], ids=["rtl", "noncharacters"])
def test_hand_made_specs_with_any_text_are_well_formed(more):
    chance = random.Random(2)
    plain = Spec.of(120, 80, format="svg")
    for _ in range(500):
        text = hostile_text(chance, PIECES + LONE + more)
        colours = {name: hostile_color(chance) for name in ("background", "foreground")}
        root = document(render(plain.replace(text=text, seed=text, **colours)).body)
        title = root.findtext(NAMESPACE + "title", "")
        forbidden = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
        assert title == forbidden.sub("", text).replace("\r\n", "\n")


def test_urls_with_any_text_and_colour_are_well_formed(middleware):
    chance = random.Random(3)
    app = checked(middleware)
    drawn = 0
    for _ in range(1000):
        text = quote(hostile_text(chance, PIECES + RIGHT_TO_LEFT + NONCHARACTERS), safe="")
        colours = "&".join(
            f"{name}={quote(chance.choice(COLOURS[: chance.choice([5, 12])]), safe='')}"
            for name in ("bg", "fg")
        )
        answer = ask(app, environ_for(f"/placeholder/120x80.svg?text={text}&{colours}"))
        if answer.code == 200:
            assert answer["Content-Type"] == "image/svg+xml"
            document(answer.body)
            drawn += 1
        else:
            assert answer.code == 400
            assert answer["Content-Type"].startswith("text/plain")
    assert 300 < drawn < 900


def test_every_forbidden_character_is_left_out():
    scene = Scene(1, 1, (), "".join(map(chr, range(0x11_000))))
    title = document(svg.encode(scene))[0].text
    assert len(title) == 0x11_000 - 29 - 2048 - 2  # controls, surrogates, noncharacters


# The same picture as the PNG


def picture(body, on=WHITE):
    """Decode a PNG, or draw an SVG, and lay it on a colour."""
    if body.startswith(b"<svg"):
        body = bytes(resvg_py.svg_to_bytes(svg_string=body.decode(), skip_system_fonts=True))
    image = Image.open(io.BytesIO(body)).convert("RGBA")
    ground = Image.new("RGBA", image.size, tuple(on))
    return Image.alpha_composite(ground, image).convert("RGB")


def ink_box(image):
    """Return the box of what differs clearly from the pixel at the middle of the left edge."""
    ground = Image.new("RGB", image.size, image.getpixel((image.width // 8, image.height // 8)))
    difference = ImageChops.difference(image, ground).convert("L")
    least = difference.getextrema()[1] / 3
    return difference.point(lambda value: 255 if value > least else 0).getbbox()


def assert_same_picture(scene, most):
    """Compare SVG and PNG on two grounds; `most` is how far 4 × 4 pixels may be apart, of 255."""
    for ground in (WHITE, Color(40, 120, 200)):
        ours = picture(svg.encode(scene), ground)
        theirs = picture(png.encode(scene), ground)
        assert ours.size == theirs.size
        difference = ImageChops.difference(ours, theirs)
        assert max(ImageStat.Stat(difference).mean) < 2.5
        # A glyph or a corner amiss hardly moves the mean.
        assert max(high for _, high in difference.reduce(4).getextrema()) <= most
        boxes = ink_box(ours), ink_box(theirs)
        if boxes[0] != boxes[1]:
            assert all(abs(a - b) <= 1 for a, b in zip(*boxes, strict=True)), boxes


INK = {"background": WHITE, "foreground": BLACK}
CASES = {
    "plain": ((600, 400), {}),
    "tiny": ((16, 16), {"text": "Q"}),
    "no text": ((16, 16), {}),
    "one pixel": ((1, 1), {}),
    "twice": ((300, 200), {"scale": 2}),
    "radius": ((300, 200), {"radius": 30}),
    "odd radius": ((77, 31), {"radius": 15.5}),
    "border": ((300, 200), {"border": 6}),
    "border and radius": ((300, 200), {"border": 6, "radius": 40}),
    "border wider than radius": ((300, 200), {"border": 30, "radius": 20}),
    "border much wider than radius": ((300, 200), {"border": 30, "radius": 8}),
    "border all over": ((40, 20), {"border": 10}),
    "transparent": ((300, 200), {"background": TRANSPARENT}),
    "transparent with border": ((300, 200), {"background": TRANSPARENT, "border": 5, "radius": 20}),
    "alpha": ((300, 200), {"background": Color(0, 99, 255, 128), "foreground": Color(9, 0, 0, 90)}),
    "lines": ((300, 200), {"text": "One\ntwo lines\nthree"}),
    "corner": ((300, 200), {"text": "low", "align": "bottom-right"}),
    "Cyrillic": ((300, 200), {"text": "Привет, мир"}),
    "Hebrew": ((300, 200), {"text": "שלום עולם 123"}),
    "Arabic": ((300, 200), {"text": "مرحبا بالعالم"}),
    "overlaps": ((300, 200), {"text": "Ç×ÅØ∞", "weight": 900}),
    "nowhere": ((300, 200), {"text": "a\U00012000b"}),
    "long": ((400, 300), {"text": "The quick brown fox jumps over the lazy dog. " * 4}),
    "banner": ((728, 90), {"text": "Leaderboard"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_looks_as_the_png(name, compose):
    size, keywords = CASES[name]
    scene = compose(*size, **INK | keywords)
    # Raster formats put large glyphs on whole pixels, half a one off at most.
    large = any(isinstance(shape, Text) and shape.size >= 48 for shape in scene.shapes)
    assert_same_picture(scene, most=64 if large else 20)


SQUARE = Box(10, 6, 70, 46)


@pytest.mark.parametrize(
    "rect",
    [
        Rect(SQUARE, BLACK),
        Rect(SQUARE, BLACK, 12),
        Rect(SQUARE, BLACK, 20),
        Rect(SQUARE, BLACK, 0, 3),
        Rect(SQUARE, BLACK, 7.5, 3),
        Rect(SQUARE, BLACK, 3, 3),
        Rect(SQUARE, BLACK, 2, 12),
        Rect(SQUARE, BLACK, 20, 12),
        Rect(SQUARE, BLACK, 0, 20),
        Rect(SQUARE, BLACK, 6, 33),
        Rect(Box(10.4, 5.6, 70.3, 46.4), BLACK, 0, 2.6),
        Rect(Box(-5, -5, 30, 30), BLACK, 4),
    ],
    ids=str,
)
def test_rectangles_look_as_painted(rect):
    scene = Scene(80, 50, (Rect(Box(0, 0, 80, 50), WHITE), rect))
    assert_same_picture(scene, most=12)


@pytest.mark.parametrize("box", [Box(30, 10, 20, 40), Box(10, 40, 50, 20), Box(30, 10, 30, 40)])
@pytest.mark.parametrize("stroke", [0, 3])
def test_rectangles_without_an_inside_are_not_written(box, stroke):
    empty = Rect(box, BLACK, 5, stroke)
    ground = Rect(Box(0, 0, 80, 50), WHITE)
    assert svg.encode(Scene(80, 50, (ground, empty))) == svg.encode(Scene(80, 50, (ground,)))


def test_cubic_outlines_are_drawn():
    """CFF fonts have cubic curves; Inter and most others have quadratic ones."""
    pen = T2CharStringPen(1000, None)
    pen.moveTo((100, 0))
    pen.curveTo((100, 900), (800, 900), (800, 100))
    pen.curveTo((800, 500), (300, 600), (300, 0))
    pen.closePath()
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder([".notdef", "A"])
    builder.setupCharacterMap({65: "A"})
    blank = T2CharStringPen(1000, None).getCharString()
    builder.setupCFF("T", {}, {".notdef": blank, "A": pen.getCharString()}, {})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "A": (1000, 100)})
    builder.setupHorizontalHeader()
    builder.setupPost()
    file = io.BytesIO()
    builder.font.save(file)
    face = Face(read_font("cubic", file.getvalue()), 400)
    glyphs = (Glyph(0, 0, 30, 40, 0), Glyph(1, 2.3, 34, 40, 0))
    text = Text((Run(face, "A", glyphs),), 40, BLACK, Box(0, 0, 40, 40))
    scene = Scene(40, 40, (Rect(Box(0, 0, 40, 40), WHITE), text))
    assert b"c" in re.search(rb' d="M([^"]*)"', svg.encode(scene))[1]
    assert_same_picture(scene, most=12)


def curves(data):
    """Read path data; return the control and the end of each quadratic curve."""
    found, pen, start, control = [], 0j, 0j, 0j
    for command, written in re.findall(r"([Mmhvlqtz])([-\d ]*)", data):
        numbers = [int(number) for number in re.findall(r"-?\d+", written)]
        if command in "hv":
            pen += sum(numbers) * (1 if command == "h" else 1j)
            continue
        points = [complex(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if command in "Mm":
            pen = start = points[0] + (pen if command == "m" else 0)
        elif command == "l":
            pen += sum(points)
        elif command == "z":
            pen = start
        else:
            each = 2 if command == "q" else 1
            for i in range(0, len(points), each):
                control = pen + points[i] if command == "q" else 2 * pen - control
                pen += points[i + each - 1]
                found.append((control, pen))
    return found


def test_curves_are_true_to_the_grid(fonts):
    """Ends are rounded to the grid; a control that is left out is about a step off."""
    face = fonts.face("inter", 600)
    scale = 1024 / face.upem  # a text of 64 pixels
    draw = uharfbuzz.DrawFuncs()
    draw.set_quadratic_to_func(
        lambda cx, cy, x, y, out: out.append((complex(cx, -cy) * scale, complex(x, -y) * scale))
    )
    seen = 0
    for gid in range(0, 2900, 7):
        text = Text((Run(face, "", (Glyph(gid, 0, 0, 0, 0),)),), 64, BLACK, Box(0, 0, 64, 64))
        data = re.search(r' d="([^"]*)"', svg.encode(Scene(64, 64, (text,))).decode())[1]
        exact = []
        face.hb.draw_glyph(gid, draw, exact)
        for ours, theirs in zip(curves(data), exact, strict=True):
            assert abs(ours[0] - theirs[0]) < 2.25
            assert abs(ours[1] - theirs[1]) < 0.75
            seen += 1
    assert seen > 5000


# What it costs


def test_caption_is_small_and_quick(compose):
    scene = compose(600, 400)
    assert len(svg.encode(scene)) < 2000
    # Some 0.01 ms; the best of several, since other programs run here too.
    assert min(timeit.repeat(lambda: svg.encode(scene), number=20, repeat=5)) / 20 < 0.0005


def test_outlines_in_memory_are_bounded(compose, fonts):
    face = fonts.face("inter", 600)
    face.paths.clear()
    body = svg.encode(compose(600, 400, text="anna"))
    assert len(face.paths) == 2  # a, n: each distinct glyph once
    assert svg.encode(compose(600, 400, text="anna")) == body
    assert len(face.paths) == 2
    for gid in range(1500):
        text = Text((Run(face, "", (Glyph(gid, 0, 0, 0, 0),)),), 8, BLACK, Box(0, 0, 8, 8))
        svg.encode(Scene(8, 8, (text,)))
        assert len(face.paths) <= 1024


def test_outlines_go_with_their_font(tmp_path):
    shutil.copy(fontpkg.families()["inter"].files[0].path, tmp_path / "brand.ttf")
    fonts = Fonts([str(tmp_path)], system=False)
    scene = registry.load("styles", "flat")(Spec.of(60, 40, text="Hi", font="brand"), fonts)
    assert svg.encode(scene)
    face = weakref.ref(fonts.face("brand", 600))
    assert face().paths
    del fonts, scene
    gc.collect()
    assert face() is None


def test_no_cost_follows_the_pixels():
    assert len(render("5000x5000.svg", max_memory=10**6, max_seconds=0.001).body) < 4000


def test_absurd_sizes_are_drawn_too(compose):
    for size in (0, 1e-6, 0.01, 0.05):
        document(svg.encode(compose(60, 40, text="x", size=size)))


def test_bytes_are_the_same_in_every_process():
    url = "300x200/09f8/f00a/svg?text=Deterministic&radius=20&border=3"
    program = f"import sys, wsgi_placeholder as p; sys.stdout.buffer.write(p.render({url!r}).body)"
    bodies = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert bodies == {render(url).body}
