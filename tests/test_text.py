"""Text fits, is centred, is as large as it may be, and costs little: measured on decoded pixels."""

import io
import itertools
import math
import random

import pytest
from PIL import Image, ImageChops
from timing import least

from wsgi_placeholder import Config
from wsgi_placeholder.dialects import complete
from wsgi_placeholder.drawing.clean import ELLIPSIS, clean
from wsgi_placeholder.drawing.color import BLACK, WHITE, Color, contrast, over
from wsgi_placeholder.drawing.fonts import Face
from wsgi_placeholder.drawing.indexed import paint_indexed
from wsgi_placeholder.drawing.paint import paint, text_mask
from wsgi_placeholder.drawing.scene import Box, Text
from wsgi_placeholder.drawing.shaping import Shaper
from wsgi_placeholder.drawing.text import lay_out
from wsgi_placeholder.formats import installed
from wsgi_placeholder.spec import ALIGNS, GREY
from wsgi_placeholder.styles.flat import compose

CONFIG = Config.of(max_seconds=60)
FONTS = CONFIG.loaded_fonts


def laid(content, width=300, height=200, *, largest=40, smallest=7, **keywords):
    box = Box(0, 0, width, height)
    text, _ = lay_out(
        content, FONTS, family="inter", weight=600, box=box, fill=BLACK, largest=largest,
        smallest=smallest, **keywords,
    )  # fmt: skip
    return text


def lines(text):
    """The words of each line, from top to bottom, in reading order where that is to the right."""
    found = {}
    for run in text.runs:
        found.setdefault(run.glyphs[0].y, []).append(run.text)
    return [found[y] for y in sorted(found)]


# --- the measure of the whole: random pictures, decoded ---------------------------------------

# fmt: off
WORDS = [
    "Lorem", "ipsum", "dolor", "W", "i", "Ängström", "naïve", "×", "Привет", "мир", "Ελλάδα",
    "שלום", "עולם", "مرحبا", "العالم", "日本語", "한국어", "ไทย", "नमस्ते", "e\u0301a\u0323",
    "👩\u200d👩\u200d👧", "★", "€", "Donaudampfschifffahrtsgesellschaft", "fjord", "gypsy", "AVAVA",
    "1234567890", "f", "Q", "_", "...", "'\"", "(x)", "—", "/", "j",
    "uploads/2024/05/a-photo-large.jpg",
]
# fmt: on
HOW_MANY = 2000


def random_picture(numbers):
    width, height = (round(10 * 200 ** numbers.random()) for _ in "wh")
    if numbers.random() < 0.1:
        width, height = numbers.choice([(10, 2000), (2000, 10)])
    count = numbers.choice([1, 1, 1, 2, 3, 5, 8, 20, 40])
    text = "".join(numbers.choice(WORDS) + numbers.choice("      \n") for _ in range(count))
    if numbers.random() < 0.05:
        text = numbers.choice("Wi.字א") * 200
    given = {
        "width": width,
        "height": height,
        "text": text if numbers.random() < 0.8 else None,
        "scale": numbers.choice([1, 1, 1, 1.5, 2, 3]) if width * height < 300_000 else 1,
        "size": numbers.choice([None, None, None, 5, 12, 24, 60, 300]),
        "weight": numbers.choice([100, 400, 600, 900]),
        "align": numbers.choice([*["center"] * 4, *ALIGNS]),
        "padding": numbers.choice([None, None, None, 0, 1, 2.5, 10, 40]),
        "border": numbers.choice([0, 0, 0, 0.4, 1, 3, 9.7]),
        "radius": numbers.choice([0, 0, 0, 5, 20]),
        "background": Color(*(numbers.randrange(256) for _ in "rgb")),
        "format": "png",
    }
    return complete(given, CONFIG)


def decoded(spec):
    body = installed()["png"].encode(compose(spec, FONTS), None)
    return Image.open(io.BytesIO(body)).convert("RGBA")


