"""Words, faces, directions: which glyphs, in which order, and what is reported missing."""

import random
import sys
import unicodedata

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from timing import least

from wsgi_placeholder import Config
from wsgi_placeholder.drawing.clean import clean
from wsgi_placeholder.drawing.color import BLACK
from wsgi_placeholder.drawing.fonts import Fonts
from wsgi_placeholder.drawing.scene import Box
from wsgi_placeholder.drawing.shaping import Shaper, in_visual_order
from wsgi_placeholder.drawing.text import lay_out

FONTS = Config.of().loaded_fonts


@pytest.fixture
def shaper():
    return Shaper(FONTS, "inter", 600)


def texts(words):
    return ["".join(piece.text for piece in word.pieces) for word in words]


def visual(text):
    """The pieces of a line from left to right, as they are laid out."""
    box = Box(0, 0, 2000, 100)
    laid, _ = lay_out(
        text, FONTS, family="inter", weight=600, box=box, fill=BLACK, largest=20, smallest=7
    )
    assert [run.glyphs[0].x for run in laid.runs] == sorted(run.glyphs[0].x for run in laid.runs)
    return [run.text for run in laid.runs]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello big world", ["Hello", "big", "world"]),
        ("Größe der Tür", ["Größe", "der", "Tür"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("日本語。「東京」です", ["日", "本", "語。", "「東", "京」", "で", "す"]),
        ("ab日cd", ["ab", "日", "cd"]),
        ("your-name@example.com", ["your-name@example.com"]),
        ("self-made", ["self-made"]),
        ("Straßenbahn-Haltestelle", ["Straßenbahn-", "Haltestelle"]),
        ("3.14159265358979", ["3.14159265358979"]),
        ("", []),
        ("   ", []),
    ],
)
def test_words(shaper, text, words):
    assert texts(shaper.paragraph(text)) == words


def test_gaps_stand_before_words_and_not_inside_broken_ones(shaper):
    gaps = [word.space for word in shaper.paragraph("photograph-album is 日本")]
    assert gaps[0] == gaps[1] == 0
    assert gaps[2] > 0.15
    assert gaps[3] > 0.15
    assert gaps[4] == 0


def test_ink_and_advance_are_in_em(shaper):
    [word] = shaper.paragraph("H")
    assert 0.6 < word.advance < 0.9
    assert -0.8 < word.ink.top < -0.65, "capital height, upwards"
    assert abs(word.ink.bottom) < 0.01, "on the baseline"
    assert shaper.paragraph("HH")[0].advance == pytest.approx(2 * word.advance)


def test_kerning_and_joining_are_applied(shaper):
    apart = sum(shaper.paragraph(letter)[0].advance for letter in "AV")
    assert shaper.paragraph("AV")[0].advance < apart
    [arabic] = shaper.paragraph("سلام")
    isolated = {shaper.paragraph(letter)[0].pieces[0].glyphs[0].id for letter in "سلام"}
    assert not {glyph.id for glyph in arabic.pieces[0].glyphs} <= isolated


def test_a_mark_stands_on_its_letter(shaper):
    [word] = shaper.paragraph("x\u0301")
    [piece] = word.pieces
    assert piece.text == "x\u0301"
    assert word.advance == pytest.approx(shaper.paragraph("x")[0].advance)
    assert word.ink.top < shaper.paragraph("x")[0].ink.top


def test_right_to_left_glyphs_come_in_visual_order(shaper):
    [word] = shaper.paragraph("אבג")
    [piece] = word.pieces
    assert piece.level == 1
    assert [glyph.cluster for glyph in piece.glyphs] == [2, 1, 0]
    assert [glyph.x for glyph in piece.glyphs] == sorted(glyph.x for glyph in piece.glyphs)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("abc אבג def", ["abc", "אבג", "def"]),
        ("אבג abc דהו", ["דהו", "abc", "אבג"]),
        ("אבג דהו", ["דהו", "אבג"]),
        ("abc אבג דהו def", ["abc", "דהו", "אבג", "def"]),
        ("אבג 12 34", ["34", "12", "אבג"]),
        ("one (אב) two", ["one", "(", "אב", ")", "two"]),
    ],
)
def test_mixed_directions(text, order):
    assert visual(text) == order


def test_brackets_are_mirrored_in_right_to_left_text(shaper):
    opening = shaper.paragraph("(")[0].pieces[0].glyphs[0].id
    [word] = shaper.paragraph("(אב)")
    pieces = in_visual_order(word.pieces)
    ids = [glyph.id for piece in pieces for glyph in piece.glyphs]
    assert ids[0] == opening, "the closing bracket of the text opens the line at the left"


