"""The whole matrix of requests and of ways to answer them: what passes, and what is replaced.

An answer that passes is compared with that of the bare app, run by the same server: the same calls
of start_response with as many arguments, the same bytes in the same pieces, the same error.
"""

import io
import itertools
import sys
import tracemalloc
from dataclasses import dataclass, field
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from asking import environ_for
from origins import Server, answer

from wsgi_placeholder import PlaceholderMiddleware

METHODS = ("GET", "HEAD", "POST")
STATUSES = ("200 OK", "302 Found", "404 Nothing", "410 Gone", "500 Oh")
# Some of them twice, and in no good order: they pass as they are, or not at all.
HEADERS = [
    ("Set-Cookie", "a=1"), ("content-type", "text/plain"), ("X-Placeholder", "app"),
    ("Set-Cookie", "b=2"), ("ETag", '"app"'), ("Cache-Control", "public, max-age=9"),
    ("Vary", "Cookie"), ("Location", "//evil.example/x"), ("Content-Encoding", "identity"),
]  # fmt: skip
ERROR = [("Content-Type", "text/plain"), ("X-Error", "1")]
CHUNKS = (b"not ", b"", b"here")

# Which of these paths are a picture to whom; all but the last are below the prefix.
PICTURES = ("/media/a-30x20.png", "/media/a.JPG", "/media/a.svg", "/media/a.heic")
OTHERS = ("/media/a.html", "/media/a", "/media/a.pdf")
PATHS = (*PICTURES, *OTHERS, "/static/a.png")
CLIENTS = {
    "image": ({"sec_fetch_dest": "image", "accept": "image/avif,*/*;q=0.8"}, PICTURES + OTHERS),
    "old browser": ({"accept": "image/webp,image/png;q=0.9,*/*;q=0.5"}, PICTURES + OTHERS),
    "script": ({"sec_fetch_dest": "empty", "accept": "*/*"}, PICTURES),
    "api": ({"sec_fetch_dest": "empty", "accept": "application/json"}, ()),
    "visitor without HTTPS": ({"accept": "text/html,application/xhtml+xml,image/webp,*/*"}, ()),
    "curl": ({"accept": "*/*"}, PICTURES),
    "nothing": ({}, PICTURES),
    "visitor": ({"sec_fetch_dest": "document", "accept": "text/html,image/png;q=0.9"}, ()),
    "old visitor": ({"sec_fetch_mode": "navigate", "accept": "image/png"}, ()),
    "video": ({"sec_fetch_dest": "video", "accept": "*/*"}, ()),
}  # fmt: skip
TYPES = {"JPG": "image/jpeg", "svg": "image/svg+xml", "pdf": "application/pdf"}
# Those of the picture: all of them, in their order.
NAMES = ["Content-Type", "Content-Length", "ETag", "Cache-Control", "X-Placeholder",
         "X-Content-Type-Options", "Content-Security-Policy"]  # fmt: skip


class Fault(Exception):
    pass


class Body:
    """An iterable that counts what is pulled and how often it is closed."""

    def __init__(self, start=None, breaks_at=None, close_breaks=False, chunks=CHUNKS):
        self.items = iter(chunks)
        self.start = start
        self.breaks_at = breaks_at
        self.close_breaks = close_breaks
        self.pulled = self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        start, self.start = self.start, None
        if start:
            start()
        if self.pulled == self.breaks_at:
            raise Fault
        item = next(self.items)
        self.pulled += 1
        return item

    def close(self):
        self.closed += 1
        if self.close_breaks:
            raise Fault


def started(start, body):
    start()
    return body


def as_list(start, environ):
    return started(start, list(CHUNKS))


def as_tuple(start, environ):
    return started(start, CHUNKS)


def empty(start, environ):
    return started(start, [])


def generator(start, environ):
    return started(start, (chunk for chunk in CHUNKS))


def iterator(start, environ):
    return started(start, Body())


def iterator_late(start, environ):
    return Body(start)


