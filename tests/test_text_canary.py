"""A secret text on real sites: whatever they send, log and keep, in whatever spelling, lacks it.

`test_text_images.py` asks the same of each part by itself.
"""

import base64
import html
import io
import itertools
import logging
import os
import random
import re
import secrets
import socket
import string
import subprocess
import sys
import traceback

import canary
import pytest
from asking import ask, checked, environ_for, page
from PIL import Image
from serving import HOST, PATIENCE, serve
from side_by_side import DEJAVU

from wsgi_placeholder import PlaceholderMiddleware, text_picture
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.text_images import TextImages

TEXT = canary.canary()
SECRET = secrets.token_urlsafe(32)
LOOKS = [
    {
        "size": 10 + n % 40,
        "color": f"#{n:02}{99 - n:02}33",
        "weight": 100 + n % 9 * 100,
        "style": ("plain", "waves")[n % 2],
    }
    for n in range(100)
]


def assert_lacks(data, where):
    assert canary.said_in(data) == [], where


def assert_nothing_in(picture):
    """Neither as it is, nor in its parts, nor in its pixels."""
    assert_lacks(picture, "a PNG")
    for kind, data in canary.inside(picture):
        assert kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
        assert_lacks(data, kind)
    with Image.open(io.BytesIO(picture)) as image:
        assert image.info.keys() <= {"transparency"}
        assert_lacks(image.tobytes(), "pixels")


