"""DiceBear: what its published program and its documentation say of each URL."""

import json

import pytest
from photos import CONFIG, facts_of, size_of, spec_of

from wsgi_placeholder.dialects import parse_url
from wsgi_placeholder.dialects.dicebear import DIALECT
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE
from wsgi_placeholder.errors import NotFound
from wsgi_placeholder.testing import DialectContract

API = "https://api.dicebear.com"


class TestContract(DialectContract):
    urls = (
        "/9.x/initials/svg?seed=Felix+Aneka&backgroundColor=b6e3f4,c0aede&radius=50&fontSize=36",
        "/7.x/bottts/png/seed=Zoe&size=64", "/api/male/seed.svg?options[mood][]=happy", "/4.x/a/b",
        "/v2/initials/.svg", "/5.x/initials/schema.json", "/4.10/thumbs/x/svg?w=9&scale=50", "/",
        "/9.x/initials/svg?chars=1&textColor=000000&fontWeight=700&fontFamily=Arial&size=0",
    )  # fmt: skip

    @pytest.fixture
    def dialect(self):
        return DIALECT


@pytest.mark.parametrize("version", ["5.x", "6.x", "7.x", "8.x", "9.x", "9", "10.x", "9.2.1"])
@pytest.mark.parametrize(
    ("format", "name"),
    [("svg", "svg"), ("png", "png"), ("jpg", "jpeg"), ("jpeg", "jpeg"), ("webp", "webp"),
     ("avif", "avif"), ("SVG", "svg")],
)  # fmt: skip
def test_versions_and_formats(version, format, name):
    spec = spec_of(f"{API}/{version}/bottts/{format}?seed=Zoe&size=64")
    assert (spec.format, spec.width, spec.height) == (name, 64, 64)
    assert spec.replace(format="png") == spec_of(f"{API}/7.x/bottts/png?seed=Zoe&size=64")


def test_defaults():
    spec = spec_of(f"{API}/7.x/lorelei/svg")
    assert (spec.width, spec.height, spec.style, spec.text) == (128, 128, "identicon", "")
    assert spec.background == TRANSPARENT
    assert spec == spec_of(f"{API}/7.x/lorelei/svg?seed=&flip=true")


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("size=64", (64, 64)),
        ("size=512", (512, 512)),
        ("size=0", (1, 1)),
        ("size=", (128, 128)),
        ("size=a", (128, 128)),
        ("size=64&size=32", (64, 64)),
        ("width=50&height=40", (50, 40)),
        ("w=50", (50, 128)),
        ("size=64&height=40", (64, 40)),
    ],
)
def test_size(query, size):
    assert size_of(f"{API}/9.x/thumbs/png?{query}") == size


@pytest.mark.parametrize(
    "url",
    [
        "/9.x/initials/svg?seed=Felix+Aneka",
        "/9.x/initials/svg?seed=Felix%20Aneka",
        "/9.x/initials/svg/seed=Felix%20Aneka",
        "/9.x/initials/svg/seed%3DFelix+Aneka",
        "/initials/svg?seed=Felix Aneka",
        "/api/initials/Felix%20Aneka.svg",
        "/v2/initials/Felix%20Aneka.svg",
        "/4.x/api/initials/Felix%20Aneka.svg",
        "/4.5/v2/initials/Felix Aneka.svg",
        "/4.10/initials/Felix%20Aneka/svg",
        "/4.x/initials/svg?seed=Felix%20Aneka",
        "/api/initials/Felix%20Aneka",
        "/api/initials/.svg?seed=Felix%20Aneka",
        "//9.x/Initials/svg?seed=Felix%20Aneka",
    ],
)
@pytest.mark.parametrize("host", ["api.dicebear.com", "https://avatars.dicebear.com"])
def test_forms_of_a_path(host, url):
    spec = spec_of(host + url)
    assert spec == spec_of(f"{API}/5.x/initials/svg?seed=Felix+Aneka")
    assert (spec.text, spec.format) == ("FA", "svg")


def test_a_seed_with_a_dot_and_a_slash():
    assert spec_of("avatars.dicebear.com/api/initials/a.b/c.svg").text == "AC"
    assert spec_of("avatars.dicebear.com/api/initials/john.doe").text == "JD"


@pytest.mark.parametrize(
    ("seed", "text"),
    [
        ("Felix", "FE"),
        ("F", "F"),
        ("felix aneka", "FA"),
        ("Felix+van+Aneka", "FA"),
        ("Felix-Aneka", "FA"),
        ("O'Neil", "ON"),
        ("Émile+Zola", "ÉZ"),
        ("E%CC%81mile", "ÉM"),
        ("somebody@example.com", "SO"),
        ("some.body@example.com", "SB"),
        ("@example", "EX"),
        ("Felix+123", "FE"),
        ("1234", ""),
        ("..", ""),
        ("", ""),
        ("😀", ""),
        ("Иван+Петров", "ИП"),
        ("محمد+علي", "مع"),
        ("straße", "ST"),
        ("a,b", "AB"),
    ],
)
def test_initials(seed, text):
    spec = spec_of(f"{API}/9.x/initials/svg?seed={seed}")
    assert (spec.text, spec.style, spec.size, spec.weight) == (text, "flat", 64, 400)
    assert spec.foreground == WHITE
    assert spec.background.opaque


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("chars=1", "text", "F"),
        ("chars=0", "text", ""),
        ("chars=9", "text", "FA"),
        ("fontSize=36&size=100", "size", 36),
        ("fontSize=36&size=100&scale=50", "size", 18),
        ("fontSize=999", "size", 128),
        ("fontSize=0&size=1", "size", 1),
        ("size=4000", "size", 1024),
        ("fontWeight=700", "weight", 700),
        ("fontWeight=650", "weight", 600),
        ("fontWeight=bold", "weight", 400),
        ("bold=true", "weight", 700),
        ("fontFamily=Inter,Arial", "font", "inter"),
        ("fontFamily=Brush Script MT", "font", "inter"),
        ("radius=50", "radius", 64),
        ("radius=10&size=200", "radius", 20),
        ("r=99", "radius", 64),
        ("radius=33&size=101", "radius", 33.33),
    ],
)
def test_options_of_initials(query, field, value):
    spec = spec_of(f"{API}/9.x/initials/png?seed=Felix+Aneka&{query}")
    assert getattr(spec, field) == value


