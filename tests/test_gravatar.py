"""gravatar.com: what its documentation says of each URL, and what stands in pages."""

from urllib.parse import quote

import pytest
from photos import CONFIG, size_of, spec_of

from wsgi_placeholder.dialects import parse_url
from wsgi_placeholder.dialects.gravatar import DIALECT
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.errors import NotFound
from wsgi_placeholder.testing import DialectContract

MD5 = "9d8530de68398af61a3cf85bd02b0e22"
SHA256 = "27205e5c51cb03f862138b22bcb5dc20f94a342e744ff6df1b8dc8af3c865109"
AT = "https://www.gravatar.com/avatar/"
UI = "https://ui-avatars.com/api/John+Doe/128/000000/ffffff/2/0.5/true/true/false/png"


class TestContract(DialectContract):
    urls = (
        f"/avatar/{MD5}.jpg?s=80&d=identicon&f=y&r=g", f"/avatar/{SHA256}?size=9999&default=mm",
        "/avatar/?d=initials&name=A+B", "/avatar?d=404", f"/avatar/{MD5}&s=20", "/blavatar/x",
        f"/avatar/x?s=9&d={quote(UI, safe='')}", f"/avatar/x?d={UI}", "/avatar.php?gravatar_id=x",
        "/avatar/x?d=https://gravatar.com/avatar/y?d=https://placehold.co/9x9",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize(
    "host",
    ["gravatar.com", "www.gravatar.com", "secure.gravatar.com", "s.gravatar.com",
     "en.gravatar.com", "0.gravatar.com", "1.gravatar.com", "2.gravatar.com"],
)  # fmt: skip
@pytest.mark.parametrize("start", ["//", "http://", "https://", ""])
def test_hosts(host, start):
    assert spec_of(f"{start}{host}/avatar/{MD5}?s=32") == spec_of(f"{AT}{MD5}?s=32")


@pytest.mark.parametrize(
    ("url", "side"),
    [
        (MD5, 80),
        (SHA256, 80),
        (f"{MD5}?s=200", 200),
        (f"{MD5}?size=200", 200),
        (f"{MD5}?S=200", 200),
        (f"{MD5}?s=1", 1),
        (f"{MD5}?s=0", 80),
        (f"{MD5}?s=2048", 2048),
        (f"{MD5}?s=5000", 2048),
        (f"{MD5}?s=", 80),
        (f"{MD5}?s=big", 80),
        (f"{MD5}?s=-5", 80),
        (f"{MD5}?s=48px", 48),
        (f"{MD5}?s=96?d=mm", 96),
        (f"{MD5}&s=96", 96),
        (f"{MD5}.jpg&s=96&d=mm", 96),
        (f"{MD5}/?s=96", 96),
        ("?d=mp&s=64", 64),
        ("EMAIL_MD5?s=40&d=identicon", 40),
        (f"{MD5}?d=mm&s=20&r=x&f=y", 20),
        (f"{MD5}%3Fs=20", 20),
    ],
)
def test_size(url, side):
    assert size_of(AT + url) == (side, side)


@pytest.mark.parametrize(
    ("name", "format"),
    [(MD5, "png"), (f"{MD5}.jpg", "jpeg"), (f"{MD5}.png", "png"), (f"{MD5}.JPEG", "jpeg"),
     (f"{MD5}.webp", "webp"), (f"{MD5}.php", "png")],
)  # fmt: skip
def test_format(name, format):
    assert spec_of(AT + name).format == format


def test_the_hash_chooses_the_picture_in_any_case():
    assert spec_of(AT + MD5) == spec_of(AT + MD5.upper())
    assert spec_of(AT + MD5).seed == spec_of(f"{AT}{MD5}.jpg").seed
    changed = "0" + SHA256[1:], SHA256[:-1] + "0", SHA256[:32], MD5
    seeds = {spec_of(AT + hash).seed for hash in (*changed, SHA256)}
    assert len(seeds) == 5  # the whole hash counts, its first and its last digit


@pytest.mark.parametrize("kind", ["", "identicon", "retro", "monsterid", "wavatar", "robohash"])
def test_drawn_ones_are_identicons(kind):
    spec = spec_of(f"{AT}{MD5}?d={kind}")
    assert spec.style == "identicon"
    assert spec.background == Color(240, 240, 240)
    assert spec.text == ""
    assert spec == spec_of(f"{AT}{MD5}?default={kind.upper()}&r=pg&forcedefault=y")


def test_another_kind_is_another_picture():
    kinds = ("identicon", "retro", "monsterid", "wavatar", "robohash")
    assert len({spec_of(f"{AT}{MD5}?d={kind}").seed for kind in kinds}) == 5
    assert spec_of(f"{AT}{MD5}?d=nonsense") == spec_of(f"{AT}{MD5}?d=identicon")


@pytest.mark.parametrize("kind", ["mp", "mm", "MM", "mysteryman"])
def test_the_mystery_person_is_the_same_for_everybody(kind):
    spec = spec_of(f"{AT}{MD5}?d={kind}")
    assert spec == spec_of(f"{AT}{SHA256}?d=mp")
    assert (spec.style, spec.text, spec.background.is_grey) == ("flat", "?", True)


@pytest.mark.parametrize("url", ["", "?", "?f=y", "?s=80"])
def test_no_hash_and_no_default_is_the_mystery_person(url):
    assert spec_of(AT + url) == spec_of(f"{AT}{MD5}?d=mp")


def test_no_hash_but_a_default():
    assert spec_of("//gravatar.com/avatar?d=robohash").style == "identicon"
    assert spec_of(f"{AT}?d=retro").style == "identicon"


def test_blank_is_transparent_whatever_the_extension():
    for name in (MD5, f"{MD5}.jpg"):
        spec = spec_of(f"{AT}{name}?d=blank")
        assert (spec.background, spec.text, spec.format) == (TRANSPARENT, "", "png")


@pytest.mark.parametrize("url", ["?d=404", f"{MD5}?d=404", f"{MD5}?default=404&f=y"])
def test_404(url):
    with pytest.raises(NotFound, match="d=404"):
        parse_url(AT + url, CONFIG)


@pytest.mark.parametrize(
    "path", ["", "/", "/js/gprofiles.js", f"/{MD5}.json", f"/{MD5}", "/avatars/x", "/connect"]
)
def test_what_is_no_picture(path):
    with pytest.raises(NotFound, match="/avatar/HASH"):
        parse_url(f"https://gravatar.com{path}?s=80", CONFIG)


def test_older_paths():
    old = f"//gravatar.com/avatar.php?gravatar_id={MD5}&size=40&default=identicon"
    assert spec_of(old) == spec_of(f"{AT}{MD5}?s=40")
    assert size_of(f"//gravatar.com/blavatar/{MD5}?s=24") == (24, 24)
    assert size_of("//en.gravatar.com/userimage/1234/abc.jpg?size=200") == (200, 200)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("initials=jd", "JD"),
        ("initials=jdx", "JD"),
        ("name=John+van+Doe", "JD"),
        ("name=John", "JO"),
        ("name=John+Doe&initials=XY", "XY"),
        ("name=Émile+Zola", "ÉZ"),
        ("name=", ""),
        ("", ""),
    ],
)
def test_initials(query, text):
    spec = spec_of(f"{AT}{MD5}?d=initials&{query}&s=100")
    assert (spec.text, spec.style, spec.size) == (text, "flat", 40)
    assert spec.background == spec_of(f"{AT}{MD5}?d=color").background