def bare(spec):
    """The picture without its text, frame and all drawn the same way."""
    without = spec.replace(text="")
    if paint_indexed(compose(spec, FONTS)) is None:  # the text touches a round corner
        return paint(compose(without, FONTS)).convert("RGBA")
    return decoded(without)


def has_room(spec):
    return any(isinstance(shape, Text) for shape in compose(spec, FONTS).shapes)


def complaints(spec):
    """Return what is wrong with a picture, and whether it shows text at all."""
    picture = decoded(spec)
    ink = ImageChops.difference(picture, bare(spec)).getbbox(alpha_only=False)
    if ink is None:
        return [], False
    width, height = picture.size
    usual = 0.08 * min(width, height)
    padding = usual if spec.padding is None else spec.padding * spec.scale
    if spec.padding is None and not has_room(spec.replace(padding=usual / spec.scale)):
        padding = min(usual, round(spec.scale))
    border = max(1, int(spec.border * spec.scale + 0.5)) if spec.border else 0
    corner = (1 - math.sqrt(0.5)) * max(spec.radius * spec.scale - border, 0)
    inset = border + max(round(padding), math.ceil(corner))
    left, top, right, bottom = ink
    wrong = []
    if left < inset or top < inset or right > width - inset or bottom > height - inset:
        wrong.append(f"ink {ink} is outside the padding box: {inset} in {width}x{height}")
    off = {
        "x": (left + right - width) / 2, "y": (top + bottom - height) / 2, "left": left - inset,
        "top": top - inset, "right": width - inset - right, "bottom": height - inset - bottom,
    }  # fmt: skip
    sides = set(spec.align.split("-"))
    limits = {"x": 1, "y": 1} if sides == {"center"} else dict.fromkeys(sides, 2)
    wrong += [f"{side} is off by {off[side]}" for side in limits if abs(off[side]) > limits[side]]
    if contrast(over(spec.foreground, spec.background), spec.background) < 4.5:
        wrong.append(f"{spec.foreground} cannot be read on {spec.background}")
    return wrong, True


def test_random_pictures_keep_text_inside_centred_and_readable():
    numbers = random.Random(2026)
    shown = 0
    for _ in range(HOW_MANY):
        spec = random_picture(numbers)
        wrong, has_text = complaints(spec)
        assert not wrong, (wrong, spec)
        shown += has_text
    assert shown > HOW_MANY * 0.6, "too few pictures had any text"


@pytest.mark.parametrize("size", [(10, 2000), (2000, 10), (2000, 2000), (16, 300), (28, 28)])
@pytest.mark.parametrize("text", ["Hi", "שלום", "A longer text that wraps", "j", "Å"])
def test_extreme_shapes(size, text):
    spec = complete(dict(zip(("width", "height"), size, strict=True)) | {"text": text}, CONFIG)
    wrong, _ = complaints(spec)
    assert not wrong


# --- wrapping, shortening, leaving out ---------------------------------------------------------


def test_wrapping_makes_text_larger():
    sentence = "The quick brown fox jumps over the lazy dog"
    one_line = laid(sentence, height=20)
    wrapped = laid(sentence)
    assert len(lines(one_line)) == 1
    assert len(lines(wrapped)) > 1
    assert wrapped.size > 1.5 * one_line.size
    assert [word for line in lines(wrapped) for word in line] == sentence.split()


def test_text_that_has_room_is_not_wrapped():
    text = laid("Hello World", largest=30)
    assert len(lines(text)) == 1
    assert text.size == 30


def test_lines_are_balanced():
    text = laid("aaaa aaaa aaaa aaaa aaaa aaaa aaaa", 300, 60, largest=60)
    assert [len(line) for line in lines(text)] == [4, 3]


def test_given_lines_are_kept():
    assert lines(laid("One\nTwo three")) == [["One"], ["Two", "three"]]
    assert len(lines(laid("\n".join("0123456789")))) == 10
    assert lines(laid("One\n \nTwo")) == [["One"], ["Two"]]


