"""Origins that behave, and those that do not: servers of a few lines, on real sockets."""

import contextlib
import gzip
import io
import random
import socket
import struct
import threading
import time

from PIL import Image

from wsgi_placeholder.missing._fetched import PIECE


def encoded(format, size=(8, 8), **options):
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, format, **options)
    return buffer.getvalue()


PNG = encoded("PNG")
LARGE = PNG + bytes(3 * PIECE)
PATH = "/media/a.png"


def answer(body=PNG, *headers, status="200 OK", kind="image/png", length=None):
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def connected(monkeypatch):
    """Return a list that has the address of every connection from now on."""
    addresses = []
    real = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda self, to: addresses.append(to) or real(self, to)
    )
    return addresses


class Server:
    """A server that answers every request by `behave(connection, target)`, in threads."""

    def __init__(self, behave, context=None):
        self.behave = behave if callable(behave) else lambda link, target: link.sendall(behave)
        self.context = context
        self.heads = []  # of the requests, as they came
        self.connections = 0
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()

    def accept(self):
        while True:
            link, _ = self.listener.accept()
            if self.over.is_set():
                link.close()
                return
            self.connections += 1
            self.threads.append(threading.Thread(target=self.serve, args=(link,)))
            self.threads[-1].start()

    def serve(self, link):
        link.settimeout(10)
        with contextlib.suppress(OSError), link:
            if self.context:
                link = self.context.wrap_socket(link, server_side=True)
            with link, link.makefile("rb") as lines:
                while not self.over.is_set():
                    head = b""
                    while not head.endswith(b"\r\n\r\n"):
                        line = lines.readline()
                        if not line:
                            return
                        head += line
                    self.heads.append(head.decode("latin-1"))
                    if self.behave(link, head.split()[1].decode()) == "close":
                        return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.threads[0].join()
        self.listener.close()

    def drip(self, link, data, pause=0.02):
        for at in range(len(data)):
            if self.over.wait(pause):
                return
            link.sendall(data[at : at + 1])


def silent(server, link):
    server.over.wait(5)


def reset(server, link, data=b""):
    link.sendall(data)
    time.sleep(0.01)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "close"


def endless(server, link, head, piece=bytes(65536)):
    link.sendall(head)
    while not server.over.is_set():
        link.sendall(piece)


def closing(server, link, data):
    link.sendall(data)
    return "close"


UNMEASURED = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
CHUNKED = UNMEASURED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"


def chunked(body):
    return CHUNKED + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


