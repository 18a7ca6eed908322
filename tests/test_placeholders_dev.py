"""placeholders.dev: sizes in the path or the query, colours as in style sheets."""

from urllib.parse import parse_qsl

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import native, placeholders_dev
from wsgi_placeholder.errors import TooLarge

CONFIG = Config.of(system_fonts=False)


def read(url):
    """Read what follows the host, once decoded but for the query."""
    path, _, query = url.partition("?")
    return placeholders_dev.parse(path, parse_qsl(query, keep_blank_values=True), CONFIG)


@pytest.mark.parametrize(
    ("url", "size"),
    [
        ("/", (300, 150)),
        ("", (300, 150)),
        ("/abc", (300, 150)),
        ("/x150", (300, 150)),
        ("/0x0", (300, 150)),
        ("/350", (350, 350)),
        ("/350x", (350, 350)),
        ("/350x0", (350, 350)),
        ("/350x150", (350, 150)),
        ("/350X150/", (350, 150)),
        ("/350×150", (350, 150)),
        ("/350.5x150.4", (350, 150)),
        ("/0.2x150", (1, 150)),
        ("/api/350x150", (350, 150)),
        ("/api?width=20", (20, 150)),
        ("/350x150/more", (350, 150)),
        ("/?width=300&height=450", (300, 450)),
        ("/350x150?width=20", (20, 150)),
        ("/350?height=20", (350, 20)),
        ("/350x150?width=abc&height=", (350, 150)),
        ("/350x150?width=0&height=-3", (350, 150)),
    ],
)
def test_sizes(url, size):
    spec = read(url)
    assert (spec.width, spec.height) == size
    assert spec.text == "{}×{}".format(*size)


@pytest.mark.parametrize(
    ("query", "background", "foreground"),
    [
        ("", "dddddd", "00000080"),
        ("bgColor=%23f7f6f3&textColor=%236b7280", "f7f6f3", "6b7280"),
        ("bgColor=%23F00&textColor=%230008", "ff0000", "00000088"),
        ("bgColor=tomato&textColor=WHITE", "ff6347", "ffffff"),
        ("bgColor=transparent", "00000000", "00000080"),
        ("bgColor=rgb(1,2,3)&textColor=rgba(255, 255, 255, .5)", "010203", "ffffff80"),
        ("bgColor=hsl(210, 50%, 40%)&textColor=hsla(0,0%,0%,50%)", "336699", "00000080"),
        ("bgColor=rgba(300,0,0,7)", "ff0000", "00000080"),
        # As in a style sheet, a number without # is no colour; nor are these.
        ("bgColor=fff&textColor=000000", "dddddd", "00000080"),
        ("bgColor=rgb(1,2)&textColor=rgba(a,b,c,d)", "dddddd", "00000080"),
        ("bgColor=rgba(1,2,3,x)&textColor=currentColor", "dddddd", "00000080"),
        ("darkBgColor=%23000&darkTextColor=%23fff&bg=0ea5e9", "dddddd", "00000080"),
    ],
)
def test_colors(query, background, foreground):
    spec = read("/350x150?" + query)
    assert (spec.background.hex, spec.foreground.hex) == (background, foreground)
    assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello+World", "Hello World"),
        ("%E7%84%A1", "無"),
        ("", "350×150"),
        ("%20", ""),
        ("<b>bold</b> %22quoted%22 1 < 2", "bold quoted 1 2"),
        ("<", "350×150"),
    ],
)
def test_text(text, shown):
    assert read(f"/350x150?text={text}").text == shown


def test_fonts():
    assert read("/350?fontSize=12.345").size == 12.35
    assert read("/350?fontSize=5000").size == 1024
    assert read("/350?fontSize=big").size is None
    assert read("/350?fontWeight=543").weight == 500
    assert read("/350?fontWeight=1").weight == 100
    assert read("/350?fontWeight=bold") == read("/350")
    assert read("/350?fontFamily=Inter,+sans-serif").font == "inter"
    assert read("/350?fontFamily=Nonesuch&dy=3&textWrap=true") == read("/350")


def test_svg_unless_an_extension_is_named():
    assert read("/350").format == "svg"
    assert read("/350x150.png").format == "png"
    assert read("/350x150.jpg").format == "jpeg"


def test_too_large():
    with pytest.raises(TooLarge):
        read("/?width=1000000")


def test_by_its_hosts_and_by_its_name():
    spec = dialects.parse_url("https://images.placeholders.dev/80x80?bgColor=%23eb4034", CONFIG)
    assert (spec.width, spec.height, spec.background.hex) == (80, 80, "eb4034")
    assert dialects.parse_url("placeholders.dev/80?bgColor=%23eb4034", CONFIG) == spec
    assert dialects.parse_url("/placeholders-dev/80?bgColor=%23eb4034", CONFIG) == spec
