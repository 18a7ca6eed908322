"""A page with fifty pictures of services, most of them gone, in a browser that is offline."""

import html
import json
from pathlib import Path
from urllib.parse import urlsplit

import chromium
import pytest
from serving import HOST, fetch, serve

PAGE = Path(__file__).parent / "data" / "fifty.html"
CSS = (
    "p { background: url(https://placekitten.com/7/7) }\nh2 { background: url('//placehold.it/6') }"
)
# No name is found, so that a picture which is asked for elsewhere cannot be shown.
OFFLINE = f"--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {HOST}"

FLASK = f"""
from pathlib import Path

from flask import Flask, Response

from wsgi_placeholder import PlaceholderMiddleware

app = Flask(__name__)


@app.get("/")
def page():
    return Path({str(PAGE)!r}).read_text()


@app.get("/fifty.css")
def css():
    return Response({CSS!r}, mimetype="text/css")


as_it_is = app.wsgi_app
app.wsgi_app = PlaceholderMiddleware(as_it_is, rewrite=True)
"""

# It streams, in pieces that cut URLs anywhere.
DJANGO = f"""
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path

from wsgi_placeholder.integrations.django import placeholders


def page(request):
    text = Path({str(PAGE)!r}).read_text()
    return StreamingHttpResponse(text[i : i + 17] for i in range(0, len(text), 17))


def css(request):
    return HttpResponse({CSS!r}, content_type="text/css")


urlpatterns = [path("", page), path("fifty.css", css)]
settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x", WSGI_PLACEHOLDER={{"rewrite": True}}
)
app = placeholders(get_wsgi_application())
"""

GUNICORN = "gunicorn --no-control-socket --threads 8 --bind 127.0.0.1:8000 "
SITES = {
    "flask": (FLASK, "flask --app site_of_fifty run --port 8000"),
    "django": (DJANGO, GUNICORN + "site_of_fifty:app"),
}


def shown(address):
    """What the page's own script says of it: its pictures, and all that it asked for."""
    text = chromium.dom(address, OFFLINE).partition('<pre id="found">')[2].partition("</pre>")[0]
    return json.loads(html.unescape(text))


@pytest.mark.parametrize("name", SITES)
def test_fifty_pictures_are_shown_and_nobody_else_is_asked(name, tmp_path):
    source, command = SITES[name]
    (tmp_path / "site_of_fifty.py").write_text(source)
    with serve(command, tmp_path) as port:
        found = shown(f"http://{HOST}:{port}/")
        css = fetch(port, "/fifty.css")
    assert [picture for picture in found["pictures"] if picture[0] != picture[1]] == []
    assert len(found["pictures"]) == 50
    assert {urlsplit(url).netloc for url in found["asked"]} == {f"{HOST}:{port}"}
    # Those of style sheets too.
    for background in (
        "via.placeholder.com/8x8/eee.png",
        "placehold.it/9x9",
        "placekitten.com/7/7",
    ):
        assert f"http://{HOST}:{port}/placeholder/{background}" in found["asked"]
    assert css.body.decode() == (
        "p { background: url(/placeholder/placekitten.com/7/7) }\n"
        "h2 { background: url('/placeholder/placehold.it/6') }"
    )


def test_without_rewriting_none_is_shown(tmp_path):
    """The browser is offline indeed: the tests above would notice a picture from elsewhere."""
    (tmp_path / "site_of_fifty.py").write_text(FLASK + "\napp.wsgi_app = as_it_is\n")
    with serve(SITES["flask"][1], tmp_path) as port:
        found = shown(f"http://{HOST}:{port}/")
        assert "Fifty pictures" not in chromium.dom(f"http://localhost:{port}/", OFFLINE)
    assert len(found["pictures"]) == 50
    assert {size for _, size, _ in found["pictures"]} == {"0x0"}
    hosts = {urlsplit(source).netloc for *_, source in found["pictures"]}
    assert len(hosts) > 20
    assert f"{HOST}:{port}" not in hosts


SCRIPTS = r"""
SCRIPT = "document.title += '%d';\n//placehold.it/350x150\ndocument.title += '%d';\n"


@app.get("/scripts")
def scripts():
    return (
        "<title>ran</title><script src=scripts.js></script>"
        f"<script>//placehold.it/9\n{SCRIPT % (3, 4)}</script><img src=//placehold.it/9>"
    )


@app.get("/scripts.js")
def js():
    return Response(SCRIPT % (1, 2), mimetype="text/javascript")
"""


def test_scripts_with_old_urls_in_comments_run(tmp_path):
    (tmp_path / "site_of_fifty.py").write_text(FLASK + SCRIPTS)
    with serve(SITES["flask"][1], tmp_path) as port:
        page = chromium.dom(f"http://{HOST}:{port}/scripts", OFFLINE)
    assert "<title>ran1234</title>" in page
    assert '<img src="/placeholder/placehold.it/9">' in page