@pytest.mark.parametrize(
    ("query", "background"),
    [
        ("backgroundColor=b6e3f4", "b6e3f4"),
        ("backgroundColor=%23b6e3f4", "b6e3f4"),
        ("background=%23fff", "ffffff"),
        ("b=fff", "ffffff"),
        ("backgroundColor[]=b6e3f4", "b6e3f4"),
        ("options[background]=red", "ff0000"),
        ("backgroundColor=transparent", "00000000"),
        ("backgroundColor=c0aede,b6e3f4&backgroundType=gradientLinear", "c0aede"),
        ("backgroundColor=b6e3f4,c0aede&backgroundType=solid,gradientLinear", "b6e3f4"),
    ],
)
@pytest.mark.parametrize("style", ["initials", "bottts"])
def test_background(style, query, background):
    assert spec_of(f"{API}/9.x/{style}/svg?{query}&seed=Felix").background.hex == background


@pytest.mark.parametrize("query", ["backgroundColor=", "backgroundColor=nonsense", "x=1"])
def test_no_background(query):
    assert spec_of(f"{API}/9.x/bottts/svg?{query}").background == TRANSPARENT
    assert spec_of(f"{API}/9.x/initials/svg?{query}").background.opaque


@pytest.mark.parametrize(
    "query",
    ["backgroundColor=b6e3f4,c0aede,d1d4f9", "backgroundColor=b6e3f4%2Cc0aede%2Cd1d4f9",
     "backgroundColor[]=b6e3f4&backgroundColor[]=c0aede&backgroundColor[]=d1d4f9",
     "backgroundColor[0]=b6e3f4&backgroundColor[1]=c0aede&backgroundColor[2]=d1d4f9"],
)  # fmt: skip
def test_the_seed_chooses_among_a_list_of_colours(query):
    found = {
        spec_of(f"{API}/9.x/bottts/svg?{query}&seed={seed}").background.hex for seed in range(30)
    }
    assert found == {"b6e3f4", "c0aede", "d1d4f9"}


def test_text_colour():
    spec = spec_of(f"{API}/9.x/initials/svg?seed=Ann&textColor=000000&backgroundColor=ffffff")
    assert spec.foreground.hex == "000000"


def test_seed_and_style_choose_the_face():
    urls = [f"{style}/svg?seed={seed}" for style in ("bottts", "thumbs") for seed in "abc"]
    assert len({spec_of(f"{API}/9.x/{url}").seed for url in urls}) == 6
    plain = spec_of(f"{API}/9.x/bottts/svg?seed=a")
    assert spec_of(f"{API}/7.x/bottts/svg?seed=a&mouth=smile02&flip=true") == plain
    assert spec_of("avatars.dicebear.com/api/bottts/a.svg") == plain


def test_scale_is_room_around_a_face():
    def padding(scale):
        return spec_of(f"{API}/9.x/thumbs/png?size=200&scale={scale}").padding

    assert padding(100) is None
    assert padding(50) == 60
    assert padding(200) == 0
    assert padding(33) == 73.6


def test_schema():
    headers, schema = facts_of(f"{API}/9.x/bottts/schema.json")
    assert headers == {}
    assert schema["properties"]["radius"]["maximum"] == 50
    assert "chars" not in schema["properties"]
    _, schema = facts_of(f"{API}/9.x/initials/schema.json")
    assert schema["properties"]["chars"]["maximum"] == 2
    assert schema["properties"]["seed"] == {"type": "string"}
    assert json.dumps(schema)


@pytest.mark.parametrize("path", ["", "/", "/9.x", "/9.x/", "/9.x/bottts", "/favicon.ico", "/api"])
def test_what_is_no_picture(path):
    with pytest.raises(NotFound, match="/initials/svg"):
        parse_url(f"{API}{path}?seed=x", CONFIG)


@pytest.mark.parametrize("path", ["/9.x/bottts/json", "/4.x/bottts/seed/json"])
def test_json_is_not_here(path):
    with pytest.raises(NotFound, match="JSON"):
        parse_url(API + path, CONFIG)


def test_addresses_go_no_further():
    for style in ("initials", "bottts"):
        spec = spec_of(f"{API}/9.x/{style}/svg?seed=somebody@example.com")
        assert "somebody" not in spec.key
        assert "example" not in spec.key
