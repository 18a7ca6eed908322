"""The native URL grammar: what it reads, what it refuses and how, and its inverse."""

import dataclasses
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wsgi_placeholder import Config, Spec, dialects, formats
from wsgi_placeholder.dialects import complete, native
from wsgi_placeholder.drawing.color import Color, parse_color
from wsgi_placeholder.errors import BadParameter, PlaceholderError, TooLarge
from wsgi_placeholder.spec import ALIGNS

CONFIG = Config.of()
OTHER = Config.of(
    background="#fed", foreground="navy", format="auto", weight=300, max_text=80, max_lines=4
)


def read(url, config=CONFIG):
    """Read a URL as it stands in a page: `?` begins the query, escapes are decoded."""
    path, _, query = url.partition("?")
    return dialects.parse(unquote(path), parse_qsl(query, keep_blank_values=True), config)


def spec(width=600, height=400, **keywords):
    return complete({"width": width, "height": height, **keywords}, CONFIG)


def complaint(url, config=CONFIG):
    with pytest.raises(PlaceholderError) as caught:
        read(url, config)
    error = caught.value
    assert 20 < len(error.detail) < 400
    assert error.status == 400
    return error


GREEN, ORANGE, WHITE = parse_color("green"), parse_color("orange"), parse_color("white")
CLEAR = parse_color("transparent")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/400", spec(400, 400)),
        ("/400x", spec(400, 400)),
        ("/600x400", spec()),
        ("/600%C3%97400", spec()),
        ("/16:9x1080", spec(1920, 1080)),
        ("/640x4:3.jpg", spec(640, 480, format="jpeg")),
        ("/hd1080", spec(1920, 1080)),
        ("/og.webp", spec(1200, 630, format="webp")),
        # scale marks
        ("/600x400@2x", spec(scale=2)),
        ("/600x400@1.5x", spec(scale=1.5)),
        ("/600x400@1.5x.png", spec(scale=1.5)),
        ("/600x400@2X.jpg", spec(scale=2, format="jpeg")),
        ("/600x400/blue/white@2x.jpg", read("/600x400@2x/blue/white/jpg")),
        ("/600x400.png@2x", spec(scale=2)),
        ("/600x400?scale=2", spec(scale=2)),
        ("/600x400?dpr=2", spec(scale=2)),
        ("/600x400@2x?scale=3", spec(scale=2)),
        # formats: extension, segment, query
        ("/600x400.JPG", spec(format="jpeg")),
        ("/600x400/jpeg", spec(format="jpeg")),
        ("/600x400/jpg", spec(format="jpeg")),
        ("/600x400?format=jpg", spec(format="jpeg")),
        ("/600x400?fm=JPEG", spec(format="jpeg")),
        ("/600x400.gif/green/orange", spec(format="gif", background=GREEN, foreground=ORANGE)),
        ("/600x400/green.gif/orange", spec(format="gif", background=GREEN, foreground=ORANGE)),
        ("/600x400/green/orange.gif", spec(format="gif", background=GREEN, foreground=ORANGE)),
        ("/600x400/green/orange/gif", spec(format="gif", background=GREEN, foreground=ORANGE)),
        ("/600x400/gif/green/orange", spec(format="gif", background=GREEN, foreground=ORANGE)),
        ("/600x400.png?format=gif", spec()),
        # colours
        ("/600x400/0", spec(background=Color(0, 0, 0))),
        ("/600x400/a5", spec(background=Color(165, 165, 165))),
        ("/600x400/09f", spec(background=Color(0, 153, 255))),
        ("/600x400/09f8", spec(background=Color(0, 153, 255, 136))),
        ("/600x400/0099FF", spec(background=Color(0, 153, 255))),
        ("/600x400/0099ff80", spec(background=Color(0, 153, 255, 128))),
        ("/600x400/%2309f", spec(background=Color(0, 153, 255))),
        ("/600x400/Orange/WHITE", spec(background=ORANGE, foreground=WHITE)),
        ("/600x400/transparent/F00", spec(background=CLEAR, foreground=Color(255, 0, 0))),
        ("/600x400?bg=orange&fg=%23fff", spec(background=ORANGE, foreground=WHITE)),
        ("/600x400?background=orange&color=fff", spec(background=ORANGE, foreground=WHITE)),
        ("/600x400?bgColor=orange&textColor=fff", spec(background=ORANGE, foreground=WHITE)),
        ("/600x400/orange?bg=green", spec(background=ORANGE)),
        ("/600x400?fg=white", spec(foreground=WHITE)),
        ("/600x400/f00?grayscale", spec(background=Color(76, 76, 76))),
        ("/600x400/f00?grayscale=0", spec(background=Color(255, 0, 0))),
        # empty parts and what else stands in pages
        ("//600x400", spec()),
        ("/600x400/", spec()),
        ("/600x400//.png", spec()),
        ("/ 600x400 /", spec()),
        ("/600x400?", spec()),
        ("/600x400/?text=A", spec(text="A")),
        ("/600x400&text=A", spec(text="A")),
        ("/600x400/orange/&text=A b", spec(background=ORANGE, text="A b")),
        ("/600x400/orange/white.jpg&text=[img]&font=inter",
         spec(background=ORANGE, foreground=WHITE, format="jpeg", text="[img]")),
        ("/600x400?12345", spec()),
        ("/600x400?text=Salt & Pepper", spec(text="Salt")),
        ("/600x400?v=3&_=1&random=7&t=9", spec()),
        ("/600x400?bg=&fg=&size=&font=&format=", spec()),
        # text
        ("/600x400?text=", spec(text="")),
        ("/600x400?text=%20", spec(text="")),
        ("/600x400?TEXT=a&text=b", spec(text="a")),
        ("/600x400?text=Hello+World", spec(text="Hello World")),
        (r"/600x400?text=No\nImage", spec(text="No\nImage")),
        ("/600x400?text=No|Image", spec(text="No\nImage")),
        ("/600x400?text=No%0AImage", spec(text="No\nImage")),
        ("/600x400?text=No%0D%0AImage", spec(text="No\nImage")),
        (r"/600x400?text=a\|b\\n\{width}", spec(text=r"a|b\n{width}")),
        ("/600x400?text=100%", spec(text="100%")),
        ("/600x400?text=%E2%9C%93 ok?", spec(text="✓ ok?")),
        ("/600x400@2x.jpg?text={width}|{HEIGHT}|{size}|{scale}|{format}",
         spec(scale=2, format="jpeg", text="600\n400\n600×400\n2\nJPEG")),
        ("/600x400/fff/00f?text={background} {fg}",
         spec(background=WHITE, foreground=Color(0, 0, 255), text="#ffffff #0000ff")),
        ("/600x400?text={nothing} {}", spec(text="{nothing} {}")),
        ("/600x400?text={size}", spec()),
        # the rest
        ("/600x400?font=Inter", spec()),
        ("/600x400?size=24&weight=bold", spec(size=24, weight=700)),
        ("/600x400?size=24px", spec(size=24)),
        ("/600x400?font_size=24&weight=Semi-Bold", spec(size=24, weight=600)),
        ("/600x400?align=top-left", spec(align="top-left")),
        ("/600x400?align=left+top", spec(align="top-left")),
        ("/600x400?align=middle", spec()),
        ("/600x400?padding=12.5&radius=9&border=2", spec(padding=12.5, radius=9, border=2)),
        ("/600x400?border=2,tomato", spec(border=2, border_color=parse_color("tomato"))),
        ("/600x400?border=0,tomato", spec()),
        ("/600x400?radius=999", spec(radius=200)),
        ("/600x400.jpg?quality=83", spec(format="jpeg", quality=85)),
        ("/600x400.jpg?q=1", spec(format="jpeg", quality=5)),
        ("/600x400?quality=83", spec()),
        ("/600x400?seed=abc", spec(seed="abc")),
        ("/600x400?style=flat", spec()),
        ("/600x400.auto", spec(format="auto")),
    ],
)  # fmt: skip
def test_spellings(url, expected):
    assert read(url) == expected
    assert read(url).key == expected.key, "one picture, one cache entry"


