"""placehold.jp: colours and font size before the size, style sheet properties as JSON."""

import json
from urllib.parse import parse_qsl, quote

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import native, placehold_jp
from wsgi_placeholder.drawing.color import parse_color
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.testing import DialectContract

CONFIG = Config.of(system_fonts=False)
GREY, TEXT = "cccccc", "999999"


def read(url):
    """Read what follows the host, once decoded but for the query."""
    path, _, query = url.partition("?")
    return placehold_jp.parse(path, parse_qsl(query, keep_blank_values=True), CONFIG)


def styled(**rules):
    css = json.dumps({name.replace("_", "-"): value for name, value in rules.items()})
    return read(f"/3d4070/ffffff/150x100.png?css={quote(css)}")


@pytest.mark.parametrize(
    ("path", "background", "foreground", "size"),
    [
        ("/150x100.png", GREY, TEXT, None),
        ("/150x100", GREY, TEXT, None),
        ("//150x100.png ", GREY, TEXT, None),
        ("/3d4070/ffffff/150x100.png", "3d4070", "ffffff", None),
        ("/CCC/fff/150x100.png", "cccccc", "ffffff", None),
        ("/999/333/150x100.png", "999999", "333333", None),
        ("/24/cc9999/993333/150x100.png", "cc9999", "993333", 24),
        ("/120/3d4070/ffffff/150x100.png", "3d4070", "ffffff", 120),
        ("/9999/3d4070/ffffff/150x100.png", "3d4070", "ffffff", 1024),
        ("/40//333/150x100.png", GREY, "333333", 40),
        ("/ccc//150x100.png", "cccccc", TEXT, None),
        ("/24/3d4070/150x100.png", GREY, "3d4070", 24),
        ("/24/150x100.png", GREY, TEXT, 24),
        ("/3d4070/150x100.png", GREY, "3d4070", None),
        ("/333/150x100.png", GREY, "333333", None),
        ("/zzz/yyy/xxx/150x100.png", GREY, TEXT, None),
        ("/24/ccc/fff/more/150x100.png", "cccccc", "ffffff", 24),
        # What follows the size is ignored.
        ("/3d4070/ffffff/150x100/picture", "3d4070", "ffffff", None),
        ("/150x100/ccc/fff", GREY, TEXT, None),
    ],
)
def test_paths(path, background, foreground, size):
    spec = read(path)
    assert (spec.width, spec.height) == (150, 100)
    assert (spec.background.hex, spec.foreground.hex) == (background, foreground)
    assert spec.size == size
    assert spec.format == "png"
    assert spec.text == "150x100"


@pytest.mark.parametrize(
    ("path", "format"),
    [("150x100.jpg", "jpeg"), ("150x100.GIF", "gif"), ("ccc/fff/150x100.webp", "webp")],
)
def test_formats(path, format):
    assert read("/" + path).format == format


def test_one_number_is_a_square():
    assert read("/80.png") == read("/80x80.png")


def test_text():
    assert read("/150x100.png?text=Image%0ANot%0AFound").text == "Image\nNot\nFound"
    assert read("/150x100.png?text=%E5%AF%A9%E6%9F%BB%E4%B8%AD").text == "審査中"
    assert read("/150x100.png?text=%20").text == read("/150x100.png?text=").text == ""


def test_style_sheet_properties():
    plain = read("/3d4070/ffffff/150x100.png")
    assert styled(border_radius="15px") == plain.replace(radius=15.0)
    assert styled(border_radius="50%") == plain.replace(radius=50.0)
    assert styled(border_radius="33.33%").radius == 33.33
    assert styled(border_radius=7).radius == 7
    red = parse_color("f00")
    assert styled(border="2px solid #f00") == plain.replace(border=2.0, border_color=red)
    assert styled(border="3px solid rgb(255, 0, 0)").border_color == red
    assert styled(border="3px").border_color == plain.foreground
    assert styled(background_color="red").background == red
    assert styled(background="#f00", color="rgba(255,0,0,1)") == plain.replace(
        background=red, foreground=red, border_color=red
    )
    assert styled(font_size="70px").size == 70
    assert styled(font_weight="bold") == plain.replace(weight=700)
    assert styled(font_weight=449).weight == 400
    assert styled(font_family="Inter, serif").font == "inter"


@pytest.mark.parametrize(
    "rules",
    [
        {"background": " -webkit-gradient(linear, left top, left bottom, from(#693E9A))"},
        {"background-image": "url(https://example.com/picture.jpg)", "padding": "0 80px"},
        {"clip-path": " polygon(50% 0, 0 100%, 100% 100%)", "font-size": "large"},
        {"border-radius": None, "border": [], "font-weight": {}, "font-family": "Nonesuch"},
        {"border": "solid", "color": "fff", "border-radius": "15%px"},
    ],
)
def test_other_properties_are_left_out(rules):
    assert styled(**rules) == read("/3d4070/ffffff/150x100.png")


@pytest.mark.parametrize("css", ["", "{", "[]", "1", "nan", "[" * 1900, "1" * 5000, '{"a":1e999}'])
def test_unreadable_css_is_none(css):
    assert read(f"/150x100.png?css={quote(css)}") == read("/150x100.png")


@pytest.mark.parametrize("path", ["", "/", "/ccc/fff", "/picture.png"])
def test_without_a_size(path):
    with pytest.raises(BadParameter, match=r"placehold\.jp/ccc/999/150x100\.png") as caught:
        read(path)
    assert caught.value.parameter == "size"


def test_by_its_host_and_by_its_name():
    url = "/24/cc9999/993333/160x90.png"
    spec = dialects.parse_url("http://placehold.jp" + url, CONFIG)
    assert spec == dialects.parse_url("/placehold-jp" + url, CONFIG) == read(url)


class TestContract(DialectContract):
    urls = (
        "/24/cc9999/993333/150x100.png?text=a%0Ab|{c}",
        "/40//333/600x315.jpg?css="
        + quote(
            '{"border-radius":"33%","border":"2.5px solid rgba(1,2,3,.5)","color":"#12345678"}'
        ),
        "/80.png?css=" + quote('{"font-size":"12.345px","font-weight":"bold"}'),
    )
    count = 300

    @pytest.fixture
    def dialect(self):
        return placehold_jp.DIALECT

    @pytest.mark.parametrize("url", urls)
    def test_survives_conversion(self, url):
        assert dialects.parse_url(native.build(read(url), CONFIG), CONFIG) == read(url)
