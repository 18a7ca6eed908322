"""placehold.co's URLs, and the forms that all services with captions on one colour share."""

import pytest

from wsgi_placeholder import Config, dialects
from wsgi_placeholder.dialects import native
from wsgi_placeholder.drawing.color import TRANSPARENT, contrast, parse_color
from wsgi_placeholder.errors import BadParameter, PlaceholderError, TooLarge

CONFIG = Config.of()
HOSTS = ["placehold.co", "via.placeholder.com", "dummyimage.com", "fakeimg.pl"]


def read(url, host="placehold.co"):
    return dialects.parse_url(host + url, CONFIG)


def looks(spec):
    return spec.width, spec.height, spec.scale, spec.format


def colors(spec):
    return spec.background.hex, spec.foreground.hex


@pytest.fixture(params=HOSTS)
def host(request):
    return request.param


def test_defaults_are_the_services():
    spec = read("/600x400")
    assert looks(spec) == (600, 400, 1, "svg")
    assert colors(spec) == ("dddddd", "999999")
    assert spec.text == "600 × 400"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/400", (400, 400, 1, "svg")),
        ("/600x400.png", (600, 400, 1, "png")),
        ("/400.avif", (400, 400, 1, "avif")),
        ("/600x400/000/FFF/png", (600, 400, 1, "png")),
        ("/600x400/orange/white.webp", (600, 400, 1, "webp")),
        ("/600x400@2x.png", (600, 400, 2, "png")),
        ("/600x400@3x", (600, 400, 3, "svg")),
        ("/600x400@2x/F8F8F8/CCC", (600, 400, 2, "svg")),
        ("/700x400/blue/white@2x.jpg", (700, 400, 2, "jpeg")),
        ("/700x400@9x.gif", (700, 400, 4, "gif")),
        ("/700x400.mp4", (700, 400, 1, "svg")),
    ],
)
def test_size_scale_and_format(url, expected):
    assert looks(read(url)) == expected


def test_a_caption_gives_the_size_as_written():
    assert read("/600x400@2x.png").text == "600 × 400"


@pytest.mark.parametrize(
    ("url", "background", "foreground"),
    [
        ("/9/orange/white", "ffa500", "ffffff"),
        ("/9/09f/FFF.png", "0099ff", "ffffff"),
        ("/9/%23ff0000/%23fff", "ff0000", "ffffff"),
        ("/9/undefined/fff", "dddddd", "ffffff"),
        ("/9//fff", "dddddd", "ffffff"),
    ],
)
def test_colors(url, background, foreground):
    assert colors(read(url)) == (background, foreground)


@pytest.mark.parametrize("background", ["999999", "fff", "000", "orange"])
def test_a_background_alone_gets_a_text_that_reads_on_it(background):
    spec = read(f"/150x150/{background}")
    assert contrast(spec.background, spec.foreground) > 4.5


def test_transparent():
    spec = read("/400/transparent/4AD/?text=photo")
    assert spec.background == TRANSPARENT
    assert spec.foreground == parse_color("44aadd")


@pytest.mark.parametrize(
    "font",
    ["lato", "lora", "Montserrat", "noto sans", "open-sans", "oswald", "playfair+display",
     "poppins", "pt%20sans", "raleway", "roboto", "source-sans-pro", "comic sans", ""],
)  # fmt: skip
def test_a_font_that_is_not_installed_changes_nothing(font):
    assert read(f"/600x400?font={font}") == read("/600x400")


def test_a_font_that_is_installed():
    class Two(Config):
        font_names = ("inter", "playfair-display")

    config = Two()
    for font in ("playfair-display", "Playfair+Display", "playfair%20display"):
        spec = dialects.parse_url(f"placehold.co/600x400?font={font}", config)
        assert spec.font == "playfair-display"


def test_an_empty_text_is_none():
    assert read("/600x400?text=").text == ""


# What follows holds for each host: find-and-replace moved URLs from one to the other.


@pytest.mark.parametrize(
    "url",
    [
        "/600x400", "/600X400", "/600×400", "//600x400", "/600x400/", "/600x400?", "/600x400/?",
        "/600x400/?12345", "/600x400?random=3", "/img/600x400", "/ 600x400 ", "/600x400&12345",
        "/600x400//", "/0600x0400",
    ],
)  # fmt: skip
def test_spellings_of_a_size(host, url):
    assert read(url, host) == read("/600x400", host)
    assert looks(read(url, host))[:2] == (600, 400)


@pytest.mark.parametrize(
    "url",
    [
        "/50x40.jpg/ffcc00/111111", "/50x40/ffcc00.jpg/111111", "/50x40/ffcc00/111111.jpg",
        "/50x40/ffcc00/111111/jpg", "/50x40/jpeg/ffcc00/111111", "/50x40.JPEG/FC0/111",
        "/50x40/ffcc00/111111/image2.jpg", "/ffcc00/50x40.jpg/111111", "/50x40/%23fc0/%23111/a.jpg",
    ],
)  # fmt: skip
def test_places_of_an_extension(host, url):
    spec = read(url, host)
    assert looks(spec) == (50, 40, 1, "jpeg")
    assert colors(spec) == ("ffcc00", "111111")


