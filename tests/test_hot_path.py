"""A warm answer costs a look-up, a 304 no picture, a foreign request a comparison."""

import subprocess
import sys

import pytest
from asking import PAGE, ask, checked, environ_for, page

from wsgi_placeholder import Config, PlaceholderMiddleware, Spec, dialects, formats, rendering
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.http import request, response
from wsgi_placeholder.rendering import Renderer, Rendition

URLS = [f"/placeholder/90x60@2x.{name}" for name in formats.installed()] + [
    "/placeholder/90x60",
    "/placeholder/90x60/f00/fff?text=caf%C3%A9&v=1",
    "/placeholder/90x60?text=\xe2\x82\xac",
    "/placeholder/900.webp",
    "//placeholder/91",
]


@pytest.fixture
def app():
    return PlaceholderMiddleware(page)


@pytest.fixture
def steps(monkeypatch):
    """The names of the steps taken: reading, parsing, rendering, building the answer."""
    taken = []

    def watch(owner, name):
        real = getattr(owner, name)

        def spy(*args, **keywords):
            taken.append(name)
            return real(*args, **keywords)

        monkeypatch.setattr(owner, name, spy)

    watch(request, "read")
    watch(dialects, "parse")
    watch(Renderer, "render")
    watch(Renderer, "etag")
    watch(response, "finish")
    return taken


ALL_STEPS = ["read", "parse", "etag", "render", "finish"]


@pytest.mark.parametrize("url", URLS)
def test_the_second_get_takes_no_step_at_all(app, steps, url):
    first = ask(app, environ_for(url))
    assert first.code == 200
    assert steps == ALL_STEPS
    steps.clear()
    again = ask(app, environ_for(url))
    assert not steps
    assert (again.status, again.headers, again.body) == (first.status, first.headers, first.body)
    assert ask(checked(app), environ_for(url)).body == first.body
    assert not steps


def test_the_body_is_handed_out_as_it_is(app):
    """No copy is made of what may be a megabyte."""
    environ = environ_for("/placeholder/600x400")
    bodies = [app(dict(environ), lambda *args: None) for _ in range(3)]
    assert bodies[0][0] is bodies[1][0] is bodies[2][0]
    assert all(type(body) is list for body in bodies)


def test_the_headers_are_the_servers_own_to_change(app):
    """wsgiref and others append to the list they are given."""
    given = []
    for _ in range(3):
        app(
            environ_for("/placeholder/600x400"),
            lambda status, headers: given.append(headers) or headers.append(("X-Server", "1")),
        )
    assert [headers.count(("X-Server", "1")) for headers in given] == [1, 1, 1]


@pytest.mark.parametrize("url", URLS)
def test_head_and_304_of_what_is_at_hand_take_no_step(app, steps, url):
    first = ask(app, environ_for(url))
    steps.clear()
    head = ask(checked(app), environ_for(url, "HEAD"))
    assert (head.status, head.headers, head.body) == (first.status, first.headers, b"")
    same = ask(checked(app), environ_for(url, if_none_match=first["ETag"]))
    assert (same.code, same["ETag"], same.body) == (304, first["ETag"], b"")
    other = ask(checked(app), environ_for(url, if_none_match='"other"'))
    assert (other.code, other.body) == (200, first.body)
    assert not steps


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("url", URLS)
def test_the_304_of_what_was_never_drawn_draws_nothing(app, steps, url, method):
    etag = ask(PlaceholderMiddleware(page), environ_for(url))["ETag"]
    steps.clear()
    assert ask(checked(app), environ_for(url, method, if_none_match=f'"x", W/{etag}')).code == 304
    assert steps == ["read", "parse", "etag"]


def test_what_is_negotiated_is_looked_up_too(app, steps):
    url = "/placeholder/90x60?format=auto"
    first = {accept: ask(app, environ_for(url, accept=accept)) for accept in ("image/webp", "*/*")}
    assert len({answer["Content-Type"] for answer in first.values()}) == 2
    steps.clear()
    for accept, answer in first.items():
        again = ask(checked(app), environ_for(url, accept=accept))
        assert (again.headers, again.body) == (answer.headers, answer.body)
    assert not steps


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("90x60.jpg", "90x60.jpg?quality=85"),
        ("90x60.avif", "90x60.avif?quality=75"),
        ("90x60.png", "90x60?format=auto&quality=40"),
    ],
)
def test_the_default_quality_makes_no_other_picture(app, encoded, one, other):
    first, second = (ask(app, environ_for("/placeholder/" + url)) for url in (one, other))
    assert (first.code, first["ETag"], first.body) == (200, second["ETag"], second.body)
    third = ask(app, environ_for("/placeholder/90x60.jpg?quality=40"))
    assert third["ETag"] != first["ETag"]
    assert len(encoded) == 2


