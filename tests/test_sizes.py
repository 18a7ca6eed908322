"""Sizes as people write them, and no more names for one size than that."""

import pytest

from wsgi_placeholder.errors import BadParameter, TooLarge
from wsgi_placeholder.sizes import NAMED, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("400", (400, 400)),
        ("200x", (200, 200)),
        ("600x400", (600, 400)),
        ("600X400", (600, 400)),
        ("600×400", (600, 400)),
        (" 600 x 400 ", (600, 400)),
        ("1x99999", (1, 99999)),
        ("640x4:3", (640, 480)),
        ("16:9x1080", (1920, 1080)),
        ("1000x2.39:1", (1000, 418)),
        ("hd1080", (1920, 1080)),
        ("HD1080", (1920, 1080)),
        ("leaderboard", (728, 90)),
        ("leadbrd", (728, 90)),
        ("og", (1200, 630)),
        ("apple-touch-icon", (180, 180)),
    ],
)
def test_spellings(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("name", sorted(NAMED))
def test_names(name):
    assert parse_size(name) == NAMED[name]
    assert 1 <= min(NAMED[name]) <= max(NAMED[name]) <= 4000


NUMBER_ALIASES = [
    "٣٠٠", "３００", "1_000", "+300", "-300", "0300", "300\n", "300\u00a0", "3e2", "0x12c", "300.",
    "0", "00", "²", "Ⅸ", "123456", "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("alias", NUMBER_ALIASES)
@pytest.mark.parametrize("form", ["{}", "{}x400", "400x{}", "{}x4:3", "400x{}:3", "400x3:{}"])
def test_number_aliases_are_refused(alias, form):
    text = form.format(alias)
    with pytest.raises((BadParameter, TooLarge)) as caught:
        parse_size(text)
    assert caught.value.parameter == "size"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("600*400", "600x400"),
        ("600x400px", "600x400"),
        ("600,400", "600x400"),
        ("0600x0400", "600x400"),
        ("400px", "400"),
        ("leaderbord", "leaderboard"),
        ("hd1081", "hd1080"),
        ("x", None),
        ("", None),
        ("0x0", None),
        ("<script>", None),
    ],
)
def test_complaints_name_the_nearest(text, hint):
    with pytest.raises(BadParameter) as caught:
        parse_size(text)
    assert caught.value.parameter == "size"
    assert "expected like 400, 600x400" in caught.value.detail
    assert caught.value.hint == hint


@pytest.mark.parametrize("text", ["99999x1:9999", "9999:1x99999", "1x9999:1"])
def test_ratios_stay_within_the_limits(text):
    with pytest.raises(TooLarge) as caught:
        parse_size(text)
    assert caught.value.parameter == "size"
