"""lorempixel.com: grey, size, category, number and text."""

import pytest
from photos import size_of, spec_of

from wsgi_placeholder.dialects.lorempixel import DIALECT
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = (
        "/640/480", "/g/640/480/cats", "/50/60/sports/3/Dummy-text", "/800/400/cats/Faker",
        "/200/600/animals?89872", "/output/cats-q-c-640-480-1.jpg",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    ("path", "size", "seed", "text"),
    [
        ("/400/200", (400, 200), "", "400×200"),
        ("/g/400/200/", (400, 200), "", "400×200"),
        ("/400/200/sports", (400, 200), "sports", "400×200"),
        ("/400/200/sports/1/", (400, 200), "sports/1", "400×200"),
        ("/400/200/Sports/10?5", (400, 200), "sports/10", "400×200"),
        ("/400/200/sports/1/Dummy-Text", (400, 200), "sports/1", "Dummy-Text"),
        ("/400/200/sports/Dummy-Text", (400, 200), "sports", "Dummy-Text"),
        ("/g/50/60/sports/3/Two%20words/", (50, 60), "sports/3", "Two words"),
        ("/900/500?r=3", (900, 500), "3", "900×500"),
        ("/200/600/city?89872", (200, 600), "city/89872", "200×600"),
        ("/100/100/3", (100, 100), "3", "100×100"),
        ("/output/cats-q-c-640-480-1.jpg", (640, 480), "cats/1", "640×480"),
        ("/output/fashion-q-g-640-480-10.jpg", (640, 480), "fashion/10", "640×480"),
    ],
)
@pytest.mark.parametrize("host", ["http://lorempixel.com", "www.lorempixum.com"])
def test_url(host, path, size, seed, text):
    spec = spec_of(host + path)
    assert size_of(host + path) == size
    assert (spec.seed, spec.text, spec.format) == (seed, text, "jpeg")
    assert spec.background.is_grey == ("g" in path.split("/") or "-g-" in path)


def test_no_size():
    with pytest.raises(BadParameter):
        spec_of("lorempixel.com/cats")
