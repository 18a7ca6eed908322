"""WSGI and HTTP manners, one test for each numbered statement.

The numbers in the docstrings are stable names; numbers missing here belong to other parts.
"""

import json
import os
import subprocess
import sys
from wsgiref.validate import validator
from xml.etree import ElementTree

import fontpkg
import pytest
from asking import PAGE, ask, checked, environ_for, page

from wsgi_placeholder import PlaceholderMiddleware, errors, formats, placeholder_app

IMAGE = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
PAGE_VISIT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
# One of each kind of answer: pictures in all formats, a 304 excepted.
ANSWERS = [
    *(f"/placeholder/64x32.{name}" for name in formats.by_extension()),
    "/placeholder/64x32?format=auto",
    "/placeholder/64x32?text=caf%C3%A9%0D%0ASet-Cookie:%20a=b%20%E2%82%AC",
    "/placeholder/wrong",
    "/placeholder/99999x99999",
    "/placeholder/300?colour=red",
    "/placeholder/" + "3" * 3000,
]
METHODS = ["GET", "HEAD", "OPTIONS", "POST"]


def silent(app=page, **options):
    """The middleware without validators, for what they would hide or refuse."""
    return PlaceholderMiddleware(app, **options)


# Passing through


def test_a_foreign_request_passes_as_the_same_three_objects(mount):
    """1"""
    seen = []
    iterable = [b"x"]

    def app(environ, start_response):
        seen[:] = [environ, start_response]
        return iterable

    environ = environ_for("/elsewhere", script_name=mount)
    start_response = lambda *args: None  # noqa: E731
    assert silent(app)(environ, start_response) is iterable
    assert seen[0] is environ
    assert seen[1] is start_response


def test_a_foreign_environ_is_left_as_it_was(mount):
    """2"""
    environ = environ_for("/elsewhere?a=b", script_name=mount)
    before = dict(environ)
    ask(silent(), environ)
    assert environ == before


@pytest.mark.parametrize("path", ["/placeholder", "/placeholder/", "/placeholder/300"])
def test_the_prefix_and_what_is_below_it_are_ours(get, path):
    """3"""
    assert get(path).body != PAGE


@pytest.mark.parametrize(
    "path", ["/placeholderx", "/x/placeholder/1", "", "*", "/", None, "/Placeholder/300"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_all_else_is_not_ours(mount, path, method):
    """3"""
    environ = environ_for(path or "", method, mount)
    if path is None:
        del environ["PATH_INFO"]
    assert ask(silent(), environ).body == PAGE


@pytest.mark.parametrize("path", ["", None, "*"])
def test_a_stand_alone_app_survives_odd_paths(mount, path):
    """3"""
    environ = environ_for(path or "", "GET", mount)
    if path is None:
        del environ["PATH_INFO"]
    assert ask(silent(prefix=""), environ).code in (200, 400)


def test_a_stand_alone_app_says_that_there_is_nothing_else(get):
    """3, 27, 31: with the headers that all our answers carry"""
    app = placeholder_app(prefix="/pictures")
    assert get("/pictures/64", app=app).code == 200
    answer = get("/elsewhere", app=app)
    assert answer.status == "404 Not Found"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    assert int(answer["Content-Length"]) == len(answer.body)
    assert get("/elsewhere", "HEAD", app=app).headers == answer.headers


def test_a_mount_is_respected_and_never_changed(get, mount, middleware):
    """4"""
    environ = environ_for("/placeholder/64", "GET", mount)
    assert ask(middleware, environ).code == 200
    assert environ["SCRIPT_NAME"] == mount
    assert environ["PATH_INFO"] == "/placeholder/64"
    url = middleware.url_for(64, script_name=mount)
    assert url.startswith(mount + "/placeholder/")
    assert get(url.removeprefix(mount)).code == 200
    # A SCRIPT_NAME that looks like ours is somebody else's.
    assert ask(middleware, environ_for("/64", "GET", "/placeholder")).body == PAGE


@pytest.mark.parametrize("path", ["/caf\xe9", "/placeholder\xe9", "/\xff\xfe/placeholder/300"])
def test_a_foreign_path_that_is_no_utf_8_passes_through(get, path):
    """5"""
    assert get(path).body == PAGE


def test_an_exception_of_the_app_reaches_the_server_as_it_is(mount):
    """6"""
    mistake = ZeroDivisionError()
    started = []

    def at_once(environ, start_response):
        raise mistake

    def later(environ, start_response):
        yield b"first"
        raise mistake

    environ = environ_for("/elsewhere", script_name=mount)
    with pytest.raises(ZeroDivisionError) as caught:
        silent(at_once)(environ, lambda *args: started.append(args))
    assert caught.value is mistake
    body = silent(later)(environ, lambda *args: started.append(args))
    assert next(body) == b"first"
    with pytest.raises(ZeroDivisionError) as caught:
        next(body)
    assert caught.value is mistake
    assert not started


def test_a_generator_is_not_advanced(mount):
    """7"""
    pulled = []

    def app(environ, start_response):
        pulled.append(1)
        yield b""

    silent(app)(environ_for("/elsewhere", script_name=mount), lambda *args: None)
    assert not pulled


def test_write_reaches_the_write_of_the_server(mount):
    """8"""
    written = []

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])(b"written")
        return []

    silent(app)(environ_for("/elsewhere", script_name=mount), lambda *args: written.append)
    assert written == [b"written"]


