"""loremflickr.com: filters, size, keywords, lock, and the facts about a photo."""

import pytest
from photos import facts_of, size_of, spec_of

from wsgi_placeholder.dialects.loremflickr import DIALECT
from wsgi_placeholder.drawing.color import grey
from wsgi_placeholder.errors import BadParameter, TooLarge
from wsgi_placeholder.testing import DialectContract


class TestContract(DialectContract):
    urls = (
        "/320/240", "/g/320/240/paris,girl/all", "/red/320/240/dog?random=2", "/daily/320/240/cat",
        "/json/g/320/240/dog/any?lock=7", "/cache/resized/65535_5102_a527_z_640_480_nofilter.jpg",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("/320/240", (320, 240)),
        ("/320/240/", (320, 240)),
        ("/320/240/dog", (320, 240)),
        ("/g/320/240/paris", (320, 240)),
        ("/320/240/paris,girl/all", (320, 240)),
        ("/blue/50/60/all", (50, 60)),
        ("/daily/320/240/paris", (320, 240)),
        ("/320/240/brazil,rio/any/78303790@N00", (320, 240)),
        ("/300/400/sports,3,lebron", (300, 400)),
        ("/1234/2345/cat?6849", (1234, 2345)),
        ("/cache/resized/65535_51027414847_a5270072c8_z_640_480_nofilter.jpg", (640, 480)),
    ],
)
def test_size(path, size):
    assert size_of("https://loremflickr.com" + path) == size
    assert spec_of("loremflickr.com" + path).format == "jpeg"
    assert spec_of("loremflickr.com" + path).text == f"{size[0]}×{size[1]}"


def test_filters_change_the_colour_of_the_photo():
    plain = spec_of("loremflickr.com/320/240/dog").background
    found = {
        name: spec_of(f"loremflickr.com/{name}/320/240/dog").background
        for name in ("g", "p", "red", "green", "blue")
    }
    assert found == {
        "g": grey(plain),
        "p": plain,
        "red": plain._replace(red=255),
        "green": plain._replace(green=255),
        "blue": plain._replace(blue=255),
    }
    cached = spec_of("loremflickr.com/cache/resized/65535_51_a_z_640_480_g.jpg")
    assert cached.background.is_grey


def test_what_chooses_the_photo():
    base = "loremflickr.com/320/240"
    assert spec_of(base) == spec_of(base + "/kitten") == spec_of(base + "/Kitten/all")
    seeds = [
        spec_of(base + tail).seed
        for tail in ("", "/dog", "/dog,cat", "/dog,cat/any", "/dog?lock=1", "/dog?lock=2", "/dog?9")
    ]
    assert len(set(seeds)) == 7
    assert spec_of(base + "/dog?lock=1") == spec_of(base + "/dog?lock=1&random=5")


@pytest.mark.parametrize(
    ("path", "tail", "facts"),
    [
        ("/json/320/240", "320/240/kitten", ("", "kitten", "all")),
        ("/json/g/320/240/paris,girl/all", "g/320/240/paris,girl/all", ("g", "paris,girl", "all")),
        ("/json/320/240/dog/any?lock=7", "320/240/dog/any?lock=7", ("", "dog", "any")),
        ("/json/320/240/d%20%C3%A9?x=a&b", "320/240/d%20%C3%A9?lock=a%2Fb", ("", "d é", "all")),
    ],
)
def test_json(path, tail, facts):
    headers, found = facts_of("loremflickr.com" + path)
    assert headers == {}
    assert found["file"] == found["rawFileUrl"] == "/base/loremflickr.com/" + tail
    assert (found["filter"], found["tags"], found["tagMode"]) == facts
    assert (found["width"], found["height"]) == (320, 240)
    assert found["owner"] == "wsgi-placeholder"
    picture = spec_of(found["file"].removeprefix("/base"))
    assert picture == spec_of("loremflickr.com" + path.replace("/json", ""))


@pytest.mark.parametrize(
    ("path", "error"),
    [("/", BadParameter), ("/dog", BadParameter), ("/json/90000/90000", TooLarge)],
)
def test_refused(path, error):
    with pytest.raises(error):
        facts_of("loremflickr.com" + path)