@pytest.mark.parametrize(
    "url",
    [
        "/350x150?text=No+Image", "/350x150&text=No Image", "/350x150/&text=No+Image",
        "/350x150?Text=No%20Image", "/350x150&amp;text=No Image", "/350x150?a=1&amp;text=No Image",
        "/350x150?&text=No Image&&", "/350x150%3Ftext=No+Image", "/350x150&v=2&text=No+Image",
    ],
)  # fmt: skip
def test_ways_to_give_a_text(host, url):
    assert read(url, host) == read("/350x150?text=No Image", host)
    assert read(url, host).text.strip("&") == "No Image"


@pytest.mark.parametrize("host", HOSTS[:2])
def test_a_glued_text_may_follow_colors_and_extensions(host):
    plain = read("/600x400/000/fff.jpg?text=img01", host)
    for url in ("/600x400/000/fff.jpg&text=img01", "/600x400.jpg/000/fff/&text=img01"):
        assert read(url, host) == plain


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/9?text=a\\nb", "a\nb"),
        ("/9?text=a\\\\nb", "a\nb"),
        ("/9?text=a%0Ab", "a\nb"),
        ("/9&text=Salt & Pepper", "Salt & Pepper"),
        ("/9&text=1+2=3", "1 2=3"),
        ("/9?text=Max+Width+=100%", "Max Width =100%"),
        ("/9&text=[ img 1 ]", "[ img 1 ]"),
        ("/9?text=Dragon's+Peak?", "Dragon's Peak?"),
        ("/9&text=a/b", "a/b"),
        ("/9?text={width}", "{width}"),
        ("/9?text=Ảnh+こんにちは", "Ảnh こんにちは"),
        ("/9?text=404", "404"),
    ],
)
def test_what_a_text_may_hold(host, url, text):
    assert read(url, host).text == text


def test_a_size_of_text(host):
    assert read("/600x400/?text=a&font=lobster&font_size=50", host).size == 50
    assert read("/600x400/?font_size=99999", host).size == 1024
    for wrong in ("0", "-1", "big", ""):
        assert read(f"/600x400/?font_size={wrong}", host).size is None


def test_after_one_number_a_number_is_a_color(host):
    spec = read("/250/349", host)
    assert (spec.width, spec.height) == (250, 250)
    assert spec.background.hex == "334499"


@pytest.mark.parametrize("url", ["/404", "/500"])
def test_sizes_that_look_like_a_status(host, url):
    assert read(url, host).width == int(url[1:])


def test_parts_beyond_the_colors_are_ignored(host):
    assert read("/9/fc0/111/222/333/x", host) == read("/9/fc0/111", host)


def test_one_picture_is_one_spec(host):
    assert read("/300/ffcc00/?random=1&v=2", host) == read("/300x300/FC0", host)


@pytest.mark.parametrize("url", ["/", "//", "/img/", "/.png", "/?text=x", "/&text=x", "/@2x"])
def test_no_size_at_all(host, url):
    with pytest.raises(BadParameter) as caught:
        read(url, host)
    assert caught.value.parameter == "size"


@pytest.mark.parametrize("url", ["/abc", "/0x400", "/NaNxNaN", "/robots.txt", "/ffffff/000000"])
def test_a_size_that_cannot_be_read(host, url):
    with pytest.raises(BadParameter) as caught:
        read(url, host)
    assert caught.value.parameter == "size"


def test_a_hint_where_one_is_near(host):
    with pytest.raises(BadParameter, match="size") as caught:
        read("/medrecd", host)
    assert caught.value.hint == "medrect"


def test_too_large(host):
    with pytest.raises(TooLarge):
        read("/99999x99999.png", host)


@pytest.mark.parametrize(
    "url",
    [
        "/600x400", "/600x400/fc0/111.png?text=", "/9@2.25x/transparent/ff000080?text=a\\nb|c",
        "/641x4:3/ff0000,12/000,255?font_size=12&retina&radius=7", "/vga.jpg&text={size}\\",
        "/300.webp/ccc:50?text=x", "/300.gif/0f0", "/1x1.pdf",
    ],
)  # fmt: skip
def test_every_spec_has_a_native_url(host, url):
    spec = read(url, host)
    assert dialects.parse_url(native.build(spec, CONFIG), CONFIG) == spec


def test_hostile_paths(host):
    for junk in (
        "\0", "/" * 2000, "/9" + "&a=b" * 500, "/9" + "@2x" * 500, "/" + "9" * 2000, "/x", "/9:9x",
        "/9x" + ":" * 900, "/٣٠٠", "/9/" + "," * 900, "/9/ccc,-5",
    ):  # fmt: skip
        try:
            spec = read(junk, host)
        except PlaceholderError:
            continue
        assert 0 < spec.width <= 99999