class Untouchable:
    """An input or error stream nobody may use."""

    def __getattr__(self, name):
        raise AssertionError(f"{name} of a stream was used")


@pytest.mark.parametrize("method", [*METHODS, "PUT", "DELETE"])
@pytest.mark.parametrize("url", ["/elsewhere", *ANSWERS[-5:]])
def test_the_input_is_never_read_and_errors_never_written(mount, method, url):
    """9"""
    environ = environ_for(url, method, mount)
    environ |= {"wsgi.input": Untouchable(), "wsgi.errors": Untouchable(), "CONTENT_LENGTH": "9"}
    assert ask(silent(), environ).code < 500


def test_a_file_wrapper_and_a_list_survive_as_they_are(mount):
    """10"""
    environ = environ_for("/elsewhere", script_name=mount)
    wrapped = environ["wsgi.file_wrapper"] = object()
    app = silent(lambda environ, start_response: environ["wsgi.file_wrapper"])
    assert app(environ, None) is wrapped
    assert len(silent()(environ, lambda *args: None)) == 1


# Reading the request


@pytest.mark.parametrize(
    "url",
    [
        "/placeholder/300\xe9",
        "/placeholder/300/\x00",
        "/placeholder/\xff\xfe",
        "/placeholder/300+200",
        "/placeholder/300;200",
        "/placeholder/300?text=%E9",
        "/placeholder/300?text=%",
        "/placeholder/300?text=\xff",
        "/placeholder/300?text=%00",
        "/placeholder/300?text=%ED%A0%80",
        "/placeholder/300?%FF=%FF",
        "/placeholder/300?;;;&&&",
    ],
)
def test_bytes_that_mean_nothing_are_never_our_fault(get, url):
    """11"""
    assert get(url).code in (200, 400)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a+b", "a%20b"),
        ("a;b", "a%3Bb"),
        ("caf\xc3\xa9", "caf%C3%A9"),  # UTF-8 as PEP 3333 carries it
        ("caf%E9", "caf%EF%BF%BD"),
        ("", "%20"),
    ],
)
def test_a_query_is_decoded_as_forms_are(get, one, other):
    """11"""
    answers = [get(f"/placeholder/300?text={text}") for text in (one, other)]
    assert answers[0].code == answers[1].code == 200
    assert answers[0]["ETag"] == answers[1]["ETag"]


@pytest.mark.parametrize("url", ["/placeholder/€", "/placeholder/300?text=€", "/placeholder\u0100"])
def test_a_broken_server_that_decodes_gets_no_500(mount, url):
    """12"""
    answer = ask(silent(), environ_for(url, script_name=mount))
    assert answer.code == 400 or answer.body == PAGE


@pytest.mark.parametrize("path", ["//placeholder/64", "///placeholder//64", "/placeholder//64/"])
def test_slashes_may_be_doubled(get, path):
    """13"""
    assert get(path)["ETag"] == get("/placeholder/64")["ETag"]


def test_dots_in_a_path_mean_nothing(get):
    """13"""
    assert get("/placeholder/../300").code == 400
    assert get("/placeholder/./300").code == 400
    assert get("/x/../placeholder/300").body == PAGE


