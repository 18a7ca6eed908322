"""Whatever a client sends, what is laid out is bounded, normalised and drawable."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timing import least

from wsgi_placeholder.drawing.clean import clean

NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\u0301\u0323\u200b\u200c\u200d\ufe0f\u202e\u2066\n\r\x85\u2028 \t\0e\U000e0041"
        ),
    ),
    max_size=80,
)


@settings(deadline=None, derandomize=True, max_examples=300)
@given(NASTY, st.integers(0, 30), st.integers(1, 5))
def test_limits_categories_and_repetition(text, characters, lines):
    cleaned = clean(text, characters, lines)
    assert len(cleaned) <= characters
    assert len(cleaned.split("\n")) <= lines
    assert unicodedata.is_normalized("NFC", cleaned)
    for character in cleaned:
        category = unicodedata.category(character)
        assert category[0] != "C" or character in "\n\u200c\u200d", hex(ord(character))
    assert clean(cleaned, characters, lines) == cleaned, "the same text must stay the same"
    cleaned.encode()  # no lone surrogate is left


@pytest.mark.parametrize("break_", ["\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_every_line_break_is_one(break_):
    assert clean(f"a{break_}b", 200, 10) == "a\nb"


def test_white_space_is_one_space():
    assert clean("  a \t\u00a0\u3000 b  \n  c ", 200, 10) == "a b\nc"
    assert clean(" \n \u2003 ", 200, 10) == ""


def test_cut_with_an_ellipsis():
    assert clean("x" * 201, 200, 10) == "x" * 199 + "…"
    assert clean("x" * 200, 200, 10) == "x" * 200
    assert clean("x " * 150, 200, 10) == ("x " * 100).strip()[:199].rstrip() + "…"
    assert clean("a\nb\nc", 200, 2) == "a\nb…"
    assert clean("abc", 0, 10) == ""


def test_invisible_characters_go():
    # Controls, bidi overrides, zero-width space, tags, variation selectors, a lone surrogate,
    # a private and an unassigned character.
    hidden = "\0\x1b\u202e\u2066\u200b\u200e\ufeff\U000e0041\ufe0f\U000e0100\ud800\ue000\u0378"
    assert clean(f"a{hidden}b", 200, 10) == "ab"
    assert clean("می\u200cخواهم 👩\u200d👧", 200, 10) == "می\u200cخواهم 👩\u200d👧"


@pytest.mark.parametrize("between", ["", "\u200d"])
def test_marks_do_not_pile_up(between):
    cleaned = clean("q" + ("\u0323" + between) * 50, 200, 10)
    assert cleaned.count("\u0323") == 4
    assert clean("e\u0301", 200, 10) == "é"


def test_normalised_before_marks_are_counted():
    # Five marks as sent, four when the first is one letter with its base.
    assert clean("e\u0323\u0302\u0301\u0300\u0303", 200, 10).startswith("ệ")


def test_a_megabyte_is_cheap():
    for text in ("x" * 10**6, "\n" * 10**6, "\u0301" * 10**6, "é\n" * 500_000, "ﷺ" * 10**6):
        assert len(clean(text, 200, 10)) <= 200
        assert least(lambda text=text: clean(text, 200, 10)) < 0.02
