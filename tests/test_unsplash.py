"""source.unsplash.com: kinds of photos, sizes, keywords."""

import pytest
from photos import size_of, spec_of

from wsgi_placeholder.dialects.unsplash import DIALECT
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = (
        "/random", "/random/1600x900/?nature,water", "/WLUHO9A_xik/1600x900", "/daily?nature",
        "/user/erondu/likes/300x200", "/collection/190727/1600x900", "/featured/?a&sig=3",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/1600x900", (1600, 900)),
        ("/1600x900/?nature,water", (1600, 900)),
        ("/1600X900?nature", (1600, 900)),
        ("/random/900×700/?fruit", (900, 700)),
        ("/random/900%C3%97700", (900, 700)),
        ("/random", (1080, 720)),
        ("/random?wallpapers", (1080, 720)),
        ("/", (1080, 720)),
        ("/daily?nature", (1080, 720)),
        ("/weekly", (1080, 720)),
        ("/WLUHO9A_xik", (1080, 720)),
        ("/WLUHO9A_xik/1600x900", (1600, 900)),
        ("/user/erondu", (1080, 720)),
        ("/user/erondu/1600x900", (1600, 900)),
        ("/user/jackie/likes/1600x900", (1600, 900)),
        ("/collection/190727", (1080, 720)),
        ("/collection/190727/1600x900", (1600, 900)),
        ("/collection/539527/800x600/daily", (800, 600)),
        ("/category/nature/640x480", (640, 480)),
        ("/featured/?water", (1080, 720)),
        ("/featured?shadow/328x255", (1080, 720)),
        ("/random/300/200", (300, 200)),
        ("/random/300x200.jpg", (300, 200)),
        ("/collection/190727/300/200", (300, 200)),
    ],
)
def test_size(path, size):
    assert size_of("https://source.unsplash.com" + path) == size
    assert spec_of("source.unsplash.com" + path).format == "jpeg"
    assert spec_of("source.unsplash.com" + path).text == f"{size[0]}×{size[1]}"


def test_what_chooses_the_photo():
    tails = (
        "300x200", "300x200?nature", "300x200?nature,water", "random/300x200?sig=1",
        "random/300x200?sig=2", "user/erondu/300x200", "user/erondu/likes/300x200",
        "collection/1/300x200", "collection/1/300x200?sig=9", "WLUHO9A_xik/300x200",
    )  # fmt: skip
    assert len({spec_of(f"source.unsplash.com/{tail}").seed for tail in tails}) == len(tails)
    assert spec_of("source.unsplash.com/random/300x200") == spec_of("source.unsplash.com/300x200")


def test_nothing_but_the_size_changes_a_photo_with_a_name():
    one = spec_of("source.unsplash.com/WLUHO9A_xik/300x200")
    assert one == spec_of("source.unsplash.com/WLUHO9A_xik/300x200?nature&sig=3")
    assert one.seed == spec_of("source.unsplash.com/WLUHO9A_xik").seed == "WLUHO9A_xik"


def test_a_text_is_drawn_though_the_service_had_none():
    assert spec_of("source.unsplash.com/random/440x560?text=Img+01").text == "Img 01"


def test_too_large():
    with pytest.raises(TooLarge):
        spec_of("source.unsplash.com/random/90000x90000")