def test_long_names_break_after_their_punctuation():
    name = "uploads/2024/05/my-product-photo-large-1024x768.jpg"
    text = laid(name, 200, 200)
    assert len(lines(text)) > 2
    assert "".join(part for line in lines(text) for part in line) == name
    assert lines(laid("Wi-Fi T-Shirt", 60, 200)) == [["Wi-Fi"], ["T-Shirt"]]


def test_ideographs_break_anywhere_but_before_a_full_stop():
    text = laid("日" * 11 + "。" + "日" * 12, 120, 120)
    assert len(lines(text)) > 2
    assert all(line[0] != "。" for line in lines(text))


def joined_lines(text):
    return ["".join(line) for line in lines(text)]


@pytest.mark.parametrize(
    ("word", "size", "parts"),
    [
        ("Donaudampfschifffahrtsgesellschaft", (220, 276), 3),
        ("https://example.com/Donaudampfschifffahrtsgesellschaftskapitaen", (276, 230), 4),
        ("x" * 60, (184, 184), 5),
        ("العالم" * 5, (100, 100), 2),
        ("שלום" * 9, (100, 100), 2),
    ],
)
def test_a_long_word_is_broken_where_that_makes_it_much_larger(word, size, parts):
    text = laid(word, *size, largest=30)
    assert len(lines(text)) >= parts
    if word.isascii():
        assert "".join(joined_lines(text)) == word
    assert text.size > 1.4 * laid(word, size[0], 18, largest=30).size
    widths = [len(line) for line in joined_lines(text)]
    assert min(widths) > 0.3 * max(widths)
    assert text.ink.width <= size[0]
    assert text.ink.height <= size[1]


@pytest.mark.parametrize(
    ("word", "width", "broken"),
    [
        ("john.longname@subdomain.example.com", 167, [".", "@", ".", "m"]),
        ("getElementsByClassNameFromDocument", 84, ["s", "s", "m", "t"]),
        ("IMG_20240101_123456.jpg", 70, ["_", "g"]),
        ("1234567.8901234×7654321.0987654", 110, ["×", "4"]),
    ],
)
def test_names_are_broken_where_their_parts_end(word, width, broken):
    text = laid(word, width, 160, largest=23, smallest=7)
    assert "".join(joined_lines(text)) == word
    assert [line[-1] for line in joined_lines(text)] == broken


@pytest.mark.parametrize("word", ["Advertisement", "Internationally", "name@example.com"])
def test_words_that_can_be_read_are_not_broken(word):
    for size in ((134, 550), (99, 550), (99, 99)):
        assert lines(laid(word, *size, largest=14)) == [[word]]


def test_other_words_stay_whole_where_one_is_broken():
    text = laid("a Donaudampfschifffahrtsgesellschaft and more words", 120, 120, largest=30)
    words = [word for line in lines(text) for word in line]
    assert words[0] == "a"
    assert words[-3:] == ["and", "more", "words"]
    assert "".join(words[1:-3]) == "Donaudampfschifffahrtsgesellschaft"
    assert len(words[1:-3]) > 1


def test_words_that_are_left_no_room_are_broken_into_few_letters():
    assert joined_lines(laid("Hello", 16, 300, largest=12)) == ["He", "llo"]


@pytest.mark.parametrize("width", range(5, 40))
def test_what_must_not_be_shortened_is_not_broken_in_a_number(width):
    text = laid("1234×567", width, 100, largest=12, shorten=False)
    assert text is None or joined_lines(text) in (["1234×567"], ["1234×", "567"])
    assert (text is None) == (width < 21), "the longer half has about 2.8 em"


