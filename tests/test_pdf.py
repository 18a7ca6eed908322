"""PDF: independent readers open it, see the painted picture in it, and get its text back."""

from __future__ import annotations

import ctypes
import io
import os
import re
import subprocess
import sys
import time

import pikepdf
import pypdf
import pypdfium2
import pytest
from fontTools.cffLib import FDArrayIndex, FDSelect, FontDict
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from wsgi_placeholder import formats, render
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.fonts import Fonts
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Glyph, Rect, Run, Scene, Text
from wsgi_placeholder.formats.pdf import FORMAT, encode
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.styles.flat import compose

RED, BLUE = Color(200, 0, 0), Color(0, 0, 200)
FONTS = Fonts()
ARABIC, HEBREW = "مرحبا بالعالم", "שלום עולם"
LONG = "Lorem ipsum dolor sit amet, consectetur adipiscing elit office waffle fjord " * 2

PICTURES = {
    "plain": {},
    "radius": {"radius": 40},
    "round": {"width": 300, "height": 300, "radius": 150},
    "border": {"border": 7, "border_color": RED},
    "border and radius": {"width": 601, "height": 403, "border": 7, "radius": 30},
    "border thicker than radius": {"border": 30, "radius": 12, "border_color": RED},
    "nothing but border": {"width": 60, "height": 40, "border": 20, "border_color": RED},
    "transparent": {"background": TRANSPARENT},
    "translucent": {"background": Color(0, 160, 0, 99), "radius": 50},
    "translucent ink": {"foreground": BLUE._replace(alpha=128), "text": "Tavo"},
    "translucent border": {"border": 20, "border_color": RED._replace(alpha=90), "radius": 50},
    "lines": {"text": "Hello world,\nsecond line\n(with) \\ <back>"},
    "cyrillic": {"text": "Съешь ещё этих мягких булок"},
    "hebrew": {"text": HEBREW},
    "arabic": {"text": ARABIC},
    "arabic with marks": {"text": "مَرْحَباً"},
    "mixed": {"text": f"abc {HEBREW} 123 {ARABIC}"},
    "long": {"width": 900, "text": LONG},
    "missing glyphs": {"text": "a\U0001f4a9b \U00013000 c"},
    "light": {"weight": 100},
    "black": {"weight": 900},
    "16x16": {"width": 16, "height": 16, "border": 1},
    "@2x": {"width": 300, "height": 200, "scale": 2, "radius": 20, "border": 3},
    "@1.5x": {"width": 301, "height": 201, "scale": 1.5, "radius": 20, "border": 3},
    "banner": {"width": 728, "height": 90, "text": "Leaderboard – ad × 2"},
    "needle": {"width": 30, "height": 500},
}


def scene(width=600, height=400, *, fonts=FONTS, **rest):
    return compose(Spec.of(width, height, **rest), fonts)


def checked(data):
    """Hold the file against pikepdf, which must find nothing to mend or to complain about."""
    with pikepdf.open(io.BytesIO(data), attempt_recovery=False) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert pdf.get_warnings() == []
    return pypdf.PdfReader(io.BytesIO(data), strict=True)


def shown(data, size):
    """The page as PDFium draws it on nothing, in RGBA, a pixel for a pixel."""
    page = pypdfium2.PdfDocument(data)[0]
    picture = page.render(
        scale=4 / 3, fill_color=(0, 0, 0, 0), maybe_alpha=True, rev_byteorder=True
    ).to_pil()
    assert (picture.mode, picture.size) == ("RGBA", size)
    return picture


def on(ground, picture):
    below = Image.new("RGBA", picture.size, ground)
    below.alpha_composite(picture.convert("RGBA"))
    return below.convert("RGB")


def ink_box(picture):
    edge = picture.getpixel((picture.width // 2, picture.height // 12))
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, edge))
    return difference.convert("L").point(lambda value: 255 * (value > 40)).getbbox() or ()


