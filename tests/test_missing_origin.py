"""Production is asked first: what an origin may do to us, and what we may not do to anybody."""

import contextlib
import logging
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
from http.client import HTTPConnection, IncompleteRead
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import pytest
import trustme
from asking import ask, environ_for
from origins import (
    CHUNKED,
    HOSTILE,
    LARGE,
    PATH,
    PNG,
    Server,
    answer,
    closing,
    connected,
    encoded,
    hostile_paths,
    reset,
    silent,
)
from stopping import stopped

from wsgi_placeholder.missing import _bases, origin
from wsgi_placeholder.missing._fetched import PIECE
from wsgi_placeholder.missing._folder import Folder
from wsgi_placeholder.missing._kinds import media_type
from wsgi_placeholder.missing.origin import Origin, is_loop


@pytest.fixture
def serve():
    with contextlib.ExitStack() as servers:

        def serve(behave=None, context=None):
            return servers.enter_context(Server(answer() if behave is None else behave, context))

        yield serve


def body_of(fetched):
    with contextlib.closing(fetched):
        return b"".join(fetched)


# What an origin gets to see, and what comes back.


def test_a_picture_is_fetched(serve):
    server = serve()
    fetched = Origin([server.url]).fetch(PATH)
    assert (fetched.media_type, fetched.length) == ("image/png", len(PNG))
    assert body_of(fetched) == PNG


def test_t_o4_the_origin_sees_five_headers_and_nothing_of_the_client(serve):
    server = serve()
    assert Origin([server.url + "/site/"]).fetch("/media/ä b@2x.png", "v=1&w=a b")
    first, *headers = server.heads[0].split("\r\n")[:-2]
    assert first == "GET /site/media/%C3%A4%20b@2x.png?v=1&w=a%20b HTTP/1.1"
    assert dict(header.split(": ", 1) for header in headers) == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": f"wsgi-placeholder/{origin.__version__}",
        "Accept": "image/*,*/*;q=0.5",
        "Accept-Encoding": "identity",
        "X-Wsgi-Placeholder-Fetch": "1",
    }
    assert len(headers) == 5


def test_one_connection_serves_many_pictures_and_misses(serve):
    def behave(link, target):
        missing = answer(b"<p>no", status="404 Not Found", kind="text/html")
        link.sendall(missing if "no" in target else answer())

    server = serve(behave)
    production = Origin([server.url])
    for path in ("/1.png", "/no.png", "/2.png", "/no2.png", "/3.png"):
        assert (production.fetch(path) is None) == ("no" in path)
    assert (server.connections, len(server.heads)) == (1, 5)


def test_a_connection_that_was_closed_meanwhile_is_no_fault(serve):
    def behave(link, target):
        link.sendall(answer())
        if len(server.heads) == 2:  # take the third request, and hang up
            link.recv(10_000)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return "close"
        return None

    server = serve(behave)
    production = Origin([server.url])
    assert all(production.fetch(f"/{number}.png") for number in range(4))
    assert server.connections == 2


def test_a_body_of_chunks_has_its_length_at_last(serve, tmp_path):
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (PNG[:9], PNG[9:]))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve(head + chunks + b"0\r\n\r\n")
    fetched = Origin([server.url], tmp_path).fetch(PATH)
    assert fetched.length == len(PNG)
    assert body_of(fetched) == PNG
    assert (tmp_path / PATH[1:]).read_bytes() == PNG


def test_a_body_that_only_ends_is_passed_on_but_not_kept(serve, tmp_path):
    def behave(link, target):
        link.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: image/png\r\n\r\n" + PNG)
        return "close"

    fetched = Origin([serve(behave).url], tmp_path).fetch(PATH)
    assert body_of(fetched) == PNG
    assert list(tmp_path.rglob("*.*")) == []


