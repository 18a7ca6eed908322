"""Native URLs made by programs."""

import pytest

from wsgi_placeholder import Config, PlaceholderMiddleware, Spec, convert, dialects, url_for
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import BadParameter, PlaceholderError, TooLarge, UriTooLong


@pytest.mark.parametrize(
    ("given", "parameters", "url"),
    [
        ((600, 400), {}, "/placeholder/600x400"),
        ((600,), {}, "/placeholder/600"),
        (("640x4:3",), {}, "/placeholder/640x480"),
        (("leaderboard",), {"format": "jpg"}, "/placeholder/728x90.jpeg"),
        ((600, 400), {"bg": "teal"}, "/placeholder/600x400/008080"),
        ((600, 400), {"background": "#09f", "fg": Color(255, 0, 0)},
         "/placeholder/600x400/0099ff/ff0000"),
        ((600, 400), {"color": "red"}, "/placeholder/600x400?fg=ff0000"),
        ((9,), {"border": "4,navy"}, "/placeholder/9?border=4,000080"),
        ((9,), {"scale": 2, "quality": None, "radius": 1.5}, "/placeholder/9@2x?radius=1.5"),
        ((9,), {"size": 20, "grayscale": True, "bg": "f00"}, "/placeholder/9/4c4c4c?size=20"),
        ((9,), {"seed": 3, "weight": "bold"}, "/placeholder/9?weight=700&seed=3"),
        ((9,), {"text": "50% | {width} \\n\nb"},
         "/placeholder/9?text=50%25%20%5C|%20%5C%7Bwidth%7D%20%5C%5Cn|b"),
        ((9,), {"border": (2.5, "navy")}, "/placeholder/9?border=2.5,000080"),
        ((9,), {"font": "Lato"}, "/placeholder/9?font=lato"),
        ((9,), {"font": "Lato", "size": 8}, "/placeholder/9?size=8&font=lato"),
        ((9,), {"font": "Inter"}, "/placeholder/9"),
        ((9,), {"prefix": "ph/"}, "/ph/9"),
        ((9,), {"text": ""}, "/placeholder/9?text="),
        ((Spec.of(600, 400, border=2, border_color=Color(0, 0, 0)),), {},
         "/placeholder/600x400?border=2,000000"),
    ],
)  # fmt: skip
def test_url_for(given, parameters, url):
    assert url_for(*given, **parameters) == url


@pytest.mark.parametrize(
    ("given", "parameters", "parameter", "hint"),
    [
        ((600,), {"align": "toop"}, "align", "top"),
        ((600,), {"bg": "teel"}, "bg", "teal"),
        ((600,), {"font": "intr"}, "font", "inter"),
        ((600,), {"forground": "red"}, "forground", "foreground"),
        ((600,), {"border": "navy"}, "border", "4,navy"),
        ((600,), {"bg": 0xFF0000}, "bg", '"ff0000"'),
        ((600,), {"background": -1}, "background", None),
        ((0, 400), {}, "size", None),
        (("600 by 400",), {}, "size", "600x400"),
    ],
)
def test_url_for_refuses_what_the_url_would(given, parameters, parameter, hint):
    with pytest.raises(BadParameter) as caught:
        url_for(*given, **parameters)
    assert (caught.value.parameter, caught.value.hint) == (parameter, hint)
    assert str(caught.value) == caught.value.sentence


@pytest.mark.parametrize(
    "spec",
    [Spec.of(0, 5), Spec.of(-5, 5), Spec.of(9, format="foo"), Spec.of(9, scale=1.2345),
     Spec.of(9, style="foo"), Spec.of(9, scale=float("nan"))],
)  # fmt: skip
def test_a_spec_that_no_url_gives_has_none(spec):
    with pytest.raises(ValueError, match="no URL asks for exactly this"):
        url_for(spec)


def test_a_url_that_would_be_refused_is_not_built():
    with pytest.raises(UriTooLong, match="at most 2048"):
        url_for(300, text="漢" * 200, seed="漢" * 64)


def test_url_for_holds_the_limits_of_its_configuration():
    config = Config.of(prefix="/ph", max_pixels=10_000, format="webp")
    assert url_for(100, 100, config=config) == "/ph/100"
    with pytest.raises(TooLarge, match="Did you mean 100x99"):
        url_for(101, 100, config=config)


def test_the_middleware_builds_under_its_own_options_and_mount():
    middleware = PlaceholderMiddleware(print, prefix="/ph", background="navy")
    assert middleware.url_for(300, script_name="/sub", bg="navy") == "/sub/ph/300"


def test_our_urls_name_our_grammar_where_another_comes_first():
    middleware = PlaceholderMiddleware(print, dialects=["picsum"])
    url = middleware.url_for(60, 40)
    assert url == "/placeholder/native/60x40"
    spec = dialects.parse(url.removeprefix("/placeholder"), [], middleware.config)
    assert spec == Spec.of(60, 40)
    assert convert("https://picsum.photos/9", config=middleware.config).startswith(
        "/placeholder/native/9/"
    )


def test_only_what_can_be_called_is_wrapped():
    with pytest.raises(TypeError, match="expected a WSGI application to wrap, got None"):
        PlaceholderMiddleware(None)


@pytest.mark.parametrize(
    ("url", "native"),
    [
        ("600x400/teal", "/placeholder/600x400/008080"),
        (" https://via.placeholder.com/300.png/09f/fff?text=Hi ",
         "/placeholder/300/0099ff/ffffff?text=Hi"),
        ("//dummyimage.com/640x4:3/000/fff&text=a|b", "/placeholder/640x480/000000?text=a|b"),
        ("http://placehold.it/350x150&text=No Image",
         "/placeholder/350x150/cccccc/969696?text=No%20Image"),
        ("https://placehold.co/50.jpg", "/placeholder/50.jpeg"),
    ],
)  # fmt: skip
def test_convert(url, native):
    assert convert(url).startswith(native.partition("?")[0])
    assert convert(native.removeprefix("/placeholder")) == native
    config = Config.of(prefix="/ph")
    assert convert(url, config=config).startswith("/ph/")


@pytest.mark.parametrize(
    "url",
    ["/placeholder/300x200/red", "http://127.0.0.1:8000/placeholder/300x200/red#x", "300x200/red"],
)
def test_convert_leaves_our_own_urls_ours(url):
    assert convert(url) == "/placeholder/300x200/ff0000"
    assert convert(url, prefix="/ph") == "/ph/300x200/ff0000"


def test_convert_refuses_what_is_no_picture():
    with pytest.raises(PlaceholderError, match="list, not of a picture"):
        convert("https://picsum.photos/v2/list")
    with pytest.raises(TypeError, match="expected a URL as str, got 600"):
        convert(600)
    with pytest.raises(PlaceholderError, match=r"no service.*Did you mean via\.placeholder\.com"):
        convert("https://via.placholder.com/300")
    with pytest.raises(PlaceholderError, match="at most"):
        convert("https://via.placeholder.com/99999")