def test_colours_differ():
    colors = {spec_of(f"{AT}{number}?d=color").background for number in range(20)}
    assert len(colors) > 5
    assert spec_of(f"{AT}{MD5}?d=color").text == ""


ENCODED = quote(UI, safe="")


@pytest.mark.parametrize(
    "url",
    [
        f"{MD5}?d={UI}",
        f"{MD5}?d={ENCODED}",
        f"{MD5}?s=200&d={ENCODED}&r=g",
        f"{MD5}?d={quote(ENCODED, safe='')}",
        f"{MD5}?default={ENCODED}",
        f"{MD5}?d={UI.removeprefix('https:')}",
        f"{MD5}?d={UI.replace('https', 'http')}",
        f"?d={ENCODED}",
    ],
)
def test_the_url_of_a_service_is_answered_as_the_service_would(url):
    assert spec_of(AT + url) == spec_of(UI)


def test_a_url_with_a_query():
    ui = "https://ui-avatars.com/api/?name=Ann+Lee&size=96&background=0D8ABC"
    assert spec_of(f"{AT}{MD5}?s=50&d={quote(ui, safe='')}") == spec_of(ui)
    assert spec_of(f"{AT}{MD5}?d={quote(quote(ui, safe=''), safe='')}") == spec_of(ui)
    # Raw, its second parameter belongs to us.
    assert spec_of(f"{AT}{MD5}?d={ui}").text == "AL"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/me.png",
        "https://cdn.example.com/avatars/jd.png",
        "https://",
        "https:///x",
        "http://[::1",
        "https://placehold.co/nonsense",
        "https://placehold.co/99999x99999",
        "https://picsum.photos/v2/list",
        "https://ui-avatars.com.example.com/api",
        "native/400",
        "robohash/x",
        "/img/default.png",
        "javascript:alert(1)",
    ],
)
def test_any_other_url_is_an_identicon(url):
    spec = spec_of(f"{AT}{MD5}?s=50&d={quote(url, safe='')}")
    assert spec == spec_of(f"{AT}{MD5}?s=50&d=identicon")


def test_a_gravatar_in_a_gravatar_but_no_third():
    def nested(*kinds):
        url = kinds[-1]
        for number, _ in enumerate(kinds):
            url = f"https://gravatar.com/avatar/{number}?d={quote(url, safe='')}"
        return parse_url(url, CONFIG)

    assert nested("x", "blank").background == TRANSPARENT
    assert nested("x", "x", "blank").style == "identicon"
    assert nested("x", "x", "x", "blank") == nested("x", "x", "x", "x", "blank").replace(
        seed=nested("x", "x", "x", "blank").seed,
        foreground=nested("x", "x", "x", "blank").foreground,
        border_color=nested("x", "x", "x", "blank").border_color,
    )


def test_a_404_in_the_url():
    with pytest.raises(NotFound):
        parse_url(f"{AT}{MD5}?d=https://gravatar.com/avatar/x%3Fd=404", CONFIG)


def test_addresses_go_no_further():
    for url in ("somebody@example.com?d=retro", "somebody%40example.com", "somebody@example.com"):
        spec = spec_of(AT + url)
        assert spec.style == "identicon"
        assert "somebody" not in spec.key
    with pytest.raises(NotFound) as caught:
        parse_url(f"{AT}somebody@example.com?d=404", CONFIG)
    assert "somebody" not in caught.value.sentence


def test_over_http(get):
    assert get(f"/placeholder/gravatar.com/avatar/{MD5}?d=404").code == 404
    answer = get(f"/placeholder/https://www.gravatar.com/avatar/{MD5}.jpg?s=20&d=retro")
    assert (answer.code, answer["Content-Type"]) == (200, "image/jpeg")
