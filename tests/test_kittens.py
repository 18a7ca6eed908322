"""placekitten.com and its kin: W/H, what may stand around it, and what chooses the photo."""

import pytest
from photos import size_of, spec_of

from wsgi_placeholder.dialects.kittens import DIALECT
from wsgi_placeholder.errors import BadParameter, TooLarge
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = ("/200/300", "/g/200/300?image=3", "/500", "/640x360.jpg", "/neo/300/200?text=x", "/1-2")

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    ("url", "size"),
    [
        ("placekitten.com/200/300", (200, 300)),
        ("http://placekitten.com/200/300/", (200, 300)),
        ("http://placekitten.com/g/200/300?image=3", (200, 300)),
        ("https://www.placecage.com/c/200/300", (200, 300)),
        ("placecage.com/gif/200/300", (200, 300)),
        ("placedog.net/500", (500, 500)),
        ("placedog.net/640/480?random", (640, 480)),
        ("placekitten.com/200/300.jpg", (200, 300)),
        ("placekitten.com/200.png", (200, 200)),
        ("placebeard.it/640x360", (640, 360)),
        ("placebeard.it/50/notag", (50, 50)),
        ("placebeyonce.com/500-300", (500, 300)),
        ("nicenicejpg.com/5.0/400/200", (400, 200)),
        ("placecats.com/millie/300/150", (300, 150)),
        ("placecats.com/300/200?fit=contain&position=top", (300, 200)),
        ("lorempicsum.com/futurama/350/200/1", (350, 200)),
        ("placekeanu.com/500/200/yg", (500, 200)),
        ("placekittens.com/0/640", (1, 640)),  # Faker writes these
        ("placekitten.com/0200/404", (200, 404)),
        ("//stevensegallery.com/g/300/200", (300, 200)),
        ("https%3A//fillmurray.com/300/200", (300, 200)),
    ],
)
def test_size(url, size):
    assert size_of(url) == size
    assert spec_of(url).text == f"{size[0]}×{size[1]}"


def test_format_is_jpeg_unless_an_extension_names_another():
    assert spec_of("placekitten.com/200/300").format == "jpeg"
    assert spec_of("placekitten.com/200/300.bmp").format == "jpeg"
    assert spec_of("placekitten.com/200/300.png").format == "png"
    assert spec_of("placekitten.com/200.webp").format == "webp"


def test_the_size_chooses_the_photo_unless_something_else_does():
    dog = spec_of("placedog.net/300/300?id=1")
    assert dog.seed == spec_of("placedog.net/600/600?id=1").seed == "1"
    assert dog != spec_of("placedog.net/300/300?id=2")
    assert spec_of("placekitten.com/300/300").seed != spec_of("placekitten.com/600/600").seed
    assert spec_of("placekitten.com/300") == spec_of("placekitten.com/300/300?v=12&12345")
    neo = spec_of("placecats.com/neo/300/200")
    assert neo.seed == spec_of("placecats.com/neo/600/400").seed
    assert neo.seed != spec_of("placecats.com/bella/300/200").seed


@pytest.mark.parametrize("url", ["/g/200", "/200/g", "/200?g", "/200/200?grayscale", "/200/Grey"])
def test_grey(url):
    spec = spec_of("placedog.net" + url)
    assert spec.background.is_grey
    assert spec.seed == spec_of("placedog.net/200").seed


def test_a_text_is_drawn_though_the_services_had_none():
    assert spec_of("placekitten.com/200?text=Tom").text == "Tom"
    assert spec_of("placekitten.com/200?text=").text == "200×200"


@pytest.mark.parametrize(
    ("url", "error", "hint"),
    [
        ("/", BadParameter, None),
        ("/about", BadParameter, None),
        ("/200px/300px", BadParameter, "200/300"),
        ("/٣٠٠/٣٠٠", BadParameter, None),
        ("/-5", BadParameter, "5"),
        ("/100000/3", TooLarge, None),
        ("/" + "9" * 1500, TooLarge, None),
    ],
)
def test_no_size(url, error, hint):
    with pytest.raises(error) as caught:
        spec_of("placekitten.com" + url)
    assert caught.value.parameter == "size"
    assert caught.value.hint == hint


def test_every_host():
    assert len({spec_of(f"{host}/300/200") for host in DIALECT.hosts}) == 1
