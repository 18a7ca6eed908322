"""What memory's responses say in HTTP: HEAD, If-None-Match, Range, names; small and large."""

import email.message
import hashlib
import os
import subprocess
import sys
import tempfile

import pytest
from asking import ask, checked, environ_for
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Connection, fetch, serve

from wsgi_placeholder.http.memory_response import BLOCK, disposition
from wsgi_placeholder.memory import MemoryResponse, bytes_response, csv_response, file_response
from wsgi_placeholder.memory.spool import Spool
from wsgi_placeholder.testing import HOSTILE_TEXTS

BODY = bytes(range(256)) * 4


def of_bytes(body=BODY):
    return bytes_response(body, "application/x-test", filename="a.bin")


def of_a_spool(body=BODY):
    return file_response(
        lambda file: file.write(body), "application/x-test", filename="a.bin", max_memory=0
    )


def of_an_iterator(body=BODY):
    """As WebOb makes one: any iterable, of which we know the length."""
    response = of_bytes(body)
    response.app_iter = (body[at : at + 100] for at in range(0, len(body), 100))
    response.content_length = len(body)
    return response


@pytest.fixture(params=[of_bytes, of_a_spool, of_an_iterator])
def make(request):
    return request.param


def get(response, method="GET", **headers):
    return ask(checked(response), environ_for("/", method, **headers))


def test_the_whole(make):
    answer = get(make())
    assert answer.status == "200 OK"
    assert sorted(answer.headers) == [
        ("Accept-Ranges", "bytes"),
        ("Content-Disposition", 'inline; filename="a.bin"'),
        ("Content-Length", "1024"),
        ("Content-Type", "application/x-test"),
        ("ETag", f'"{hashlib.blake2b(BODY, digest_size=16).hexdigest()}"'),
        ("X-Content-Type-Options", "nosniff"),
    ]
    assert answer.body == BODY


def test_head_has_the_headers_of_get_and_nothing_else(make):
    whole = get(make())
    for headers in ({}, {"range": "bytes=0-9"}, {"range": "bytes=9999-"}):
        answer = get(make(), "HEAD", **headers)
        assert (answer.status, answer.headers, answer.body) == ("200 OK", whole.headers, b"")


ETAG = of_bytes().headers["ETag"]


