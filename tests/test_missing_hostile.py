"""Missing files and everybody who means harm: origins, visitors, names, and the folder they share.

Clients, sites and origins are on real sockets here, each in its own thread.
"""

import contextlib
import functools
import io
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from asking import Answer, ask, checked, environ_for
from origins import HOSTILE, LARGE, PATH, PNG, Server, answer, connected, encoded, hostile_paths
from PIL import Image
from threaded import served

from wsgi_placeholder import PlaceholderMiddleware, substitutes
from wsgi_placeholder.missing.origin import Origin

DEADLINE = 0.3


@pytest.fixture
def serve():
    with contextlib.ExitStack() as servers:

        def serve(behave=None):
            return servers.enter_context(Server(answer() if behave is None else behave))

        yield serve


@pytest.fixture
def limits(monkeypatch):
    """Give the middleware's origins other limits than those of its options."""

    def limits(**given):
        monkeypatch.setattr(substitutes, "Origin", functools.partial(Origin, **given))

    return limits


def not_found(environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain"), ("Set-Cookie", "secret=1")])
    return [b"not here"]


def missing(app=not_found, **options):
    return PlaceholderMiddleware(app, **{"missing": True, **options})


def asked(address, path=PATH, method="GET", **headers):
    """Ask a server."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with contextlib.closing(connection):
        connection.request(method, path, headers=names)
        response = connection.getresponse()
        body = response.read()
    return Answer(f"{response.status} {response.reason}", response.getheaders(), body)


def size(body):
    with Image.open(io.BytesIO(body)) as picture:
        return picture.size


def assert_replaced(given):
    assert given.code == 200
    assert given["X-Placeholder"].startswith("missing; ")
    assert size(given.body) == (600, 400)


# Origins (T-O1 to T-O6).


@pytest.mark.parametrize("name", HOSTILE)
def test_t_o2_a_hostile_origin_becomes_a_placeholder_in_time(serve, limits, name):
    server = serve(lambda link, target: HOSTILE[name](server, link))
    limits(deadline=DEADLINE)
    with served(missing(origin=server.url)) as address:
        tracemalloc.start()
        try:
            begun = time.monotonic()
            given = asked(address)
            seconds = time.monotonic() - begun
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert_replaced(given)
    assert seconds < DEADLINE + 1
    assert peak < 10_000_000
    assert len(server.heads) == 1


def test_t_o4_nothing_of_the_visitor_reaches_the_origin(serve):
    server = serve()
    with served(missing(origin=server.url)) as address:
        given = asked(
            address,
            Cookie="secret=1", Authorization="Basic c2VjcmV0", Referer="http://secret/",
            X_Forwarded_For="10.1.2.3", Range="bytes=0-0", If_None_Match='"secret"',
            Accept_Language="secret", User_Agent="secret", Origin="http://secret",
            Accept_Encoding="gzip", Transfer_Encoding="x", X_Placeholder="secret",
        )  # fmt: skip
    assert (given.code, given.body) == (200, PNG)
    (head,) = server.heads
    first, *headers = head.splitlines()[:-1]
    assert first == f"GET {PATH} HTTP/1.1"
    names = [header.partition(":")[0] for header in headers]
    assert sorted(names) == [
        "Accept", "Accept-Encoding", "Host", "User-Agent", "X-Wsgi-Placeholder-Fetch",
    ]  # fmt: skip
    assert "secret" not in head
    assert "10.1.2.3" not in head
    assert "gzip" not in head


def test_t_o1_no_path_of_a_visitor_leads_elsewhere(serve, monkeypatch):
    server = serve(answer(b"", status="404 Not Found"))
    addresses = connected(monkeypatch)
    middleware = missing(origin=server.url)
    for path in hostile_paths(1000):
        raw = path.encode().decode("latin-1")
        environ = environ_for("/", sec_fetch_dest="image", host="evil.example")
        answered = ask(middleware, {**environ, "PATH_INFO": raw, "QUERY_STRING": raw[1:]})
        assert answered.code == (200 if raw[:1] == "/" else 404)
    assert set(addresses) == {("127.0.0.1", server.port)}
    assert len(server.heads) > 50
    for head in server.heads:
        first, *headers = head.split("\r\n")[:-2]
        assert first[:5] + first[-9:] == "GET / HTTP/1.1"
        assert "evil.example" not in "".join(headers)


A_GIF = environ_for("/a.gif")


def test_t_o5_a_polyglot_is_a_picture_and_nothing_else(serve):
    gif = encoded("GIF") + b"<script>alert(1)</script>"
    placeholder = ask(checked(missing(origin=serve(answer(gif, kind="text/html")).url)), A_GIF)
    assert placeholder["X-Placeholder"].startswith("missing")
    answered = ask(checked(missing(origin=serve(answer(gif, kind="image/gif")).url)), A_GIF)
    assert answered.body == gif
    assert answered["Content-Type"] == "image/gif"
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answered["Content-Security-Policy"]


def test_t_o5_no_header_of_the_origin_is_passed_on(serve):
    server = serve(answer(PNG, "Set-Cookie: a=1", "X-Evil: 1", "Refresh: 0", "Link: </x>"))
    answered = ask(checked(missing(origin=server.url)), environ_for(PATH))
    assert [name for name, _ in answered.headers] == [
        "Content-Type", "Content-Length", "Cache-Control", "X-Placeholder",
        "X-Content-Type-Options", "Content-Security-Policy",
    ]  # fmt: skip
    assert (answered["Cache-Control"], answered["X-Placeholder"]) == ("no-store", "origin")


def test_t_o6_a_storm_of_misses_costs_the_origin_no_more_than_it_may(serve, limits):
    server = serve(answer(b"", status="404 Not Found"))
    limits(most_a_minute=60, most_at_once=4)
    middleware = missing(origin=server.url)

    def storm(number):
        return ask(middleware, environ_for(f"/{number % 1000}.png")).code

    begun = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(storm, range(2000))) == {200}
    assert 10 < len(server.heads) <= 60 + time.monotonic() - begun + 1
    assert server.connections <= 4


@pytest.mark.parametrize("instances", [1, 2, 3])
def test_t_o3_in_a_loop_each_is_asked_once_by_the_one_before(instances):
    came = [[] for _ in range(instances)]
    bases = []

    def site(number):
        def counted(environ, start_response):
            came[number].append("HTTP_X_WSGI_PLACEHOLDER_FETCH" in environ)
            return not_found(environ, start_response)

        # The addresses are known when all are served; until the first request none is needed.
        made = functools.cache(
            lambda: missing(counted, origin=bases[(number + 1) % instances], learn=True)
        )
        return lambda environ, start_response: made()(environ, start_response)

    with contextlib.ExitStack() as stack:
        bases += [stack.enter_context(served(site(number))) for number in range(instances)]
        for number, address in enumerate(bases):
            came_before = [list(seen) for seen in came]
            assert_replaced(asked(address, f"/{number}.png"))
            new = [seen[len(old) :] for seen, old in zip(came, came_before, strict=True)]
            expected = [[] for _ in range(instances)]
            expected[number].append(False)
            expected[(number + 1) % instances].append(True)
            assert new == expected


def test_a_visitor_who_leaves_takes_no_place_at_the_origin(serve, limits):
    server = serve(answer(LARGE))
    limits(most_at_once=1)
    middleware = missing(origin=server.url)

    def broken(*_):
        raise BrokenPipeError

    kept = []  # as by a log: what an error refers to is not gone with it
    for _ in range(2):
        with pytest.raises(BrokenPipeError) as caught:
            middleware(environ_for(PATH), broken)
        kept.append(caught)
        body = middleware(environ_for(PATH), lambda *_: None)
        assert next(iter(body))
        body.close()
        assert ask(middleware, environ_for(PATH, "HEAD"))["Content-Length"] == str(len(LARGE))
    assert ask(middleware, environ_for(PATH)).body == LARGE
    assert len(server.heads) == 7


# The 404 says nothing about what it hides (T-P6).


def test_t_p6_a_404_that_hides_a_file_and_one_that_does_not_are_the_same():
    def app(environ, start_response):
        secret = "secret" in environ["PATH_INFO"]
        headers = [("Content-Type", "text/html"), ("ETag", '"1"'), ("Set-Cookie", "a=1")]
        start_response("404 Hidden" if secret else "404 Not Found", headers if secret else [])
        return [b"hidden" if secret else b""]

    middleware = missing(app, missing_text="")
    hidden, absent = (ask(middleware, environ_for(f"/{name}.png")) for name in ("secret", "absent"))
    assert hidden == absent


# Visitors.


PATHS = [
    "/a\0b.png", "/%2e%2e/%2e%2e/etc/passwd.png", "/../../a.png", "/..%5c..\\a.png", "//a.png",
    "/\x80\xff.png", "/caf\xc3\xa9.png", "/\r\nX-Evil: 1.png", "/\xe2\x80\xae gnp.png",
    "/\x1b[2J.png",
    "/{size}{width}{0}.png", "/%s%d%n.png", "/\\n|||.png", "/<script>.svg", "/]]>&amp;.svg",
    "/" + "a" * 5000 + ".png", "/" + "a/" * 2000 + ".png", "/" + "W\n" * 800 + ".png",
    "/" + "\xd9\x84a" * 500 + ".png", "/" + "\xf0\x9f\x98\x80" * 300 + ".png",
    "/" + "9" * 400 + "x" + "9" * 400 + ".png", "/99999x99999.png", "/1x99999.svg", "/99999x1.ico",
    "/.png", "/ .png", "/con.png", "/a.png::$DATA.png", "/C:/a.png",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ascii(path[:24]))
def test_odd_names_become_pictures_and_nothing_more(tmp_path, serve, path):
    server = serve(answer(b"", status="404 Not Found"))
    middleware = missing(origin=server.url, origin_store=tmp_path / "store", learn=True)
    begun = time.monotonic()
    answered = ask(checked(middleware), {**environ_for("/"), "PATH_INFO": path})
    assert time.monotonic() - begun < 1
    assert answered.code == 200
    assert answered["Content-Type"].startswith("image/")
    assert all(value.isascii() and value.isprintable() for _, value in answered.headers)
    assert not any("evil" in name.lower() for name, _ in answered.headers)
    assert list(tmp_path.iterdir()) == []
    assert b"<script" not in answered.body


def test_what_is_not_bytes_is_the_apps_to_answer():
    for path in ("/€.png", "/\u202e.png"):
        environ = {**environ_for("/"), "PATH_INFO": path}
        assert ask(missing(), environ).body == b"not here"
    environ = environ_for("/a.png")
    del environ["PATH_INFO"]
    assert ask(missing(missing=lambda path: True), {**environ, "HTTP_SEC_FETCH_DEST": "image"})


def test_prefixes_and_functions_get_the_path_that_people_write():
    seen = []
    raw = "/médien/ä.png".encode().decode("latin-1")
    for rule in ("/médien/", lambda path: seen.append(path) or "yes"):
        assert ask(missing(missing=rule), environ_for(raw)).code == 200
    assert seen == ["/médien/ä.png"]
    for nothing in (None, 0, "", [], NotImplemented is None):
        answered = ask(missing(missing=lambda path, nothing=nothing: nothing), environ_for(raw))
        assert answered.body == b"not here"


def test_a_function_that_fails_is_not_hidden():
    fault = KeyError("a bug of the site's")

    def rule(path):
        raise fault

    with pytest.raises(KeyError) as caught:
        missing(missing=rule)(environ_for("/a.png"), None)
    assert caught.value is fault
    assert ask(missing(missing=rule), environ_for("/page")).code == 404


@pytest.mark.parametrize("store", [False, True], ids=["fetched", "kept"])
def test_conditions_and_ranges_get_the_whole_file(serve, tmp_path, store):
    """There is no ETag to compare with, and Range is a wish (RFC 9110, 14.2)."""
    server = serve()
    options = {"origin_store": tmp_path} if store else {}
    with served(missing(origin=server.url, **options)) as address:
        asked(address)
        for headers in (
            {"Range": "bytes=0-0"}, {"Range": "bytes=9999-"}, {"Range": "bytes=-0,1-2,x"},
            {"If_None_Match": "*"}, {"If_Match": '"x"'}, {"If_Range": '"x"', "Range": "bytes=1-"},
            {"If_Modified_Since": "Fri, 31 Dec 9999 23:59:59 GMT"},
        ):  # fmt: skip
            given = asked(address, **headers)
            assert (given.code, given.body, given["Content-Range"]) == (200, PNG, None)
        given = asked(address, method="HEAD", Range="bytes=0-0")
        assert (given.code, given["Content-Length"], given.body) == (200, str(len(PNG)), b"")
    assert len(server.heads) == (1 if store else 9)


def test_conditions_on_a_replaced_answer():
    with served(missing()) as address:
        first = asked(address)
        etag = first["ETag"]
        for given, status in (
            (etag, 304), (f"W/{etag}", 304), (f'"x", {etag}', 304), ("*", 304), ('"app"', 200),
            (etag.replace("missing-", ""), 200), ("x" * 5000, 200), ("", 200), (etag[:-1], 200),
        ):  # fmt: skip
            for method in ("GET", "HEAD"):
                again = asked(address, method=method, If_None_Match=given)
                assert (again.code, again["ETag"]) == (status, etag), given
                assert again.body == (first.body if (status, method) == (200, "GET") else b"")
        assert asked(address, Range="bytes=0-0").body == first.body


# The folder.


def test_processes_and_threads_keep_one_file(serve, tmp_path):
    """Both processes and all their threads fetch the same files at once into one folder."""
    gate = threading.Event()

    def behave(link, target):
        assert gate.wait(10)
        link.sendall(answer(LARGE))

    server = serve(behave)
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from wsgi_placeholder import PlaceholderMiddleware

def not_found(environ, start_response):
    start_response("404 Not Found", [])
    return []

origin, store = sys.argv[1:]
middleware = PlaceholderMiddleware(not_found, missing=True, origin=origin, origin_store=store)

def ask(number):
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": f"/media/{number % 2}.png"}
    body = middleware(environ, lambda status, headers: None)
    length = sum(map(len, body))
    body.close()
    return length

with ThreadPoolExecutor(6) as pool:
    print(*pool.map(ask, range(6)))
"""
    command = [sys.executable, "-c", program, server.url, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    deadline = time.monotonic() + 20
    while len(server.heads) < 12 and time.monotonic() < deadline:
        time.sleep(0.01)
    gate.set()
    said = [process.communicate(timeout=20)[0].split() for process in processes]
    assert said == [[str(len(LARGE))] * 6] * 2
    assert sorted(os.listdir(tmp_path / "media")) == ["0.png", "1.png"]
    assert {file.read_bytes() for file in (tmp_path / "media").iterdir()} == {LARGE}


@pytest.mark.parametrize("store", ["/proc/nowhere", "file/media", "long"])
def test_a_folder_that_cannot_be_used_breaks_nothing(serve, tmp_path, store, caplog):
    server = serve(answer(LARGE))
    (tmp_path / "file").write_text("not a folder")
    store = "/" + "a" * 300 if store == "long" else tmp_path / store
    with served(missing(origin=server.url, origin_store=store)) as address:
        for _ in range(3):
            given = asked(address)
            assert (given["X-Placeholder"], given.body) == ("origin", LARGE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file"]


def test_a_folder_is_not_left_by_a_link(serve, tmp_path):
    store, outside = tmp_path / "store", tmp_path / "outside"
    for folder in (store, outside):
        folder.mkdir()
    (outside / "secret.png").write_bytes(encoded("PNG", (5, 5)))
    (store / "out").symlink_to(outside)
    (store / "secret.png").symlink_to(outside / "secret.png")
    (store / "loop").symlink_to(store / "loop")
    with served(missing(origin=serve().url, origin_store=store)) as address:
        for path in (
            "/out/secret.png",
            "/secret.png",
            "/out/new.png",
            "/loop/a.png",
            "/x/../a.png",
        ):
            assert asked(address, path).body == PNG or ".." in path
    assert [path.name for path in outside.iterdir()] == ["secret.png"]
    assert size((outside / "secret.png").read_bytes()) == (5, 5)


def test_names_that_differ_only_in_case_are_kept_once_where_they_are_one(
    serve, tmp_path, monkeypatch
):
    """A file system that knows no case says of the second name that it is taken."""
    server = serve()
    real = os.link

    def link(source, target):
        if os.path.basename(target).lower() in map(str.lower, os.listdir(os.path.dirname(target))):
            raise FileExistsError(target)
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    middleware = missing(origin=server.url, origin_store=tmp_path)
    for name in ("/a.png", "/A.png", "/A.PNG"):
        assert ask(middleware, environ_for(name)).body == PNG
    assert os.listdir(tmp_path) == ["a.png"]
