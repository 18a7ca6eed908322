"""placeimg.com: size, category and filter."""

import pytest
from photos import size_of, spec_of

from wsgi_placeholder.dialects._stand_in import sepia
from wsgi_placeholder.dialects.placeimg import DIALECT
from wsgi_placeholder.drawing.color import WHITE, grey
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = ("/640/480", "/640/480/any", "/640/480/tech/sepia?12345", "/300/300/arch/grayscale")

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    "path",
    ["/640/480", "/640/480/any", "/640/480/tech/sepia", "/640/480/tech/1/", "/640/480/?12345"],
)
def test_size(path):
    assert size_of("placeimg.com" + path) == (640, 480)
    assert spec_of("placeimg.com" + path).format == "jpeg"


def test_filters():
    plain = spec_of("placeimg.com/300/200/arch").background
    assert spec_of("placeimg.com/300/200/arch/grayscale").background == grey(plain)
    assert spec_of("placeimg.com/300/200/arch/sepia").background == sepia(plain)
    assert not plain.is_grey


def test_sepia_is_that_of_browsers():
    red, green, blue, _ = sepia(grey(WHITE._replace(red=0)))
    assert red > green > blue
    assert sepia(WHITE)[:3] == (255, 255, 239)


def test_what_chooses_the_photo():
    seeds = {
        spec_of("placeimg.com/300/200" + tail).seed
        for tail in ("", "/tech", "/arch", "/tech/2", "/tech?x=3", "/tech?x=4", "?7")
    }
    assert len(seeds) == 7
    assert spec_of("placeimg.com/300/200/any") == spec_of("placeimg.com/300/200")
    assert spec_of("placeimg.com/300/200/Tech/sepia").seed == "tech"


def test_no_size():
    with pytest.raises(BadParameter, match="300/200"):
        spec_of("placeimg.com/any/sepia")