@pytest.mark.parametrize(
    "given",
    [
        ETAG,
        f"W/{ETAG}",
        "*",
        " * ",
        f'"a", {ETAG}',
        f'"a",{ETAG},"b"',
        f'W/"a" , W/{ETAG}',
        f",{ETAG}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_is_not_sent(make, given, method):
    response = make()
    response.cache_control = "max-age=60"
    response.vary = ["Cookie"]
    response.last_modified = 0
    answer = get(response, method, if_none_match=given, range="bytes=0-9")
    assert answer.status == "304 Not Modified"
    assert answer.body == b""
    assert sorted(answer.headers) == [
        ("Cache-Control", "max-age=60"),
        ("ETag", ETAG),
        ("Vary", "Cookie"),
        ("X-Content-Type-Options", "nosniff"),
    ]


@pytest.mark.parametrize("given", ["", '"a"', ETAG.strip('"'), '"*"', f'{ETAG[:-2]}"', ",", '""'])
def test_what_the_client_has_not_is_sent(make, given):
    assert get(make(), if_none_match=given).body == BODY
    # A date does not count beside a tag, nor alone: we say no Last-Modified.
    dated = {"if_modified_since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert get(make(), if_none_match=given, **dated).code == 200
    assert get(make(), **dated).code == 200


@pytest.mark.parametrize("given", [ETAG, "*"])
def test_only_get_and_head_are_conditional(make, given):
    answer = get(make(), "POST", if_none_match=given, range="bytes=0-9")
    assert (answer.code, answer.body) == (200, BODY)


def test_an_answer_that_is_no_200_is_left_as_it_is(make):
    response = make()
    response.status = 404
    answer = get(response, if_none_match=ETAG, range="bytes=0-9")
    assert (answer.status, answer.body) == ("404 Not Found", BODY)


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("0-0", 0, 1), ("0-", 0, 1024), ("5-9", 5, 10), ("1023-", 1023, 1024),
        ("1000-9999", 1000, 1024), ("-1", 1023, 1024), ("-24", 1000, 1024),
        ("-9999", 0, 1024), (" 1-2 ", 1, 3), ("0-999999999999999999", 0, 1024),
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["bytes", "Bytes"])
def test_a_range(make, wanted, start, stop, unit):
    answer = get(make(), range=f"{unit}={wanted}")
    assert answer.status == "206 Partial Content"
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
    assert answer["Content-Length"] == str(stop - start)
    assert answer.body == BODY[start:stop]
    assert (answer["ETag"], answer["Content-Type"]) == (ETAG, "application/x-test")


@pytest.mark.parametrize("wanted", ["1024-", "1024-1030", "-0", "999999999999999999-"])
def test_a_range_that_is_not_there(make, wanted):
    response = make()
    response.cache_control = "public, max-age=31536000"
    response.expires = 0
    answer = get(response, range=f"bytes={wanted}")
    assert answer.status == "416 Range Not Satisfiable"
    assert answer.body == b"The file has 1024 bytes.\n"
    assert sorted(answer.headers) == [
        ("Cache-Control", "no-store"),
        ("Content-Length", "25"),
        ("Content-Range", "bytes */1024"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        "bytes=0-1,5-6", "bytes=0-0,-1", "bytes=9-2", "bytes=-", "bytes=", "bytes", "bytes=a-b",
        "items=0-1", "bytes=0-1;", "bytes=--1", "bytes=1--2", "bytes 0-1", "bytes=٣-٤",
        "bytes=0x1-2", "bytes=1_0-20", "bytes=" + "9" * 5000 + "-",
    ],
)  # fmt: skip
def test_what_is_no_single_range_is_answered_with_the_whole(make, given):
    given = given.encode().decode("latin-1")
    answer = get(make(), range=given)
    assert (answer.code, answer.body, answer["Content-Range"]) == (200, BODY, None)


@pytest.mark.parametrize(
    ("if_range", "code"),
    [
        (ETAG, 206),
        (f"W/{ETAG}", 200),
        ('"other"', 200),
        ("*", 200),
        ("", 200),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 200),
    ],
)
def test_if_range(make, if_range, code):
    assert get(make(), range="bytes=0-9", if_range=if_range).code == code
    assert get(make(), range="bytes=9999-", if_range=if_range).code == (416 if code == 206 else 200)


def test_a_weak_tag_of_the_app_is_good_for_304_and_no_good_for_ranges():
    response = of_bytes()
    response.headers["ETag"] = 'W/"1"'
    assert get(response, if_none_match='"1"').code == 304
    assert get(response, range="bytes=0-9", if_range='W/"1"').code == 200


def test_large_bytes_are_sent_in_pieces():
    """A server may keep a copy of each piece for a slow client."""
    body = bytes(3 * BLOCK + 1)
    for headers in ({}, {"RANGE": "bytes=1-"}):
        environ = {**environ_for("/"), **{f"HTTP_{name}": value for name, value in headers.items()}}
        sent = of_bytes(body)(environ, lambda status, headers: None)
        sizes = [len(piece) for piece in sent]
        assert max(sizes) == BLOCK
        assert sum(sizes) == len(body) - len(headers)


def test_an_empty_body(make):
    answer = get(make(b""))
    assert (answer.status, answer["Content-Length"], answer.body) == ("200 OK", "0", b"")
    assert get(make(b""), range="bytes=0-").code == 416


def test_a_stream_has_no_length_no_tag_and_no_ranges():
    for headers in ({}, {"range": "bytes=0-1"}, {"if_none_match": '"a"'}):
        answer = get(csv_response([[1, 2]]), **headers)
        assert (answer.code, answer.body) == (200, b"1,2\r\n")
        assert answer["Content-Length"] is answer["ETag"] is answer["Content-Range"] is None
        assert answer["Accept-Ranges"] == "none"
    assert get(csv_response([[1, 2]]), if_none_match="*").code == 304


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("HEAD", {}),
        ("GET", {"if_none_match": ETAG}),
        ("GET", {"range": "bytes=3-5"}),
        ("GET", {"range": "bytes=5000-"}),
        ("POST", {}),
    ],
)
def test_a_file_is_closed_when_the_answer_is_given(method, headers, monkeypatch):
    ended = []
    monkeypatch.setattr(Spool, "end", lambda spool, end=Spool.end: [end(spool), ended.append(1)])
    response = of_a_spool()
    assert not ended
    get(response, method, **headers)
    assert ended
    with pytest.raises(ValueError):
        list(of_a_closed(response))