@pytest.mark.parametrize(
    "font",
    ["lato", "Playfair Display", "playfair-display", "playfair+display", "Open%20Sans", "ARIAL",
     "source-sans-pro", "Source Sans Pro", "roboto", "system-ui", "sans-serif"],
)  # fmt: skip
def test_a_well_known_font_that_is_not_installed_is_the_default(font):
    bare = SimpleFonts(CONFIG, ("inter",))
    assert read(f"/600x400?font={font}", bare) == spec()
    installed = SimpleFonts(CONFIG, ("inter", "lato"))
    assert read("/600x400?font=Lato", installed).font == "lato"


class SimpleFonts:
    """A configuration with exactly these fonts, whatever this machine has."""

    def __init__(self, config, names):
        self.font_names = names
        self._config = config

    def __getattr__(self, name):
        return getattr(self._config, name)


@pytest.mark.parametrize(
    ("url", "parameter", "hint"),
    [
        ("/", "size", None),
        ("//", "size", None),
        ("/60ox400", "size", "60x400"),
        ("/600*400", "size", "600x400"),
        ("/leaderbord", "size", "leaderboard"),
        ("/600x400@5x", "scale", "600x400@4x"),
        ("/600x400@.png", "scale", "600x400@2x"),
        ("/600x400?scale=9x", "scale", "4"),
        ("/600x400?weight=1000", "weight", "900"),
        ("/600x400?weight=450", "weight", "500"),
        ("/600x400?border=navy", "border", "4,navy"),
        ("/600x400?type=png", "type", "format"),
        ("/600x400?w=300", "w", "/600x400 in the path"),
        ("/red", "size", "/600x400/red"),
        ("/8k", "size", "4k"),
        ("/600x400@2", "scale", "600x400@2x"),
        ("/600x400.pgn", "format", "png"),
        ("/600x400.bmp", "format", None),
        ("/600x400?format=jpgg", "format", "jpg"),
        ("/600x400/oragne", "background", "orange"),
        ("/600x400/fff/oragne", "foreground", "orange"),
        ("/600x400/jepg", "background", "jpg"),
        ("/600x400/24610", "background", "024610"),
        ("/600x400/fff/000/png/extra", "path", None),
        ("/600x400?bg=oragne", "bg", "orange"),
        ("/600x400?fg=12345", "fg", "012345"),
        ("/600x400?coluor=red", "coluor", "color"),
        ("/600x400?txet=A", "txet", "text"),
        ("/600x400?grayscal", "grayscal", "grayscale"),
        ("/600x400?grayscale=perhaps", "grayscale", "1"),
        ("/600x400?font=intre", "font", "inter"),
        ("/600x400?font=../../etc/passwd", "font", None),
        ("/600x400?style=falt", "style", "flat"),
        ("/600x400?size=0", "size", "1"),
        ("/600x400?size=9999", "size", "1024"),
        ("/600x400?size=big", "size", None),
        ("/600x400?weight=bolt", "weight", "bold"),
        ("/600x400?align=toop", "align", "top"),
        ("/600x400?align=lfet", "align", "left"),
        ("/600x400?padding=-1", "padding", "0"),
        ("/600x400?border=2px solid red", "border", "2,red"),
        ("/600x400?blur=3", "blur", None),
        ("/600.5x400", "size", "600x400"),
        ("/red/300x200", "size", "/300x200/red"),
        ("/0", "size", None),
        ("/600x400?padding=1e3", "padding", None),
        ("/600x400?radius=round", "radius", None),
        ("/600x400?border=1,oragne", "border", "orange"),
        ("/600x400?border=501", "border", "500"),
        ("/600x400?scale=5", "scale", "4"),
        ("/600x400?quality=101", "quality", "100"),
        ("/600x400?quality=8.5", "quality", None),
    ],
)
def test_complaints_name_the_part_and_the_nearest(url, parameter, hint):
    error = complaint(url, SimpleFonts(CONFIG, ("inter",)))
    assert isinstance(error, BadParameter)
    assert error.parameter == parameter
    assert "expected" in error.detail
    if parameter not in ("align",) or hint:
        assert error.hint == hint
    if hint:
        assert error.sentence.endswith(f"Did you mean {hint}?")