def generator_late(start, environ):
    start()
    yield from CHUNKS


def generator_late_and_empty(start, environ):
    start()
    yield from ()


def written(start, environ):
    write = start()
    for chunk in CHUNKS:
        write(chunk)
    return []


def written_and_iterated(start, environ):
    start()(b"first ")
    return Body()


def written_late(start, environ):
    start()(b"first ")
    yield from CHUNKS


def file_wrapped(start, environ):
    return started(start, environ["wsgi.file_wrapper"](io.BytesIO(b"not here"), 4))


def raises_before(start, environ):
    raise Fault


def raises_after(start, environ):
    start()
    raise Fault


def raises_late(start, environ):
    return Body(start, breaks_at=0)


def breaks(start, environ):
    return started(start, Body(breaks_at=1))


def breaks_late(start, environ):
    return Body(start, breaks_at=1)


def close_breaks(start, environ):
    return started(start, Body(close_breaks=True))


def close_breaks_late(start, environ):
    return Body(start, close_breaks=True)


def handled(start, environ):
    """The first that the server hears comes from an error handler."""
    try:
        raise Fault
    except Fault:
        start(exc_info=sys.exc_info())
    return Body()


def turned(start, environ, status="500 Turned"):
    start()
    try:
        raise Fault
    except Fault:
        start(status, ERROR, sys.exc_info())
    return [b"error"]


def turned_late(start, environ):
    yield from turned(start, environ)


def turned_to_404(start, environ):
    return turned(start, environ, "404 Turned")


REPLACED = (as_list, as_tuple, empty, generator, iterator, iterator_late, generator_late,
            generator_late_and_empty, written, written_and_iterated, written_late, file_wrapped,
            breaks, breaks_late, handled, turned_to_404)  # fmt: skip
FAILING = (raises_before, raises_after, raises_late, close_breaks, close_breaks_late)
TURNED = (turned, turned_late)
WAYS = (*REPLACED, *FAILING, *TURNED)
LATE = (iterator_late, generator_late, generator_late_and_empty, written_late, raises_late,
        breaks_late, close_breaks_late, turned_late)  # fmt: skip


class App:
    """A WSGI app that answers in one way; `body` is what it returned last."""

    def __init__(self, way, headers=HEADERS):
        self.way = way
        self.headers = headers
        self.status = ""
        self.body = None

    def __call__(self, environ, start_response):
        def start(status=self.status, headers=self.headers, exc_info=None):
            more = (exc_info,) if exc_info else ()
            return start_response(status, list(headers), *more)

        self.body = None
        self.body = self.way(start, environ)
        return self.body


@dataclass
class Seen:
    """What a server has seen of an answer; `returned` is what it was given to iterate over."""

    starts: list = field(default_factory=list)
    data: list = field(default_factory=list)
    error: type | None = None
    returned: object = None

    def __eq__(self, other):
        return (self.starts, self.data, self.error) == (other.starts, other.data, other.error)


def seen(app, environ, most=99):
    """Be a server; one whose client has gone after `most` items."""
    seen = Seen()

    def start_response(status, headers, *exc_info):
        seen.starts.append((status, list(headers), *[info[0] for info in exc_info]))
        return lambda data: seen.data.append(("written", data))

    try:
        seen.returned = app(environ, start_response)
        try:
            seen.data += itertools.islice(seen.returned, most)
        finally:
            if hasattr(seen.returned, "close"):
                seen.returned.close()
    except Fault as fault:
        seen.error = type(fault)
    return seen


@pytest.fixture(scope="module")
def origin():
    """It has nothing that anybody asks for."""
    with Server(answer(b"", status="404 Not Found")) as server:
        yield server


SETUPS = {
    "plain": {},
    "learning": {"learn": True},
    "all": {"learn": True, "origin": True, "missing_report": True},
}


