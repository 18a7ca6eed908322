"""Text as pictures: what they look like, and that nothing but they says the text."""

import base64
import gc
import hashlib
import io
import logging
import random
import re
import secrets
import string
import sys
import time
import traceback
import types
import zlib
from html.parser import HTMLParser

import pytest
from asking import PAGE, ask, checked, environ_for, page
from PIL import Image, ImageChops, ImageStat

from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.config import Config
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.one_line import one_line
from wsgi_placeholder.drawing.scene import Box, Run, Scene, Text
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.formats.png import encode
from wsgi_placeholder.text_images import TextImages

SECRET = secrets.token_urlsafe(32)
CANARY = "canary.Zq7@nowhere.example"


@pytest.fixture
def texts():
    return TextImages(SECRET)


def opened(texts, url):
    answer = texts.answer(url)
    assert answer.status == "200 OK"
    return Image.open(io.BytesIO(answer.body))


def chunks(body):
    at = 8
    while at < len(body):
        length = int.from_bytes(body[at : at + 4])
        yield body[at + 4 : at + 8], body[at + 8 : at + 8 + length]
        at += 12 + length


def tag_of(markup):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))
    parser.feed(markup)
    [around, (tag, attributes)] = found
    assert (around, tag) == (("span", {"style": "all:unset"}), "img")
    return attributes


def style_of(attributes):
    first, *declarations = attributes["style"].split(";")
    assert first == "all:unset"
    return dict(declaration.split(":") for declaration in declarations)


# What they look like


def test_a_picture_is_the_text_on_nothing(texts):
    picture = opened(texts, texts.text_url("Hxg", 40, "#8c1d18"))
    assert picture.format == "PNG"
    rgba = picture.convert("RGBA")
    assert rgba.getpixel((0, 0))[3] == 0
    left, top, right, bottom = rgba.getchannel("A").getbbox()
    # By its advance across, by the line of the font down: 40 · 0.969 and 40 · 0.241 for Inter.
    assert picture.height == 39 + 10
    assert 0 <= left <= 4
    assert picture.width - 4 <= right <= picture.width
    assert top > 5
    assert bottom > 39 + 5  # the g reaches below the baseline
    inked = {pixel[:3] for _, pixel in rgba.getcolors(9999) if pixel[3] == 255}
    assert inked == {(0x8C, 0x1D, 0x18)}
    assert {kind for kind, _ in chunks(texts.answer(texts.text_url("Hxg")).body)} == {
        *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
    }


def test_the_foot_of_letters_is_where_the_tag_says(texts):
    for size in (12, 16, 17.5, 33, 80):
        tag = tag_of(texts.img("HEH", size))
        below = -int(style_of(tag)["margin"].split()[2].removesuffix("px"))
        for scale, source in enumerate(tag["srcset"].split(", "), 1):
            alpha = opened(texts, source.split()[0]).convert("RGBA").getchannel("A")
            foot = alpha.point(lambda value: 255 * (value > 127)).getbbox()[3]
            assert alpha.height - foot == below * scale


def test_lines_are_even(texts):
    heights = {
        opened(texts, texts.text_url(text, 18)).height for text in ("a", "g", "Ég", "-", "|")
    }
    assert len(heights) == 1
    # But nothing is cut: what is higher than the font's line gets a higher picture.
    tall = opened(texts, texts.text_url("A\u0302\u030a\u0304", 18))
    assert tall.height > heights.pop()
    assert tall.convert("RGBA").getchannel("A").getbbox()[1] <= 2


def ink_of(picture):
    alpha = picture.convert("RGBA").getchannel("A")
    return sum(value * count for value, count in enumerate(alpha.histogram()))