def of_a_closed(response):
    return response.app_iter


def test_the_response_is_webobs(make):
    response = make()
    assert isinstance(response, MemoryResponse)
    assert response.content_type == "application/x-test"
    assert response.etag == ETAG.strip('"')
    assert response.body == BODY
    response.set_cookie("a", "b")
    assert get(response.copy(), if_none_match=ETAG)["Set-Cookie"] == "a=b; Path=/"


def test_an_own_etag_saves_the_digest():
    response = bytes_response(BODY, "a/b", etag="v7")
    assert response.headers["ETag"] == '"v7"'
    assert get(file_response(lambda file: file.write(BODY), "a/b", etag="v7"))["ETag"] == '"v7"'
    for bad in ('a"b', "a b", "a\nb", "é"):
        with pytest.raises(ValueError, match="etag is"):
            bytes_response(BODY, "a/b", etag=bad)


@pytest.mark.parametrize(
    "media_type", ["", "png", "image/", "a/b\r\nSet-Cookie: x=1", "a/b; x=é", "a b/c", "a/b\n"]
)
def test_a_wrong_media_type_is_refused(media_type):
    with pytest.raises(ValueError, match="media_type is"):
        bytes_response(b"", media_type)


def test_text_is_no_body():
    with pytest.raises(TypeError, match="body is of type str; expected bytes"):
        bytes_response("text", "text/plain")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (None, "attachment"),
        ("", "attachment"),
        ("...", "attachment"),
        ("report 7.pdf", 'attachment; filename="report 7.pdf"'),
        ("März.csv", "attachment; filename=\"Marz.csv\"; filename*=UTF-8''M%C3%A4rz.csv"),
        ("Ma\u0308rz.csv", "attachment; filename=\"Marz.csv\"; filename*=UTF-8''M%C3%A4rz.csv"),
        ("日本.png", "attachment; filename=\"__.png\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.png"),
        ('a"; x="b', "attachment; filename=\"a_; x=_b\"; filename*=UTF-8''a%22%3B%20x%3D%22b"),
        ("100%25.txt", "attachment; filename=\"100_25.txt\"; filename*=UTF-8''100%2525.txt"),
        ("../../etc/pass\\wd", 'attachment; filename="_.._etc_pass_wd"'),
        ("a\r\nSet-Cookie: x=1.txt", 'attachment; filename="aSet-Cookie: x=1.txt"'),
        ("a\u202egpj.exe", 'attachment; filename="agpj.exe"'),
        ("a\0b\x7f\x85\ud800.txt", 'attachment; filename="ab.txt"'),
        ("😀.png", "attachment; filename=\"_.png\"; filename*=UTF-8''%F0%9F%98%80.png"),
        ("ä\u0308" * 300, None),
        ("日" * 300 + ".csv", None),
        ("x" * 300 + ".txt", f'attachment; filename="{"x" * 196}.txt"'),
    ],
)  # fmt: skip
def test_names(name, value):
    said = disposition(name, attachment=True)
    assert said == value or (value is None and len(said) < 2100)


def test_a_name_alone_is_inline_and_none_is_nothing():
    assert disposition("a.png", attachment=False) == 'inline; filename="a.png"'
    assert get(bytes_response(b"", "a/b"))["Content-Disposition"] is None
    assert get(bytes_response(b"", "a/b", attachment=True))["Content-Disposition"] == "attachment"