BOMB = gzip.compress(bytes(50_000_000), 9)
HOSTILE = {
    "silent": silent,
    "silent after the headers": lambda server, link: (
        link.sendall(answer()[: -len(PNG)]) or silent(server, link)
    ),
    "dripping headers": lambda server, link: server.drip(link, answer()),
    "dripping body": lambda server, link: (
        link.sendall(answer()[: -len(PNG)]) or server.drip(link, PNG)
    ),
    "dripping without end": lambda server, link: server.drip(link, b"HTTP/1.1 200" + b"k" * 999),
    "dripping chunks": lambda server, link: (
        link.sendall(CHUNKED) or server.drip(link, b"1\r\nx\r\n" * 999)
    ),
    "dripping 404": lambda server, link: (
        link.sendall(answer(b"", status="404 Not Found", length=999)) or server.drip(link, PNG)
    ),
    "reset": reset,
    "reset in the headers": lambda server, link: reset(server, link, answer()[:40]),
    "reset in the body": lambda server, link: reset(server, link, answer()[:-9]),
    "endless": lambda server, link: endless(server, link, UNMEASURED + PNG),
    "endless headers": lambda server, link: endless(
        server, link, b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 99
    ),
    "endless header": lambda server, link: endless(server, link, b"HTTP/1.1 200 OK\r\nA: "),
    "endless informing": lambda server, link: endless(
        server, link, b"", b"HTTP/1.1 100 Continue\r\n\r\n"
    ),
    "endless chunks": lambda server, link: endless(
        server, link, chunked(PNG)[: -len(b"0\r\n\r\n")], b"1000\r\n" + bytes(4096) + b"\r\n"
    ),
    "endless hints": lambda server, link: endless(
        server, link, b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    ),
    "endless trailers": lambda server, link: endless(
        server, link, chunked(PNG)[: -len(b"\r\n")], b"A: b\r\n" * 99
    ),
    "10 GB": lambda server, link: endless(server, link, answer(b"", length=10**10)),
    "shorter than it said": lambda server, link: closing(server, link, answer(length=999)),
    "longer than it said": lambda server, link: closing(server, link, answer(length=len(PNG) - 9)),
    "longer than its chunks": lambda server, link: closing(server, link, chunked(PNG) + PNG),
    "two answers": lambda server, link: closing(server, link, answer() + answer()),
    "less than nothing": lambda server, link: closing(server, link, answer(length=-5)),
    "a number that is none": lambda server, link: closing(server, link, answer(length="9" * 5000)),
    "two lengths": lambda server, link: closing(
        server, link, answer(PNG, f"Content-Length: {len(PNG) - 9}")
    ),
    "broken chunks": lambda server, link: closing(server, link, CHUNKED + b"zz\r\n" + PNG),
    "a chunk less than nothing": lambda server, link: closing(
        server, link, CHUNKED + b"-5\r\n" + PNG
    ),
    "a chunk of everything": lambda server, link: endless(
        server, link, CHUNKED + b"f" * 40 + b"\r\n"
    ),
    "a chunk's endless word": lambda server, link: endless(
        server, link, CHUNKED + b"5;", b"k" * 999
    ),
    "gzip chunks": lambda server, link: closing(
        server, link, chunked(BOMB).replace(b": chunked", b": gzip, chunked")
    ),
    "gzip bomb unsaid": lambda server, link: closing(server, link, answer(BOMB)),
    "gzip bomb": lambda server, link: closing(server, link, answer(BOMB, "Content-Encoding: gzip")),
    "gzip after identity": lambda server, link: closing(
        server, link, answer(PNG, "Content-Encoding: identity", "Content-Encoding: gzip")
    ),
    "HTML": lambda server, link: closing(
        server, link, answer(b"<!doctype html><script>1</script>")
    ),
    "SVG": lambda server, link: closing(server, link, answer(b"<svg><script>1</script></svg>")),
    "nothing": lambda server, link: closing(server, link, answer(b"")),
    "redirect": lambda server, link: closing(
        server, link, answer(PNG, f"Location: {server.url}/other.png", status="302 Found")
    ),
    "404": lambda server, link: closing(server, link, answer(status="404 Not Found")),
    "500": lambda server, link: closing(server, link, answer(status="500 Oh")),
    "206": lambda server, link: closing(server, link, answer(status="206 Partial Content")),
    "204": lambda server, link: closing(server, link, b"HTTP/1.1 204 No Content\r\n\r\n"),
    "no HTTP": lambda server, link: closing(server, link, b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a bad status": lambda server, link: closing(server, link, b"HTTP/1.1 \xff\xfe\r\n\r\n"),
    "hung up": lambda server, link: "close",
    "a placeholder": lambda server, link: closing(
        server, link, answer(PNG, "X-Placeholder: missing")
    ),
}


def hostile_paths(number):
    chance = random.Random(7)
    bits = ["//", "/..", "/.", "\\", "@", "evil.example", ":80", "%2e", "%2F", "\r\n", "\t", "\0"]
    bits += [
        "?",
        "#",
        "a",
        "ä",
        "..;",
        "http://",
        "Host: evil.example",
        " HTTP/1.1",
        "\x7f",
        "[",
        "]",
    ]
    for _ in range(number):
        yield "/" * chance.randint(0, 2) + "".join(chance.choices(bits, k=chance.randint(1, 8)))