@pytest.mark.parametrize(
    "text", ["jfj", "ƒ", "אבג 12", "Жук", "W.", "|", "Å\u0304g", "p\u0324\u0331\u0331", "é" * 50]
)
def test_no_ink_is_cut(text):
    """There is as much of it with room on all sides."""
    fonts = Config().loaded_fonts
    for size, weight in ((13, 400), (30, 900), (100, 100)):
        scene = one_line(text, fonts, "inter", weight, size).scene(2, Color(0, 0, 0))
        [shape] = scene.shapes
        runs = tuple(
            Run(run.face, "", tuple(g._replace(x=g.x + 50, y=g.y + 50) for g in run.glyphs))
            for run in shape.runs
        )
        box = Box(0, 0, shape.ink.right + 60, shape.ink.bottom + 60)
        roomy = Text(runs, shape.size, shape.fill, box)
        room = Scene(scene.width + 100, scene.height + 100, (roomy,))
        cut, whole = (Image.open(io.BytesIO(encode(each))) for each in (scene, room))
        assert ink_of(cut) == pytest.approx(ink_of(whole), rel=0.01)


def test_weight_size_font_and_scale(texts):
    def ink(**looks):
        return ink_of(opened(texts, texts.text_url("Text", **looks)))

    assert ink(weight=300) < ink() < ink(weight="bold") < ink(weight=900)
    assert ink(size=32) == pytest.approx(4 * ink(), rel=0.15)
    assert ink(scale=2) == pytest.approx(4 * ink(), rel=0.05)
    assert ink(font="Inter") == ink()
    assert texts.text_url("Text", font="inter") == texts.text_url("Text", 16.0, "333", weight="400")
    once = opened(texts, texts.text_url("Text", 17))
    thrice = opened(texts, texts.text_url("Text", 17, scale=3))
    assert thrice.size == (3 * once.width, 3 * once.height)


def test_running_text_has_its_optical_size(texts):
    """Inter at 16 pixels is set wider than at 32."""
    small = opened(texts, texts.text_url("nnnnnnnnnn" * 5, 16)).width
    large = opened(texts, texts.text_url("nnnnnnnnnn" * 5, 32)).width
    assert small > large / 2 * 1.03


def test_half_transparent_ink(texts):
    picture = opened(texts, texts.text_url("HHH", 40, "#ff000080")).convert("RGBA")
    assert picture.getchannel("A").getextrema() == (0, 128)
    assert texts.text_url("a", color=Color(255, 0, 0, 128)) == texts.text_url(
        "a", color="#ff000080"
    )


# The tag


def test_waves(texts):
    """Thin lines at changing heights, as high above the letters' feet at every scale."""
    inks = {}
    for text in (CANARY, CANARY[::-1]):
        for scale in (1, 2, 4):
            plain, waved = (
                opened(texts, texts.text_url(text, 20, "black", scale=scale, style=style))
                .convert("RGBA")
                .getchannel("A")
                for style in ("plain", "waves")
            )
            assert plain.size == waved.size
            # No letter is thinner, but one of both files is more exact.
            assert ImageChops.subtract(plain, waved).getextrema()[1] <= 8
            lines = ImageChops.subtract(waved, plain)
            assert 0.02 < ImageStat.Stat(lines).mean[0] / 255 < 0.09
            inks[text, scale] = lines.reduce(scale)
    one, two = inks[CANARY, 4], inks[CANARY, 2]
    assert ImageStat.Stat(ImageChops.difference(one, two)).mean[0] < 6
    other = inks[CANARY[::-1], 2].crop((0, 0, *two.size))
    assert ImageStat.Stat(ImageChops.difference(other, two)).mean[0] > 9
    assert texts.text_url(CANARY, style="plain") == texts.text_url(CANARY)
    assert texts.img(CANARY, style="waves").count(".png") == 4


def test_the_tag(texts):
    markup = texts.img("me@example.com", 20, "navy", weight=600, alt='"e-mail" <address>')
    tag = tag_of(markup)
    assert set(tag) == {"src", "srcset", "width", "height", "alt", "style"}
    assert tag["alt"] == '"e-mail" <address>'
    sources = [source.split() for source in tag["srcset"].split(", ")]
    assert [pixels for _, pixels in sources] == ["1x", "2x", "3x"]
    assert sources[0][0] == tag["src"]
    size = int(tag["width"]), int(tag["height"])
    for scale, (url, _) in enumerate(sources, 1):
        assert url == texts.text_url("me@example.com", 20, "navy", weight=600, scale=scale)
        assert opened(texts, url).size == (scale * size[0], scale * size[1])
    style = style_of(tag)
    assert (style["width"], style["height"]) == (f"{size[0]}px", f"{size[1]}px")
    above, right, below, left = style["margin"].replace("px", "").split()
    assert int(above) + int(below) == -size[1]
    assert (right, left) == ("0", "0")
    assert str(markup) == markup == markup.__html__()
    assert type(markup.__html__()) is str


