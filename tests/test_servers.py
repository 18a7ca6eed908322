"""On real sockets: what the servers make of our answers, byte for byte.

A site wrapped by us stands at the root and, mounted as a dispatcher does, at /sub; the same site
without us stands at /bare. Whatever is not ours must come out alike.
"""

import contextlib
import functools
import io
import json
import os
import time
from pathlib import Path

import pytest
from PIL import Image
from serving import Connection, assert_streams, fetch, serve

from wsgi_placeholder import PlaceholderMiddleware, render

WSGIREF = """
import sys
from wsgiref.simple_server import make_server
from test_servers import make_application
make_server("127.0.0.1", int(sys.argv[1]), make_application()).serve_forever()
"""
GUNICORN = "gunicorn --no-control-socket --bind 127.0.0.1:8000 --workers 2"
SERVERS = {
    "wsgiref": f"python -c '{WSGIREF}' 8000",
    "waitress": "waitress-serve --listen 127.0.0.1:8000 --call test_servers:make_application",
    "sync": f"{GUNICORN} test_servers:make_application()",
    "sync-preload": f"{GUNICORN} --preload test_servers:make_application()",
    "gthread": f"{GUNICORN} --threads 4 test_servers:make_application()",
    "gthread-preload": f"{GUNICORN} --threads 4 --preload test_servers:make_application()",
}
KEEP_ALIVE = {"waitress", "gthread", "gthread-preload"}
PICTURE = "/placeholder/200x100"
# RFC 9110, 7.6.1: these belong to the server, and PEP 3333 forbids them to an application.
HOP_BY_HOP = {"keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
SERVERS_OWN = {"date", "server", "via", "connection"}


# The application under test.


def site(environ, start_response):
    """Answers of all the shapes that servers treat in ways of their own."""
    path = environ["PATH_INFO"]
    wrapper = environ["wsgi.file_wrapper"]
    status, headers = "200 OK", [("Content-Type", "text/plain")]
    if path == "/list":  # of one item: servers make its length the Content-Length
        body = [b"one item"]
    elif path == "/items":
        body = [b"two ", b"items"]
    elif path == "/stream":
        body = clock()
    elif path == "/memory-file":
        body = wrapper(io.BytesIO(b"line\n" * 20_000))
    elif path == "/disk-file":  # gunicorn hands its descriptor to sendfile
        headers.append(("Content-Length", str(os.path.getsize(__file__))))
        body = wrapper(open(__file__, "rb"))  # noqa: SIM115
    elif path == "/raise":
        raise RuntimeError("the site's own")
    elif path == "/write":
        start_response(status, headers)(b"written, ")
        return [b"returned"]
    else:
        status, body = "404 Not Found", [repr(path).encode()]
    start_response(status, headers)
    return body


def clock():
    for _ in range(3):
        yield b"%.6f\n" % time.time()
        time.sleep(0.2)


def make_application():
    wrapped = PlaceholderMiddleware(site)

    def application(environ, start_response):
        path = environ["PATH_INFO"]
        for name, app in (("/sub", wrapped), ("/bare", site)):
            if path.startswith(name + "/"):
                environ["SCRIPT_NAME"] += name
                environ["PATH_INFO"] = path[len(name) :]
                return app(environ, start_response)
        return wrapped(environ, start_response)

    return application


# The tests.


@pytest.fixture(scope="module")
def started():
    """Each server is started by the first test that needs it, and ended with the last of all."""
    with contextlib.ExitStack() as running:

        @functools.cache
        def start(name):
            return running.enter_context(serve(SERVERS[name], Path(__file__).parent))

        yield start


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def port(server, started):
    return started(server)


@pytest.fixture(params=["", "/sub"], ids=["root", "mounted"])
def mount(request):
    return request.param


def told(answer):
    """The headers that do not depend on the moment."""
    return sorted((name.lower(), value) for name, value in answer.headers if name != "Date")


def ours(answer):
    return [(name, value) for name, value in told(answer) if name not in SERVERS_OWN]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/list"),
        ("GET", "/items"),
        ("GET", "/memory-file"),
        ("GET", "/disk-file"),
        ("GET", "/write"),
        ("GET", "/raise"),
        ("GET", "/not-there"),
        ("POST", "/list"),
        ("BREW", "/list"),
        ("GET", "/placeholderx/200x100"),
        ("GET", "/caf%E9"),
        ("GET", "/caf%C3%A9/%2F/%00"),
        ("GET", "/a/../placeholder/200x100"),
        ("GET", "/x?text=%FF&%E9=;"),
    ],
)
def test_what_is_not_ours_comes_out_as_without_us(port, mount, method, target):
    bare = fetch(port, "/bare" + target, method)
    answer = fetch(port, mount + target, method)
    assert (answer.status, told(answer)) == (bare.status, told(bare))
    assert answer.body == bare.body != b""


