"""The same response in real frameworks, as docs/memory.md says; each knows HEAD, 304 and ranges."""

import re
import warnings
from pathlib import Path

import bottle
import cherrypy
import django
import falcon
import flask
import pytest
from asking import ask, checked, environ_for
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from wsgi_placeholder.memory import bytes_response, csv_response, file_response, to_django

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # both import pkg_resources, which says that it will go
    from pyramid.config import Configurator
    from tg import MinimalApplicationConfigurator, TGController, expose

BODY = bytes(range(256)) * 40
PAGE = (Path(__file__).parents[1] / "docs" / "memory.md").read_text("utf-8")


def answer(kind):
    response = {
        "bytes": lambda: bytes_response(BODY, "application/x-test", filename="a.bin"),
        "file": lambda: file_response(lambda f: f.write(BODY), "application/x-test", max_memory=0),
        "rows": lambda: csv_response(([i, "x"] for i in range(1000)), ["id", "é"]),
    }[kind]()
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", httponly=True)
    return response


def in_flask():
    app = flask.Flask(__name__)
    app.add_url_rule("/<kind>", view_func=answer, methods=["GET", "POST"])
    return app


def in_pyramid():
    with Configurator() as config:
        config.add_route("file", "/{kind}")
        config.add_view(lambda request: answer(request.matchdict["kind"]), route_name="file")
    return config.make_wsgi_app()


def in_turbogears():
    class Root(TGController):
        @expose()
        def _default(self, kind):
            return answer(kind)

    config = MinimalApplicationConfigurator()
    config.update_blueprint({"root_controller": Root()})
    return config.make_wsgi_app()


def shown(name):
    """The lines that the page shows for a framework, as a function of its names."""
    code = re.search(rf"^# {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1]
    return compile(code, "docs/memory.md", "exec")


def in_bottle():
    app = bottle.Bottle()
    names = {"report": None}
    exec(shown("Bottle"), names)

    @app.route("/<kind>", method=["GET", "HEAD"])
    def view(kind):
        names["report"] = lambda: answer(kind)
        return names["view"]()

    return app


def in_falcon():
    names = {}
    exec(shown("Falcon"), names)

    class Resource:
        def on_get(self, req, resp, kind):
            names["report"] = lambda: answer(kind)
            names["View"]().on_get(req, resp)

        on_head = on_get

    app = falcon.App()
    app.add_route("/{kind}", Resource())
    return app


def in_cherrypy():
    names = {}
    exec(shown("CherryPy"), names)

    def app(environ, start_response):
        names["report"] = lambda: answer(environ["PATH_INFO"].strip("/"))
        return cherrypy.tree(below(environ), start_response)

    return app


def below(environ):
    """As a request to where the page grafts its view."""
    return {**environ, "SCRIPT_NAME": "", "PATH_INFO": f"/report.pdf{environ['PATH_INFO']}"}


def in_django():
    """The response as Django's own handler would send it, without a site around."""
    if not settings.configured:
        settings.configure()
    django.setup()

    def app(environ, start_response):
        given = {"REQUEST_METHOD": environ["REQUEST_METHOD"]}
        given |= {key: value for key, value in environ.items() if key.startswith("HTTP_")}
        kind = environ["PATH_INFO"].strip("/")
        made = to_django(answer(kind), RequestFactory(**given).generic(**method_of(environ)))
        cookies = [("Set-Cookie", cookie.OutputString()) for cookie in made.cookies.values()]
        start_response(f"{made.status_code} {made.reason_phrase}", [*made.items(), *cookies])
        return made

    return app


def method_of(environ):
    return {"method": environ["REQUEST_METHOD"], "path": "/"}


FRAMEWORKS = [
    in_flask,
    in_pyramid,
    in_turbogears,
    in_bottle,
    in_falcon,
    in_cherrypy,
    in_django,
]


@pytest.fixture(scope="module", params=FRAMEWORKS, ids=lambda framework: framework.__name__)
def app(request):
    return request.param()


def get(app, url, method="GET", **headers):
    environ = environ_for(url, method, **headers)
    environ["HTTP_HOST"] = "localhost"
    return ask(checked(app), environ)


@pytest.mark.parametrize("kind", ["bytes", "file"])
def test_files(app, kind):
    whole = get(app, f"/{kind}")
    assert (whole.code, whole.body) == (200, BODY)
    assert whole["Content-Type"] == "application/x-test"
    assert whole["Content-Length"] == str(len(BODY))
    assert whole["X-Content-Type-Options"] == "nosniff"
    etag = whole["ETag"]
    head = get(app, f"/{kind}", "HEAD")
    assert (head.code, head.body, head["Content-Length"]) == (200, b"", str(len(BODY)))
    known = get(app, f"/{kind}", if_none_match=f'"x", W/{etag}')
    assert (known.code, known.body, known["ETag"]) == (304, b"", etag)
    part = get(app, f"/{kind}", range="bytes=-5")
    assert (part.code, part.body) == (206, BODY[-5:])
    assert part["Content-Range"] == f"bytes {len(BODY) - 5}-{len(BODY) - 1}/{len(BODY)}"
    assert get(app, f"/{kind}", range="bytes=99999-").code == 416
    assert get(app, f"/{kind}", range="bytes=0-1,4-5").body == BODY
    cookies = [value for name, value in whole.headers if name.lower() == "set-cookie"]
    assert sorted(cookie.partition(";")[0] for cookie in cookies) == ["a=1", "b=2"]


def test_rows(app):
    answer = get(app, "/rows")
    assert answer["Content-Type"].lower() == "text/csv; charset=utf-8"
    assert answer["Content-Length"] is None
    assert answer.body.startswith("id,é\r\n0,x\r\n".encode())
    assert answer.body.count(b"\r\n") == 1001
    assert get(app, "/rows", "HEAD").body == b""


def test_django_without_a_request_and_what_it_returns():
    in_django()
    request = RequestFactory().get("/", headers={"Range": "bytes=2-4"})
    for given, body in ((None, BODY), (request, BODY[2:5])):
        made = to_django(answer("bytes"), given)
        assert type(made) is HttpResponse
        assert made.content == body
    made = to_django(answer("rows"))
    assert type(made) is StreamingHttpResponse
    assert b"".join(made).count(b"\r\n") == 1001
    ended = []

    def rows():
        try:
            while True:
                yield ["x" * 100_000]
        finally:
            ended.append(True)

    made = to_django(csv_response(rows()))
    next(iter(made))
    assert not ended
    made.close()
    assert ended
