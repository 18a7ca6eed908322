"""holder.js URLs: the form with a query, the older one with slashes, and sizes in per cent."""

from urllib.parse import parse_qsl

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import holder, native
from wsgi_placeholder.drawing.color import parse_color
from wsgi_placeholder.errors import BadParameter, TooLarge
from wsgi_placeholder.testing import DialectContract

CONFIG = Config.of(system_fonts=False)
THEMES = {
    "gray": ("eeeeee", "aaaaaa"), "social": ("3a5a97", "ffffff"), "sky": ("0d8fdb", "ffffff"),
    "industrial": ("434a52", "c2f200"), "vine": ("39dbac", "1e292c"), "lava": ("f8591a", "1c2846"),
}  # fmt: skip


def read(url):
    """Read what follows `holder.js`, once decoded."""
    path, _, query = url.partition("?")
    return holder.parse(path, parse_qsl(query, keep_blank_values=True), CONFIG)


def colors(url):
    spec = read(url)
    return spec.background.hex, spec.foreground.hex


@pytest.mark.parametrize(
    ("url", "size", "caption"),
    [
        ("/300x200", (300, 200), "300x200"),
        ("/300x200/", (300, 200), "300x200"),
        ("//300x200?", (300, 200), "300x200"),
        ("/300×200", (300, 200), "300x200"),
        ("/100%x180", (300, 180), "100%x180"),
        ("/100px180", (300, 180), "100%x180"),
        ("/90%x80%/sky", (270, 120), "90%x80%"),
        ("/171x50p", (171, 75), "171x50%"),
        ("/171x180px", (171, 180), "171x180"),
        ("/3x2?ratio=yes", (3, 2), "3x2"),
        ("/0x1%", (1, 2), "0x1%"),
    ],
)
def test_sizes(url, size, caption):
    spec = read(url)
    assert (spec.width, spec.height) == size
    assert spec.text == caption


@pytest.mark.parametrize("theme", THEMES)
def test_themes(theme):
    assert colors(f"/300x200?theme={theme}&bg=fff&fg=000") == THEMES[theme]
    assert colors(f"/300x200/{theme}") == THEMES[theme]
    assert colors(f"/300x200/auto/{theme}/text:Lorem") == THEMES[theme]


@pytest.mark.parametrize(
    ("url", "background", "foreground"),
    [
        ("/300x200", "eeeeee", "aaaaaa"),
        ("/300x200?theme=thumb", "eeeeee", "aaaaaa"),
        ("/300x200?bg=ff8362&fg=5e422e", "ff8362", "5e422e"),
        ("/300x200?bg=#fff&fg=#000", "ffffff", "000000"),
        ("/300x200?theme=thumb&bg=6f42c1&fg=6f42c1", "6f42c1", "6f42c1"),
        ("/300x200?bg=rgba(41, 128, 185,0.5)&fg=rgb(1,2,3)", "2980b980", "010203"),
        # The text colour follows the background when that alone is given.
        ("/300x200?bg=20232a", "20232a", "ffffff"),
        ("/300x200?bg=ffffff", "ffffff", "b6b6b6"),
        ("/300x200?fg=f00", "eeeeee", "ff0000"),
        ("/300x200?bg=nonsense", "eeeeee", "aaaaaa"),
        ("/900x500/auto/#555:#5a5a5a/text:Third slide", "555555", "5a5a5a"),
        ("/300x200/^fff:^000", "ffffff", "000000"),
        ("/300x200/fff:000", "ffffff", "000000"),
        ("/300x200/sky/#fff:#000", "ffffff", "000000"),
        ("/300x200/#fff:#000/sky", "0d8fdb", "ffffff"),
        ("/300x200/bright", "eeeeee", "aaaaaa"),
    ],
)
def test_colors(url, background, foreground):
    assert colors(url) == (background, foreground)