@pytest.mark.parametrize(
    "alias", ["٣", "３", "1_0", "+5", "007", "5\n", "1e1", "0x5", "5.", "9" * 5000]
)
@pytest.mark.parametrize(
    "url", ["/{}", "/600x{}", "/600x400@{}x", "/9x9?size={}", "/9x9?padding={}", "/9x9.jpg?q={}",
            "/9x9?scale={}", "/9x9?weight={}"],
)  # fmt: skip
def test_number_aliases_are_refused(url, alias):
    if "?" in url:
        url = url.replace("{}", alias.replace("+", "%2B").replace("\n", "%0A"))
    complaint(url.replace("{}", alias))


@pytest.mark.parametrize(
    "url",
    ["/10000x10000", "/99999", "/600x400/../../etc", "/%00", "/600x400/%ff%fe", "/x" * 300,
     "/600x400?" + "a" * 900 + "=1", "/600x400?\u202e=1", "/@2x", "/.png", "/png", "/1x1@2x@3x"],
)  # fmt: skip
def test_nonsense_is_a_short_answer(url):
    error = complaint(url)
    assert error.sentence.isprintable()
    assert error.parameter is None or (error.parameter.isascii() and len(error.parameter) < 100)


def test_limits():
    assert isinstance(complaint("/5001x5001"), TooLarge)
    assert isinstance(complaint("/2600@2x"), TooLarge)
    assert complaint("/2600@2x").hint == "2500x2500"
    assert complaint("/5001x5000").hint == "5000x4999"
    assert complaint("/99999x10").hint == "65535x6"
    assert read("/5000x5000").pixels == (5000, 5000)
    assert isinstance(complaint("/257.ico"), TooLarge)
    assert read("/256.ico").format == "ico"