@pytest.mark.parametrize(
    ("body", "path", "declared", "expected"),
    [
        (PNG, "/a.png", "", "image/png"),
        (PNG, "/a.PNG", "text/plain", "image/png"),
        (PNG, "/a", "image/png; x=y", "image/png"),
        (PNG, "/a.jpg", "image/x-png", "image/png"),
        (PNG, "/a.jpg", "image/jpeg", None),
        (encoded("JPEG"), "/a.jpeg", "", "image/jpeg"),
        (encoded("JPEG"), "/a", "image/jpg", "image/jpeg"),
        (encoded("GIF"), "/a.gif", "", "image/gif"),
        (encoded("WEBP"), "/a.webp", "", "image/webp"),
        (encoded("WEBP"), "/a.jpg", "image/webp", "image/webp"),
        (encoded("AVIF"), "/a.avif", "", "image/avif"),
        (encoded("BMP"), "/a.bmp", "", "image/bmp"),
        (encoded("ICO"), "/favicon.ico", "", "image/vnd.microsoft.icon"),
        (encoded("PDF"), "/a.pdf", "", "application/pdf"),
        (encoded("PDF"), "/a.png", "application/pdf", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "/a.svg", "image/svg+xml", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "/a.png", "image/png", None),
        (b"<!doctype html><script>", "/a.png", "image/png", None),
        (PNG[:8] + b"<html><script>", "/a.png", "image/png", None),
        (PNG, "/a.png", "text/html; charset=utf-8", None),
        (b"BMW, the car <script>", "/a.bmp", "image/bmp", None),
        (b"\0\0\0\x1cftypisom....", "/a.avif", "image/avif", None),
        (b"RIFF....WAVE", "/a.webp", "image/webp", None),
        (b"\0\0\1\0", "/a.ico", "", None),
        (b"", "/a.png", "image/png", None),
    ],
)
def test_t_o5_a_file_is_what_its_first_bytes_say_and_it_was_called(body, path, declared, expected):
    assert media_type(body, path, declared) == expected


# Hostile origins: the deadline of these is short, one test has the real one.


def fetched_from(serve, misbehave, deadline):
    """What comes of it, and the seconds until then."""
    server = serve(lambda link, target: misbehave(server, link))
    production = Origin([server.url], **({"deadline": deadline} if deadline else {}))
    begun = time.monotonic()
    fetched = production.fetch(PATH)
    seconds = time.monotonic() - begun
    # It is remembered, and nothing is left over.
    assert production.fetch(PATH) is None
    assert len(server.heads) == 1
    assert len(production._under_way) == 0
    return fetched, seconds


@pytest.mark.parametrize("name", HOSTILE)
def test_t_o2_a_hostile_origin_gives_nothing_in_time(serve, name):
    tracemalloc.start()
    try:
        fetched, seconds = fetched_from(serve, HOSTILE[name], 0.4)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fetched is None
    assert seconds < 1.4
    assert peak < 10_000_000


def test_t_o2_the_real_deadline_is_three_seconds(serve):
    fetched, seconds = fetched_from(serve, HOSTILE["dripping chunks"], None)
    assert fetched is None
    assert 2.9 < seconds < 3.2


def test_an_origin_may_say_anything(serve):
    """Answers with bytes changed, doubled, or left out: a picture or nothing, never an exception"""
    chance = random.Random(11)
    whole = [answer(), CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(PNG), PNG)]
    bits = [
        b"\r\n",
        b"\n",
        b"\0",
        b"\xff",
        b":",
        b" ",
        b"-1",
        b"99999999999",
        b"HTTP/1.1 ",
        b";",
        b",",
    ]

    def behave(link, target):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(chance.choice((40, len(data))))
            data[at : at + chance.randint(0, 3)] = chance.choice(bits)
        link.sendall(data)
        return "close"

    server = serve(behave)
    production = Origin([server.url], most_a_minute=10**6, remember_failures=0)
    fetched = []
    for number in range(400):
        production._paused.clear()
        fetched.append(production.fetch(f"/{number}.png"))
    assert 0 < fetched.count(None) < 400
    assert {len(body_of(picture)) for picture in fetched if picture}