def test_parts_of_a_word_stand_as_they_stood_in_it():
    """Glyphs, gaps and ink of the lines of a broken word are those of the whole."""
    word = "AVAVATo\u0301Tj" * 4
    whole, broken = laid(word, 5000, 100, largest=10), laid(word, 90, 90, largest=20)
    assert len(lines(broken)) > 1
    [run] = whole.runs
    ids = [glyph.id for run in broken.runs for glyph in run.glyphs]
    assert ids == [glyph.id for glyph in run.glyphs]
    start = 0
    for part in broken.runs:
        steps = [b.x - a.x for a, b in itertools.pairwise(part.glyphs)]
        own = run.glyphs[start : start + len(part.glyphs)]
        expected = [(b.x - a.x) * broken.size / 10 for a, b in itertools.pairwise(own)]
        assert steps == pytest.approx(expected)
        assert part.glyphs[0].cluster == 0
        assert len(part.text) > max(glyph.cluster for glyph in part.glyphs)
        start += len(part.glyphs)
    assert not any(run.text.startswith("\u0301") for run in broken.runs)


def test_what_cannot_be_read_is_shortened():
    text = laid("x" * 200, 300, 20)
    assert text.size == 7
    *_, last = joined_lines(text)
    assert last.endswith(ELLIPSIS)
    assert 50 < sum(map(len, joined_lines(text))) < 200
    assert text.ink.width > 280, "as long as it fits"
    paragraph = laid("lorem ipsum dolor sit amet " * 7, 60, 40)
    assert lines(paragraph)[-1][-1].endswith(ELLIPSIS)
    assert lines(paragraph)[0][0] == "lorem"


def test_right_to_left_text_is_shortened_at_its_end():
    text = laid("مرحبا بالعالم " * 12, 60, 40)
    first, last = lines(text)[0], lines(text)[-1]
    assert "مرحبا" in first
    assert any(ELLIPSIS in word for word in last)
    dots = next(run for run in text.runs if ELLIPSIS in run.text)
    assert min(glyph.x for glyph in dots.glyphs) < text.ink.left + 3, "at the left"


def test_letters_that_reach_lower_when_cut_apart_leave_a_line_less():
    assert ELLIPSIS in "".join(lines(laid("مرحبا بالعالم", 14, 14))[0])


def test_what_must_not_be_shortened_is_left_out():
    assert laid("1234567890" * 9, shorten=False) is None
    assert laid("Hello", 8, 12) is None
    assert laid("Hello", 300, 5) is None
    assert laid("Hello", -4, 100) is None
    assert laid("Hello", 0, 0) is None


@pytest.mark.parametrize("blank", ["", " ", "\n", " \n ", "\u200d", "\u200c\u200d"])
def test_nothing_to_draw(blank):
    assert laid(blank) is None


@pytest.mark.parametrize(
    "odd", ["\u0301", "\u0301\u0302\u0303", "👩\u200d👩\u200d👧\u200d👦", "\u200dA\u200d"]
)
def test_odd_but_drawable(odd):
    text = laid(odd)
    assert text.ink.width > 0
    assert 0 <= text.ink.left <= text.ink.right <= 300


@pytest.mark.parametrize("align", ALIGNS)
def test_all_nine_places(align):
    ink = laid("jumps\nover", align=align).ink
    x = 0.5 if "left" in align else 299.5 if "right" in align else 150
    at_x = (
        ink.left
        if "left" in align
        else ink.right
        if "right" in align
        else (ink.left + ink.right) / 2
    )
    assert at_x == pytest.approx(x, abs=0.01)
    y = 0 if "top" in align else 200 if "bottom" in align else 100
    at_y = (
        ink.top
        if "top" in align
        else ink.bottom
        if "bottom" in align
        else (ink.top + ink.bottom) / 2
    )
    assert at_y == pytest.approx(y, abs=1)


def test_lines_are_aligned_by_their_ink():
    text = laid("Wide line here\nj", align="left")
    starts = [run.glyphs[0].x + run.face.ink(run.glyphs[0].id).left * text.size / run.face.upem
              for run in text.runs if run.text in ("Wide", "j")]  # fmt: skip
    assert starts[0] == pytest.approx(starts[1], abs=0.05)