def characters(data):
    """What PDFium reads: each character that is really there, with its origin in pixels."""
    raw = pypdfium2.raw
    page = pypdfium2.PdfDocument(data)[0]
    text = page.get_textpage()
    found = []
    for i in range(text.count_chars()):
        if not raw.FPDFText_IsGenerated(text, i):
            x, y = ctypes.c_double(), ctypes.c_double()
            assert raw.FPDFText_GetCharOrigin(text, i, x, y)
            found.append(
                (
                    chr(raw.FPDFText_GetUnicode(text, i)),
                    x.value / 0.75,
                    (page.get_height() - y.value) / 0.75,
                )
            )
    return found


def text_of(data):
    return checked(data).pages[0].extract_text()


def substitutes(data):
    """The texts that stand in for what glyphs cannot say."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [
            str(operands[1].ActualText)
            for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])
            if str(operator) == "BDC"
        ]


def embedded(data):
    """The fonts of the page, each with its descendant."""
    fonts = checked(data).pages[0]["/Resources"]["/Font"].values()
    return [(font, font["/DescendantFonts"][0].get_object()) for font in map(_resolved, fonts)]


def _resolved(reference):
    return reference.get_object()


@pytest.mark.parametrize("ground", ["white", "black"])
@pytest.mark.parametrize("given", PICTURES.values(), ids=PICTURES)
def test_the_page_looks_as_painted(given, ground):
    picture = scene(**given)
    painted = paint(picture)
    seen, painted = on(ground, shown(encode(picture), painted.size)), on(ground, painted)
    assert max(ImageStat.Stat(ImageChops.difference(seen, painted)).mean) < 1.5
    # PDFium draws text a little fatter, but nothing elsewhere or in another colour.
    blurred = ImageChops.difference(seen.reduce(4), painted.reduce(4))
    assert max(most for _, most in blurred.getextrema()) < 40
    assert ink_box(seen) == pytest.approx(ink_box(painted), abs=1)


def test_letters_that_overlap_do_not_show_through_each_other():
    picture = scene(text=ARABIC, foreground=BLUE._replace(alpha=128))
    darkest = paint(picture).convert("L").getextrema()[0]
    assert shown(encode(picture), (600, 400)).convert("L").getextrema()[0] >= darkest - 2


@pytest.mark.parametrize("text", ["600×400", "Съешь ещё", LONG, "Tavola AVAT"])
def test_glyphs_stand_where_the_scene_has_them(text):
    picture = scene(text=text)
    wanted = [
        (run.text[glyph.cluster], glyph.x, glyph.y)
        for run in picture.shapes[-1].runs
        for glyph in run.glyphs
    ]
    found = characters(encode(picture))
    assert [character for character, *_ in found] == [character for character, *_ in wanted]
    for (_, x, y), (_, wanted_x, wanted_y) in zip(found, wanted, strict=True):
        assert (x, y) == pytest.approx((wanted_x, wanted_y), abs=0.01)


@pytest.mark.parametrize("size", [(600, 400, 1), (601, 403, 1), (300, 200, 2), (4, 4, 1)])
def test_a_pixel_is_three_quarters_of_a_point(size):
    width, height, scale = size
    box = checked(encode(scene(width, height, scale=scale))).pages[0].mediabox
    assert [float(edge) for edge in box] == [0, 0, width * scale * 0.75, height * scale * 0.75]


def test_what_is_transparent_is_not_painted():
    picture = scene(background=TRANSPARENT, text="")
    assert picture.shapes == ()
    with pikepdf.open(io.BytesIO(encode(picture))) as pdf:
        (operation,) = pikepdf.parse_content_stream(pdf.pages[0])
    assert str(operation.operator) == "cm"


def test_an_empty_scene_is_an_empty_page():
    data = encode(Scene(10, 10, ()))
    assert len(checked(data).pages) == 1
    assert embedded(data) == []
    assert text_of(data) == ""


@pytest.mark.parametrize(
    "text",
    ["600×400", "first line\nsecond line", "(par) \\ <en> % /x", "Съешь ещё\nбулок", "fi ffl Ǆ"],
)
def test_text_can_be_copied(text):
    assert text_of(encode(scene(text=text))) == text


def test_long_text_is_copied_with_its_spaces():
    assert text_of(encode(scene(900, text=LONG))).split() == LONG.split()


def test_more_characters_than_one_block_of_the_table_takes():
    text = "".join(map(chr, [*range(0x21, 0x7F), *range(0x410, 0x450)]))
    data = encode(scene(2000, text=text))
    assert text_of(data).replace("\n", "") == text
    ((font, _),) = embedded(data)
    lines = [int(n) for n in re.findall(rb"(\d+) beginbfchar", font["/ToUnicode"].get_data())]
    assert len(lines) == 2
    assert max(lines) == 100  # Adobe Technical Note 5014


@pytest.mark.parametrize("text", [ARABIC, HEBREW, f"{HEBREW} 123 abc"])
def test_right_to_left_text_is_read_in_order(text):
    """PDFium, as poppler and MuPDF, puts glyphs in reading order by itself."""
    data = encode(scene(text=text))
    assert pypdfium2.PdfDocument(data)[0].get_textpage().get_text_bounded() == text
    assert substitutes(data) == []


def test_letters_with_marks_of_their_own_glyphs_carry_their_text():
    data = encode(scene(text="بَبْ"))
    assert substitutes(data) == ["بْ", "بَ"]
    assert text_of(data) == "بَبْ"  # pypdf looks at the glyphs alone
    assert substitutes(encode(scene(text="x\u0302 a"))) == ["x\u0302"]


def test_a_glyph_that_stands_for_several_characters_says_them_all():
    assert "لا" in text_of(encode(scene(text="لا")))


def test_what_is_too_long_for_one_glyph_to_say():
    face = FONTS.face("inter", 400)
    text = "a" * 300
    glyph = Glyph(face.hb.get_nominal_glyph(ord("a")), 10, 20, 5, 0)
    shape = Text((Run(face, text, (glyph,)),), 10, RED, Box(10, 10, 20, 20))
    data = encode(Scene(40, 40, (shape,)))
    assert substitutes(data) == [text]
    assert len(text_of(data)) == 128  # 512 bytes at most, and four to a character at most


def test_characters_without_a_glyph_can_be_copied_all_the_same():
    fonts = Fonts(system=False)
    data = encode(scene(text="a漢字b", fonts=fonts))
    # All of them have one glyph, which can say but one thing in the font's own table.
    assert substitutes(data) == ["字"]
    assert text_of(data)[:2] == "a漢"
    assert substitutes(encode(scene(text="\U0001f4a9\U0001f4a8", fonts=fonts))) == ["\U0001f4a8"]


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("plain", "plain"),
        ("a (b \\) c) >> endobj <</x", "a (b \\) c) >> endobj <</x"),
        ("two\nlines\0\x1b\r\x85", "two lines "),
        ("é × 漢 🖼", "é × 漢 🖼"),
        ("\ud83d lone \udc00", "? lone ?"),
        ("", ""),
    ],
)
def test_any_title(title, said):
    assert checked(encode(Scene(30, 20, (), title))).metadata.get("/Title", "") == said


def test_nothing_tells_the_time():
    pdf = checked(encode(scene()))
    assert list(pdf.metadata) == ["/Title"]
    assert "/Metadata" not in pdf.root_object


def test_the_file_names_itself_by_its_content():
    one, same, other = encode(scene()), encode(scene()), encode(scene(text="other"))
    assert one == same
    first, second = (checked(data).trailer["/ID"] for data in (one, other))
    assert first[0] == first[1] != second[0]
    assert len(first[0].original_bytes) == 16


def test_every_process_writes_the_same_bytes():
    program = (
        "import hashlib\n"
        "from wsgi_placeholder.drawing.fonts import Fonts\n"
        "from wsgi_placeholder.formats.pdf import encode\n"
        "from wsgi_placeholder.spec import Spec\n"
        "from wsgi_placeholder.styles.flat import compose\n"
        f"spec = Spec.of(600, 400, text={f'Tavo {ARABIC} ЖЫ {HEBREW}'!a}, radius=9)\n"
        "print(hashlib.sha256(encode(compose(spec, Fonts()))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for zone, seed in (("UTC", "0"), ("Asia/Tokyo", "4711"))
    }
    assert len(digests) == 1


def test_fonts_hold_only_what_is_shown():
    picture = scene()
    data = encode(picture)
    assert len(data) < 5000
    ((font, descendant),) = embedded(data)
    descriptor = descendant["/FontDescriptor"]
    file = TTFont(io.BytesIO(descriptor["/FontFile2"].get_data()))
    glyphs = {glyph.id for run in picture.shapes[-1].runs for glyph in run.glyphs}
    parts = 2  # .notdef, and the one that × is made of
    assert file["maxp"].numGlyphs == len(glyphs) + parts
    assert "fvar" not in file
    assert (font["/Subtype"], descendant["/Subtype"]) == ("/Type0", "/CIDFontType2")
    assert re.fullmatch("/[A-Z]{6}[+]inter", font["/BaseFont"])
    assert font["/BaseFont"] == descendant["/BaseFont"] == descriptor["/FontName"]
    first, widths = descendant["/W"]
    advances = [file["hmtx"][name][0] / file["head"].unitsPerEm for name in file.getGlyphOrder()]
    assert first == 0
    assert [float(width) / 1000 for width in widths] == pytest.approx(advances, abs=0.001)


def test_each_face_is_embedded_once():
    fonts = embedded(encode(scene(text=f"abc {HEBREW} def {HEBREW}")))
    assert len(fonts) == 2
    for _, descendant in fonts:
        data = descendant["/FontDescriptor"]["/FontFile2"].get_data()
        tables = {*TTFont(io.BytesIO(data)).keys()} - {"GlyphOrder"}
        assert tables == {"glyf", "head", "hhea", "hmtx", "loca", "maxp"}


def test_instructions_for_pixels_are_left_out():
    ((_, descendant),) = embedded(encode(scene(text=HEBREW)))
    file = TTFont(io.BytesIO(descendant["/FontDescriptor"]["/FontFile2"].get_data()))
    programs = [getattr(file["glyf"][name], "program", None) for name in file.getGlyphOrder()]
    assert not any(program.getBytecode() for program in programs if program)


def test_weights_are_different_fonts():
    light, black = (
        embedded(encode(scene(weight=weight)))[0][0]["/BaseFont"] for weight in (300, 900)
    )
    assert light != black


def test_a_font_may_have_any_name(tmp_path):
    path = tmp_path / "Größe 1 ((x)) 漢.ttf"
    path.write_bytes(FONTS.face("inter", 400).font.data)
    fonts = Fonts([str(path)], system=False)
    (name,) = set(fonts.names) - {"inter"}
    ((font, _),) = embedded(encode(scene(fonts=fonts, font=name)))
    assert font["/BaseFont"][8:] == name


def postscript_font(path, units, *, variable):
    """A font of boxes as PostScript outlines; variable, they are half as high at weight 400."""
    builder = FontBuilder(units, isTTF=False)
    glyphs = {".notdef": (0, 0), "space": (0, 0), "a": (400, 500), "b": (700, 700)}
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(" "): "space", ord("a"): "a", ord("b"): "b"})
    strings = {}
    for name, (width, height) in glyphs.items():
        width, height = (side * units // 1000 for side in (width, height))
        pen = T2CharStringPen(None if variable else 800, None, CFF2=variable)
        if height:
            pen.moveTo((0, 0))
            for corner in ((width, 0), (width, height), (0, height)):
                pen.lineTo(corner)
            pen.closePath()
        strings[name] = pen.getCharString()
        if variable and height:
            up = [height // 2, height // 2, 1, "blend"]
            strings[name].program = [
                0, 0, "rmoveto", width, "hlineto", *up, "vlineto", -width, "hlineto",
            ]  # fmt: skip
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (units * 4 // 5, 0)))
    builder.setupHorizontalHeader(ascent=units, descent=0)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    if variable:
        builder.setupFvar([("wght", 400, 400, 900, "Weight")], [])
        builder.setupCFF2(strings, regions=[{"wght": (0, 1, 1)}])
    else:
        matrix = [1 / units, 0, 0, 1 / units, 0, 0]
        builder.setupCFF("Boxes", {"FontMatrix": matrix}, strings, {})
    builder.save(path)


@pytest.mark.parametrize("units", [1000, 2048])
@pytest.mark.parametrize("variable", [False, True])
def test_postscript_outlines(tmp_path, variable, units):
    path = tmp_path / "boxes.otf"
    postscript_font(path, units, variable=variable)
    fonts = Fonts([str(path)], system=False)
    pages = []
    for weight in (400, 900):
        picture = scene(fonts=fonts, font="boxes", weight=weight, text="abba")
        data = encode(picture)
        pages.append(shown(data, (600, 400)))
        painted = on("white", paint(picture))
        assert ink_box(on("white", pages[-1])) == pytest.approx(ink_box(painted), abs=1)
        assert max(ImageStat.Stat(ImageChops.difference(on("white", pages[-1]), painted)).mean) < 1
        assert text_of(data) == "abba"
        ((_, descendant),) = embedded(data)
        assert descendant["/Subtype"] == "/CIDFontType0"
        assert descendant["/FontDescriptor"]["/FontFile3"]["/Subtype"] == "/OpenType"
    assert (pages[0].tobytes() != pages[1].tobytes()) == variable


def test_glyphs_of_a_font_with_numbers_of_its_own(tmp_path):
    """A CID-keyed font numbers its glyphs as it likes; those of the page count from 0."""
    path = tmp_path / "boxes.otf"
    postscript_font(path, 1000, variable=False)
    font = TTFont(path)
    (top,) = font["CFF "].cff.topDictIndex
    names = {".notdef": ".notdef", "space": "cid00100", "a": "cid00200", "b": "cid00300"}
    part, top.FDArray, top.FDSelect = FontDict(), FDArrayIndex(), FDSelect()
    part.Private = top.Private
    top.FDArray.append(part)
    top.FDSelect.gidArray, top.FDSelect.format = [0] * len(names), 0
    for charstring in top.CharStrings.values():
        charstring.fdSelectIndex = 0
    top.charset = list(names.values())
    top.CharStrings.charStrings = {names[k]: v for k, v in top.CharStrings.charStrings.items()}
    top.ROS = ("Adobe", "Identity", 0)
    font.save(path)

    data = encode(scene(fonts=Fonts([str(path)], system=False), font="boxes", text="ab"))
    ((_, descendant),) = embedded(data)
    file = TTFont(io.BytesIO(descendant["/FontDescriptor"]["/FontFile3"].get_data()))
    assert file["CFF "].cff.topDictIndex[0].charset == [".notdef", "cid00001", "cid00002"]


@settings(deadline=None, max_examples=60)
@given(
    text=st.text(max_size=60),
    width=st.integers(1, 2000),
    height=st.integers(1, 2000),
    radius=st.floats(0, 1000),
    border=st.floats(0, 1000),
    alpha=st.integers(0, 255),
)
def test_any_picture_is_a_sound_file(text, width, height, radius, border, alpha):
    spec = Spec.of(
        width,
        height,
        text=text,
        radius=radius,
        border=border,
        background=Color(200, 100, 50, alpha),
        foreground=BLUE._replace(alpha=255 - alpha),
    )
    checked(encode(compose(spec, FONTS)))


@pytest.mark.parametrize("radius", [0, 3.3, 7])
@pytest.mark.parametrize("stroke", [0, 0.6, 4.6, 7, 9, 500])
def test_edges_are_on_whole_pixels(radius, stroke):
    picture = Scene(40, 20, (Rect(Box(5.4, 2.6, 35.5, 17), RED, radius, stroke),))
    seen, painted = on("white", shown(encode(picture), (40, 20))), on("white", paint(picture))
    assert max(ImageStat.Stat(ImageChops.difference(seen, painted)).mean) < 1.5


def test_a_caption_costs_little():
    picture = scene(3840, 2160)
    encode(picture)
    taken = []
    for _ in range(10):
        start = time.process_time()
        encode(picture)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.005


def test_it_is_a_format_like_others():
    assert formats.installed()["pdf"] is FORMAT is formats.by_extension()["pdf"]
    rendition = render("120x60.pdf?text=Hi")
    assert rendition.media_type == "application/pdf"
    assert text_of(rendition.body) == "Hi"
    largest = checked(encode(Scene(FORMAT.max_side, 1, ()))).pages[0].mediabox
    assert largest.width == 14_400  # ISO 32000-1, Annex C