def test_what_comes_after_an_answer_is_not_the_next_one(serve, tmp_path):
    """Of two pictures at once the second one is nobody's, whoever asks next."""
    other = encoded("PNG", (9, 9))

    def behave(link, target):
        link.sendall(answer() + (answer(other) if "two" in target else b""))

    server = serve(behave)
    production = Origin([server.url], tmp_path)
    assert production.fetch("/two.png") is None
    assert body_of(production.fetch("/one.png")) == PNG
    assert files(tmp_path) == ["one.png"]
    assert (server.connections, len(server.heads)) == (2, 2)


def test_white_space_after_an_answer_is_no_fault(serve):
    server = serve(answer(PNG) + b"\r\n \n")
    production = Origin([server.url])
    assert [body_of(production.fetch(f"/{number}.png")) for number in range(3)] == [PNG] * 3


def test_a_large_file_that_is_longer_than_it_said_is_not_kept(serve, tmp_path):
    server = serve(answer(LARGE, length=len(LARGE) - 9))
    assert body_of(Origin([server.url], tmp_path).fetch(PATH)) == LARGE[:-9]
    assert files(tmp_path) == []


def test_a_redirect_is_not_followed(serve):
    inner = serve()
    server = serve(answer(b"", f"Location: {inner.url}/a.png", status="302 Found"))
    assert Origin([server.url]).fetch(PATH) is None
    assert inner.connections == 0


# Storms: an origin that is down, absent pictures, many at once.


def test_t_o6_of_a_hundred_pictures_only_the_first_waits_for_an_origin_that_is_down(serve, caplog):
    server = serve(lambda link, target: silent(server, link))
    production = Origin([server.url], deadline=0.2)
    begun = time.monotonic()
    assert not any(production.fetch(f"/{number}.png") for number in range(100))
    assert time.monotonic() - begun < 0.4
    assert server.connections == 1
    assert production._tokens > 590  # nor did the others use up what the origin may be asked
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_an_origin_is_asked_again_after_its_pause(serve, monkeypatch):
    monkeypatch.setattr(origin, "_PAUSE", 0.05)
    server = serve(lambda link, target: "close" if "1" in target else link.sendall(answer()))
    production = Origin([server.url])
    assert production.fetch("/1.png") is None
    assert production.fetch("/2.png") is None
    time.sleep(0.06)
    assert production.fetch("/2.png")


def test_a_failure_is_remembered_for_its_time(serve):
    server = serve(answer(b"", status="404 Not Found"))
    production = Origin([server.url], remember_failures=0.1)
    for _ in range(3):
        assert production.fetch(PATH) is None
        assert production.fetch("/other.png", "v=1") is None
    assert len(server.heads) == 2
    time.sleep(0.11)
    assert production.fetch(PATH) is None
    assert len(server.heads) == 3


def test_what_is_remembered_is_bounded(serve, monkeypatch):
    monkeypatch.setattr(origin, "_MOST_REMEMBERED", 5)
    server = serve(answer(b"", status="404 Not Found"))
    production = Origin([server.url])
    for number in range(20):
        production.fetch(f"/{number}.png")
    assert len(production._failed) == 5
    production.fetch("/19.png")
    assert len(server.heads) == 20


def test_t_o6_a_minute_has_so_many_questions(serve):
    server = serve()
    production = Origin([server.url], most_a_minute=60)
    fetched = [production.fetch(f"/{number}.png") for number in range(500)]
    assert all(fetched[:60])
    assert 60 <= len(server.heads) <= 63
    time.sleep(1.1)
    assert production.fetch("/again.png")


def test_more_at_once_than_allowed_get_nothing_at_once_and_are_not_remembered(serve):
    server = serve(answer(LARGE))
    production = Origin([server.url], most_at_once=2)
    first, second = production.fetch("/1.png"), production.fetch("/2.png")
    assert production.fetch("/3.png") is None
    second.close()
    assert production.fetch("/3.png")  # which nobody keeps: an abandoned one counts no more
    assert production.fetch("/4.png")
    assert body_of(first) == LARGE
    assert len(server.heads) == 4


def test_a_small_picture_is_complete_before_the_client_gets_it(serve):
    production = Origin([serve().url], most_at_once=1)
    kept = [production.fetch(f"/{number}.png") for number in range(5)]
    assert [body_of(fetched) for fetched in kept] == [PNG] * 5


