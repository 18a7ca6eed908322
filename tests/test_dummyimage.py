"""dummyimage.com's URLs; what is expected are the answers of its published program."""

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.errors import BadParameter, TooLarge

CONFIG = Config.of()
NAMES = {
    "mediumrectangle medrect": (300, 250), "squarepopup sqrpop": (250, 250),
    "verticalrectangle vertrec": (240, 400), "largerectangle lrgrec": (336, 280),
    "rectangle rec": (180, 150), "popunder pop": (720, 300), "fullbanner fullban": (468, 60),
    "halfbanner halfban": (234, 60), "microbar mibar": (88, 31), "button1 but1": (120, 90),
    "button2 but2": (120, 60), "verticalbanner vertban": (120, 240),
    "squarebutton sqrbut": (125, 125), "leaderboard leadbrd": (728, 90),
    "wideskyscraper wiskyscrpr": (160, 600), "skyscraper skyscrpr": (120, 600),
    "halfpage hpge": (300, 600), "cga": (320, 200), "qvga": (320, 240), "vga": (640, 480),
    "wvga": (800, 480), "svga": (800, 600), "wsvga": (1024, 600), "xga": (1024, 768),
    "wxga": (1280, 800), "sxga": (1280, 1024), "wsxga": (1440, 900), "uxga": (1600, 1200),
    "wuxga": (1920, 1200), "qxga": (2048, 1536), "wqxga": (2560, 1600), "qsxga": (2560, 2048),
    "wqsxga": (3200, 2048), "quxga": (3200, 2400), "wquxga": (3840, 2400), "ntsc": (720, 480),
    "pal": (768, 576), "hd720 720p": (1280, 720), "hd1080 1080p": (1920, 1080),
    "2k": (2560, 1440), "4k": (3840, 2160),
}  # fmt: skip


def read(url):
    return dialects.parse_url("dummyimage.com" + url, CONFIG)


def test_defaults_are_the_services():
    spec = read("/600x400")
    assert (spec.width, spec.height, spec.format) == (600, 400, "png")
    assert (spec.background.hex, spec.foreground.hex) == ("cccccc", "000000")
    assert spec.text == "600 × 400"


@pytest.mark.parametrize(("names", "size"), NAMES.items())
def test_names(names, size):
    for name in names.split():
        spec = read(f"/{name.upper()}/f0f/f.gif&text=x")
        assert (spec.width, spec.height, spec.format) == (*size, "gif")
        assert (spec.background.hex, spec.foreground.hex) == ("ff00ff", "ffffff")
    assert read(f"/{name}.jpg").text == f"{size[0]} × {size[1]}"


@pytest.mark.parametrize(
    ("url", "width", "height", "caption"),
    [
        ("/300", 300, 300, "300 × 300"),
        ("/300x", 300, 300, "300 × 300"),
        ("/300x0", 300, 300, "300 × 300"),
        ("/300abc", 300, 300, "300 × 300"),
        ("/300 x 200px", 300, 200, "300 × 200"),
        ("/640x4:3", 640, 480, "640 × 480"),
        ("/640x4:3/", 640, 480, "640 × 480"),
        ("/16:9x1080", 1920, 1080, "1920 × 1080"),
        ("/16:9x768", 1365, 768, "1365.333 × 768"),
        ("/641x4:3", 641, 480, "641 × 480.75"),
        ("/641x4:3.jpg", 641, 480, "641 × 480.75"),
        ("/500x500.5", 500, 500, "500 × 500.5"),
        ("/99.9999x99.9994", 100, 99, "100 × 99.999"),
        ("/640x4:", 640, 640, "640 × 640"),
        ("/640x:4", 640, 640, "640 × 640"),
        ("/640x1.5:3", 640, 1280, "640 × 1280"),
        ("/1.5.9x20", 1, 20, "1.5 × 20"),
        ("/480&text=400x250", 480, 400, "400x250"),
        ("/480&text=hello", 480, 480, "hello"),
        ("/480x300&text=400x250", 480, 300, "400x250"),
    ],
)
def test_sizes(url, width, height, caption):
    spec = read(url)
    assert (spec.width, spec.height, spec.text) == (width, height, caption)


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("f", "ffffff"), ("c", "cccccc"), ("ef", "efefef"), ("09f", "0099ff"), ("00", "000000"),
        ("6A00F5", "6a00f5"), ("%2309f", "0099ff"), ("0", "cccccc"), ("", "cccccc"),
        ("5a60", "5a6000"), ("5a601", "5a6001"), ("7777777", "777777"), ("blue", "0b0e00"),
        ("green", "00ee00"), ("orange", "000a0e"), ("ccc:50", "cccccc80"), ("ccc:0", "cccccc00"),
        ("ccc:999", "cccccc"), ("cccccc80", "cccccc80"), ("zz", "000000"),
    ],
)  # fmt: skip
def test_colors(text, color):
    assert read(f"/300/{text}").background.hex == color
    expected = "000000" if color == "cccccc" and text in ("", "0") else color
    assert read(f"/300/123456/{text}").foreground.hex == expected


@pytest.mark.parametrize(
    ("url", "format"),
    [
        ("/300.png/09f/fff", "png"),
        ("/300/09f.gif/fff", "gif"),
        ("/300/09f/fff.webp", "webp"),
        ("/300.png/09f/fff.jpg", "jpeg"),
        ("/300.gif/09f/fff.jpg", "gif"),
        ("/300.bmp", "png"),
        ("/300.svg", "png"),
        ("/300/09f/fff/photo.jpeg", "jpeg"),
        ("/300/09f/fff&text=photo.jpeg", "png"),
        ("/300?text=photo.jpeg", "png"),
    ],
)
def test_formats(url, format):
    assert read(url).format == format


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/200x300&text=dummyimage.com+rocks!", "dummyimage.com rocks!"),
        ("/200x300/&text=Hello", "Hello"),
        ("/200x300?text=Hello", "Hello"),
        ("/200x300&text=one|two", "one\ntwo"),
        ("/200x300&text=0", "0"),
        ("/200x300&text=", "200 × 300"),
        ("/200x300&text=Plus=0x2B", "Plus=0x2B"),
    ],
)
def test_texts(url, text):
    assert read(url).text == text


def test_a_glued_text_is_no_part_of_a_color():
    spec = read("/300x200/000/fff&text=x")
    assert (spec.background.hex, spec.foreground.hex) == ("000000", "ffffff")


@pytest.mark.parametrize("url", ["/ffffff/250/000000", "/FFF/250x250/000.png", "/fff/250/00"])
def test_a_color_before_the_size(url):
    spec = read(url)
    assert (spec.width, spec.background.hex, spec.foreground.hex) == (250, "ffffff", "000000")


def test_other_parameters_are_ignored():
    assert read("/300x200?bg=f00&format=gif&retina=1&x=4") == read("/300x200")


@pytest.mark.parametrize(
    ("url", "hint"),
    [("/16:9", "16:9x1080"), ("/4:3:2x90", None), ("/0x300", None), ("/0.5", None),
     ("/skyscrapr", "skyscraper"), ("/0:0x0:0", None), ("/640x90000:1", None)],
)  # fmt: skip
def test_a_size_that_cannot_be_read(url, hint):
    with pytest.raises(BadParameter) as caught:
        read(url)
    assert (caught.value.parameter, caught.value.hint) == ("size", hint)


@pytest.mark.parametrize("url", ["/100000x1", "/1x1:99999999", "/" + "9" * 400, "/99999"])
def test_too_large(url):
    with pytest.raises(TooLarge):
        read(url)
