"""docs/secret-text.md: its recipes in real frameworks, as they stand there."""

import html
import io
import re
import secrets
import warnings
from pathlib import Path

import bottle
import cherrypy
import flask
import jinja2
import pytest
from asking import ask, checked, environ_for
from PIL import Image
from serving import fetch, serve

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # both import pkg_resources, which says that it will go
    from pyramid.config import Configurator
    from tg import MinimalApplicationConfigurator, TGController, expose
    from tg.configuration import milestones

PAGE = (Path(__file__).parents[1] / "docs" / "secret-text.md").read_text("utf-8")
SECRET = secrets.token_urlsafe(32)
PERSON = {"email": "canary@nowhere.example", "phone": "+41 44 123 45 67"}


def block(start, language="python"):
    """The code of the block of a language that begins with, or holds, a line."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [code] = [code for code in blocks if start in code]
    return code


TEXTS = re.search("^import os$.*?^texts = [^\n]*$", PAGE, re.MULTILINE | re.DOTALL)[0]


@pytest.fixture
def names(monkeypatch):
    """What the recipes begin with: `texts`."""
    monkeypatch.setenv("TEXT_SECRET", SECRET)
    names = {}
    exec(TEXTS, names)
    return names


def assert_shown(page, get, count, below=""):
    """Every tag stands in the page as one, its pictures are there, and the texts are not."""
    assert PERSON["email"] not in page
    assert PERSON["phone"] not in page
    tags = re.findall("<img [^>]*>", page)
    assert len(tags) == count
    assert "&lt;img" not in page
    for tag in tags:
        width, height = map(int, re.search('width="([0-9]+)" height="([0-9]+)"', tag).groups())
        source_set = html.unescape(re.search('srcset="([^"]*)"', tag)[1])
        for scale, url in enumerate(re.findall(r"\S+\.png", source_set), 1):
            assert re.match(below + "/(text|placeholder)/t/", url)
            with Image.open(io.BytesIO(get(url.removeprefix(below)))) as picture:
                assert picture.size == (width * scale, height * scale)


def from_app(app, script_name=""):
    def get(url):
        environ = environ_for(url, script_name=script_name)
        environ["HTTP_HOST"] = "localhost"
        answer = ask(checked(app), environ)
        assert answer.code == 200
        return answer.body

    return get


@pytest.mark.parametrize("below", ["", "/sub"])
def test_flask(names, below):
    app = flask.Flask(__name__)
    exec(block("# Flask"), names | {"app": app, "request": flask.request})
    used = block("", "jinja").replace('{{ secret("a text") }}', "")

    @app.get("/")
    def page():
        return flask.render_template_string(used, person=PERSON)

    get = from_app(app)
    assert_shown(get("/").decode(), get, 2)


def test_jinja(names):
    env = jinja2.Environment(autoescape=True)
    exec(block("# Jinja"), names | {"env": env})
    page = env.from_string(block("", "jinja")).render(person=PERSON)
    assert_shown(page, from_app(names["texts"]), 3)


TEMPLATES = {"mako": "<p>{}</p>", "pt": "<p>{}</p>"}


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("below", ["", "/sub"])
def test_pyramid(kind, below, names, tmp_path):
    used = block("<!-- Chameleon and Mako -->", "html").partition("\n")[2]
    (tmp_path / f"page.{kind}").write_text(TEMPLATES[kind].format(used))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Configurator() as config:
            config.include({"mako": "pyramid_mako", "pt": "pyramid_chameleon"}[kind])
            config.add_route("page", "/")
            config.add_view(
                lambda request: {"person": Record(**PERSON)},
                route_name="page",
                renderer=str(tmp_path / f"page.{kind}"),
            )
            names |= {"config": config}
            exec(block("# Pyramid"), names)
        get = from_app(names["application"], below)
        assert_shown(get("/").decode(), get, 2, below)


class Record:
    def __init__(self, **fields):
        vars(self).update(fields)


@pytest.mark.parametrize("engine", ["mako", "jinja"])
@pytest.mark.parametrize("below", ["", "/sub"])
def test_turbogears(engine, below, names, tmp_path):
    used = block("<!-- Kajiki, Genshi and Mako", "html").partition("\n")[2]
    if engine == "jinja":
        used = used.replace("${", "{{").replace("}", "}}")
    (tmp_path / "page.html").write_text(used)
    milestones._reset_all()  # TurboGears expects one app a process
    helpers, _, application = block("# TurboGears: lib").partition("# TurboGears: config")
    exec(helpers, names)

    class Root(TGController):
        @expose(f"{engine}:page.html")
        def index(self):
            return {"person": Record(**PERSON)}

    config = MinimalApplicationConfigurator()
    config.update_blueprint(
        {
            "root_controller": Root(),
            "helpers": Record(secret=names["secret"]),
            "renderers": [engine],
            "default_renderer": engine,
            "use_dotted_templatenames": False,
            "paths": {"templates": [str(tmp_path)]},
        }
    )
    exec("#" + application, names | {"config": config}, names)
    get = from_app(names["application"], below)
    assert_shown(get("/").decode(), get, 2, below)


def test_bottle(names, monkeypatch):
    monkeypatch.setattr(bottle.SimpleTemplate, "defaults", {})
    used = block("<!-- Bottle", "html").partition("\n")[2]
    app = bottle.Bottle()
    app.get("/")(lambda: bottle.template(used, person=Record(**PERSON)))
    monkeypatch.setattr(bottle, "default_app", lambda: app)
    exec(block("# Bottle"), names | {"bottle": bottle}, names)
    get = from_app(names["application"])
    assert_shown(get("/").decode(), get, 2)


def test_cherrypy(names, monkeypatch):
    monkeypatch.setattr(cherrypy, "tree", cherrypy._cptree.Tree())
    exec(block("# CherryPy"), names | {"cherrypy": cherrypy})
    picture = from_app(cherrypy.tree)(names["texts"].text_url(PERSON["email"]))
    assert picture.startswith(b"\x89PNG")


DJANGO = f"""
import os
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.shortcuts import render
from django.urls import path
from wsgi_placeholder.integrations.django import placeholders