def test_where_ink_reaches_beyond_the_text(texts):
    """As the j does to the left: the picture is wider, and stands where the text would."""
    margin = style_of(tag_of(texts.img("jj", 60)))["margin"]
    assert re.fullmatch(r"-\dpx", margin.split()[3])
    narrow, wide = tag_of(texts.img("jj", 60)), tag_of(texts.img("jjj", 60))
    assert int(wide["width"]) - int(narrow["width"]) < int(narrow["width"]) / 2


def test_alt(texts):
    assert tag_of(texts.img("me@example.com"))["alt"] == "text as image"
    assert tag_of(texts.img("me@example.com", alt=""))["alt"] == ""
    for alt in ("me@example.com", "Write to ME@EXAMPLE.COM!", "me@exa\nmple.com".replace("\n", "")):
        with pytest.raises(ValueError, match="alt says the secret text"):
            texts.img("me@example.com", alt=alt)


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_of_nothing_there_is_no_tag(texts, nothing):
    """An address without a telephone number."""
    assert texts.img(nothing) == ""
    assert PlaceholderMiddleware(page, secret=SECRET).text_img(nothing, 14) == ""


def test_below_a_path(texts):
    url = texts.text_url("x", script_name="/sub")
    assert url == "/sub" + texts.text_url("x")
    assert texts.img("x", script_name="/sub").count('"/sub/placeholder/t/') == 2
    assert TextImages(SECRET, prefix="").text_url("x").startswith("/t/")


def test_one_line_of_clean_text(texts):
    assert texts.text_url(" a\n\tb\u202e ") == texts.text_url("a b")
    assert texts.text_url("e\u0301") == texts.text_url("é")
    assert texts.text_url("x" * 200)
    assert TextImages(SECRET, max_text=300).text_url("x" * 300)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"text": " \n"}, ValueError, "a secret text without anything to draw"),
        ({"text": "\u202e \n"}, ValueError, "without anything to draw"),
        ({"text": CANARY * 8}, ValueError, "a secret text of 208 characters; expected 1 to 200"),
        ({"text": CANARY * 8000}, ValueError, "expected 1 to 200"),
        ({"text": "\u200d"}, ValueError, "without anything to draw"),
        ({"text": CANARY.encode()}, TypeError, "text is of type bytes; expected str"),
        ({"text": None}, TypeError, "text is of type NoneType"),
        ({"size": CANARY}, ValueError, "size: expected a number from 4 to 200"),
        ({"size": 3.9}, ValueError, "size: expected a number from 4 to 200"),
        ({"size": float("nan")}, ValueError, "size: expected"),
        ({"scale": 5}, ValueError, "scale: expected a number from 1 to 4"),
        ({"text": "W" * 200, "size": 200, "scale": 4}, ValueError, "pixels, which are too many"),
        ({"weight": 450}, BadParameter, "weight is “450”"),
        ({"color": "bleu"}, BadParameter, "Did you mean blue?"),
        (
            {"style": "wave"},
            ValueError,
            "style: expected one of plain, waves; did you mean w",
        ),
        ({"style": CANARY}, ValueError, "style: expected one of plain, waves"),
        ({"font": "no-such"}, BadParameter, "font is “no-such”"),
        ({"expires_in": 0}, ValueError, "expires_in: expected seconds, 1 to 100000000"),
        ({"expires_in": "60"}, ValueError, "expires_in: expected seconds"),
        ({"expires_in": 10**9}, ValueError, "expires_in: expected seconds"),
    ],
)
def test_mistakes(texts, wrong, error, said):
    with pytest.raises(error) as raised:
        texts.text_url(**{"text": CANARY} | wrong)
    assert said in str(raised.value)
    assert_secret("".join(traceback.format_exception(raised.value)), "a traceback")


