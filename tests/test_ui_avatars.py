"""ui-avatars.com: what its published program makes of each URL."""

import photos
import pytest
from photos import CONFIG

from wsgi_placeholder import Config
from wsgi_placeholder.dialects import parse_url
from wsgi_placeholder.dialects.ui_avatars import DIALECT
from wsgi_placeholder.drawing.color import BLACK, WHITE, Color, contrast
from wsgi_placeholder.testing import DialectContract


def spec_of(url):
    return photos.spec_of(f"https://ui-avatars.com{url}")


class TestContract(DialectContract):
    urls = (
        "/api/?name=John+Doe&size=64&background=random&rounded=true&bold=true&font-size=0.33",
        "/api/John+Doe/128/000000/ffffff/2/0.5/true/true/false/svg", "/api", "/api/?size=-1",
        "/api/?name=a-b%20c&length=9&uppercase=false&color=rgba(1,2,3,0.5)&format=png",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


def test_defaults():
    spec = spec_of("/api/?v=2&name=John+Doe")
    assert spec == spec_of("/api/?bold=false")
    assert (spec.width, spec.height, spec.format, spec.text) == (64, 64, "png", "JD")
    assert (spec.background.hex, spec.foreground.hex) == ("dddddd", "222222")
    assert (spec.weight, spec.radius, spec.size) == (400, 0, 28.16)  # 0.4375, as 0.44


@pytest.mark.parametrize("url", ["/api", "/api/", "/api/?v=1"])
def test_nobody_is_john_doe(url):
    assert spec_of(url).text == "JD"


@pytest.mark.parametrize(
    ("url", "size"),
    [
        ("size=128", (128, 128)),
        ("size=1", (16, 16)),
        ("size=15", (16, 16)),
        ("size=-5", (16, 16)),
        ("size=", (16, 16)),
        ("size=big", (16, 16)),
        ("size=512", (512, 512)),
        ("size=513", (512, 512)),
        ("size=99999999", (512, 512)),
        ("size=128px", (128, 128)),
        ("size=%2064.9", (64, 64)),
        ("size=100&size=200", (200, 200)),  # PHP keeps the last
        ("width=100&height=50", (100, 50)),
        ("size=100&height=50", (100, 50)),
        ("width=9999", (512, 64)),
    ],
)
def test_size(url, size):
    spec = spec_of("/api/?" + url)
    assert (spec.width, spec.height) == size


@pytest.mark.parametrize(
    ("url", "initials"),
    [
        ("name=John+Doe", "JD"),
        ("name=John%20Doe", "JD"),
        ("name=John Doe", "JD"),
        ("name=John", "JO"),
        ("name=J", "J"),
        ("name=MA", "MA"),
        ("name=John+Doe+Bergerson", "JB"),
        ("name=John+Doe+Bergerson&length=3", "JDB"),
        ("name=John+A+B+C+Doe&length=3", "JAD"),
        ("name=Gustav+Årgonson", "GÅ"),
        ("name=Morten+Cæster&length=3", "MCÆ"),
        ("name=John+Doe&length=5", "JDOE"),
        ("name=John+Doe&length=1", "J"),
        ("name=John+Doe&length=0", "J"),
        ("name=John+Doe&length=-3", "J"),
        ("name=John+Doe&length=", "J"),
        ("name=Jean-Luc+Picard&length=3", "JLP"),
        ("name=Jean-Luc", "JL"),
        ("name=-John-", "JO"),
        ("name=- John -", "JO"),
        ("name=John++Doe", "JD"),
        ("name=++John++Doe++", "JD"),
        ("name=john+doe", "JD"),
        ("name=john+doe&uppercase=false", "jd"),
        ("name=john+doe&uppercase=0", "jd"),
        ("name=john+doe&uppercase=no", "jd"),
        ("name=john+doe&uppercase=yes", "JD"),
        ("name=john+doe&uppercase=TRUE", "JD"),
        ("name=somebody@example.com", "SO"),
        ("name=some.body%40example.com&length=4", "SOME"),
        ("name=محمد+علي", "مع"),
        ("name=%D9%85%D8%AD%D9%85%D8%AF", "مح"),
        ("name=😀+Smith", "😀S"),
        ("name=山田太郎", "山田"),
        ("name=Иван+Петров", "ИП"),
        ("name=straße", "ST"),
        ("name=ß", "SS"),
        ("name=??", "??"),
        ("name=%3F", "?"),
        ("name=", ""),
        ("name=&background=0D8ABC", ""),
        ("name=Andres+Belendez&&background=0D8ABC&color=fff&&bold=true", "AB"),
        ("name=undefined", "UN"),
        ("name=1+2", "12"),
        ("background=0D8ABC&color=fff", "JD"),
        ("length=1", "J"),
    ],
)
@pytest.mark.parametrize("start", ["/api/?", "/api?", "/?"])
def test_initials(start, url, initials):
    assert spec_of(start + url).text == initials


def test_a_long_length_ends():
    assert len(spec_of("/api/?name=" + "a" * 900 + "&length=999999999").text) == CONFIG.max_text


@pytest.mark.parametrize(
    ("url", "background", "color"),
    [
        ("background=0D8ABC&color=fff", "0d8abc", "ffffff"),
        ("background=%230D8ABC&color=%23fff", "0d8abc", "ffffff"),
        ("background=0D8ABC", "0d8abc", "222222"),
        ("background=f97316aa", "f97316aa", "222222"),
        ("background=f00a", "ff0000aa", "222222"),
        ("background=rgba(34,197,94,0.2)&color=22c55e", "22c55e33", "22c55e"),
        ("background=transparent", "00000000", "222222"),
        ("background=nonsense&color=", "dddddd", "222222"),
    ],
)
def test_colours(url, background, color):
    spec = spec_of("/api/?" + url)
    assert (spec.background.hex, spec.foreground.hex) == (background, color)


def test_random_background_is_one_for_each_name_and_brings_its_text_colour():
    names = [f"name={name}&background=random&color=000" for name in "ABCDEFGH"]
    specs = [spec_of("/api/?" + url) for url in names]
    assert specs == [spec_of("/api/?" + url) for url in names]
    assert len({spec.background for spec in specs}) > 3
    for spec in specs:
        assert spec.foreground in (WHITE, BLACK)
        assert contrast(spec.foreground, spec.background) >= 3  # WCAG 2.2, 1.4.3, large text
    assert spec_of("/api/?name=Ann+B&background=random&size=32").background == (
        spec_of("/api/?background=random&name=Ann+B").background
    )


@pytest.mark.parametrize("word", ["true", "1", "yes", "on", "TRUE"])
def test_switches_on(word):
    spec = spec_of(f"/api/?rounded={word}&bold={word}")
    assert (spec.radius, spec.weight) == (32, 700)


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "", "2", "rounded"])
def test_switches_off(word):
    spec = spec_of(f"/api/?rounded={word}&bold={word}")
    assert (spec.radius, spec.weight) == (0, 400)