def cells():
    """All requests and statuses: the status, the environ, and whether a 404 is replaced."""
    for client, method, status, path in itertools.product(CLIENTS, METHODS, STATUSES, PATHS):
        headers, pictures = CLIENTS[client]
        environ = environ_for(path, method, **headers)
        environ["wsgi.file_wrapper"] = FileWrapper
        yield status, environ, method != "POST" and path in pictures


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_matrix(way, setup, origin):
    options = {name: origin.url if name == "origin" else on for name, on in SETUPS[setup].items()}
    app = App(way)
    middleware = PlaceholderMiddleware(app, missing=["/media/"], **options)
    passed = replaced = 0
    for app.status, environ, is_wanted in cells():
        is_replaced = is_wanted and app.status[:3] == "404" and way is not raises_before
        # Who starts late is waited for, by the gate or by what learns from pages.
        learns = "learn" in options and environ["REQUEST_METHOD"] == "GET"
        is_itself = way not in LATE or not (is_wanted or learns)
        for most in (99, 2):
            before = environ.copy()
            answer = seen(middleware, environ, most)
            assert environ == before
            assert_closed(app.body)
            if is_replaced:
                replaced += 1
                assert_replaced(way, answer, environ)
                assert_hardly_read(app.body, way)
            else:
                passed += 1
                assert answer.returned is app.body or not is_itself
                assert answer == seen(app, environ, most)
    assert passed > 500
    assert replaced > 100 or way is raises_before


# Not for a file_wrapper: a validator returns an object of its own, which no server would know.
@pytest.mark.parametrize(
    "way", [way for way in WAYS if way is not file_wrapped], ids=lambda way: way.__name__
)
def test_the_matrix_between_validators(way, origin):
    app = App(way)
    options = {**SETUPS["all"], "origin": origin.url}
    middleware = PlaceholderMiddleware(validator(app), missing=["/media/"], **options)
    for app.status, environ, is_wanted in cells():
        answer = seen(validator(middleware), environ.copy())
        if is_wanted and app.status[:3] == "404" and way is not raises_before:
            assert_replaced(way, answer, environ)
        else:
            assert answer == seen(validator(app), environ.copy())


def assert_closed(body):
    if isinstance(body, Body):
        assert body.closed == 1
    elif hasattr(body, "gi_frame"):
        assert body.gi_frame is None  # it was closed, or came to its end
    elif isinstance(body, FileWrapper):
        assert body.filelike.closed


def assert_hardly_read(body, way):
    if isinstance(body, Body):
        assert body.pulled <= (way in LATE)


def assert_replaced(way, answer, environ):
    if way in FAILING:
        assert answer == Seen(error=Fault)
    elif way in TURNED:
        assert answer == Seen([("500 Turned", ERROR, Fault)], [b"error"])
    else:
        ((status, headers),) = answer.starts
        assert status == "200 OK"
        assert [name for name, _ in headers] == NAMES
        given = dict(headers)
        assert given["Content-Type"] == TYPES.get(
            environ["PATH_INFO"].partition(".")[2], "image/png"
        )
        assert given["ETag"].startswith('"missing-')
        assert given["Cache-Control"] == "no-store"
        assert given["X-Placeholder"].startswith("missing; rule=")
        assert [len(data) for data in answer.data] == (
            [] if environ["REQUEST_METHOD"] == "HEAD" else [int(given["Content-Length"])]
        )


# What a matrix cannot hold.