def test_a_file_that_was_too_large_is_not_drawn_again(app, encoded, monkeypatch):
    monkeypatch.setattr(rendering, "_LARGEST_FILE", 500)
    told = [ask(app, environ_for(f"/placeholder/90x60.jpg?v={i}")) for i in range(3)]
    assert [answer.code for answer in told] == [400, 400, 400]
    assert told[0].body == told[1].body == told[2].body
    assert b"would have" in told[0].body
    assert encoded == ["jpeg"]
    spec, deep = Spec.of(90, 60, format="jpeg"), []
    for _ in range(3):
        with pytest.raises(TooLarge) as caught:
            app.renderer.render(spec)
        deep.append(len(caught.traceback))
    assert len(set(deep)) == 1, "what is kept grows with each that is told"


def test_what_is_kept_weighs_its_headers_and_its_text():
    missing = Rendition(b"x", "image/png", "png", "\u4e00" * 200)
    plain = Rendition(b"x", "image/png", "png")
    heavy, light = (response.finish(made, '"e"', Config()).weight for made in (missing, plain))
    assert heavy - light > 200 * len("U+4E00 ") - 10
    cache = Renderer(Config.of(max_text=2000, system_fonts=False))._cache
    before = cache.bytes
    cache.put(Spec.of(9, text="я" * 2000, most_characters=2000), plain)
    assert cache.bytes - before > 4000


def test_another_url_of_the_same_picture_is_parsed_but_not_drawn(app, encoded):
    encoded.clear()
    for query in ("text=Hi", "text=Hi&v=2", "v=3&text=%48i"):
        assert ask(app, environ_for("/placeholder/77x33?" + query)).code == 200
    assert encoded == ["png"]


@pytest.mark.parametrize("path", ["/", "", "/place", "/static/placeholder/600x400", "/about"])
def test_a_foreign_request_takes_one_comparison(monkeypatch, steps, path):
    given = []

    def app(environ, start_response):
        given.append((environ, start_response))
        return given

    def forbidden(*args):
        pytest.fail("more than the prefix was looked at")

    middleware = PlaceholderMiddleware(app)
    monkeypatch.setattr(middleware, "_slower", forbidden)
    monkeypatch.setattr(middleware, "_finished", None)
    environ = {"PATH_INFO": path}
    start_response = object()
    assert middleware(environ, start_response) is given
    assert given[0][0] is environ
    assert given[0][1] is start_response
    assert environ == {"PATH_INFO": path}
    assert not steps


def test_the_validators_see_the_app_through_it(app):
    assert ask(checked(app), environ_for("/about")).body == PAGE


# Imports


def python(program):
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


FIRST = """
import sys, threading
from wsgi_placeholder import PlaceholderMiddleware, formats
app = PlaceholderMiddleware(print)
before = set(sys.modules)
def get(path, query="", **more):
    environ = {"PATH_INFO": "/placeholder/" + path, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    codes = []
    b"".join(app(environ | more, lambda status, headers: codes.append(status[:3])))
    return codes[0]
for name in formats.installed():
    side = min(formats.installed()[name].max_side, 1250)
    for path in ("200x150", "90@2x", "90/transparent", f"{side}"):
        for query in ("", "radius=9&border=2", "text=%D7%A9%D7%9C+caf%C3%A9%0Atwo&size=60"):
            code = get(f"{path}.{name}", query)
            assert code == "200", (code, path, name, query)
assert get("90", "format=auto", HTTP_ACCEPT="image/avif,image/webp;q=0.5") == "200"
assert get("90", HTTP_IF_NONE_MATCH="*") == "304"
assert get("90", REQUEST_METHOD="OPTIONS") == "204"
assert get("nonsense", HTTP_ACCEPT="application/json") == "400"
assert get("nonsense", HTTP_SEC_FETCH_DEST="image") == "400"
assert threading.active_count() == 2, "the workshop was at work"
print(*sorted(set(sys.modules) - before))
"""


def test_no_first_request_imports_anything():
    assert python(FIRST) == []


def loaded(statement):
    return {
        name.partition(".")[0] for name in python(f"{statement}; import sys; print(*sys.modules)")
    }


def test_to_import_the_package_loads_none_of_what_it_needs():
    """A settings file or a command line that imports it pays next to nothing."""
    new = loaded("import wsgi_placeholder") - loaded("pass")
    assert new <= {"wsgi_placeholder"} | sys.stdlib_module_names
    assert not new & {"email", "json", "logging", "dataclasses", "asyncio", "inspect"}


def test_a_worker_loads_no_more_than_it_uses():
    new = loaded("import wsgi_placeholder; wsgi_placeholder.PlaceholderMiddleware(print)")
    assert {"PIL", "uharfbuzz", "webob"} <= new
    assert not new & {"waitress", "django", "flask", "numpy", "argparse", "asyncio", "webtest"}


def test_pillow_loads_the_plug_ins_of_our_formats_only():
    """It would load all 45 to find one that nobody has named."""
    modules = python(
        "import wsgi_placeholder, sys; wsgi_placeholder.PlaceholderMiddleware(print);"
        " print(*sys.modules)"
    )
    plugins = {name for name in modules if name.startswith("PIL.") and name.endswith("Plugin")}
    ours = {f"PIL.{name}ImagePlugin" for name in ("Gif", "Jpeg", "Png", "WebP", "Avif")}
    always = {"PIL.BmpImagePlugin", "PIL.PpmImagePlugin"}
    assert ours <= plugins <= ours | always