@pytest.mark.parametrize(
    ("share", "size"),
    [("0.5", 50), ("0.33", 33), ("1", 100), ("7", 100), ("0", 50), ("-1", 50), ("", 50),
     (".25", 25), ("0.4375", 44), ("x", 50), ("0.001", 1)],
)  # fmt: skip
def test_font_size_is_a_share_of_the_width(share, size):
    assert spec_of(f"/api/?size=100&font-size={share}").size == size


@pytest.mark.parametrize(
    ("url", "format"),
    [("format=svg", "svg"), ("format=png", "png"), ("format=jpg", "png"), ("format=", "png"),
     ("format=SVG", "png")],
)  # fmt: skip
def test_format(url, format):
    assert spec_of("/api/?" + url).format == format


def test_path_form():
    spec = spec_of("/api/John+Doe/128/0D8ABC/ffffff/1/0.5/true/false/true/svg")
    assert spec == spec_of(
        "/api/?name=John+Doe&size=128&background=0D8ABC&color=ffffff&length=1&font-size=0.5"
        "&rounded=true&uppercase=false&bold=true&format=svg"
    )
    assert spec.text == "J"
    assert spec_of("/api/Ada%20Lovelace/128?debug=1&no-cache").text == "AL"
    assert spec_of("/api/Ada/100/f00/fff/2/0.5/0/1/0/png/200/50").width == 200
    assert spec_of("/api//Ada+Lovelace/40").text == "AL"  # after the API all slashes go
    assert spec_of("/api/Piet").text == "PI"


def test_a_known_parameter_switches_the_path_off():
    assert spec_of("/api/Ada/128?size=32").text == "JD"


@pytest.mark.parametrize("host", ["ui-avatars.com", "eu.ui-avatars.com", "www.ui-avatars.com"])
def test_hosts(host):
    assert parse_url(f"//{host}/api/?name=Ann", CONFIG) == spec_of("/api/?name=Ann")


def test_it_is_text_whatever_the_configured_style():
    config = Config.of(style="identicon", system_fonts=False)
    spec = parse_url("ui-avatars.com/api/?name=Ann", config)
    assert spec.style == "flat"
    assert spec.background == Color(221, 221, 221)