def test_a_fetch_that_is_stopped_anywhere_takes_no_place(serve):
    server = serve()
    production = Origin([server.url], most_at_once=1, most_a_minute=10**6)
    count = 1
    while stopped(origin, count, lambda: production.fetch(PATH)):
        assert production.fetch(PATH), count
        count += 1
    assert count > 30


def test_a_chain_is_asked_in_order(serve):
    first = serve(
        lambda link, target: link.sendall(
            answer() if "both" in target else answer(b"", status="404 Not Found")
        )
    )
    second = serve()
    production = Origin([first.url, second.url])
    assert production.fetch("/both.png")
    assert production.fetch("/second.png")
    assert (len(first.heads), len(second.heads)) == (2, 1)


def test_a_chain_goes_on_without_one_that_is_down(serve):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        down = f"http://127.0.0.1:{closed.getsockname()[1]}"
    second = serve(
        lambda link, target: (
            link.sendall(answer(b"", status="404 Not Found")[: 10**6])
            if "no" in target
            else link.sendall(answer())
        )
    )
    production = Origin([down, second.url])
    assert production.fetch("/1.png")
    assert production.fetch("/2.png")
    # The one that is down may have it: that is not remembered.
    assert production.fetch("/no.png") is production.fetch("/no.png") is None
    assert len(second.heads) == 4


# Where a path may lead.


def test_t_o1_no_path_means_anything_but_a_file_below_the_prefix():
    targets = {_bases.quoted(path) for path in hostile_paths(10_000)} - {None}
    assert len(targets) > 400
    for target in targets:
        assert re.fullmatch(
            r"(/[A-Za-z0-9._~!$&'()*+,=:@-]+|/(%[0-9A-F]{2}))+", target.replace("%", "a")
        )
        assert not re.search(r"//|/\.\.?(/|$)|[\\?#;\s]", target)
    assert _bases.quoted("/a.png", "v=1\r\nHost: evil") == "/a.png?v=1%0D%0AHost:%20evil"
    for path in ("", "a.png", "/", "/a/", "//a.png", "/a/../b.png", "/a\\b.png", "/\ud800.png"):
        assert _bases.quoted(path) is None
    assert _bases.quoted("/a.png", "€") is None
    assert _bases.quoted("/" + "a" * 5000) is None


def test_t_o1_every_connection_goes_to_the_configured_host(serve, monkeypatch):
    server = serve(answer(b"", status="404 Not Found"))
    addresses = connected(monkeypatch)
    production = Origin([server.url], most_a_minute=10**6)
    for path in hostile_paths(3000):
        production.fetch(path, path.lstrip("/"))
    assert set(addresses) == {("127.0.0.1", server.port)}
    assert len(server.heads) > 150
    hosts = [re.findall(r"(?im)^host:.*$", head) for head in server.heads]
    assert {tuple(found) for found in hosts} == {(f"Host: 127.0.0.1:{server.port}\r",)}


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07::1", True),
        ("::ffff:93.184.215.14", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_t_o1_which_addresses_are_on_the_internet(address, public):
    assert _bases.is_public(address) is public


@pytest.fixture
def names(monkeypatch):
    """A name server: each name's addresses, or a function that looks them up."""
    table = {}
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **options):
        if host not in table:
            assert _bases.is_literal(host), f"the network was asked for {host}"
            return real(host, port, *args, **options)
        found = table[host]() if callable(table[host]) else table[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


def test_t_o1_a_public_name_with_a_private_address_is_not_connected_to(serve, names, caplog):
    server = serve()
    names["www.example.com"] = ["127.0.0.1"]
    url = f"http://www.example.com:{server.port}"
    assert Origin([url]).fetch(PATH) is None
    assert server.connections == 0
    assert "origin_private" in caplog.text
    assert Origin([url], allow_private=True).fetch(PATH)
    assert f"\r\nHost: www.example.com:{server.port}\r\n" in server.heads[0]


def test_t_o1_what_was_looked_at_is_what_is_connected_to(serve, names, monkeypatch):
    """A second answer of the name server, for the connection, would be another (rebinding)."""
    server = serve()
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    names["www.example.com"] = lambda: next(answers)
    monkeypatch.setattr(_bases, "is_public", lambda ip: ip == "127.0.0.1")
    production = Origin([f"http://www.example.com:{server.port}"])
    assert production.fetch("/1.png")
    assert production.fetch("/2.png")
    assert next(answers) == ["127.0.0.2"]


def test_a_host_has_more_than_one_address(serve, names):
    server = serve()
    names["localhost"] = ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first
    assert Origin([f"http://localhost:{server.port}"]).fetch(PATH)


def test_the_name_server_has_no_more_time_than_the_origin(names):
    over = threading.Event()
    names["www.example.com"] = lambda: over.wait(5) and []
    begun = time.monotonic()
    assert Origin(["https://www.example.com"], deadline=0.2).fetch(PATH) is None
    assert time.monotonic() - begun < 0.4
    over.set()


# TLS.


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def secure(authority, name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))