def test_an_app_that_rewrites_environ_changes_nothing(mount):
    """14"""

    def app(environ, start_response):
        answer = page(dict(environ), start_response)
        environ.clear()
        return answer

    wrapped = silent(app)
    assert ask(wrapped, environ_for("/elsewhere", script_name=mount)).body == PAGE
    assert ask(wrapped, environ_for("/placeholder/64", script_name=mount)).code == 200


SAME = [
    ["300x200", "300x200.png", "300x200/png", "300X200", "300x200/", "300×200", "300x3:2"],
    ["300x200", "300x200@1x", "300x200?scale=1", "300x200?scale=1.0", "300x200?dpr=1"],
    ["300x200", "300x200?radius=0", "300x200?border=0", "300x200?border=0,red", "300x200?v=7"],
    ["300x200", "300x200?text=300×200", "300x200?text={width}×{height}", "300x200?text={size}"],
    ["300x200", "300x200/ddd", "300x200/DDDDDD", "300x200?bg=dddddd", "300x200?bg=%23ddd"],
    ["300x200", "300x200?style=flat&font=Inter&weight=semibold&align=middle", "300x200?quality=9"],
    ["200", "200x200", "200x1:1"],
    ["90?radius=45", "90?radius=46", "90?radius=9999.5"],
    ["90?padding=45", "90?padding=45.0", "90?padding=99"],
    ["90?text=a&size=20", "90?size=20.0&text=a", "90?font-size=20px&text=a&text=b"],
    ["90.jpg", "90.jpeg", "90?format=JPEG", "90/jpg"],
    ["90?text=caf%C3%A9", "90?text=cafe%CC%81", "90?text=+caf%C3%A9%0A"],
    ["90/09f", "90/0099ff", "90/0099FFFF", "90/%2309F"],
    ["90/red/white", "90?fg=fff&bg=f00", "90?color=WHITE&background=Red"],
]  # fmt: skip


@pytest.mark.parametrize("urls", SAME, ids=lambda urls: urls[0])
def test_what_means_the_same_is_the_same_picture(get, encoded, urls):
    """15"""
    app = silent()
    encoded.clear()
    raw = [
        url.replace("×", "\xc3\x97").replace("%23", "#" if "?" not in url else "%23")
        for url in urls
    ]
    answers = [get("/placeholder/" + url, app=app) for url in raw]
    assert {answer.code for answer in answers} == {200}
    assert len({answer["ETag"] for answer in answers}) == 1
    assert len(encoded) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("70000x1", "too-large"),
        ("1x70000", "too-large"),
        ("9000x9000", "too-large"),
        ("4000@4x", "too-large"),
        ("16:1x30000", "too-large"),
        ("300?text=" + "x" * 3000, "uri-too-long"),
        ("3" * 3000, "uri-too-long"),
        ("300?" + "v=1&" * 40, "too-many-parameters"),
    ],
)
def test_what_is_too_large_is_refused_unpainted(get, encoded, url, code):
    """16"""
    answer = get("/placeholder/" + url, accept="application/json")
    assert answer.code in (400, 414)
    assert json.loads(answer.body)["code"] == code
    assert not encoded


# Answering


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("accept", ["*/*", IMAGE, "application/json"])
@pytest.mark.parametrize("url", ANSWERS)
def test_every_answer_is_started_once_in_proper_types(get, mount, url, method, accept):
    """27, 28, 29, 30"""
    calls = []
    environ = environ_for(url, method, mount, accept=accept)
    body = APP(environ, lambda *args: calls.append(args))
    assert len(calls) == 1
    status, headers = calls[0]
    assert type(status) is str
    assert status[:4].strip().isdigit()
    assert len(status) > 4
    assert type(headers) is list
    for header in headers:
        assert type(header) is tuple
        for part in header:
            assert type(part) is str
            assert part.isascii()
            assert part.isprintable()
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names))
    forbidden = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"}
    assert not forbidden & set(names)
    assert not {"date", "server", "set-cookie", "last-modified"} & set(names)
    assert type(body) is list
    if body:
        (content,) = body
        assert dict(headers)["Content-Length"] == str(len(content))
    # Again between validators; the caller's changes to the list are the caller's alone.
    headers.clear()
    assert get(url, method, accept=accept)["X-Content-Type-Options"] == "nosniff"