SETTINGS
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", DEBUG=True,
    WSGI_PLACEHOLDER=WSGI_PLACEHOLDER,
    TEMPLATES=[{{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": ["."],
        "OPTIONS": {{
            LIBRARIES
        }},
    }}],
)
urlpatterns = [path("", lambda request: render(request, "page.html", {{"person": {PERSON!r}}}))]
WSGI
"""


def test_django(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXT_SECRET", SECRET)
    settings, libraries, wsgi = re.split(
        "^# Django: .*\n", block("# Django: settings.py"), flags=re.MULTILINE
    )[1:]
    site = DJANGO.replace("SETTINGS", settings).replace("LIBRARIES", libraries)
    (tmp_path / "site_wsgi.py").write_text(site.replace("WSGI\n", wsgi))
    (tmp_path / "page.html").write_text(block("", "django"))
    with serve("waitress-serve --listen=127.0.0.1:8000 site_wsgi:application", tmp_path) as port:

        def get(url):
            answer = fetch(port, url)
            assert answer.status == 200, answer.body
            assert "canary" not in str(answer.headers)
            return answer.body

        assert_shown(get("/").decode(), get, 2)
        assert fetch(port, "/placeholder/t/x.png").status == 404


def test_what_the_page_says_first(names, monkeypatch):
    code = block("# texts.py")
    monkeypatch.setenv("TEXT_SECRET", SECRET)
    names = {"application": lambda *_: ["the app"]}
    exec(code, names)
    application = names["application"]
    url = names["texts"].text_url("me@example.com", size=16, color="#333", scale=2)
    assert ask(checked(application), environ_for(url)).code == 200
    assert application(environ_for("/"), print) == ["the app"]
    said = re.search(r"/text/t/(\w+)….png", code)[1]
    assert len(said) < len(url)


def test_lengths_are_as_the_page_says(names):
    """URLs tell whether a text has up to 30, 62, 126 ... bytes."""
    text_url = names["texts"].text_url
    for last in (30, 62, 126):
        assert str(last) in PAGE
        assert len(text_url("x" * last)) == len(text_url("x" * (last // 2 + 1)))
        assert len(text_url("x" * last)) < len(text_url("x" * (last + 1)))