@pytest.mark.usefixtures("trusted")
def test_tls_is_verified_for_the_name_though_the_address_is_connected_to(serve, authority, names):
    names["localhost"] = ["127.0.0.1"]
    server = serve(answer(LARGE), secure(authority))
    url = f"https://localhost:{server.port}"
    assert body_of(Origin([url]).fetch(PATH)) == LARGE
    literal = serve(answer(LARGE), secure(authority, "127.0.0.1"))
    assert body_of(Origin([f"https://127.0.0.1:{literal.port}"]).fetch(PATH)) == LARGE
    other = serve(None, secure(authority, "www.example.com"))
    assert Origin([f"https://localhost:{other.port}"]).fetch(PATH) is None
    assert other.heads == []


def test_tls_of_an_unknown_authority_is_refused(serve, authority):
    server = serve(None, secure(authority, "127.0.0.1"))
    assert Origin([f"https://127.0.0.1:{server.port}"]).fetch(PATH) is None
    assert server.heads == []


@pytest.mark.usefixtures("trusted")
def test_tls_that_drips_or_is_silent_ends_in_time(serve, authority):
    dripping = serve(
        lambda link, target: dripping.drip(link, answer(), 0.05), secure(authority, "127.0.0.1")
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (dripping.port, silent.getsockname()[1]):
            begun = time.monotonic()
            assert Origin([f"https://127.0.0.1:{port}"], deadline=0.5).fetch(PATH) is None
            assert time.monotonic() - begun < 0.7


# Streaming.


def test_a_large_picture_is_streamed(serve):
    go_on = threading.Event()

    def behave(link, target):
        data = answer(LARGE)
        link.sendall(data[: -2 * PIECE])
        assert go_on.wait(5)
        link.sendall(data[-2 * PIECE :])

    fetched = Origin([serve(behave).url]).fetch(PATH)
    first = next(fetched)
    go_on.set()
    assert first + body_of(fetched) == LARGE


def test_a_large_picture_on_a_slow_line_may_take_longer_than_the_deadline(serve):
    def behave(link, target):
        data = answer(LARGE)
        for at in range(0, len(data), PIECE // 2):
            link.sendall(data[at : at + PIECE // 2])
            time.sleep(0.1)

    begun = time.monotonic()
    assert body_of(Origin([serve(behave).url], deadline=0.45).fetch(PATH)) == LARGE
    assert time.monotonic() - begun > 0.5


def test_the_memory_of_a_stream_is_some_pieces(serve):
    large = PNG + bytes(8_000_000)
    production = Origin([serve(answer(large)).url])
    tracemalloc.start()
    try:
        fetched = production.fetch(PATH)
        assert sum(map(len, fetched)) == len(large)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * PIECE
    assert len(production._under_way) == 0  # though nobody has closed it yet


STOPPING = {
    "short": lambda server, link: closing(server, link, answer(LARGE)[:-9]),
    "reset": lambda server, link: reset(server, link, answer(LARGE)[:-9]),
    "dripping": lambda server, link: (
        link.sendall(answer(LARGE)[: -2 * PIECE]) or server.drip(link, b"\0" * 999)
    ),
}


@pytest.mark.parametrize("name", STOPPING)
def test_an_origin_that_stops_in_the_middle_is_an_error(serve, name, tmp_path):
    server = serve(lambda link, target: STOPPING[name](server, link))
    production = Origin([server.url], tmp_path, deadline=0.3)
    fetched = production.fetch(PATH)
    assert len(next(fetched)) == PIECE
    begun = time.monotonic()
    with pytest.raises(OSError):
        list(fetched)
    assert time.monotonic() - begun < 0.6
    fetched.close()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert len(production._under_way) == 0


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@contextlib.contextmanager
def site(app):
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.server_port
        finally:
            server.shutdown()
            thread.join()


def fetching(bases):
    """An app without files, with our rule for them; what it is asked is noted."""

    def app(environ, start_response):
        app.asked.append(environ["PATH_INFO"])
        fetched = None
        if not is_loop(environ):
            fetched = Origin(bases).fetch(environ["PATH_INFO"], environ["QUERY_STRING"])
        if fetched is None:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"missing"]
        headers = [("Content-Type", fetched.media_type), ("Content-Length", str(fetched.length))]
        start_response("200 OK", headers)
        return fetched

    app.asked = []
    return app


def test_the_client_sees_that_its_picture_is_not_whole(serve, capfd):
    server = serve(lambda link, target: closing(server, link, answer(LARGE)[:-9]))
    with site(fetching([server.url])) as (_, port):
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", PATH)
        with connection.getresponse() as response, pytest.raises(IncompleteRead):
            response.read()
        connection.close()
    assert "the origin stopped after" in capfd.readouterr().err


def test_what_is_fetched_is_an_iterable_of_wsgi(serve):
    for body in (PNG, LARGE):
        app = validator(fetching([serve(answer(body)).url]))
        assert ask(app, environ_for(PATH)).body == body


@pytest.mark.parametrize("instances", [2, 3])
def test_t_o3_a_loop_of_instances_has_one_request_each(instances):
    bases = [[] for _ in range(instances)]
    apps = [fetching(base) for base in bases]
    with contextlib.ExitStack() as stack:
        urls, ports = zip(*[stack.enter_context(site(app)) for app in apps], strict=True)
        for number, base in enumerate(bases):
            base.append(urls[(number + 1) % instances])
        connection = HTTPConnection("127.0.0.1", ports[0], timeout=5)
        connection.request("GET", PATH)
        assert connection.getresponse().status == 404
        connection.close()
    assert [app.asked for app in apps] == [[PATH], [PATH]] + [[]] * (instances - 2)


# The store.


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("body", [PNG, LARGE], ids=["small", "large"])
def test_a_fetched_file_is_kept_and_found_again(serve, tmp_path, body):
    server = serve(answer(body))
    production = Origin([server.url], tmp_path / "new", store_at="/media")
    assert body_of(production.fetch("/media/2026/ä.png")) == body
    assert files(tmp_path) == ["new/2026/ä.png"]
    assert (tmp_path / "new/2026/ä.png").read_bytes() == body
    again = production.fetch("/media/2026/ä.png")
    assert (again.media_type, again.length) == ("image/png", len(body))
    assert body_of(again) == body
    assert len(server.heads) == 1


def test_a_kept_file_has_the_rights_of_any_other(serve, tmp_path):
    (tmp_path / "other").touch()
    assert Origin([serve().url], tmp_path).fetch(PATH)
    assert (tmp_path / PATH[1:]).stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_is_not_there_before_it_is_whole(serve, tmp_path):
    production = Origin([serve(answer(LARGE)).url], tmp_path)
    fetched = production.fetch(PATH)
    next(fetched)
    (passing,) = files(tmp_path)
    assert passing.startswith("media/.wsgi-placeholder-")
    fetched.close()  # the client has gone
    assert files(tmp_path) == []
    fetched = production.fetch(PATH)
    for _ in range(4):  # a server that stops after Content-Length bytes
        next(fetched)
    assert files(tmp_path) == ["media/a.png"]
    fetched.close()


@pytest.mark.parametrize("links", [True, False])
def test_an_existing_file_is_not_replaced(serve, tmp_path, monkeypatch, links):
    if not links:  # as on some network and shared folders

        def link(*_):
            raise OSError("no links here")

        monkeypatch.setattr(os, "link", link)
    production = Origin([serve(answer(LARGE)).url], tmp_path)
    (tmp_path / "media").mkdir()
    for early in (True, False):
        place = tmp_path / f"media/{early}.png"
        if early:
            place.write_bytes(b"mine")
        fetched = production.fetch(f"/media/{early}.png")
        next(fetched)
        place.write_bytes(b"mine")
        assert len(body_of(fetched)) > PIECE
        assert place.read_bytes() == b"mine"
    assert body_of(production.fetch("/media/new.png")) == LARGE
    assert files(tmp_path) == ["media/False.png", "media/True.png", "media/new.png"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/a.png", "w=300"),
        ("/a.png", "v=3&w=300"),
        ("/a.png", "view=small"),
        ("/a.png", "token=1700000000"),
        ("/a.png", "thumb"),
        ("/.hidden.png", ""),
        ("/.git/a.png", ""),
        ("/con.png", ""),
        ("/NUL", ""),
        ("/com1.tar.png", ""),
        ("/lpt¹.png", ""),
        ("/a:b.png", ""),
        ("/a?.png", ""),
        ("/a|b.png", ""),
        ("/a.png ", ""),
        ("/a./b.png", ""),
        ("/" + "ä" * 130 + ".png", ""),
        ("/a.jpg", ""),  # a PNG by another name, which a server would call image/jpeg
        ("/a", ""),
    ],
)
def test_what_has_no_safe_name_is_fetched_but_not_kept(serve, tmp_path, path, query):
    assert body_of(Origin([serve().url], tmp_path).fetch(path, query)) == PNG
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("query", ["v=3", "itok=Ab-1_x", "1700000000", "_=1", "VER=1.2.3"])
def test_what_has_a_version_is_kept_without_it(serve, tmp_path, query):
    server = serve()
    production = Origin([server.url], tmp_path)
    assert body_of(production.fetch("/a.png", query)) == PNG
    assert server.heads[0].startswith(f"GET /a.png?{query} ")
    assert files(tmp_path) == ["a.png"]
    assert body_of(production.fetch("/a.png", "v=4")) == body_of(production.fetch("/a.png")) == PNG
    assert len(server.heads) == 1


def test_nothing_is_kept_or_found_outside_the_store(serve, tmp_path):
    store, outside = tmp_path / "store", tmp_path / "outside"
    (store / "real").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.png").write_bytes(PNG)
    (store / "out").symlink_to(outside)
    (store / "in").symlink_to(store / "real")
    (store / "file.png").symlink_to(outside / "secret.png")
    (store / "dangling.png").symlink_to(outside / "new.png")
    os.mkfifo(store / "pipe.png")
    server = serve(answer(LARGE))
    production = Origin([server.url], store)
    for path in ("/out/a.png", "/out/secret.png", "/file.png", "/dangling.png", "/pipe.png"):
        assert body_of(production.fetch(path)) == LARGE
    assert files(outside) == ["secret.png"]
    assert (outside / "secret.png").read_bytes() == PNG
    assert body_of(production.fetch("/in/a.png")) == LARGE
    assert files(store / "real") == ["a.png"]
    folder = Folder(store, "/media")
    for path in ("/other/a.png", "/mediax/a.png", "/media", "/media/../a.png", "/media//a.png"):
        assert folder.begin(path) is None
        assert folder.find(path) is None


def test_a_store_that_fails_does_not_break_the_answer(serve, tmp_path, caplog):
    production = Origin([serve(answer(LARGE)).url], tmp_path)
    (tmp_path / "media").write_text("a file where a folder should be")
    assert body_of(production.fetch("/media/a.png")) == LARGE
    assert body_of(production.fetch("/media/b.png")) == LARGE
    assert len(caplog.records) == 1


def test_a_full_disk_does_not_break_the_answer(serve, tmp_path):
    production = Origin([serve(answer(LARGE)).url], tmp_path)
    fetched = production.fetch(PATH)
    first = next(fetched)
    part = fetched._pieces.gi_frame.f_locals["part"]
    part._file.close()
    part._file = open("/dev/full", "wb", buffering=0)  # noqa: SIM115
    assert first + body_of(fetched) == LARGE
    assert files(tmp_path) == []


def test_a_kept_file_that_is_no_picture_is_not_served(serve, tmp_path):
    (tmp_path / "a.png").write_text("<script>")
    server = serve()
    assert body_of(Origin([server.url], tmp_path).fetch("/a.png")) == PNG
    assert len(server.heads) == 1


# The start.


@pytest.mark.parametrize(
    ("bases", "sentence"),
    [
        ("https://www.example.com", "a list"),
        ([], "a list"),
        (["www.example.com"], "http://"),
        (["ftp://www.example.com"], "http://"),
        (["file:///etc"], "http://"),
        (["https://"], "no host"),
        (["https://a b"], "plain ASCII"),
        (["https://exa\tmple.com"], "plain ASCII"),
        (["https://bücher.example"], "plain ASCII"),
        (["https://user:secret@example.com"], "nobody is logged in"),
        (["https://example.com:99999"], "not a URL"),
        (["https://example.com:0"], "no host"),
        (["https://[::1"], "not a URL"),
        (["https://example.com/?a=b"], "plain path"),
        (["https://example.com/#a"], "plain path"),
        (["https://example.com/a/../b"], "plain path"),
        (["https://example.com//a"], "plain path"),
        ([None], "plain ASCII"),
    ],
)
def test_a_bad_base_fails_at_start(bases, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        Origin(bases)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"deadline": 0},
        {"most_bytes": 0},
        {"most_at_once": 0},
        {"most_a_minute": 0},
        {"remember_failures": -1},
        {"store": __file__},
        {"store": ""},
    ],
)
def test_a_bad_option_fails_at_start(options):
    with pytest.raises(ValueError):
        Origin(["https://www.example.com"], **options)