def test_streams(port, mount):
    assert_streams(port, mount + "/stream")


def test_file_wrapper_reaches_the_server_as_itself(started):
    # waitress finds out the length of a file only if it sees its own wrapper.
    assert fetch(started("waitress"), "/memory-file").header("Content-Length") == "100000"


@pytest.mark.parametrize(
    "name", ["200x100", "200x100.jpg", "200x100.svg", "200x100?text=H%C3%A9", "1000x800.webp"]
)
def test_get_and_head(port, mount, name):
    target = f"{mount}/placeholder/{name}"
    got, head = fetch(port, target), fetch(port, target, "HEAD")
    # Every process makes the same bytes, this one as well.
    assert got.body == render(name).body
    assert (got.status, head.status) == (200, 200)
    assert head.header("Content-Length") == got.header("Content-Length") == str(len(got.body))
    assert told(head) == told(got)
    assert got.header("ETag") == fetch(port, target).header("ETag")


@pytest.mark.parametrize(
    ("method", "name"),
    [("GET", "200x100"), ("HEAD", "200x100"), ("OPTIONS", "200x100"), ("PUT", "1"), ("GET", "x")],
)
def test_headers_that_belong_to_the_server(port, mount, method, name):
    answer = fetch(port, f"{mount}/placeholder/{name}", method)
    names = [name.lower() for name, _ in answer.headers]
    assert not HOP_BY_HOP & set(names)
    assert len(names) == len(set(names)), "one of these is ours"


@pytest.mark.parametrize(
    ("method", "target", "header", "status"),
    [
        ("HEAD", "/200x100", "", 200),
        ("GET", "/200x100", "If-None-Match: *", 304),
        ("HEAD", "/200x100", "If-None-Match: *", 304),
        ("OPTIONS", "/200x100", "", 204),
        ("HEAD", "/wrong", "", 400),
        ("HEAD", "/wrong", "Sec-Fetch-Dest: image", 400),
    ],
)
def test_an_answer_without_body_ends_with_its_headers(
    port, server, mount, method, target, header, status
):
    """On a connection that stays open a byte too many would be the start of the next answer."""
    with Connection(port) as connection:
        connection.send(f"{mount}/placeholder{target}", method, [header] if header else [])
        answer = connection.read(method)
        assert answer.status == status
        assert answer.header("Transfer-Encoding") is None
        if status in (204, 304):
            assert answer.header("Content-Type") is None
            # wsgiref writes a length onto whatever is empty.
            assert answer.header("Content-Length") == ("0" if server == "wsgiref" else None)
        if server not in KEEP_ALIVE or closes_after(answer, server):
            assert connection.ended()
        else:
            connection.send(mount + PICTURE)
            assert connection.read().body == render("200x100").body