APP = silent()


def test_nothing_is_started_when_rendering_fails(mount, monkeypatch):
    """27, 37"""

    def fail(scene, quality=None):
        raise ZeroDivisionError

    app = silent()
    png = formats.installed()["png"]
    broken = formats.Format(
        **{f: getattr(png, f) for f in png.__slots__ if f != "encode"}, encode=fail
    )
    monkeypatch.setitem(formats.installed(), "png", broken)
    started = []
    environ = environ_for("/placeholder/33x44", script_name=mount)
    with pytest.raises(ZeroDivisionError):
        app(environ, lambda *args: started.append(args))
    assert not started
    monkeypatch.setitem(formats.installed(), "png", png)
    assert ask(app, environ).code == 200


@pytest.mark.parametrize(
    "text", ["€", "a%0D%0ASet-Cookie:+x=1", '";x="', "%F0%9F%8D%95", "%E2%80%AE", "%00%1B"]
)
def test_no_text_reaches_a_header_as_it_is(get, text):
    """28"""
    raw = text.encode().decode("latin-1")
    answer = get(f"/placeholder/300?text={raw}")
    assert answer.code == 200
    for name, value in answer.headers:
        assert (name + value).isascii()
        assert "Cookie" not in name + value
        assert "x=" not in value.replace("max-age", "")


@pytest.mark.parametrize("accept", ["*/*", IMAGE, "application/json", PAGE_VISIT])
@pytest.mark.parametrize("url", [*ANSWERS, "/placeholder"])
def test_head_has_the_headers_of_get(get, url, accept):
    """31, 36"""
    head = get(url, "HEAD", accept=accept)
    answer = get(url, accept=accept)
    assert head.status == answer.status
    assert head.headers == answer.headers
    assert head.body == b""
    assert int(answer["Content-Length"]) == len(answer.body) > 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("url", ["64", "64.jpg", "64?format=auto"])
def test_a_304_has_no_content_and_keeps_what_caches_need(get, url, method):
    """32, 46"""
    full = get("/placeholder/" + url)
    for app in (APP, silent()):  # known already, and never rendered
        answer = get("/placeholder/" + url, method, app=app, if_none_match=full["ETag"])
        assert answer.status == "304 Not Modified"
        assert answer.body == b""
        assert answer["Content-Type"] is None
        assert answer["Content-Length"] is None
        for name in ("ETag", "Cache-Control", "Vary", "X-Content-Type-Options"):
            assert answer[name] == full[name]


@pytest.mark.parametrize("url", ["/placeholder/300", "/placeholder/wrong", "/placeholder"])
def test_options_says_what_is_allowed(get, url):
    """33"""
    answer = get(url, "OPTIONS")
    assert answer.status == "204 No Content"
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert answer["Content-Type"] is None
    assert answer["Content-Length"] is None
    assert answer.body == b""


def test_an_empty_body_has_no_chunk_at_all(mount):
    """32, 33: a server would add Content-Length: 0 to a list of one empty chunk"""
    etag = ask(APP, environ_for("/placeholder/64", script_name=mount))["ETag"]
    for environ in (
        environ_for("/placeholder/64", "OPTIONS", mount),
        environ_for("/placeholder/64", "GET", mount, if_none_match=etag),
        environ_for("/placeholder/64", "HEAD", mount),
    ):
        assert list(APP(environ, lambda *args: None)) == []