def test_lines_never_touch():
    # Inks from bottom of one line to top of the next: descenders below, stacked marks above.
    text = laid("gjpqy\nẤ\u0323̣\u0301\u0302\nÅÄÖ", 300, 300, largest=80)
    picture = Image.new("L", (300, 300))
    mask, left, top = text_mask(text, 300, 300)
    picture.paste(mask.convert("L"), (left, top))
    rows = [any(picture.crop((0, y, 300, y + 1)).tobytes()) for y in range(300)]
    gaps = sum(a and not b for a, b in itertools.pairwise(rows))
    assert gaps >= 3


def test_twice_the_scale_is_the_same_layout():
    for text in ("Hello World and more", None, "A"):
        given = {"width": 120, "height": 90, "text": text}
        one, two = (
            compose(complete(given | {"scale": s}, CONFIG), FONTS).shapes[-1] for s in (1, 2)
        )
        assert lines(one) == lines(two)
        assert two.size == pytest.approx(2 * one.size, rel=0.06)


# --- costs (each word is shaped once, the rest is arithmetic) -----------------------------------

HOSTILE = {
    "words": "lorem ipsum dolor sit amet " * 8,
    "letters": "a b " * 50,
    "alternating": "\u05d0a" * 100,
    "alternating words": "\u05d0a " * 66,
    "digits and letters": "1\u05d0" * 100,
    "scripts": "aбαא" * 50,
    "arabic": "مرحبا " * 33,
    "marks": "a\u0301\u0323\u0302" * 50,
    "ideographs": "日" * 200,
    "joiners": "👩\u200d" * 100,
    "long words": "\n".join(["Donaudampfschiff"] * 10),
    "no space": "x" * 200,
    "hyphens": "a-" * 100,
    "jamo": "\u1100\u1161\u11a8" * 66,
    "brackets": "(" * 100 + ")" * 100,
    "viramas": "क\u094d" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("size", [(600, 400), (60, 60), (10, 2000)])
def test_layout_is_quick(name, size):
    content = clean(HOSTILE[name], 200, 10)
    laid(content, *size, largest=400)
    cost = least(lambda: laid(content, *size, largest=400), times=5)
    assert cost < 0.04, "some 14 ms; a busy neighbour makes that 24"


@pytest.mark.parametrize("size", [(600, 400), (60, 60), (200, 20), (2000, 10)])
@pytest.mark.parametrize(
    "name", ["words", "letters", "arabic", "long words", "no space", "hyphens"]
)
def test_words_are_shaped_once(monkeypatch, name, size):
    content = clean(HOSTILE[name], 200, 10)
    shaper = Shaper(FONTS, "inter", 600)
    words = sum(len(shaper.paragraph(line)) for line in content.split("\n"))
    calls = []
    shape = Face.shape
    monkeypatch.setattr(
        Face, "shape", lambda self, text, rtl=False: calls.append(text) or shape(self, text, rtl)
    )
    laid(content, *size, largest=400)
    assert 0 < len(calls) <= 2 * words + 20


LONGEST = HOSTILE | {"dashes": "-" * 200, "camel": "aB" * 100, "one right to left": "\u05d0" * 200}


@pytest.mark.parametrize("name", LONGEST)
@pytest.mark.parametrize("size", [(600, 400), (60, 60), (10, 2000)])
def test_ten_times_the_text_costs_no_hundred_times_the_time(name, size):
    """The most characters that can be configured: 0.1 s here where anything quadratic takes 1 s."""
    content = clean(LONGEST[name] * 10, 2000, 100)
    assert least(lambda: laid(content, *size, largest=60)) < 0.5


@pytest.mark.parametrize("content", [HOSTILE["alternating"], HOSTILE["alternating words"]])
def test_alternating_directions_render_in_time(content):
    spec = complete({"width": 600, "height": 400, "text": content}, CONFIG)
    assert least(lambda: decoded(spec)) < 0.06


def test_the_caption_reads_on_the_default_grey():
    spec = complete({"width": 600, "height": 400}, CONFIG)
    assert spec.background == GREY
    assert contrast(spec.foreground, GREY) >= 4.5
    assert contrast(spec.foreground, WHITE) > contrast(GREY, WHITE)