def test_options_are_those_of_the_middleware():
    with pytest.raises(TypeError, match="unknown option 'max_txt'"):
        TextImages(SECRET, max_txt=3)
    config = Config.of(prefix="/p", font="Inter")
    assert TextImages(SECRET, config=config).text_url("x") == TextImages(SECRET, "/p").text_url("x")
    with pytest.raises(TypeError, match="config holds all options; max_text cannot be given too"):
        TextImages(SECRET, config=config, max_text=3)
    with pytest.raises(ValueError, match="only 8 bytes"):
        TextImages("changeme")


# HTTP


@pytest.fixture
def asked(texts):
    """Ask between validators, as an app by itself and around another."""

    def asked(url, method="GET", **headers):
        alone = ask(checked(texts), environ_for(url, method, **headers))
        around = ask(checked(texts.wrap(page)), environ_for(url, method, **headers))
        assert alone == around
        return alone

    return asked


SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, noimageindex",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def test_the_answer(texts, asked):
    url = texts.text_url(CANARY)
    answer = asked(url)
    assert dict(answer.headers) == {
        "Content-Type": "image/png",
        "Content-Length": str(len(answer.body)),
        "ETag": answer["ETag"],
        "Cache-Control": "private, max-age=31536000",
        **SAFE,
    }
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer["ETag"])
    head = asked(url, "HEAD")
    assert (head.code, head.headers, head.body) == (200, answer.headers, b"")
    for given in (answer["ETag"], f'"x", W/{answer["ETag"]}', "*"):
        known = asked(url, if_none_match=given)
        assert (known.code, known.body) == (304, b"")
        assert known.headers == answer.headers[2:]  # all but type and length
    assert asked(url, if_none_match='"x"') == answer
    assert asked(f"{url}?size=99&color=red") == answer
    refused = asked(url, "POST")
    assert (refused.code, refused["Allow"]) == (405, "GET, HEAD")


def test_who_may_keep_it():
    url = TextImages(SECRET).text_url("x")

    def kept(**options):
        return dict(TextImages(SECRET, **options).answer(url).headers)["Cache-Control"]

    assert kept(public=True) == "public, max-age=31536000"
    assert kept(max_age=0) == "private, max-age=0"


def test_no_header_names_what_no_font_has(texts):
    text = "\U00012000 \U00013000"
    answer = TextImages(SECRET, system_fonts=False).answer(texts.text_url(text))
    assert not [name for name, _ in answer.headers if "glyph" in name.lower()]
    assert len(answer.headers) == 8


def test_the_etag_is_no_digest_of_anything_known(texts):
    """T-S6: whoever guesses the text cannot tell from the ETag."""
    url = texts.text_url(CANARY)
    answer = texts.answer(url)
    etag = answer.etag.strip('"')
    again, other = TextImages(SECRET), TextImages(secrets.token_bytes(32))
    assert again.answer(url).etag == answer.etag
    elsewhere = other.answer(other.text_url(CANARY))
    assert elsewhere.body == answer.body
    assert elsewhere.etag != answer.etag
    assert texts.answer(texts.text_url(CANARY, 17)).etag != answer.etag
    token = url.rpartition("/")[2].removesuffix(".png")
    for known in (CANARY.encode(), answer.body, token.encode(), url.encode()):
        for name in hashlib.algorithms_guaranteed - {"shake_128", "shake_256"}:
            assert not hashlib.new(name, known).hexdigest().startswith(etag)


def test_mounted(texts):
    """Below a path, at its own prefix, and both; a root app's own /t/ is not ours."""
    url = texts.text_url("x")
    for script_name, path in (
        ("/sub", url),
        ("/placeholder", url.removeprefix("/placeholder")),
        ("/sub/placeholder", url.removeprefix("/placeholder")),
    ):
        assert ask(checked(texts), environ_for(path, script_name=script_name)).code == 200
    bare = url.removeprefix("/placeholder")
    assert ask(checked(texts), environ_for(bare)).code == 404
    assert ask(checked(texts.wrap(page)), environ_for(bare)).body == PAGE


def test_all_other_urls_are_the_apps(texts):
    given = []
    app = texts.wrap(lambda *arguments: given.append(arguments) or PAGE)
    for path in ("/", "/placeholder", "/placeholder/t", "/placeholder/300", "/text/t/x.png", ""):
        environ = environ_for(path)
        assert app(environ, print) is PAGE
        assert given.pop() == (environ, print)