def test_cors_is_answered_where_it_is_on_and_only_there(get):
    """33"""
    asking = {"origin": "https://a.example", "access_control_request_method": "GET"}
    assert get("/placeholder/64", "OPTIONS", **asking)["Access-Control-Allow-Origin"] is None
    app = silent(cors=True)
    answer = get("/placeholder/64", "OPTIONS", app=app, **asking)
    assert answer.code == 204
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer["Access-Control-Allow-Methods"]
    for url in ("/placeholder/64", "/placeholder/wrong"):
        assert get(url, app=app, **asking)["Access-Control-Allow-Origin"] == "*"
        assert get(url, **asking)["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_with_what_is_allowed(get, method):
    """34"""
    answer = get("/placeholder/300", method)
    assert answer.status == "405 Method Not Allowed"
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert get("/elsewhere", method).body == PAGE


@pytest.mark.parametrize("method", ["get", "Head", "options", "FOO", "", "GET ", "G\xc9T"])
def test_methods_are_case_sensitive_and_unknown_ones_refused(mount, method):
    """35"""
    answer = ask(APP, environ_for("/placeholder/300", method, mount))
    assert answer.code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


# What browsers send for an <img> (MDN, "List of default Accept values"), and some others do.
IMAGES = [
    IMAGE,
    "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    "image/avif,image/webp,*/*",
    "image/webp,*/*;q=0.8",
    "image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5",
    "image/png,image/*;q=0.8,*/*;q=0.5",
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,*/*;q=0.5",
    "image/*",
    "IMAGE/PNG",
]
TEXTS = [
    None,
    "*/*",
    "",
    PAGE_VISIT,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/plain",
    "%%%",
    "image/png;q=0",
    "image/png;q=0.1, text/plain",
    "application/json;q=0, */*",
    "image/png," * 200,
]
JSON = [
    "application/json",
    "application/problem+json",
    "application/json, text/plain, */*",
    "application/json, text/javascript, */*; q=0.01",
    "application/json; charset=utf-8",
    "application/vnd.api+json",
]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        *((accept, "image/png") for accept in IMAGES),
        *((accept, "text/plain; charset=utf-8") for accept in TEXTS),
        *((accept, "application/problem+json") for accept in JSON),
    ],
)
@pytest.mark.parametrize("url", ["/placeholder/wrong", "/placeholder/99999"])
def test_an_error_speaks_the_language_of_the_client(get, url, accept, media_type):
    """36"""
    answer = get(url, **({} if accept is None else {"accept": accept}))
    assert answer.status == "400 Bad Request"
    assert answer["Content-Type"] == media_type
    assert "Accept" in answer["Vary"].split(", ")
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] is None


@pytest.mark.parametrize(
    ("destination", "accept", "media_type"),
    [
        ("image", "*/*", "image/png"),
        ("document", PAGE_VISIT, "text/plain; charset=utf-8"),
        ("empty", "application/json", "application/problem+json"),
        ("empty", "*/*", "text/plain; charset=utf-8"),
    ],
)
def test_an_error_goes_where_the_browser_wants_it(get, destination, accept, media_type):
    """36"""
    answer = get("/placeholder/wrong", sec_fetch_dest=destination, accept=accept)
    assert answer["Content-Type"] == media_type


SENTENCES = [
    # URL, parameter, must be in the sentence, hint
    ("60x40x20", "size", ["size is “60x40x20”", "expected like 400, 600x400"], None),
    ("leaderbord", "size", ["“leaderbord”", "Did you mean leaderboard?"], "leaderboard"),
    ("300/octal", "background", ["“octal”", "hex digits", "Did you mean"], None),
    ("300/red/whit", "foreground", ["“whit”", "Did you mean white?"], "white"),
    ("300/red/white/pnk", None, ["“pnk”", "one part too many"], None),
    ("300.pgn", "format", ["“pgn”", "expected one of", "Did you mean png?"], "png"),
    ("300?format=jepg", "format", ["“jepg”", "Did you mean jpg?"], "jpg"),
    ("300@9x", "scale", ["“300@9x”", "expected @2x", "Did you mean 300@4x?"], "300@4x"),
    ("300?scale=9", "scale", ["scale is “9”", "from 1 to 4", "Did you mean 4?"], "4"),
    ("300?backgroud=red", "backgroud", ["“backgroud”", "Did you mean background?"], "background"),
    ("300?font=intr", "font", ["font is “intr”", "expected one of", "inter"], "inter"),
    ("300?align=centr", "align", ["align is “centr”", "Did you mean center?"], "center"),
    ("300?weight=blod", "weight", ["weight is “blod”", "Did you mean bold?"], "bold"),
    ("300?quality=200", "quality", ["quality is “200”", "1 to 100", "Did you mean 100?"], "100"),
    ("300?style=flatt", "style", ["style is “flatt”", "Did you mean flat?"], "flat"),
    ("300?size=tall", "size", ["size is “tall”", "a number from 1 to 1024"], None),
    ("", "size", ["The size is missing", "600x400"], None),
    ("99999x1:9", "size", ["size gives a side of 899991 pixels", "1 to 99999"], None),
    ("99999", "size", ["99999x99999", "at most"], None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "parameter", "parts", "hint"), SENTENCES, ids=lambda v: str(v)[:20]
)
def test_an_error_names_the_part_what_was_expected_and_what_is_near(
    get, url, parameter, parts, hint
):
    """36"""
    text = get("/placeholder/" + url)
    assert text.body.startswith(b"400 Bad Request\n\n")
    sentence = text.body.decode().split("\n\n", 1)[1].rstrip("\n")
    for part in parts:
        assert part in sentence
    answer = get("/placeholder/" + url, accept="application/problem+json")
    problem = json.loads(answer.body)
    assert problem["type"] == "about:blank"
    assert problem["title"] == "Bad Request"
    assert problem["status"] == 400
    assert problem["detail"] == sentence
    if parameter:
        assert problem["parameter"] == parameter
    if hint:
        assert problem["hint"] == hint