def test_other_faces_draw_what_the_family_lacks(shaper, tmp_path):
    [word] = shaper.paragraph("aשb")
    names = {piece.text: piece.face.name for piece in word.pieces}
    assert names["a"] == names["b"] == "inter"
    if names["ש"] == "inter":
        assert shaper.missing == {"ש": None}, "no font of this machine has Hebrew"
    else:
        assert not shaper.missing


def test_missing_characters_are_noted_once():
    shaper = Shaper(Fonts(system=False), "inter", 600)
    [*words] = shaper.paragraph("a日本日")
    assert list(shaper.missing) == ["日", "本"]
    assert words[1].ink is not None, "a visible box, not nothing"


def font_of(characters, folder, name):
    """Write a font with a box for each of some characters."""
    builder = FontBuilder(1000, isTTF=True)
    names = {ord(character): f"g{ord(character):x}" for character in characters}
    pen = TTGlyphPen(None)
    for point in ((50, 0), (450, 0), (450, 700)):
        (pen.lineTo if pen.points else pen.moveTo)(point)
    pen.closePath()
    box = pen.glyph()
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys([".notdef", *names.values()], box))
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", *names.values()], (500, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupPost()
    builder.save(folder / f"{name}.ttf")


def test_a_letter_and_its_marks_have_one_face_that_has_them_all(tmp_path):
    font_of("q ", tmp_path, "a-letter")
    font_of("q\u0489\u0323 ", tmp_path, "b-marks")
    fonts = Fonts([str(tmp_path)], system=False)
    shaper = Shaper(fonts, "a-letter", 400)
    [word] = shaper.paragraph("qq\u0489q")
    assert [(piece.text, piece.face.name) for piece in word.pieces] == [
        ("q", "a-letter"), ("q\u0489", "b-marks"), ("q", "a-letter"),
    ]  # fmt: skip
    assert not shaper.missing


def test_a_mark_that_no_face_has_is_missing(tmp_path):
    font_of("q ", tmp_path, "a-letter")
    shaper = Shaper(Fonts([str(tmp_path)], system=False), "a-letter", 400)
    mark = "\U0001e023"  # a combining Glagolitic letter
    [word] = shaper.paragraph(f"q{mark}q")
    assert list(shaper.missing) == [mark]
    assert {piece.face.name for piece in word.pieces} == {"a-letter"}


@pytest.mark.parametrize(
    "hidden", ["\u200d", "\u200c", "\ufe0f", "\u034f", "\u3164", "\u2060", "\U000e0100"]
)
def test_what_draws_nothing_is_never_missing(tmp_path, hidden):
    font_of("qr ", tmp_path, "a-letter")
    shaper = Shaper(Fonts([str(tmp_path)], system=False), "a-letter", 400)
    for text in (f"q{hidden}r", f"q{hidden}", f"{hidden}q", f"日{hidden}q"):
        [*words] = shaper.paragraph(text)
        assert {piece.face.name for word in words for piece in word.pieces} <= {"a-letter", "inter"}
    assert list(shaper.missing) == ["日"]


def test_long_words_without_a_break_are_split_in_linear_time(shaper):
    costs = []
    for text in ("-" * 2000, "a" * 9 + "-" * 1991, "/=" * 1000, "a-" * 1000):
        assert sum(len(word) for word in texts(shaper.paragraph(text))) == 2000
        costs.append(least(lambda text=text: shaper.paragraph(text)))
    assert max(costs) < 0.03, "some 6 ms; what was quadratic took 50"


def test_every_code_point():
    """Singly and between letters, straight into the shaper: no exception, finite measures.

    The whole of Unicode takes a minute; here all of the first planes' oddities and a sample.
    """
    numbers = random.Random(1)
    sample = set(range(0x900)) | set(range(0x2000, 0x2100)) | set(range(0xD7F0, 0xD810))
    sample |= {0xFFF9, 0xFFFE, 0xFFFF, 0x1FFFE, 0xE0001, 0xE0100, 0xF0000, 0x10FFFF}
    sample |= {numbers.randrange(sys.maxunicode + 1) for _ in range(3000)}
    check_code_points(sample)


def check_code_points(codes):
    shaper = Shaper(FONTS, "inter", 600)
    for code in codes:
        for text in (chr(code), f"a{chr(code)}b"):
            for line in clean(text, 200, 10).split("\n"):
                words = shaper.paragraph(line)
                total = sum(word.advance for word in words)
                assert 0 <= total < 40, (hex(code), unicodedata.name(chr(code), "?"))
        shaper.missing.clear()