@settings(deadline=None, max_examples=300)
@given(st.text() | st.sampled_from(HOSTILE_TEXTS) | st.text('"\\%;=\r\n/é*\u202e. a', max_size=20))
def test_no_name_breaks_out_of_its_header(name):
    answer = get(bytes_response(b"", "a/b", filename=name, attachment=True))
    value = answer["Content-Disposition"]
    assert value.isascii()
    assert value.isprintable()
    message = email.message.Message()
    message["Content-Disposition"] = value
    parsed = message.get_params(header="content-disposition")
    assert parsed[0] == ("attachment", "")
    assert {key for key, _ in parsed[1:]} <= {"filename", "filename*"}
    said = message.get_filename("")
    assert not set(said) & set("/\\\r\n\0")


@pytest.mark.skipif(
    sys.platform == "win32", reason="there a temporary file has a name until closed"
)
def test_a_large_file_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []

    def write(file):
        for _ in range(4):
            file.write(bytes(BLOCK))
            seen.extend(tmp_path.iterdir())

    response = file_response(write, "a/b", max_memory=BLOCK)
    assert len(os.listdir(tmp_path)) == 0 == len(seen)
    assert get(response).body == bytes(4 * BLOCK)


def test_a_small_one_is_never_on_disk(monkeypatch):
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    assert get(file_response(lambda file: file.write(BODY), "a/b")).body == BODY


def test_a_writer_may_seek_read_wrap_and_close(make):
    import io
    import zipfile

    def write(file):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a.txt", "hello" * 100)
        text = io.TextIOWrapper(file, "utf-8")
        text.write("the end")
        text.close()
        file.close()

    for max_memory in (0, 10_000):
        body = get(file_response(write, "application/zip", max_memory=max_memory)).body
        assert body.startswith(b"PK")
        assert body.endswith(b"the end")


def test_what_a_writer_raises_goes_through_and_leaves_no_file_open(monkeypatch):
    ended = []
    monkeypatch.setattr(Spool, "end", lambda spool, end=Spool.end: [end(spool), ended.append(1)])

    def write(file):
        file.write(BODY)
        raise KeyError("the table")

    with pytest.raises(KeyError, match="the table"):
        file_response(write, "a/b", max_memory=0)
    assert ended


def test_the_package_itself_does_not_load_it():
    code = "import sys, wsgi_placeholder; from wsgi_placeholder import PlaceholderMiddleware as P;"
    code += "P(print); print([name for name in sys.modules if 'placeholder.memory' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


MEMORY = """
import os, sys
from asking import ask, environ_for
from wsgi_placeholder.memory import bytes_response, file_response
def kilobytes(field):
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
block = os.urandom(1 << 20)
def write(file):
    for _ in range(megabytes):
        file.write(block)
def sent(response, **headers):
    body = response({**environ_for("/", **headers)}, lambda status, headers: None)
    size = sum(map(len, body))
    body.close()
    return size
megabytes = 10
sent(file_response(write, "a/b"))
open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
before = kilobytes("VmRSS")
megabytes = 200
print(sent(file_response(write, "a/b")))
print(sent(file_response(write, "a/b"), RANGE="bytes=100-"))
print(kilobytes("VmHWM") - before)
"""


def test_two_hundred_megabytes_take_ten():
    environ = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, env=environ
    )
    whole, part, grown = map(int, done.stdout.split())
    assert (whole, part) == (200 << 20, (200 << 20) - 100)
    assert grown < 12_000


SITE = """
from wsgi_placeholder.memory import bytes_response, csv_response, file_response

BLOCK = bytes(range(256)) * 4096
LARGE = BLOCK * 200


def write(file):
    for _ in range(200):
        file.write(BLOCK)


def app(environ, start_response):
    kind = environ["PATH_INFO"]
    if kind == "/rows":
        response = csv_response([i, "x" * 100] for i in range(5000))
    elif kind == "/spooled":
        response = file_response(write, "video/mp4", etag="large", filename="Größe.mp4")
    elif kind == "/large":
        response = bytes_response(LARGE, "video/mp4", etag="large")
    else:
        response = bytes_response(BLOCK * 2, "application/zip")
    return response(environ, start_response)
"""
BLOCK_OF_SITE = bytes(range(256)) * 4096
LARGE = 200 << 20