def test_only_a_full_queue_is_ours_to_blame():
    """37: of all known errors only Busy is a 5xx"""
    kinds = [errors.PlaceholderError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    assert len(kinds) > 5
    assert {kind for kind in kinds if kind.status >= 500} == {errors.Busy}
    assert len({kind.code for kind in kinds}) == len(kinds)


@pytest.mark.parametrize("url", ANSWERS)
def test_every_answer_carries_a_security_policy(get, url):
    """38"""
    policy = get(url)["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.mark.parametrize("text", ["</title><script>x</script>", '"/><a href="x">', "&amp;<!--"])
def test_documents_escape_all_text(get, text):
    """38: over every installed format that is a document; the others carry no text at all"""
    for format in formats.installed().values():
        answer = get(f"/placeholder/250x90.{format.extensions[0]}?text={text.replace('&', '%26')}")
        assert answer.code == 200
        assert text.encode() not in answer.body
        if "svg" in format.media_type:
            root = ElementTree.fromstring(answer.body)
            names = {element.tag.rpartition("}")[2] for element in root.iter()}
            assert not names & {"script", "a", "image", "foreignObject", "style", "iframe"}
            assert text in "".join(root.itertext())


def test_the_file_wrapper_is_not_used(mount):
    """39"""
    environ = environ_for("/placeholder/64", script_name=mount)
    environ["wsgi.file_wrapper"] = lambda *args: pytest.fail("used")
    assert type(APP(environ, lambda *args: None)) is list


# Caching


def test_a_304_renders_nothing(get, encoded, middleware):
    """40"""
    fresh = silent()
    encoded.clear()
    for extension in formats.by_extension():
        url = f"/placeholder/61x43.{extension}"
        etag = get(url, app=middleware)["ETag"]
        encoded.clear()
        assert get(url, app=fresh, if_none_match=etag).code == 304
        assert get(url, app=fresh, method="HEAD", if_none_match="*").code == 304
        assert not encoded


PROBE = """
import hashlib, os, sys
if len(sys.argv) > 1:
    import PIL.Image
    PIL.__version__ = sys.argv[1]
else:
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
from wsgi_placeholder import PlaceholderMiddleware, formats
app = PlaceholderMiddleware(print)
def start_response(status, headers):
    print(status, dict(headers)["ETag"])
for name in formats.installed():
    for url in ("200x120", "120@2x", "99/transparent", "150/f00c"):
        query = "text=a%C3%A9%D7%A9&radius=9"
        environ = {"PATH_INFO": f"/placeholder/{url}.{name}", "QUERY_STRING": query}
        print(name, url, hashlib.sha256(b"".join(app(environ, start_response))).hexdigest())
"""


def probe(*args, **variables):
    environ = os.environ | variables
    command = [sys.executable, "-c", PROBE, *args]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout


def test_the_same_url_gives_the_same_bytes_in_every_process():
    """41"""
    one = probe("13.0.0", PYTHONHASHSEED="1", TZ="Asia/Tokyo")
    assert one == probe("13.0.0", PYTHONHASHSEED="2", TZ="UTC", FAKETIME="+1d")
    # And on one processor; the version, which is faked above, may be another one.
    pictures = [line for line in one.splitlines() if not line.startswith("200")]
    on_one = [line for line in probe().splitlines() if not line.startswith("200")]
    assert pictures == on_one
    assert len(pictures) == 4 * len(formats.installed())


@pytest.mark.parametrize("name", formats.installed())
def test_rendering_twice_gives_the_same_bytes(get, name):
    """41"""
    url = f"/placeholder/170x130.{name}?text=twice&border=3&radius=20"
    first, second = (get(url, app=silent()) for _ in range(2))
    assert first.code == 200
    assert first.body == second.body
    assert first["ETag"] == second["ETag"]


def test_another_pillow_is_another_etag():
    """42"""
    tags = [
        {line.split()[-1] for line in probe(version).splitlines() if line.startswith("200")}
        for version in ("13.0.0", "13.0.1")
    ]
    assert not tags[0] & tags[1]
    assert len(tags[0]) == len(tags[1]) == 4 * len(formats.installed())


def test_another_font_is_another_etag(get, tmp_path):
    """42"""
    source = next(iter(fontpkg.families()["inter"].files)).path.read_bytes()
    tags = {get("/placeholder/64")["ETag"]}
    for i in range(2):
        # The second differs from the first in a byte nobody reads.
        (tmp_path / "own.ttf").write_bytes(source + b"\0" * i)
        tags.add(get("/placeholder/64", app=silent(fonts=[str(tmp_path)]))["ETag"])
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ('"other",W/{etag} , "more"', 304),
        ("*", 304),
        (" * ", 304),
        ("", 200),
        ('"other"', 200),
        ("w/{etag}", 200),
        ('"a,*,b"', 200),
        ('"*"', 200),
        ("{bare}", 200),
        (",,,", 200),
        ("\xff\x00", 200),
        ('"' * 5000, 200),
    ],
)
def test_if_none_match_is_compared_weakly(get, given, code):
    """43"""
    full = get("/placeholder/64")
    assert full["Last-Modified"] is None
    value = given.format(etag=full["ETag"], bare=full["ETag"].strip('"'))
    for app in (APP, silent()):
        assert get("/placeholder/64", app=app, if_none_match=value).code == code
        # A date says nothing beside it, nor alone.
        date = {"if_modified_since": "Sat, 29 Oct 2050 19:43:31 GMT"}
        assert get("/placeholder/64", app=app, if_none_match=value, **date).code == code
        assert get("/placeholder/64", app=app, **date).code == 200