def test_the_search_finds_what_it_looks_for():
    data = TEXT.encode()
    for said in (
        data, data.hex().encode(), base64.b64encode(data), base64.urlsafe_b64encode(b"a" + data),
        base64.b64encode(b"ab" + data), data[::-1], TEXT.upper().encode(), TEXT.encode("utf-16"),
        data[:11], data[12:22], base64.b64encode(b"!?" + data[12:24]), base64.b32encode(data),
    ):  # fmt: skip
        assert canary.said_in(b"before " + said + b" after")
    code = "import canary; kept = {KEPT}; print(len(canary.kept_in_process()) > 0)"
    for kept, found in (("{1: ('a', canary.canary())}", "True"), ("{1: ('a', 'b')}", "False")):
        done = subprocess.run(
            [sys.executable, "-c", code.replace("{KEPT}", kept)],
            cwd=os.path.dirname(canary.__file__),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == found


# Real sites

COMMON = """
import codecs, json, logging, os, sys

sys.path.insert(0, {tests!r})
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)

import canary
from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.text_images import TextImages


def img(text, **looks):
    return text_img(text, **looks)


LOOKS = {looks!r}


def shown(n):
    n = int(n)
    return dict(LOOKS[n], expires_in=n * 60 or None)


def observed(app):
    import linecache

    def asked(environ, start_response):
        if environ["PATH_INFO"] != "/kept":
            return app(environ, start_response)
        linecache.clearcache()
        body = json.dumps(canary.kept_in_process()).encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return asked
"""
SITES = {
    "flask": (
        "gunicorn --no-control-socket --log-level debug --access-logfile - -b 127.0.0.1:8000 s:app",
        """
from flask import Flask, render_template_string
site = Flask(__name__)
site.jinja_env.filters["secret"] = img

@site.get("/<int:n>")
def page(n):
    return render_template_string(
        "{{ text|secret(**looks) }}", text=canary.canary(), looks=shown(n)
    )

@site.get("/wrong")
def wrong():
    return img(canary.canary(), color="bleu")
""",
    ),
    "django": (
        "waitress-serve --listen=127.0.0.1:8000 s:app",
        """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import path
from django import template

register = template.Library()
@register.simple_tag
def secret(text, looks):
    return img(text, **looks)

engine = Engine(builtins=[__name__])

def page(request, n):
    names = {"text": canary.canary(), "looks": shown(n)}
    used = engine.from_string("{% secret text looks %}")
    return HttpResponse(used.render(Context(names)))

def wrong(request):
    return HttpResponse(img(canary.canary(), color="bleu"))

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50)
urlpatterns = [path("<int:n>", page), path("wrong", wrong)]
site = get_wsgi_application()
""",
    ),
    "pyramid": (
        "python s.py 8000",
        """
import warnings
warnings.simplefilter("ignore")
from pyramid.config import Configurator

def wrong(request):
    img(canary.canary(), color="bleu")

with open("page.pt", "w") as file:
    file.write("<p>${request.secret(text, **looks)}</p>")
with Configurator() as config:
    config.include("pyramid_chameleon")
    config.add_request_method(lambda request, text, **looks: img(text, **looks), "secret")
    config.add_route("wrong", "/wrong")
    config.add_view(wrong, route_name="wrong")
    config.add_route("page", "/{n}")
    config.add_view(
        lambda request: {"text": canary.canary(), "looks": shown(request.matchdict["n"])},
        route_name="page",
        renderer=os.path.abspath("page.pt"),
    )
site = config.make_wsgi_app()
""",
    ),
    "turbogears": (
        "gunicorn --no-control-socket --log-level debug --threads 2 -b 127.0.0.1:8000 s:app",
        """
import warnings
warnings.simplefilter("ignore")
from types import SimpleNamespace
from tg import MinimalApplicationConfigurator, TGController, expose

class Root(TGController):
    @expose("page.mak")
    def _default(self, n):
        return {"text": canary.canary(), "looks": shown(n)}

    @expose()
    def wrong(self):
        return img(canary.canary(), color="bleu")

with open("page.mak", "w") as file:
    file.write("${h.secret(text, **looks)}")
config = MinimalApplicationConfigurator()
config.update_blueprint({
    "root_controller": Root(),
    "helpers": SimpleNamespace(secret=img),
    "renderers": ["mako"],
    "default_renderer": "mako",
    "use_dotted_templatenames": False,
    "paths": {"templates": [os.getcwd()]},
})
site = config.make_wsgi_app()
""",
    ),
    "bottle": (
        "waitress-serve --listen=127.0.0.1:8000 s:app",
        """
import bottle
site = bottle.Bottle()

@site.get("/<n:int>")
def page(n):
    return bottle.template(
        "{{!secret(text, **looks)}}", text=canary.canary(), looks=shown(n), secret=img
    )

@site.get("/wrong")
def wrong():
    return img(canary.canary(), color="bleu")
""",
    ),
}
ALONE = """
texts = TextImages([{secret!r}, {older!r}], public=True)
text_img = texts.img
app = texts.wrap(observed(site))
"""
MIDDLEWARE = """
app = PlaceholderMiddleware(observed(site), secret={secret!r}, missing=True, learn=True)
text_img = app.text_img
"""
END = """
if __name__ == "__main__":
    from wsgiref.simple_server import make_server
    make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""


class Wire:
    """A port, and all that came from it so far, byte by byte."""

    def __init__(self, port):
        self._port = port
        self.seen = []

    def ask(self, target, method="GET", *headers):
        """Return status, head and body of an answer on a connection of its own."""
        lines = [f"{method} {target} HTTP/1.0", f"Host: {HOST}", *headers, "", ""]
        with socket.create_connection((HOST, self._port), PATIENCE) as connection:
            connection.sendall("\r\n".join(lines).encode())
            with connection.makefile("rb") as reader:
                raw = reader.read()
        self.seen.append(raw)
        head, _, body = raw.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode("latin-1"), body


@pytest.mark.parametrize("name", SITES)
def test_sites(name, tmp_path, capfd):
    """T-S6: a hundred pages, each with three pictures, under real servers"""
    command, code = SITES[name]
    start = COMMON.format(tests=os.path.dirname(canary.__file__), looks=LOOKS)
    door = ALONE if name in ("django", "bottle") else MIDDLEWARE
    made = door.format(secret=SECRET, older=secrets.token_urlsafe(32))
    (tmp_path / "s.py").write_text(start + code + made + END)
    with serve(command, tmp_path) as port:
        wire = Wire(port)
        for n in range(len(LOOKS)):
            status, _, markup = wire.ask(f"/{n}")
            assert status == 200, markup
            [tag] = re.findall("<img [^>]*>", markup.decode())
            urls = re.findall(r"\S+\.png", html.unescape(re.search('srcset="([^"]*)"', tag)[1]))
            assert len(urls) == 3
            for url in urls if n % 10 == 0 else urls[n % 3 :][:1]:
                status, head, picture = wire.ask(url)
                assert status == 200
                assert_nothing_in(picture)
            if n % 4 == 0:
                etag = re.search("^ETag: (.*)\r$", head, re.M | re.I)[1]
                assert wire.ask(url, "GET", f"If-None-Match: {etag}")[0] == 304
                assert wire.ask(url, "HEAD")[::2] == (200, b"")
                assert wire.ask(url[:-5] + "~.png")[0] == 404
        assert wire.ask("/wrong")[0] == 500
        kept = wire.ask("/kept")[2]
    assert kept == b"[]"
    assert_lacks(b"\0".join(wire.seen), "what came")
    log = capfd.readouterr().out
    assert "BadParameter" in log  # it is the log, at DEBUG
    assert_lacks(log, "the log")


# Every way to ask


def alone(texts):
    return texts


def around(texts):
    return texts.wrap(page)


def middleware(texts):
    return PlaceholderMiddleware(page, secret=SECRET, missing=True)


@pytest.fixture(params=[alone, around, middleware], ids=lambda door: door.__name__)
def door(request):
    return request.param


def mutations(token):
    """Yield a token with each of its bits flipped, in its bytes and as written, and much more."""
    data = int.from_bytes(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    length = len(token) * 3 // 4
    for bit in range(8 * length):
        yield base64.urlsafe_b64encode((data ^ 1 << bit).to_bytes(length)).rstrip(b"=").decode()
    for at, bit in itertools.product(range(len(token)), range(8)):
        yield token[:at] + chr(ord(token[at]) ^ 1 << bit) + token[at + 1 :]
    # The last has bits to spare, which decoders of base64 forgive.
    yield from (token[:-1] + letter for letter in string.ascii_letters + string.digits + "-_=")
    chance = random.Random(11)
    for _ in range(10_000):
        letters = list(token)
        for _ in range(chance.choice((1, 2, 3, 9))):
            at, other = chance.randrange(len(letters)), chance.randrange(len(letters))
            match chance.randrange(5):
                case 0:
                    letters[at] = chr(chance.randrange(256))
                case 1:
                    letters.insert(at, chance.choice("Aa0-_=+/.%?#;\\ \0\xe9\n"))
                case 2:
                    del letters[at]
                case 3:
                    letters[at], letters[other] = letters[other], letters[at]
                case 4:
                    letters[at:other] = letters[at:other][::-1]
        yield "".join(letters)


def test_one_answer_to_every_wrong_token(door):
    """T-S2, T-S8, T-S9: status, headers in their order and body"""
    texts = TextImages(SECRET)
    app = door(texts)
    refused = ask(app, environ_for("/placeholder/t/x.png"))
    assert refused.code == 404
    for n, url in enumerate((texts.text_url(TEXT), texts.text_url(TEXT, expires_in=3600))):
        start, token = "/placeholder/t/", url[15:-4]
        assert ask(app, environ_for(url)).code == 200
        wrong = {each for each in mutations(token) if each != token}
        assert len(wrong) > 10_000
        for each in wrong if n == 0 else itertools.islice(wrong, 1000):
            # Not "?": what is behind it is no part of the path.
            environ = {**environ_for("/"), "PATH_INFO": f"{start}{each}.png"}
            assert ask(app, environ) == refused, each
    assert_lacks(repr(refused), "the refusal")


def test_equally_long_addresses(door):
    """T-S3: of all texts up to 30 bytes, with all looks but the name of the font"""
    texts = TextImages(SECRET)
    chance = random.Random(4)
    urls = set()
    for length in range(1, 31):
        for letters in ("x", "é", "日", "W@.-"):
            text = "".join(chance.choices(letters, k=length))
            while len(text.encode()) > 30:
                text = text[:-1]
            looks = {"size": chance.uniform(4, 200), "weight": chance.randrange(1, 10) * 100}
            soon = chance.choice((None, 60, 10**8))
            urls.add(texts.text_url(text, **looks, scale=chance.uniform(1, 2), expires_in=soon))
    assert len({len(url) for url in urls}) == 1
    for url in urls:
        assert ask(checked(door(texts)), environ_for(url)).code == 200


# When something breaks


STEPS = [
    (text_picture.TextPicture, "unpacked"),
    (text_picture.TextPicture, "line"),
    (text_picture, "one_line"),
    (text_picture, "encode"),
]
ERRORS = [
    RuntimeError(TEXT), ValueError(TEXT), MemoryError(TEXT), KeyError(TEXT), OSError(5, TEXT),
    UnicodeDecodeError("utf-8", TEXT.encode(), 0, 1, TEXT), RecursionError(TEXT),
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_error_says_it(step, error, monkeypatch, caplog):
    """Whatever breaks on the way to a picture: the answer is as always, and the log lacks it."""
    caplog.set_level(logging.DEBUG)
    texts = TextImages(SECRET, cache_bytes=0)
    url = texts.text_url(TEXT)

    def broken(*args, **keywords):
        raise error

    monkeypatch.setattr(*step, broken)
    answer = ask(checked(texts), environ_for(url))
    assert answer.code == (503 if isinstance(error, MemoryError) else 404)
    assert_lacks(repr(answer), "the answer")
    for record in caplog.records:
        assert_lacks(repr(vars(record)), "a log record")
        assert record.exc_info is None  # whose frames hold it
    assert_lacks(caplog.text, "the log")


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ({"fonts": str(DEJAVU), "font": "dejavusans"}, {}, "KeyError"),
        ({}, {"max_pixels": 100}, "ValueError"),
    ],
)
def test_what_is_no_more_possible(before, after, error, caplog):
    """A font that is gone, a limit that is lower now: the one 404, and a line for the log."""
    caplog.set_level(logging.DEBUG)
    url = TextImages(SECRET, **before).text_url(TEXT)
    texts = TextImages(SECRET, **after)
    answer = ask(checked(texts), environ_for(url))
    assert answer == ask(checked(texts), environ_for("/placeholder/t/x.png"))
    assert caplog.messages == [f"a secret text cannot be drawn: {error}"]
    assert_lacks(caplog.text, "the log")


@pytest.mark.parametrize(("step", "style"), [("encode", "plain"), ("waves", "waves")])
def test_no_object_says_it_while_a_picture_is_drawn(step, style, monkeypatch):
    """Reporters of errors show the repr of what they find in frames, as debuggers do."""
    shown = []
    real = getattr(text_picture, step)

    def spy(*given):
        shown.extend((type(thing).__name__, repr(thing)) for thing in canary.of_the_package())
        return real(*given)

    texts = TextImages(SECRET)
    url = texts.text_url(TEXT, 20, "navy", style=style)
    monkeypatch.setattr(text_picture, step, spy)
    assert texts.answer(url).status == "200 OK"
    seen = {name for name, _ in shown}
    assert {"TextPicture", "Scene", "Run", "Fonts", "Tokens", "Promise"} <= seen
    for name, said in shown:
        assert_lacks(said, name)


@pytest.mark.parametrize("name", ["img", "text_url"])
def test_a_mistake_of_the_app_is_told_without_the_text(name):
    """What the app's log shows: the message, and the lines of code, but no values."""
    texts = TextImages(SECRET, max_text=60, max_pixels=5000)
    for wrong in (
        {"size": 3}, {"size": TEXT}, {"weight": 77}, {"font": "x"}, {"color": "bleu"},
        {"expires_in": 0}, {"size": 200}, {"text": TEXT * 3}, {"text": TEXT.encode()},
        {"text": [TEXT]}, {"alt": TEXT} if name == "img" else {"scale": 9},
    ):  # fmt: skip
        with pytest.raises((ValueError, TypeError, BadParameter)) as raised:
            getattr(texts, name)(**{"text": TEXT} | wrong)
        assert_lacks("".join(traceback.format_exception(raised.value)), str(wrong))
        assert_lacks(repr(vars(raised.value)), str(wrong))
