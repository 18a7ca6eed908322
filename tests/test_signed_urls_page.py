"""docs/signed-urls.md: what it says, and its recipes in real frameworks."""

import base64
import hmac
import html
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import flask
import pytest
from asking import ask, checked, environ_for, page
from serving import fetch, serve

from wsgi_placeholder import PlaceholderMiddleware, signatures

PAGE = (Path(__file__).parents[1] / "docs" / "signed-urls.md").read_text("utf-8")
SECRET = secrets.token_urlsafe(32)


def block(start, language="python"):
    """The code of the block of a language that begins with, or holds, a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    [code] = [code for code in blocks if start in code]
    return code


@pytest.fixture
def signing(monkeypatch):
    monkeypatch.setenv("PLACEHOLDER_SECRET", SECRET)


def test_the_first_example(signing):
    names = {"os": os, "PlaceholderMiddleware": PlaceholderMiddleware, "app": page}
    code = block("require_signature=True)\n\n")
    exec(code, names)
    url = names["app"].url_for(600, 400, text="Hero")
    assert re.sub("/s/[^/]*", "", url) == re.sub("/s/[^/]*", "", code.rpartition("# ")[2].strip())
    assert ask(checked(names["app"]), environ_for(url)).code == 200


def test_every_rule_is_read():
    for rule in re.findall(r"^\| `([^`]*)` \| ", PAGE, re.MULTILINE):
        [rule] = [eval(rule)] if rule[:1] in '"FT2' else [None]
        if rule is not None and rule not in ("any", "signed"):
            app = PlaceholderMiddleware(page, secret=SECRET, require_signature=rule)
            assert bool(app.config.require_signature) == bool(rule)
    policy = re.search(r'as in `"(.*?)"`', PAGE)[1]
    app = PlaceholderMiddleware(page, text_policy=policy)
    shown = [ask(app, environ_for(f"/placeholder/300?text={t}")).body for t in ("Hero", "Hi", "")]
    assert len(set(shown)) == 3


def test_the_key_and_the_digest(signing):
    line = block("python -c", "sh").strip()
    code = re.search('python -c "(.*)"', line)[1]
    key = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    message = re.search("`(20 /placeholder.*?)`", PAGE)[1]

    digest = hmac.digest(bytes.fromhex(key.stdout), message.encode(), "sha256")[:16]
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    signed = signatures.Signer(SECRET, "/placeholder").sign("/600x400?text=Hero")
    assert signed == f"/s/{signature}/600x400?text=Hero"


def test_flask(signing):
    flask_app = flask.Flask(__name__)
    app = PlaceholderMiddleware(flask_app, secret=SECRET, require_signature=True)
    exec(block("# Flask, Jinja"), {"flask_app": flask_app, "app": app, "request": flask.request})
    flask_app.add_url_rule("/", "home", lambda: flask.render_template_string(block("", "jinja")))
    shown = ask(checked(app), environ_for("/")).body.decode()
    url = html.unescape(re.search('src="([^"]*)"', shown)[1])
    assert ask(checked(app), environ_for(url)).code == 200
    assert ask(checked(app), environ_for(re.sub("/s/[^/]*", "", url))).code == 403


SITE = """
import os
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.shortcuts import render
from django.urls import path
from wsgi_placeholder.integrations.django import placeholders

OPTIONS
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", DEBUG=True,
    WSGI_PLACEHOLDER=WSGI_PLACEHOLDER,
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["."],
        "OPTIONS": {LIBRARIES},
    }],
)
SHOWN = {"mail": "a@canary.example", "nothing": None}
urlpatterns = [path("", lambda request: render(request, "page.html", SHOWN))]
application = WRAPPED
"""


@pytest.mark.parametrize("below", ["", "/sub"])
def test_django(signing, tmp_path, below):
    options, _, libraries = block("# Django: settings.py").partition("# and in OPTIONS")
    site = SITE.replace("WRAPPED", "placeholders(get_wsgi_application())")
    site = site.replace("OPTIONS\n", options, 1).replace("LIBRARIES", libraries.partition("\n")[2])
    (tmp_path / "site_wsgi.py").write_text(site)
    template = block("{% load", "django") + "{% secret_text mail size=14 weight='bold' %}"
    template += "<b>{% secret_text nothing %}</b>"
    (tmp_path / "page.html").write_text(template)
    prefix = f"--url-prefix={below} " if below else ""
    command = f"waitress-serve {prefix}--listen=127.0.0.1:8000 site_wsgi:application"
    with serve(command, tmp_path) as port:
        shown = fetch(port, below + "/").body.decode()
        assert "canary" not in shown
        assert "<b></b>" in shown
        urls = [html.unescape(url) for url in re.findall('src="([^"]*)"', shown)]
        assert len(urls) == 2
        for url in urls:
            assert url.startswith(below + "/placeholder/")
            answer = fetch(port, url)
            assert (answer.status, answer.body[:4]) == (200, b"\x89PNG")
        assert fetch(port, re.sub("/s/[^/]*", "", urls[0])).status == 403
        assert fetch(port, urls[1].replace(".png", "A.png")).status == 404


def test_the_page_of_a_mistake_in_the_settings_does_not_show_the_secret(signing, tmp_path):
    """Django's page of an error shows the variables of every frame; the tags read options late."""
    options = block("# Django: settings.py").replace("True}", "True, 'max_text': 'many'}")
    options, _, libraries = options.partition("# and in OPTIONS")
    site = SITE.replace("WRAPPED", "get_wsgi_application()").replace("OPTIONS\n", options, 1)
    site = site.replace("LIBRARIES", libraries.partition("\n")[2])
    (tmp_path / "site_wsgi.py").write_text(site)
    (tmp_path / "page.html").write_text(block("{% load", "django"))
    with serve("waitress-serve --listen=127.0.0.1:8000 site_wsgi:application", tmp_path) as port:
        answer = fetch(port, "/")
        assert answer.status == 500
        assert b"max_text" in answer.body
        assert b"expected a whole number" in answer.body
        assert SECRET.encode() not in answer.body