def test_a_wrong_url_is_an_error_whatever_the_client_has(get):
    """43"""
    assert get("/placeholder/wrong", if_none_match="*").code == 400


@pytest.mark.parametrize("value", ["bytes=0-0", "bytes=-5", "bytes=9-", "bytes=0-1,5-6", "x", ""])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ranges_are_not_supported_and_this_is_said(get, method, value):
    """44"""
    plain = get("/placeholder/64", method)
    assert plain["Accept-Ranges"] == "none"
    assert get("/placeholder/64", method, range=value) == plain
    assert get("/placeholder/64", method, range=value, if_range=plain["ETag"]) == plain


def test_pictures_may_be_kept_and_for_how_long_is_configured(get):
    """45"""
    for options, expected in [
        ({}, "public, max-age=31536000, stale-while-revalidate=86400"),
        ({"max_age": 60}, "public, max-age=60, stale-while-revalidate=86400"),
        ({"immutable": True}, "public, max-age=31536000, immutable"),
        ({"max_age": 0}, "public, max-age=0"),
    ]:
        app = silent(**options)
        answer = get("/placeholder/64", app=app)
        assert answer["Cache-Control"] == expected
        again = get("/placeholder/64", app=app, if_none_match=answer["ETag"])
        assert again["Cache-Control"] == expected
        for url in ("/placeholder/wrong", "/placeholder/" + "3" * 3000):
            assert get(url, app=app)["Cache-Control"] == "no-store"