PAGE = [("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_page_that_is_learned_from_passes_as_it_is(way):
    app = App(way, PAGE)
    middleware = PlaceholderMiddleware(app, missing=True, learn=True)
    for app.status, method, most in itertools.product(STATUSES, METHODS, (99, 2)):
        environ = environ_for("/page", method, **CLIENTS["visitor"][0])
        environ["wsgi.file_wrapper"] = FileWrapper
        answer = seen(middleware, environ, most)
        assert_closed(app.body)
        if method != "GET" or isinstance(app.body, (list, tuple)):
            assert answer.returned is app.body
        assert answer == seen(app, environ, most)


def test_an_app_that_starts_later_than_it_may_is_left_alone():
    def app(environ, start_response):
        yield b""
        start_response("404 Not Found", HEADERS)
        yield b"not here"

    for method in ("GET", "HEAD"):
        environ = environ_for("/a.png", method)
        assert seen(PlaceholderMiddleware(app, missing=True), environ) == seen(app, environ)


def test_a_404_of_a_gigabyte_is_not_read():
    megabyte = bytes(1 << 20)
    for way, most in ((iterator, 0), (iterator_late, 1)):
        body = Body(chunks=itertools.repeat(megabyte, 1024))

        def app(environ, start_response, way=way, body=body):
            start = lambda: start_response("404 Not Found", HEADERS)  # noqa: E731
            if way is iterator:
                start()
            else:
                body.start = start
            return body

        answer = seen(PlaceholderMiddleware(app, missing=True, learn=True), environ_for("/a.png"))
        assert answer.starts[0][0] == "200 OK"
        assert (body.pulled, body.closed) == (most, 1)


@pytest.mark.parametrize("way", ["iterated", "written"])
def test_the_memory_of_a_page_that_is_learned_from_is_that_of_its_chunks(way):
    """Each chunk ends within a tag; 64 MB in all."""
    filler = b"<p>so it goes</p>" * 3800
    chunks = (b"ght=20>%b<img src='/m/%d.jpg' width=30 hei" % (filler, n) for n in range(1000))

    def app(environ, start_response):
        if environ["PATH_INFO"] != "/page":
            start_response("404 Not Found", HEADERS)
            return [b"not here"]
        write = start_response("200 OK", PAGE)
        if way == "iterated":
            return chunks
        for chunk in chunks:
            write(chunk)
        return []

    def start_response(status, headers):
        return lambda data: lengths.append(len(data))

    lengths = []
    middleware = PlaceholderMiddleware(app, missing=True, learn=True)
    tracemalloc.start()
    try:
        lengths += map(len, middleware(environ_for("/page"), start_response))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(lengths), sum(lengths) > 64_000_000) == (1000, True)
    assert peak < 5_000_000
    answer = seen(middleware, environ_for("/m/998.jpg"))
    assert ("X-Placeholder", "missing; rule=page; size=30x20") in answer.starts[0][1]


def test_what_the_app_does_to_the_environ_changes_nothing():
    def app(environ, start_response):
        environ.update(PATH_INFO="/", QUERY_STRING="", REQUEST_METHOD="POST", HTTP_ACCEPT="")
        environ.pop("HTTP_REFERER")
        start_response("404 Not Found", HEADERS)
        return [b"not here"]

    middleware = PlaceholderMiddleware(app, missing=True, missing_report=True)
    for method, length in (("GET", 1), ("HEAD", 0)):
        environ = environ_for("/a.png?w=30&h=20", method, referer="http://localhost/page")
        answer = seen(middleware, environ)
        assert ("X-Placeholder", "missing; rule=query; size=30x20") in answer.starts[0][1]
        assert len(answer.data) == length
    assert middleware.report.files()[0].pages == ("/page",)


def test_a_304_has_the_headers_of_its_200_and_renders_nothing(encoded):
    def headers_of(answer):
        return answer.starts[0][1]

    app = App(as_list)
    app.status = "404 Not Found"
    first = seen(PlaceholderMiddleware(app, missing=True), environ_for("/a.png"))
    etag = dict(headers_of(first))["ETag"]
    fresh = PlaceholderMiddleware(app, missing=True)
    made = len(encoded)
    for method in ("GET", "HEAD"):
        again = seen(fresh, environ_for("/a.png", method, if_none_match=etag))
        assert again.starts == [("304 Not Modified", headers_of(first)[2:])]
        assert again.data == []
    assert len(encoded) == made
    assert seen(fresh, environ_for("/a.png")) == first
    assert len(encoded) > made