@pytest.fixture(scope="module", params=["waitress", "gunicorn"])
def port(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "site_in_memory.py").write_text(SITE)
    commands = {
        "waitress": "waitress-serve --listen=127.0.0.1:8000 site_in_memory:app",
        "gunicorn": "gunicorn --no-control-socket --threads 2 -b 127.0.0.1:8000 site_in_memory:app",
    }
    with serve(commands[request.param], folder) as port:
        yield port


@pytest.mark.parametrize("target", ["/spooled", "/large"])
def test_two_hundred_megabytes_by_socket(port, target):
    for headers in ([], ["Range: bytes=0-9"], ['If-Match: "other"']):
        head = fetch(port, target, "HEAD", headers)
        assert (head.status, head.header("Content-Length")) == (200, str(LARGE))
        assert (head.header("ETag"), head.header("Content-Range")) == ('"large"', None)
    for method in ("GET", "HEAD"):
        known = fetch(port, target, method, ['If-None-Match: "a", W/"large"', "Range: bytes=0-"])
        assert (known.status, known.header("Content-Length"), known.body) == (304, None, b"")
    # One after the other on one connection: a byte too many would be in the next answer.
    with Connection(port) as connection:

        def asked(*headers):
            connection.send(target, headers=headers)
            return connection.read()

        for wanted, start, stop in (
            ("0-0", 0, 1),
            ("-300", LARGE - 300, LARGE),
            (f"{LARGE - 70}-", LARGE - 70, LARGE),
            (f"{LARGE - 1}-{LARGE + 9}", LARGE - 1, LARGE),
            (f"{100 << 20}-{(102 << 20) - 1}", 100 << 20, 102 << 20),
        ):
            part = asked(f"Range: bytes={wanted}", 'If-Range: "large"')
            assert (part.status, part.header("Content-Length")) == (206, str(stop - start))
            assert part.header("Content-Range") == f"bytes {start}-{stop - 1}/{LARGE}"
            assert part.body == (BLOCK_OF_SITE * 3)[start % (1 << 20) :][: stop - start]
        for wanted in (f"{LARGE}-", "-0"):
            nothing = asked(f"Range: bytes={wanted}")
            assert (nothing.status, nothing.header("Content-Range")) == (416, f"bytes */{LARGE}")
        connection.send(target, headers=["Range: bytes=0-9,20-29"])
        whole = connection.head()
        assert (whole.status, whole.header("Content-Length")) == (200, str(LARGE))
        for _ in range(200):
            assert connection._exactly(1 << 20) == BLOCK_OF_SITE
        last = asked("Range: bytes=0-0", "Connection: close")
        assert (last.status, last.body) == (206, b"\0")
        assert connection.ended()
    # A range of another version is the whole; the client leaves, and the server has more to do.
    for version in ('"other"', 'W/"large"', "Fri, 01 Jan 2100 00:00:00 GMT"):
        with Connection(port) as connection:
            connection.send(target, headers=["Range: bytes=5-9", f"If-Range: {version}"])
            whole = connection.head()
            assert (whole.status, whole.header("Content-Length")) == (200, str(LARGE))
            assert connection._exactly(10) == BLOCK_OF_SITE[:10]
    assert fetch(port, target, headers=["Range: bytes=-1"]).body == b"\xff"


def test_two_megabytes_and_a_stream_by_socket(port):
    answer = fetch(port, "/bytes")
    assert answer.body == BLOCK_OF_SITE * 2
    etag = answer.header("ETag")
    assert fetch(port, "/bytes", headers=[f"If-None-Match: {etag}"]).status == 304
    part = fetch(port, "/bytes", headers=["Range: bytes=1048570-1048580", f"If-Range: {etag}"])
    assert part.body == answer.body[1048570:1048581]
    stream = fetch(port, "/rows", headers=["Range: bytes=0-9"])
    assert (stream.status, stream.header("Content-Length")) == (200, None)
    assert stream.body.count(b"\r\n") == 5000