class Consulted(dict):
    """An environ that notes which request headers are looked at."""

    def __init__(self, environ):
        super().__init__(environ)
        self.names = set()

    def _note(self, key):
        if key.startswith("HTTP_"):
            self.names.add(key[5:].replace("_", "-").title())

    def get(self, key, default=None):
        self._note(key)
        return super().get(key, default)

    def __getitem__(self, key):
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key):
        self._note(key)
        return super().__contains__(key)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("url", "headers", "vary"),
    [
        ("64", {"accept": IMAGE}, set()),
        ("64.webp", {"accept": "image/png"}, set()),
        ("64?format=auto", {"accept": IMAGE}, {"Accept"}),
        ("64?format=auto", {}, {"Accept"}),
        ("64?format=auto", {"if_none_match": "*"}, {"Accept"}),
        ("64?format=auto", {"accept": "text/html"}, {"Accept", "Sec-Fetch-Dest"}),
        ("wrong", {"accept": IMAGE}, {"Accept", "Sec-Fetch-Dest"}),
    ],
)
def test_vary_names_exactly_what_was_consulted(mount, url, headers, vary, method):
    """46: on 200, 304 and 406 alike"""
    for app in (APP, silent(), APP):
        environ = Consulted(environ_for("/placeholder/" + url, method, mount, **headers))
        answer = ask(app, environ)
        assert environ.names - {"If-None-Match"} == vary
        assert set((answer["Vary"] or "").split(", ")) - {""} == vary


NEGOTIATED = [
    (IMAGE, "image/avif"),
    ("image/svg+xml", "image/svg+xml"),
    ("image/svg+xml,*/*;q=0.1", "image/svg+xml"),
    ("image/avif,image/svg+xml", "image/avif"),
    ("image/avif,image/webp,*/*", "image/avif"),
    ("image/webp,*/*;q=0.8", "image/webp"),
    ("image/avif;q=0,image/webp,*/*", "image/webp"),
    ("image/avif;q=0.5,image/webp;q=0.9", "image/webp"),
    ("image/png,image/*;q=0.8", "image/png"),
    ("image/jpeg", "image/jpeg"),
    ("image/png;q=0, image/*", "image/jpeg"),
    ("image/avif;q=0, image/webp;q=0, image/png;q=0, image/jpeg;q=0, */*", "image/gif"),
    # Who sends only wildcards may have never heard of AVIF.
    ("*/*", "image/png"),
    ("image/*", "image/png"),
    (None, "image/png"),
    ("", "image/png"),
    ("%%%, ;;;", "image/png"),
    ("image/png;q=0, ((", "image/png"),
    ("image/gif, " * 300, "image/png"),
]


@pytest.mark.parametrize(("accept", "media_type"), NEGOTIATED)
def test_negotiation_gives_the_smallest_that_the_client_likes_best(get, accept, media_type):
    """47"""
    headers = {} if accept is None else {"accept": accept}
    answer = get("/placeholder/64?format=auto", **headers)
    assert answer["Content-Type"] == media_type
    assert answer["Vary"] == "Accept"
    app = silent(format="auto")
    assert get("/placeholder/64", app=app, **headers)["Content-Type"] == media_type
    assert get("/placeholder/64.gif", app=app, **headers)["Content-Type"] == "image/gif"


@pytest.mark.parametrize("accept", ["text/html", "image/png;q=0", "*/*;q=0", "image/jxl"])
def test_a_client_that_likes_none_is_told_what_there_is(get, accept):
    """47"""
    answer = get("/placeholder/64?format=auto", accept=accept)
    assert answer.status == "406 Not Acceptable"
    if accept == "text/html":
        assert b"image/png" in answer.body


def test_negotiation_offers_nothing_that_cannot_be_written(mount, monkeypatch):
    """47"""
    without = {name: f for name, f in formats.installed().items() if name != "avif"}
    monkeypatch.setattr(formats, "installed", lambda: without)
    monkeypatch.setattr(
        formats, "by_extension", lambda: {e: f for f in without.values() for e in f.extensions}
    )
    app = silent()
    accept = {"accept": IMAGE}
    answer = ask(app, environ_for("/placeholder/64?format=auto", script_name=mount, **accept))
    assert answer["Content-Type"] == "image/webp"
    assert ask(app, environ_for("/placeholder/64.avif", script_name=mount)).code == 400


def test_the_validators_of_this_suite_do_complain():
    """The fixtures are worth nothing if the validators let everything pass."""

    def rude(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("Connection", "close")])
        return ["text"]

    with pytest.raises(AssertionError):
        ask(checked(validator(rude)), environ_for("/"))


def test_negotiation_offers_only_what_may_be_as_large(middleware):
    """4k is too large for AVIF by default; a browser that prefers it gets what it may have."""
    browser = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
    environ = environ_for("/placeholder/6000x4000?format=auto", accept=browser)
    answer = ask(middleware, environ)
    assert answer.code == 200
    assert dict(answer.headers)["Content-Type"] == "image/png"