def closes_after(answer, server):
    """waitress ends a connection, and says so, after any answer that has no Content-Length."""
    return (
        server == "waitress"
        and answer.header("Connection") == "close"
        and (answer.header("Content-Length") is None)
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "BREW"])
def test_other_methods(port, mount, method):
    answer = fetch(port, mount + PICTURE, method)
    assert answer.status == 405
    assert answer.header("Allow") == "GET, HEAD, OPTIONS"
    assert answer.header("Cache-Control") == "no-store"
    assert int(answer.header("Content-Length")) == len(answer.body)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/placeholder//200x100", 200),
        ("//placeholder/200x100", 200),
        ("/placeholder%2F200x100", 200),
        ("/%70laceholder/200x100", 200),
        ("/placeholder/200x100%2Ftomato", 200),
        ("/placeholder/200x100?text=%E9", 200),
        ("/placeholder/200x100?text=%00%0D%0AX-Evil:+1", 200),
        ("/placeholder/200x100?text=%E2%82%AC", 200),
        ("/placeholder/caf%E9", 400),
        ("/placeholder/%FF", 400),
        ("/placeholder/%00", 400),
        ("/placeholder/200x100/../300x100", 400),
        ("/placeholder/200x100?%E9=1", 400),
        ("/placeholder", 400),
        ("/placeholder/200x100?text=" + "x" * 3000, 414),
    ],
)
def test_odd_urls_on_our_prefix(port, mount, target, status):
    answer = fetch(port, mount + target)
    assert answer.status == status
    assert answer.header("X-Evil") is None
    assert int(answer.header("Content-Length")) == len(answer.body)
    assert all(value.isascii() and value.isprintable() for _, value in answer.headers)
    assert answer.header("Content-Type") in ("image/png", "text/plain; charset=utf-8")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_body_is_never_taken_for_a_request(port, server, mount, method):
    """As many answers as requests: the one hidden in the body is none."""
    hidden = f"GET {mount}/placeholder/60x50 HTTP/1.1\r\nHost: hidden\r\n\r\n".encode()
    with Connection(port) as connection:
        length = f"Content-Length: {len(hidden)}"
        connection.send(mount + PICTURE, method, [length], hidden)
        answer = connection.read(method)
        assert answer.status == (405 if method == "POST" else 200)
        if server in KEEP_ALIVE:
            connection.send(f"{mount}/placeholder/70x50", headers=["Connection: close"])
            assert connection.read().body == render("70x50").body
        assert connection.ended()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["If-None-Match: {etag}"], 304),
        (["If-None-Match: W/{etag}"], 304),
        (['If-None-Match: "other", {etag}'], 304),
        (["If-None-Match: *"], 304),
        (['If-None-Match: "other"'], 200),
        (['If-None-Match: "other"', "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT"], 200),
        (["Range: bytes=0-0"], 200),
        (["If-Range: {etag}", "Range: bytes=0-0,2-3"], 200),
    ],
)
def test_conditional_requests(port, mount, headers, status):
    whole = fetch(port, mount + PICTURE)
    headers = [header.format(etag=whole.header("ETag")) for header in headers]
    answer = fetch(port, mount + PICTURE, headers=headers)
    assert answer.status == status
    if status == 200:
        assert (ours(answer), answer.body) == (ours(whole), whole.body)
    else:
        # But for the length that wsgiref writes onto whatever is empty.
        assert set(ours(answer)) - {("content-length", "0")} < set(ours(whole))
        for name in ("ETag", "Cache-Control"):
            assert answer.header(name) == whole.header(name)


def test_errors(port, mount):
    target = mount + "/placeholder/200x100?coluor=red"
    text = fetch(port, target)
    assert text.header("Content-Type") == "text/plain; charset=utf-8"
    assert b"coluor" in text.body
    problem = fetch(port, target, headers=["Accept: application/problem+json"])
    assert problem.header("Content-Type") == "application/problem+json"
    assert json.loads(problem.body)["parameter"] == "coluor"
    picture = fetch(port, target, headers=["Sec-Fetch-Dest: image"])
    assert Image.open(io.BytesIO(picture.body)).format == "PNG"
    for answer in (text, problem, picture):
        assert answer.status == 400
        assert answer.header("Cache-Control") == "no-store"
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert int(answer.header("Content-Length")) == len(answer.body)
