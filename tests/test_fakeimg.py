"""fakeimg.pl's URLs; what is expected are the answers of its published program."""

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import TooLarge

CONFIG = Config.of()


def read(url):
    return dialects.parse_url("fakeimg.pl" + url, CONFIG)


@pytest.mark.parametrize("url", ["/300x200", "/300x200/", "/300x200/?text=", "/300x200/?bg=f00"])
def test_defaults_are_the_services(url):
    spec = read(url)
    assert (spec.width, spec.height, spec.scale, spec.format) == (300, 200, 1, "png")
    assert (spec.background.hex, spec.foreground.hex) == ("cccccc", "909090")
    assert (spec.text, spec.radius, spec.size) == ("300 x 200", 0, None)


@pytest.mark.parametrize(
    ("url", "background", "foreground"),
    [
        ("/300/ff0000", (255, 0, 0), (0x90, 0x90, 0x90)),
        ("/300/eee/000", (238, 238, 238), (0, 0, 0)),
        ("/300/ff0000,128", (255, 0, 0, 128), (0x90, 0x90, 0x90)),
        ("/300/ff0000,128/000,255", (255, 0, 0, 128), (0, 0, 0)),
        ("/300/eee,0/000,25/", (238, 238, 238, 0), (0, 0, 0, 25)),
        ("/300/eee,999/000,-3/", (238, 238, 238), (0, 0, 0, 0)),
        ("/300/eee,b/000,", (238, 238, 238), (0, 0, 0)),
        ("/300/prout/000", (0xCC, 0xCC, 0xCC), (0, 0, 0)),
    ],
)
def test_colors_with_their_opacity(url, background, foreground):
    spec = read(url)
    assert (spec.background, spec.foreground) == (Color(*background), Color(*foreground))


@pytest.mark.parametrize(
    ("url", "format"),
    [
        ("/300/pic.png", "png"),
        ("/300/pic.webp", "webp"),
        ("/300x200/eee/pic.webp", "webp"),
        ("/300x200/eee,9/000,9/my.holiday.webp", "webp"),
        ("/300.webp", "webp"),
        ("/300/pic.jpg", "jpeg"),
        ("/300/pic.txt", "png"),
    ],
)
def test_a_file_name_gives_the_format(url, format):
    assert read(url).format == format


def test_a_file_name_is_no_color():
    assert read("/300/pic.png") == read("/300/")
    assert read("/300/ffffff/pic.png") == read("/300/ffffff/")


@pytest.mark.parametrize("query", ["retina=1", "retina", "retina=0", "Retina=yes"])
def test_retina_doubles_the_pixels_whatever_its_value(query):
    spec = read(f"/200x100/?{query}&font_size=20")
    assert spec.pixels == (400, 200)
    assert (spec.text, spec.size) == ("200 x 100", 20)


@pytest.mark.parametrize(
    ("query", "radius"),
    [
        ("radius=20", 20),
        ("radius=20.7", 20),
        ("radius=-5", 0),
        ("radius=round", 0),
        ("radius=9999", 100),
        ("radius_tl=9&radius_tr=8&radius_br=7&radius_bl=9", 7),
        ("radius=20&radius_tl=9", 0),
    ],
)
def test_radius(query, radius):
    assert read(f"/300x200/?{query}").radius == radius


@pytest.mark.parametrize("font", ["yanone", "bebas", "lobster", "museo", "noto", "arial", ""])
def test_a_font_that_is_not_installed_changes_nothing(font):
    assert read(f"/300x200/?font={font}") == read("/300x200/")


def test_what_the_service_called_too_large_is_not():
    assert read("/5000x300").width == 5000


def test_retina_counts_for_the_limits():
    read("/4000x4000/")
    with pytest.raises(TooLarge):
        read("/4000x4000/?retina=1")