def test_bases_are_read():
    assert _bases.parse("http://[::1]:8000/a/").authority == "[::1]:8000"
    assert _bases.parse("http://[::1]:8000/a/").prefix == "/a"
    assert _bases.parse("https://Example.com:443").authority == "example.com"
    private = ("http://localhost", "http://a.localhost", "http://10.0.0.1", "http://[::1]")
    assert all(_bases.parse(base).is_private for base in private)
    assert not _bases.parse("https://127.0.0.1.example.com").is_private
    assert not _bases.parse("http://127.1").is_private  # and so its address is refused


def test_the_start_opens_no_socket_no_file_and_no_thread(monkeypatch, tmp_path):
    monkeypatch.setattr(threading.Thread, "start", None)
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)
    Origin(["https://www.example.com", "http://127.0.0.1"], tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_without_urllib3_the_extra_is_named():
    program = """
import sys
sys.modules["urllib3"] = None
from wsgi_placeholder.missing.origin import Origin, is_loop
assert is_loop({"HTTP_X_WSGI_PLACEHOLDER_FETCH": "1"}) and not is_loop({})
try:
    Origin(["https://www.example.com"])
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "wsgi-placeholder[origin]" in done.stdout, done.stderr


def test_a_child_has_its_own_connections_and_locks(serve):
    server = serve(answer(LARGE))
    program = """
import os, sys
from wsgi_placeholder.missing.origin import Origin
production = Origin([sys.argv[1]], most_at_once=1)
list(production.fetch("/1.png"))
under_way = production.fetch("/2.png")
production._lock.acquire()
child = os.fork()
if not child:
    os._exit(0 if sum(map(len, production.fetch("/3.png"))) == int(sys.argv[2]) else 1)
status = os.waitpid(child, 0)[1]
production._lock.release()
assert sum(map(len, under_way)) == int(sys.argv[2])
sys.exit(os.waitstatus_to_exitcode(status))
"""
    command = [sys.executable, "-c", program, server.url, str(len(LARGE))]
    subprocess.run(command, check=True, timeout=20)
    assert server.connections == 2