def test_random_theme_is_the_same_every_time():
    found = {colors(f"/{width}x200?random=yes") for width in range(100, 160)}
    assert found == set(THEMES.values())
    assert read("/300x200/random") == read("/300x200?random=yes") == read("/300x200?random=on")
    assert colors("/300x200?random=no&theme=sky") == THEMES["sky"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/300x200?text=Hello", "Hello"),
        ("/300x200?Text=Hello", "Hello"),
        ("/300x200?text=", "300x200"),
        ("/300x200?text=%20", ""),
        (
            r"/300x200?text=Add \n line breaks \n anywhere.&nowrap=true",
            "Add\nline breaks\nanywhere.",
        ),
        ("/300x200?text=small%20%0A%20%28400x400%29", "small\n(400x400)"),
        ("/300x200?text=[holder_dimensions]", "[300x200]"),
        ("/100%x200?text=Hello&textmode=literal", "100%x200"),
        ("/300x200?textmode=exact", "300x200"),
        ("/300x200/text:hello: world", "hello: world"),
        ("/300x200/font:FontAwesome/lava/text:", "300x200"),
        ("/300x200/textmode:literal/text:a", "300x200"),
        ("/300x200/text", "300x200"),
    ],
)
def test_text(url, text):
    assert read(url).text == text


def test_size_is_points_and_at_least_what_the_script_takes():
    assert read("/300x200").size is None
    assert read("/300x200?size=45").size == 60
    assert read("/300x200/size:45").size == 60
    assert read("/400x400?size=8").size == 26.67
    assert read("/20x20?size=1").size == 1.33
    assert read("/300x200?size=9999").size == 1024
    assert read("/300x200?size=0") == read("/300x200?size=x") == read("/300x200")


def test_other_options():
    assert read("/300x200?align=left").align == "left"
    assert read("/300x200?align=right").align == "right"
    assert read("/300x200?align=middle").align == "center"
    assert read("/300x200?font=Inter,serif").font == "inter"
    assert read("/300x200?font='Font Awesome 5 Free'") == read("/300x200")
    dark, light = read("/300x200?outline=yes&bg=000"), read("/300x200?outline=yes&bg=fff")
    assert (dark.border, dark.border_color.hex) == (2, "191919")
    assert (light.border, light.border_color.hex) == (2, "e6e6e6")
    assert read("/300x200?outline=no&auto=yes&lineWrap=0.5&nowrap=1&x=y") == read("/300x200")


def test_svg_unless_an_extension_is_named():
    assert read("/300x200").format == "svg"
    assert read("/300x200.png").format == "png"


@pytest.mark.parametrize("path", ["/", "", "/sky", "/x200", "/300", "/%x%", "/sky/300x200"])
def test_without_a_size(path):
    with pytest.raises(BadParameter, match=r"holder\.js/300x200") as caught:
        read(path)
    assert caught.value.parameter == "size"
    assert caught.value.hint == ("300x300" if path == "/300" else None)


def test_too_large():
    with pytest.raises(TooLarge):
        read("/999999999x9")


def test_by_its_host_and_by_its_name():
    spec = dialects.parse_url("holder.js/300x200?theme=sky", CONFIG)
    assert spec.background == parse_color("0d8fdb")
    assert dialects.parse_url("/holder/300x200?theme=sky", CONFIG) == spec
    assert dialects.parse_url("/holder.js/300x200/%230d8fdb:%23fff", CONFIG) == spec


class TestContract(DialectContract):
    urls = (
        "/300x200?theme=sky&size=33.333&align=left&outline=yes&random=yes",
        "/100%x180?bg=rgba(41, 128, 185,0.5)&fg=hsl(9,50%,40%)&text=a\\nb|{c}",
        "/900x500/auto/#555:#5a5a5a/size:7.77/text:Third slide",
    )
    count = 300

    @pytest.fixture
    def dialect(self):
        return holder.DIALECT

    @pytest.mark.parametrize("url", urls)
    def test_survives_conversion(self, url):
        assert dialects.parse_url(native.build(read(url), CONFIG), CONFIG) == read(url)