def test_expiry(texts, monkeypatch):
    now = 1_800_000_123.4
    monkeypatch.setattr(time, "time", lambda: now)
    url = texts.text_url("x", expires_in=3600)
    assert len(url) == len(texts.text_url("x"))
    age = int(re.search(r"max-age=(\d+)", dict(texts.answer(url).headers)["Cache-Control"])[1])
    assert 3600 <= age <= 5400
    urls = set()
    for second in range(0, 3600, 10):
        monkeypatch.setattr(time, "time", lambda second=second: now + second)
        urls.add(texts.text_url("x", expires_in=3600))
    assert len(urls) in (2, 3)  # while caches are of use
    monkeypatch.setattr(time, "time", lambda: now + age - 1.5)
    assert "private, max-age=2" in dict(texts.answer(url).headers).values()
    monkeypatch.setattr(time, "time", lambda: now + age + 1)
    assert texts.answer(url) is texts.answer("/placeholder/t/x.png")


def test_when_there_is_no_memory(texts, monkeypatch, caplog):
    def fail(*_):
        raise MemoryError

    url = texts.text_url("x")
    monkeypatch.setattr("wsgi_placeholder.text_picture.encode", fail)
    answer = ask(checked(texts), environ_for(url))
    assert (answer.code, answer["Retry-After"], answer["Cache-Control"]) == (503, "2", "no-store")
    monkeypatch.undo()
    assert texts.answer(url).status == "200 OK"


def test_what_cannot_be_drawn_any_more(texts, caplog):
    """A limit that is lower now, a font that is gone: the same 404, and no word too many."""
    url = texts.text_url(CANARY, 40)
    lower = TextImages(SECRET, max_pixels=100)
    assert lower.answer(url) is lower.answer("/placeholder/t/x.png")
    assert caplog.messages == ["a secret text cannot be drawn: ValueError"]


# Tokens in URLs


def token_of(url):
    return url.removeprefix("/placeholder/t/").removesuffix(".png")


def test_every_failure_is_the_same(texts, asked):
    """T-S8"""
    url, token = texts.text_url(CANARY), token_of(texts.text_url(CANARY))
    expired = texts._tokens.seal(b"x", bytes(10) + b"inter", 1)
    number = base64.urlsafe_b64encode(
        bytes([base64.urlsafe_b64decode(token[:4])[0] ^ 1]) + bytes(66)
    )
    failures = [
        asked(path)
        for path in (
            "/placeholder/t/",
            "/placeholder/t/.png",
            "/placeholder/t/short.png",
            "/placeholder/t/!!!.png",
            f"/placeholder/t/{'A' * len(token)}.png",  # a wrong tag
            f"/placeholder/t/{number.decode().rstrip('=')}.png",  # an unknown key
            f"/placeholder/t/{'A' * 5000}.png",
            f"/placeholder/t/{expired}.png",
            f"/placeholder/t/{token}",
            f"/placeholder/t/{token}.svg",
            f"/placeholder/t/{token}.pdf",
            f"/placeholder/t/{token}.png/",
            f"/placeholder/t/{token}=.png",
            f"/placeholder/t//{token}.png",
            "/placeholder/t/\xe9.png",
            TextImages(secrets.token_bytes(32)).text_url(CANARY),
            TextImages(SECRET, prefix="/other").text_url(CANARY).replace("other", "placeholder"),
        )
    ]
    assert asked(url).code == 200
    first = failures[0]
    assert all(failure == first for failure in failures)
    assert first.code == 404
    assert dict(first.headers) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "10",
        "Cache-Control": "no-store",
        "X-Placeholder": "none",
        **SAFE,
    }
    assert ask(checked(texts), environ_for("/elsewhere")) == first


def test_every_bit_and_ten_thousand_mutations(texts):
    """T-S2, T-S9"""
    token = token_of(texts.text_url(CANARY))
    refused = texts.answer("/placeholder/t/x.png")
    data = int.from_bytes(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    length = len(token) * 3 // 4
    for bit in range(8 * length):
        changed = base64.urlsafe_b64encode((data ^ 1 << bit).to_bytes(length)).rstrip(b"=").decode()
        assert texts.answer(f"/placeholder/t/{changed}.png") is refused
    chance = random.Random(7)
    letters = string.ascii_letters + string.digits + "-_=+/.%~ é\0"
    for _ in range(10_000):
        changed = list(token)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randrange(2)] = chance.choices(letters, k=chance.randrange(3))
        if "".join(changed) != token:
            assert texts.answer(f"/placeholder/t/{''.join(changed)}.png") is refused
    assert texts.answer(f"/placeholder/t/{token}.png") is not refused


