"""The URLs of via.placeholder.com, placehold.it and placeholdit.imgix.net."""

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import native
from wsgi_placeholder.errors import BadParameter, TooLarge

CONFIG = Config.of()


def read(url, host="via.placeholder.com"):
    return dialects.parse_url(host + url, CONFIG)


def imgix(query, path="/~text"):
    return read(f"{path}?{query}", "placeholdit.imgix.net")


@pytest.mark.parametrize(
    "host",
    ["via.placeholder.com", "placeholder.com", "www.placeholder.com", "placehold.it",
     "www.placehold.it", "i.placeholder.com", "https://via.placeholder.com"],
)  # fmt: skip
def test_defaults_are_the_services(host):
    spec = read("/600x400", host)
    assert (spec.width, spec.height, spec.format) == (600, 400, "png")
    assert (spec.background.hex, spec.foreground.hex) == ("cccccc", "969696")
    assert spec.text == "600 x 400"


def test_the_configured_format_and_colors_do_not_count():
    config = Config.of(format="webp", background="navy")
    spec = dialects.parse_url("placehold.it/600x400", config)
    assert spec == read("/600x400")


@pytest.mark.parametrize(
    ("url", "size", "format", "background", "foreground"),
    [
        ("/640x480.png/CCCCCC?text=animals+omnis", (640, 480), "png", "cccccc", "555555"),
        ("/300x200/abcdef/123456.webp?text=lorem", (300, 200), "webp", "abcdef", "123456"),
        ("/300.png/09f/fff", (300, 300), "png", "0099ff", "ffffff"),
        ("/300/09f.gif/fff", (300, 300), "gif", "0099ff", "ffffff"),
        ("/300.png/09f/fff.jpg", (300, 300), "jpeg", "0099ff", "ffffff"),
        ("/103x100.bmp/ff4444/ffffff", (103, 100), "png", "ff4444", "ffffff"),
        ("/350x250/459ba8/fff/image2.jpg", (350, 250), "jpeg", "459ba8", "ffffff"),
        ("/350x250/image2.jpg", (350, 250), "jpeg", "cccccc", "969696"),
        ("/128x128//.gif?text=", (128, 128), "gif", "cccccc", "969696"),
        ("/128x128//fff.png?text=", (128, 128), "png", "cccccc", "ffffff"),
        ("/600/92c952", (600, 600), "png", "92c952", "2f401a"),
        ("/600/5a60", (600, 600), "png", "005a60", "cfe0e1"),
        ("/150/24610", (150, 150), "png", "024610", "cedbd0"),
        ("/150/6fb", (150, 150), "png", "66ffbb", "235941"),
        ("/350x150/888888/7777777", (350, 150), "png", "888888", "777777"),
        ("/100/200?text=I+love+food", (100, 100), "png", "220000", "d5cece"),
        ("/img/255", (255, 255), "png", "cccccc", "969696"),
        ("/300/orange/white.svg", (300, 300), "svg", "ffa500", "ffffff"),
        ("/300.5x200.75", (300, 200), "png", "cccccc", "969696"),
    ],
)
def test_real_forms(url, size, format, background, foreground):
    spec = read(url)
    assert (spec.width, spec.height) == size
    assert spec.format == format
    assert (spec.background.hex, spec.foreground.hex) == (background, foreground)


def test_an_empty_text_is_none():
    assert read("/600x400?text=").text == ""
    assert read("/600x400&text=").text == ""


# placeholdit.imgix.net


def test_imgix():
    spec = imgix("txtsize=33&txt=318%C3%97270&w=318&h=270&bg=333333&txtclr=666666")
    assert (spec.width, spec.height, spec.format) == (318, 270, "png")
    assert (spec.background.hex, spec.foreground.hex) == ("333333", "666666")
    assert (spec.text, spec.size) == ("318×270", 33)


def test_imgix_defaults():
    assert imgix("w=350&h=150") == read("/350x150")
    assert imgix("&w=350&h=150&fit=crop&txtalign=middle") == read("/350x150")
    assert imgix("txtsize=0&w=350&h=150&bg=blurry&fm=tga") == read("/350x150")


def test_imgix_takes_one_side_for_both():
    assert imgix("w=350") == imgix("h=350") == imgix("w=0&h=350") == read("/350x350")


def test_imgix_formats_and_density():
    spec = imgix("w=350&h=150&fm=jpg&dpr=2")
    assert (spec.format, spec.pixels) == ("jpeg", (700, 300))
    assert imgix("w=350&h=150&dpr=9").scale == 4


def test_imgix_takes_urls_of_placehold_it():
    assert imgix("text=a", "/350x150/fc0.gif") == read("/350x150/fc0.gif?text=a")


@pytest.mark.parametrize("query", ["", "txt=hi", "w=&h=", "w=0&h=0", "w=-4", "w=auto", "w=.5"])
def test_imgix_without_a_size(query):
    with pytest.raises(BadParameter) as caught:
        imgix(query)
    assert caught.value.parameter == "size"


def test_imgix_too_large():
    with pytest.raises(TooLarge):
        imgix("w=99999&h=99999")


@pytest.mark.parametrize(
    "query", ["w=30", "w=30&h=20&txt=&dpr=1.237&txtsize=12.345&fm=webp&bg=0f08", "w=9&txt=a%0Ab|c"]
)
def test_imgix_every_spec_has_a_native_url(query):
    spec = imgix(query)
    assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec


@pytest.mark.parametrize(
    "query", ["w=4&h=1e9", "w=4&h=९", "dpr=x&w=4", "w=4&txt=" + "&" * 90, "w=4&txtclr=%00&w=7"]
)
def test_imgix_nonsense_is_ignored(query):
    spec = imgix(query)
    assert (spec.width, spec.height, spec.scale) == (4, 4, 1)