def test_a_configuration_fills_what_the_url_leaves_open():
    plain = read("/60x40", OTHER)
    assert plain.background == Color(0xFF, 0xEE, 0xDD)
    assert plain.foreground == parse_color("navy")
    assert (plain.format, plain.weight) == ("auto", 300)
    # A background of its own needs a foreground that reads on it.
    assert read("/60x40/000080", OTHER).foreground != parse_color("navy")
    assert len(read("/60x40?text=" + "x" * 300, OTHER).text) == 80


CONFIGS = [CONFIG, OTHER, Config.of(format="webp", background="transparent", weight=900)]
colors = st.builds(Color, *[st.integers(0, 255)] * 3, st.sampled_from([255, 255, 128, 0, 7]))
texts = st.one_of(
    st.none(),
    st.text(st.sampled_from("ab\\|{}widthn \n\"'&#%+?=/;<>é×日א\u0301👩\u200d"), max_size=30),
    st.text(max_size=30),
    st.sampled_from(
        ["{width}", r"\{width}", r"\n", r"\\n", "|", "||", "a\n\nb", "60×40", "+", "%0A"]
    ),
)


def decimals(least, most):
    return st.integers(least * 100, most * 100).map(lambda hundredths: hundredths / 100)


@st.composite
def pictures(draw):
    """Keywords of a picture within the limits, most left out most of the time."""
    given = {
        "width": draw(st.integers(1, 256)),
        "height": draw(st.integers(1, 256)),
        "format": draw(st.sampled_from(sorted(formats.installed()))),
        "text": draw(texts),
    }
    optional = {
        "scale": decimals(1, 4),
        "background": colors,
        "foreground": colors,
        "weight": st.integers(1, 9).map(lambda hundreds: 100 * hundreds),
        "size": decimals(1, 1024),
        "align": st.sampled_from(ALIGNS),
        "padding": decimals(0, 10000),
        "radius": decimals(0, 99999),
        "border": decimals(0, 500),
        "border_color": colors,
        "quality": st.integers(1, 20).map(lambda steps: 5 * steps),
        "seed": st.text(max_size=64).filter(lambda seed: not seed or seed.strip()),
    }
    for key in draw(st.sets(st.sampled_from(sorted(optional)))):
        given[key] = draw(optional[key])
    if given["format"] == "ico":
        given.pop("scale", None)
    return given


@settings(deadline=None, derandomize=True, max_examples=400)
@given(pictures(), st.sampled_from(CONFIGS))
def test_building_is_the_inverse_of_parsing(given, config):
    try:
        wanted = complete(given, config)
    except UnicodeEncodeError:
        return
    url = native.build(wanted, config)
    assert url.isascii() or "×" in url
    assert read(url, config) == wanted
    assert native.build(read(url, config), config) == url


def test_building_is_brief():
    assert native.build(spec(), CONFIG) == "/600x400"
    assert native.build(spec(9, 9, format="gif"), CONFIG) == "/9.gif"
    assert native.build(spec(scale=2, background=ORANGE), CONFIG) == "/600x400@2x/ffa500"
    assert native.build(spec(text="a b\nc"), CONFIG) == "/600x400?text=a%20b|c"
    assert native.build(spec(radius=12345.67, width=99, height=99), CONFIG) == "/99?radius=49.5"


def test_every_field_is_in_the_url():
    """A new field of Spec must be built and read, or be told here why not."""
    values = {
        "width": 8, "height": 8, "scale": 2.0, "format": "jpeg", "background": ORANGE,
        "foreground": GREEN, "text": "t", "style": "flat", "font": "inter", "weight": 100,
        "size": 9.0, "align": "left", "padding": 1.0, "radius": 2.0, "border": 1.0,
        "border_color": WHITE, "quality": 50, "seed": "s",
    }  # fmt: skip
    assert set(values) == {field.name for field in dataclasses.fields(Spec)}
    other = complete(values, CONFIG)
    assert read(native.build(other, CONFIG)) == other