def test_the_length_of_a_url_tells_nothing(texts):
    """T-S3"""
    words = [
        "x" * length if length % 2 else "é" * (length // 2) for length in range(1, 31)
    ]  # bytes of UTF-8
    assert len({len(texts.text_url(word, 12 + n)) for n, word in enumerate(words)}) == 1


def test_rotation():
    """T-S4"""
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    url = TextImages(old).text_url(CANARY)
    both = TextImages([new, old])
    assert both.answer(url).body == both.answer(both.text_url(CANARY)).body
    assert both.text_url(CANARY) == TextImages(new).text_url(CANARY) != url
    assert TextImages(new).answer(url).status == "404 Not Found"


# Secrecy


def assert_secret(data, where):
    data = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    for spelling in (CANARY, CANARY.upper(), CANARY[::-1]):
        for encoded in (
            spelling.encode(),
            spelling.encode("utf-16-le"),
            spelling.encode().hex().encode(),
            *(base64.b64encode(b"x" * i + spelling.encode())[4:-8] for i in range(3)),
            zlib.compress(spelling.encode())[2:-4],
        ):
            assert encoded not in data, where


def reachable(thing):
    """All that an object keeps, but for code and types, which lead to everything."""
    seen, todo = {}, [thing]
    while todo:
        here = todo.pop()
        if id(here) in seen or isinstance(
            here, (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, int)
        ):
            continue
        seen[id(here)] = here
        if not isinstance(here, frozenset):  # of the characters of fonts
            todo += gc.get_referents(here)
    return list(seen.values())


@pytest.mark.parametrize(
    "options",
    [{}, {"public": True}, {"cache_bytes": 0}, {"max_age": 0, "cors": True}, {"prefix": ""}],
    ids=str,
)
def test_the_text_is_nowhere(options, caplog):
    """T-S6: a hundred times, in every shape an answer has"""
    caplog.set_level(logging.DEBUG)
    texts = TextImages(SECRET, **options)
    app = checked(texts.wrap(page))
    for n in range(100):
        looks = {"size": 10 + n % 40, "color": f"#{n:02}{n:02}33", "expires_in": n * 60 or None}
        looks["style"] = ("plain", "waves")[n % 2]
        markup = texts.img(CANARY, weight=100 + n % 9 * 100, **looks)
        url = texts.text_url(CANARY, scale=1 + n % 4, **looks)
        assert_secret(markup, "markup")
        assert_secret(url, "URL")
        for path in {url, tag_of(markup)["src"]}:
            answer = ask(app, environ_for(path))
            assert answer.code == 200
            known = ask(app, environ_for(path, if_none_match=answer["ETag"]))
            assert known.code == 304
            for given in (answer, known, ask(app, environ_for(path, "HEAD"))):
                assert_secret(repr(given.headers), "headers")
            assert_secret(answer.body, "body")
            for kind, data in chunks(answer.body):
                inside = zlib.decompress(data) if kind == b"IDAT" else data
                assert_secret(inside, kind)
            assert Image.open(io.BytesIO(answer.body)).text == {}
        assert ask(app, environ_for(url[:-5] + ".png")).code == 404
    assert_secret(caplog.text, "log")
    kept = reachable(texts)
    assert any(thing is texts._drawn for thing in kept)
    for thing in kept:
        if isinstance(thing, (str, bytes)):
            assert_secret(thing, "what is kept")
            assert SECRET not in repr(thing)
        elif not isinstance(thing, (dict, tuple, list, set)):  # these repeat what is in them
            assert_secret(repr(thing), type(thing))


def test_nothing_says_it_while_a_picture_is_drawn(texts, monkeypatch, caplog):
    """What has a repr, where debuggers and error reporters show local variables."""
    seen = []

    def spy(scene, quality=None):
        frame = sys._getframe().f_back
        while "wsgi_placeholder" in frame.f_code.co_filename:
            seen.extend(frame.f_locals.values())
            frame = frame.f_back
        seen.append(scene)
        raise RuntimeError(f"broken: {CANARY}")

    url = texts.text_url(CANARY)
    monkeypatch.setattr("wsgi_placeholder.text_picture.encode", spy)
    assert texts.answer(url).status == "404 Not Found"
    assert_secret(caplog.text, "log")
    assert caplog.messages == ["a secret text cannot be drawn: RuntimeError"]
    assert {"TextPicture", "Scene", "TextImages"} <= {type(value).__name__ for value in seen}
    for value in seen:
        if not isinstance(value, (str, bytes, tuple)):  # the plain text itself must be somewhere
            assert_secret(repr(value), type(value))


# On the middleware


def test_the_middleware_has_them_too(texts):
    app = PlaceholderMiddleware(page, secret=SECRET)
    for n in (1, 2):
        url = app.text_url(CANARY, 14, "#c00", weight="bold", scale=n)
        assert url == texts.text_url(CANARY, 14, "#c00", weight="bold", scale=n)
        answer = ask(checked(app), environ_for(url))
        assert (answer.code, answer.body) == (200, texts.answer(url).body)
        assert answer["Cache-Control"].startswith("private")
        known = ask(checked(app), environ_for(url, if_none_match=answer["ETag"]))
        assert (known.code, known.body) == (304, b"")
    assert app.text_img(CANARY, script_name="/sub") == texts.img(CANARY, script_name="/sub")
    assert ask(checked(app), environ_for("/placeholder/300x200")).code == 200
    assert ask(checked(app), environ_for("/page")).body == PAGE


def test_failures_there_are_the_same_with_and_without_signatures(texts):
    good = texts.text_url(CANARY)
    wrong = [good.replace(".png", "A.png"), good + "?", "/placeholder/t/", "/placeholder/t/x"]
    for options in ({}, {"require_signature": True}):
        app = PlaceholderMiddleware(page, secret=SECRET, **options)
        assert ask(checked(app), environ_for(good)).code == 200
        answers = [ask(checked(app), environ_for(url)) for url in wrong if url != good + "?"]
        assert {(a.status, *a.headers, a.body) for a in answers} == {
            (answers[0].status, *answers[0].headers, answers[0].body)
        }
        assert answers[0].code == 404
        # The other token is a signature of nothing.
        assert ask(checked(app), environ_for(good.replace("/t/", "/s/"))).code == 403


def test_without_a_secret_there_are_none():
    app = PlaceholderMiddleware(page)
    for build in (app.text_url, app.text_img):
        with pytest.raises(ValueError, match=r"^secret: none given; expected 1 to 8"):
            build(CANARY)
    assert ask(checked(app), environ_for(TextImages(SECRET).text_url(CANARY))).code == 400


def test_signatures_need_no_cryptography(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for name in [name for name in sys.modules if name.startswith("cryptography.")]:
        monkeypatch.setitem(sys.modules, name, None)
    app = PlaceholderMiddleware(page, secret=SECRET, require_signature=True)
    assert ask(checked(app), environ_for(app.url_for(300))).code == 200
    with pytest.raises(ImportError, match=r"pip install 'wsgi-placeholder\[secret\]'"):
        app.text_url(CANARY)


def test_rotation_there():
    other = secrets.token_urlsafe(32)
    old, both = (PlaceholderMiddleware(page, secret=s) for s in (other, [SECRET, other]))
    assert ask(both, environ_for(old.text_url(CANARY))).code == 200
    assert ask(old, environ_for(both.text_url(CANARY))).code == 404


def test_many_frames_of_the_middleware_say_nothing(caplog):
    caplog.set_level(logging.DEBUG)
    app = PlaceholderMiddleware(page, secret=SECRET)
    assert ask(checked(app), environ_for(app.text_url(CANARY))).code == 200
    assert_secret(caplog.text, "log")
    for thing in reachable(app):
        if isinstance(thing, (str, bytes)):
            assert_secret(thing, "what is kept")
        elif not isinstance(thing, (dict, tuple, list, set)):
            assert_secret(repr(thing), type(thing))
            assert SECRET not in repr(thing)
