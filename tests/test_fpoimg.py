"""fpoimg.com: a size, then colours or a caption; nothing but a missing size is an error."""

from urllib.parse import parse_qsl

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import fpoimg, native
from wsgi_placeholder.errors import BadParameter

CONFIG = Config.of(system_fonts=False)
GREY, TEXT = "c7c7c7", "8f8f8f"


def read(url):
    """Read what follows the host, once decoded."""
    path, _, query = url.partition("?")
    return fpoimg.parse(path, parse_qsl(query, keep_blank_values=True), CONFIG)


@pytest.mark.parametrize(
    ("url", "size", "format"),
    [
        ("/300", (300, 300), "png"),
        ("/300x250", (300, 250), "png"),
        ("/300x250/", (300, 250), "png"),
        ("//300X250", (300, 250), "png"),
        ("/300 x 250 ", (300, 250), "png"),
        ("/300×250", (300, 250), "png"),
        ("/0300x250", (300, 250), "png"),
        ("/300x250.png", (300, 250), "png"),
        ("/300x250.jpg", (300, 250), "jpeg"),
        ("/300.JPEG", (300, 300), "jpeg"),
        ("/300x250.webp", (300, 250), "webp"),
        ("/300x250.svg/Hello", (300, 250), "svg"),
        ("/300x250.gif", (300, 250), "png"),
        ("/300x250.foo", (300, 250), "png"),
        # Sides are brought into 10..5000.
        ("/1x0", (10, 10), "png"),
        ("/9999x100", (5000, 100), "png"),
        (f"/{'9' * 99}x100", (5000, 100), "png"),
        ("/404", (404, 404), "png"),
    ],
)
def test_sizes_and_formats(url, size, format):
    spec = read(url)
    assert (spec.width, spec.height) == size
    assert spec.format == format


@pytest.mark.parametrize(
    ("url", "background", "foreground", "caption"),
    [
        ("/300x200", GREY, TEXT, ""),
        ("/300x200?bg_color=steelblue&text_color=white", "4682b4", "ffffff", ""),
        ("/300x200?bg_color=%23FF0000&text_color=0f0", "ff0000", "00ff00", ""),
        ("/300x200?bg_color=ZZZZZZ&text_color=ff00", GREY, TEXT, ""),
        ("/300x200?bg_color=transparent", GREY, TEXT, ""),
        ("/300x200?bg_color=&text_color=&text=", GREY, TEXT, ""),
        ("/300x200/tomato", "ff6347", TEXT, ""),
        ("/300x200/TOMATO/White", "ff6347", "ffffff", ""),
        ("/300x200/F00/0f0f0f?bg_color=blue&text_color=blue", "ff0000", "0f0f0f", ""),
        ("/300x200/F00?bg_color=blue&text_color=blue", "ff0000", "0000ff", ""),
        ("/300x200/nocolor/nocolor?bg_color=blue", GREY, TEXT, ""),
        ("/300x200.png/ff4444/ffffff/picture.jpg", "ff4444", "ffffff", ""),
        # Captions that look like colours are colours, unless an extension is before them.
        ("/300x200/bad", "bbaadd", TEXT, ""),
        ("/300x200/face00?text=Hi", "face00", TEXT, "\nHi"),
        ("/300x200.jpg/bad", GREY, TEXT, "\nbad"),
        ("/300x200/ff00", GREY, TEXT, "\nff00"),
        ("/300x200/Hello World?text=Other", GREY, TEXT, "\nHello World"),
        ("/300x200?text=Hello&gradient=sunset&gradient_angle=45", GREY, TEXT, "\nHello"),
        (r"/300x200?text=Line 1\nLine 2\n\n", GREY, TEXT, "\nLine 1\nLine 2"),
        ("/300x200?text=Thumbnail 4:3&dims=true", GREY, TEXT, "\nThumbnail 4:3"),
    ],
)
def test_colors_and_captions(url, background, foreground, caption):
    spec = read(url)
    assert (spec.background.hex, spec.foreground.hex) == (background, foreground)
    assert spec.text == "300×200" + caption
    assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec


def test_without_dimensions():
    assert read("/300x200?dims=false").text == ""
    assert read("/300x200/Hello?dims=FALSE").text == "Hello"
    assert read("/300x200?dims=0").text == "300×200"


@pytest.mark.parametrize("path", ["", "/", "/about", "/x200", "/-5", "/٣٠٠", "/300x200foo"])
def test_without_a_size(path):
    with pytest.raises(BadParameter, match=r"fpoimg\.com/300x200") as caught:
        read(path)
    assert caught.value.parameter == "size"


def test_by_its_host_and_by_its_name():
    spec = dialects.parse_url("https://www.fpoimg.com/400x300?text=Landscape%2016:9", CONFIG)
    assert (spec.width, spec.height, spec.text) == (400, 300, "400×300\nLandscape 16:9")
    assert dialects.parse_url("/fpoimg/400x300?text=Landscape+16:9", CONFIG) == spec
