"""robohash.org: what its published program makes of each URL."""

import pytest
from photos import CONFIG, size_of, spec_of

from wsgi_placeholder.dialects import parse_url
from wsgi_placeholder.dialects.robohash import DIALECT
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, Color
from wsgi_placeholder.testing import DialectContract

HOST = "https://robohash.org"


class TestContract(DialectContract):
    urls = (
        "/abc.png?size=50x50&set=set2&bgset=bg1", "/abc.bmp/size_50x40/set_any", "/", "/avatar/x",
        "/abc.jpg?gravatar=yes&color=red&ignoreext=false",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


def test_defaults():
    spec = spec_of(f"{HOST}/Felix")
    assert (spec.width, spec.height, spec.format, spec.style) == (300, 300, "png", "identicon")
    assert spec.background == TRANSPARENT
    assert spec.text == ""


@pytest.mark.parametrize(
    ("url", "size"),
    [
        ("/a.png?size=50x50&set=set1", (50, 50)),
        ("/a?set=set1&bgset=bg1&size=400x200", (400, 200)),
        ("/a?size=4096x3000", (4096, 3000)),
        ("/a?size=4097x10", (300, 10)),
        ("/a?size=0x0", (300, 300)),
        ("/a?size=-5x10", (300, 300)),
        ("/a?size=", (300, 300)),
        ("/a?size=200", (200, 200)),
        ("/a/size_50x40", (50, 40)),
        ("/a.png/size_50x40/set_set2", (50, 40)),
        ("/a.png%3Fsize%3D60x60%26set%3Dset1", (60, 60)),
        ("/a?s=100", (300, 300)),
        ("/avatar/9d8530de68398af61a3cf85bd02b0e22?d=mp&f=y&s=100", (300, 300)),
        ("/avatar?f=y", (300, 300)),
        ("/avatar/", (300, 300)),
        ("/", (300, 300)),
        ("", (300, 300)),
    ],
)
def test_size(url, size):
    assert size_of(HOST + url) == size


@pytest.mark.parametrize(
    ("name", "format", "background"),
    [
        ("a", "png", TRANSPARENT),
        ("a.png", "png", TRANSPARENT),
        ("a.PNG", "png", TRANSPARENT),
        ("a.gif", "gif", TRANSPARENT),
        ("a.jpg", "jpeg", WHITE),
        ("a.jpeg", "jpeg", WHITE),
        ("a.bmp", "png", WHITE),
        ("a.b", "png", TRANSPARENT),
    ],
)
def test_format(name, format, background):
    spec = spec_of(f"{HOST}/{name}")
    assert spec.format == format
    assert spec.background == background


def test_the_extension_is_no_part_of_the_text():
    plain = spec_of(f"{HOST}/bear")
    assert spec_of(f"{HOST}/bear.png") == plain
    assert spec_of(f"{HOST}/bear.jpg").seed == plain.seed
    assert spec_of(f"{HOST}/bear.jpg?ignoreext=false").seed != plain.seed
    assert spec_of(f"{HOST}/bear/size_300x300") == plain


def test_texts_and_sets_choose_the_robot():
    robots = [f"{name}?set={robots}" for name in ("a", "b", "a/b") for robots in ("set1", "set4")]
    assert len({spec_of(f"{HOST}/{url}").seed for url in robots}) == 6
    for nothing_new in ("?set=set1", "?set=set99", "?set=", "?v=3", "?gravatar=yes"):
        assert spec_of(f"{HOST}/a{nothing_new}") == spec_of(f"{HOST}/a")


def test_background_and_colour():
    grounds = {spec_of(f"{HOST}/{name}?bgset=bg1").background for name in "abcdefgh"}
    assert len(grounds) > 3
    assert all(ground.opaque for ground in grounds)
    assert spec_of(f"{HOST}/a?bgset=bg9").background == TRANSPARENT
    assert spec_of(f"{HOST}/a?color=red").foreground == Color(255, 0, 0)
    assert spec_of(f"{HOST}/a?color=0f0") == spec_of(f"{HOST}/a")
    assert spec_of(f"{HOST}/a?color=red").seed == spec_of(f"{HOST}/a").seed


def test_addresses_go_no_further():
    spec = spec_of(f"{HOST}/somebody@example.com")
    assert "somebody" not in spec.key
    assert "example" not in spec.key


def test_www():
    assert parse_url("http://www.robohash.org/a", CONFIG) == spec_of(f"{HOST}/a")
