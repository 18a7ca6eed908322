"""The command line, as real processes; what needs none is asked of `main` in this one."""

import contextlib
import dataclasses
import html
import io
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import urllib.error
import urllib.request

import fontpkg
import pytest
from asking import ask, checked, environ_for
from PIL import Image
from threaded import served

from wsgi_placeholder import (
    Config,
    PlaceholderMiddleware,
    __version__,
    cli,
    dialects,
    formats,
    server,
)
from wsgi_placeholder.dialects import native
from wsgi_placeholder.dialects._parameters import READERS
from wsgi_placeholder.formats import avif
from wsgi_placeholder.middleware import not_found
from wsgi_placeholder.sizes import NAMED

SCRIPT = [os.path.join(sysconfig.get_path("scripts"), "wsgi-placeholder")]
MODULE = [sys.executable, "-m", "wsgi_placeholder"]
COMMANDS = ["serve", "render", "url", "convert", "formats", "sizes", "fonts", "missing"]
# Dev mode, so that a socket or file left open is noticed; what others do is not ours to fix.
DEV = {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "ignore:'cgi' is deprecated"}


def run(*arguments, program=SCRIPT, **keywords):
    return subprocess.run(
        [*program, *arguments], capture_output=True, timeout=60, check=False, **keywords
    )


@contextlib.contextmanager
def serving(*arguments, program=SCRIPT, cwd=None):
    """A running server: its process, and its address as it says it."""
    process = subprocess.Popen(
        [*program, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | DEV,
        cwd=cwd,
        text=True,
        # A process started in the background of a shell ignores Ctrl-C, and so would this one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        line = process.stdout.readline()
        yield process, line
    finally:
        process.kill()
        process.communicate()


def fetch(url, method="GET"):
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return response, response.read()


def opened(body):
    return Image.open(io.BytesIO(body))


@pytest.fixture
def main(capsysbinary, monkeypatch):
    """Run `main` here, without the variables of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("WSGI_PLACEHOLDER_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", list(sys.path))  # --app adds the current folder

    def main(*arguments):
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code
        captured = capsysbinary.readouterr()
        return code, captured.out, captured.err.decode()

    return main


# serve


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_serve_says_one_line_and_ends_quietly(program, end):
    with serving(program=program) as (process, line):
        found = re.fullmatch(
            r"Serving placeholders on (http://127\.0\.0\.1:\d+)(/placeholder/600x400)"
            r" \(Ctrl-C to stop\)\n",
            line,
        )
        response, body = fetch(found[1] + found[2])
        assert response.headers["Content-Type"] == "image/png"
        assert opened(body).size == (600, 400)
        assert b"/placeholder/600x400" in fetch(found[1] + "/")[1]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(found[1] + "/elsewhere")
        response, body = fetch(found[1] + "/favicon.ico")
        assert response.headers["Content-Type"] == "image/vnd.microsoft.icon"
        assert opened(body).size == (32, 32)
        process.send_signal(end)
        rest, errors = process.communicate(timeout=30)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_serve_is_quiet_when_busy_and_ends_quietly_with_connections_open():
    with serving() as (process, line), contextlib.ExitStack() as open_ones:
        port = int(re.search(r":(\d+)/", line)[1])
        address = ("127.0.0.1", port)
        # More at once than the server has threads.
        clients = [open_ones.enter_context(socket.create_connection(address)) for _ in range(20)]
        for number, client in enumerate(clients, start=500):
            client.sendall(b"GET /placeholder/%d.avif HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        for client in clients:
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_serve_with_options_and_an_empty_prefix():
    with serving("--prefix", "", "--format", "svg", "--no-system-fonts") as (_, line):
        address = re.search(r"(http://[^/]+)/600x400 ", line)[1]
        assert fetch(address + "/60x40")[0].headers["Content-Type"] == "image/svg+xml"
        assert b"<h1>Placeholders</h1>" in fetch(address + "/")[1]
        assert fetch(address + "/favicon.ico")[1][:4] == b"\0\0\1\0"


def test_serve_wraps_an_app_of_the_current_folder(tmp_path):
    (tmp_path / "mysite.py").write_text(
        "class site:\n"
        "    def wsgi(environ, start_response):\n"
        "        start_response('200 OK', [('Content-Type', 'text/plain')])\n"
        "        return [b'my site']\n"
    )
    with serving("--app", "mysite:site.wsgi", cwd=tmp_path) as (_, line):
        address = re.search(r"http://[^/]+", line)[0]
        assert fetch(address + "/")[1] == b"my site"
        assert fetch(address + "/placeholder/60x40")[0].headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
        ("::", "http://[::1]:80"),
    ],
)
def test_the_address_is_one_that_can_be_opened(host, shown):
    assert server.origin(host, 80) == shown


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1", "localhost"])
def test_serve_listens_on_the_host_it_is_given(host, monkeypatch):
    bound = []

    def serve(app, map, sockets):
        bound.append(sockets[0].getsockname()[0])
        raise KeyboardInterrupt

    monkeypatch.setattr("waitress.server.create_server", serve)
    monkeypatch.setattr(signal, "signal", lambda kind, handler: None)
    server.run(not_found, host, 0, Config())
    assert bound == [socket.gethostbyname(host)]


def test_a_port_in_use_is_one_sentence(main):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = main("serve", "--port", port)
    assert (code, out) == (2, b"")
    assert err == (
        f"wsgi-placeholder: port {port} of 127.0.0.1 is in use; choose another with --port\n"
    )


def test_without_waitress_the_extra_is_named(main, monkeypatch):
    monkeypatch.setitem(sys.modules, "waitress", None)
    code, out, err = main("serve", "--port", "0")
    assert (code, out) == (2, b"")
    assert err == (
        "wsgi-placeholder: the server needs waitress;"
        " install it with: pip install 'wsgi-placeholder[serve]'\n"
    )


# The page


SIGNED = {"secret": "6hx0OTvQ5Ai4u8dDtFYx0Np9mPQ2cRtz", "require_signature": True}


@pytest.fixture(scope="module", params=[{}, {"prefix": ""}, {"prefix": "/a/b"}, SIGNED], ids=str)
def pictures(request):
    return PlaceholderMiddleware(not_found, **request.param)


def page(pictures, url="/", method="GET", **headers):
    return ask(checked(server.site(pictures)), environ_for(url, method, **headers))


@pytest.mark.parametrize("url", ["/", "", "/?utm_source=x"])
def test_the_page_is_a_proper_answer(pictures, url):
    answer = page(pictures, url)
    assert answer.status == "200 OK"
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert int(answer["Content-Length"]) == len(answer.body)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    head = page(pictures, url, "HEAD")
    assert (head.status, head.headers, head.body) == (answer.status, answer.headers, b"")


def test_other_methods_on_the_page_are_refused(pictures):
    for method in ("POST", "DELETE", "OPTIONS"):
        answer = page(pictures, "/", method)
        assert answer.status == "405 Method Not Allowed"
        assert answer["Allow"] == "GET, HEAD"


def test_every_picture_of_the_page_can_be_seen_and_its_url_copied(pictures):
    text = page(pictures, HTTP_HOST="x").body.decode()
    sources = [html.unescape(url) for url in re.findall(r'<img src="\.([^"]+)"', text)]
    links = [html.unescape(url) for url in re.findall(r'<a href="\.([^"]+)"', text)]
    codes = re.findall(r"<figcaption>.*?<code>(.*?)</code>", text)
    copied = [html.unescape(re.sub("<[^>]+>", "", code)) for code in codes]
    assert len(sources) == len(server.EXAMPLES) >= 6
    assert links == sources
    assert copied == ["http://127.0.0.1" + url for url in sources]
    for url in sources:
        assert url.startswith(pictures.config.prefix + "/")
        answer = page(pictures, url)
        assert (answer.status, answer["Content-Type"][:6]) == ("200 OK", "image/"), url


def test_the_page_brings_nothing_from_elsewhere_and_runs_nothing(pictures):
    text = page(pictures).body.decode()
    assert not re.search(r"<(script|link|iframe|object|form|base)|\son\w+=|@import|url\(", text)
    assert not re.search(r'(src|href)="(?!\./)', text)
    assert "prefers-color-scheme: dark" in text


def test_the_host_a_client_names_is_escaped(pictures):
    body = page(pictures, HOST='"><script>\xe9').body
    assert b"<script" not in body
    assert "&quot;&gt;&lt;script&gt;\xe9".encode() in body


def test_what_is_neither_page_nor_picture_is_not_found():
    for url in ("/elsewhere", "//", "/placeholderx", "/robots.txt"):
        answer = page(PlaceholderMiddleware(not_found), url)
        assert answer.status == "404 Not Found"


def test_who_forgets_the_prefix_is_told_it():
    answer = page(PlaceholderMiddleware(not_found, prefix="/ph&"), "/600x400")
    assert answer.status == "404 Not Found"
    assert b"Pictures are below /ph&amp;, such as /ph&amp;/600x400" in answer.body


def test_a_service_s_own_host_has_no_page_of_ours():
    at_home = PlaceholderMiddleware(not_found, hosts=True)
    answer = page(at_home, "/?width=60&height=40", host="images.placeholders.dev")
    assert answer["Content-Type"] == "image/svg+xml"
    assert page(at_home, "/600x400", host="placehold.co")["Content-Type"] == "image/svg+xml"
    assert page(at_home, "/", host="127.0.0.1:8000")["Content-Type"].startswith("text/html")


# render


def test_render_writes_a_file(main, tmp_path):
    path = tmp_path / "hero.png"
    assert main("render", "60x40/tomato?text=Hi", "-o", str(path)) == (0, b"", "")
    image = opened(path.read_bytes())
    assert (image.format, image.size) == ("PNG", (60, 40))


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
def test_render_writes_to_a_pipe(program):
    done = run("render", "/placeholder/60x40.webp", program=program)
    assert (done.returncode, done.stderr) == (0, b"")
    assert opened(done.stdout).format == "WEBP"


@pytest.mark.parametrize(
    ("arguments", "same"),
    [
        (["http://127.0.0.1:8000/placeholder/60x40"], "60x40"),
        (["HTTPS://example.org/placeholder/60x40?text=Hi#there"], "60x40?text=Hi"),
        (["http://[::1]:8000/ph/60x40@2x", "--prefix", "ph"], "60x40@2x"),
        (["http://localhost:8000/60x40?text=Hi", "--prefix", ""], "60x40?text=Hi"),
        (["/placeholder/60x40"], "60x40"),
        (["/60x40"], "60x40"),
    ],
)
def test_render_takes_a_url_from_the_address_bar(main, arguments, same):
    code, out, err = main("render", *arguments)
    assert (code, err) == (0, "")
    assert out == main("render", same)[1] != main("render", "41")[1]


@pytest.mark.parametrize("url", [
    "http://example.org/a.png", "https://example.org", "http://example.org/placeholderx/60",
    "http://example.org/?/placeholder/60", "http://[/60", "http://",
])  # fmt: skip
def test_a_url_of_somebody_else_is_refused(main, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = main("render", url, "-o", "a.png")
    assert (code, out) == (2, b"")
    assert " is no service we stand in for, and /placeholder/ does not follow it; expected" in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_url_of_a_service_is_left_to_its_dialect(main, tmp_path, monkeypatch):
    services = {"pictures.example": "native"}
    monkeypatch.setattr(dialects, "hosts", lambda: services)
    path = tmp_path / "a.png"
    assert main("render", "https://pictures.example/60x40", "-o", str(path)) == (0, b"", "")
    assert opened(path.read_bytes()).size == (60, 40)
    _, _, err = main("render", "https://picture.example/60x40", "-o", str(path))
    assert err.endswith(" Did you mean pictures.example?\n")


def test_render_does_not_write_to_a_terminal():
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*SCRIPT, "render", "60x40"],
            stdout=theirs, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert done.stderr == (
        b"wsgi-placeholder: standard output is a terminal; give -o FILE, or redirect it\n"
    )


@pytest.mark.parametrize(
    ("name", "arguments", "format"),
    [
        ("a.JPG", ["60x40"], "JPEG"),
        ("a.jpeg", ["60x40.jpg"], "JPEG"),
        ("a.WEBP", ["60x40"], "WEBP"),
        ("a", ["60x40"], "PNG"),
        ("a", ["60x40.gif"], "GIF"),
        ("a", ["60x40", "--format", "jpeg"], "JPEG"),
        ("a.gif", ["60x40.gif", "--format", "jpeg"], "GIF"),
    ],
)
def test_the_name_of_the_file_decides_where_nothing_else_does(
    main, tmp_path, name, arguments, format
):
    path = tmp_path / name
    assert main("render", *arguments, "-o", str(path)) == (0, b"", "")
    assert opened(path.read_bytes()).format == format


def test_the_name_of_the_file_beats_a_variable(main, tmp_path, monkeypatch):
    monkeypatch.setenv("WSGI_PLACEHOLDER_FORMAT", "webp")
    for name, format in [("a.gif", "GIF"), ("a", "WEBP")]:
        assert main("render", "60x40", "-o", str(tmp_path / name)) == (0, b"", "")
        assert opened((tmp_path / name).read_bytes()).format == format


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("a.jpg", ["60x40.png"], "a.jpg is the name of a jpeg, but the picture is a png"),
        ("a.PNG", ["60x40?format=svg"], "a.PNG is the name of a png, but the picture is a svg"),
        ("a.gif", ["60x40", "--format", "webp"], "is the name of a gif, but the picture is a webp"),
        ("a.tiff", ["60x40"], "a.tiff: .tiff is no format we can write; expected one of ."),
        ("a.tiff", ["60x40.png"], "a.tiff: .tiff is no format we can write; expected one of ."),
        ("a.jpgg", ["60x40"], "a.jpgg: .jpgg is no format we can write; did you mean .jpg?"),
        ("a.auto", ["60x40"], "a.auto: .auto is no format we can write"),
        ("a.2", ["60x40"], "a.2: .2 is no format we can write"),
    ],
)
def test_a_file_is_never_what_its_name_denies(main, tmp_path, monkeypatch, name, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, out, err = main("render", *arguments, "-o", name)
    assert (code, out) == (2, b"")
    assert says in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_render_takes_options(main, tmp_path, monkeypatch):
    monkeypatch.setenv("WSGI_PLACEHOLDER_BACKGROUND", "lime")
    path = tmp_path / "a.png"
    for arguments, color in [((), (0, 255, 0)), (("--background", "f00"), (255, 0, 0))]:
        assert main("render", "60x40", "-o", str(path), *arguments) == (0, b"", "")
        assert opened(path.read_bytes()).convert("RGB").getpixel((0, 0)) == color


def test_render_reports_characters_that_no_font_has(main, tmp_path):
    path = str(tmp_path / "a.png")
    assert main("render", "60x40?text=\U00012000", "--no-system-fonts", "-o", path) == (
        0,
        b"",
        "wsgi-placeholder: no installed font has \U00012000\n",
    )


def test_a_reader_that_has_enough_is_no_error():
    with subprocess.Popen(
        [*SCRIPT, "render", "2000x2000.jpg"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 0


# url


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        (["600x400"], "/placeholder/600x400"),
        (["640x4:3"], "/placeholder/640x480"),
        (["leaderboard"], "/placeholder/728x90"),
        (["600x400", "--text", "Hello World"], "/placeholder/600x400?text=Hello%20World"),
        (["600x400", "--text", "two|lines"], "/placeholder/600x400?text=two|lines"),
        (["600x400", "--text", "{width} px"], "/placeholder/600x400?text=600%20px"),
        (["600@2x/tomato.webp"], "/placeholder/600@2x/ff6347.webp"),
        (
            ["600x400", "--background", "000", "--foreground", "lime", "--border", "2,f00"],
            "/placeholder/600x400/000000/00ff00?border=2,ff0000",
        ),
        (["600x400", "--prefix", "/img"], "/img/600x400"),
        (["600", "400"], "/placeholder/600x400"),
        (["600", "4:3"], "/placeholder/600x450"),
        (["600x400", "--bg", "navy", "--fg", "fff"], "/placeholder/600x400/000080/ffffff"),
        (["600x400", "--font_size", "20"], "/placeholder/600x400?size=20"),
        (["600x400", "--font-size=20", "--dpr", "2"], "/placeholder/600x400@2x?size=20"),
        (["600x400", "--bg", "f00", "--grayscale"], "/placeholder/600x400/4c4c4c"),
        (["600x400", "--bg", "f00", "--greyscale", "yes"], "/placeholder/600x400/4c4c4c"),
        (["600x400", "--bg", "f00", "--grayscale=0"], "/placeholder/600x400/ff0000"),
        (["--grayscale", "--bg", "f00", "600x400"], "/placeholder/600x400/4c4c4c"),
        (["600x400", "--format", "auto"], "/placeholder/600x400.auto"),
        (
            ["600x400", "--format", "avif", "--quality", "50"],
            "/placeholder/600x400.avif?quality=50",
        ),
        (
            ["600x400", "--weight", "bold", "--size", "20"],
            "/placeholder/600x400?size=20&weight=700",
        ),
    ],
)
def test_url_prints_the_native_url(main, arguments, url):
    assert main("url", *arguments) == (0, url.encode() + b"\n", "")


def test_url_leaves_out_what_the_environment_makes_the_default(main, monkeypatch):
    monkeypatch.setenv("WSGI_PLACEHOLDER_BACKGROUND", "tomato")
    monkeypatch.setenv("WSGI_PLACEHOLDER_PREFIX", "")
    assert main("url", "60x40", "--background", "ff6347") == (0, b"/60x40\n", "")


def test_url_has_a_flag_for_all_that_makes_a_picture(main):
    """A new parameter of a URL needs its line in the help."""
    _, out, _ = main("url", "--help")
    flags = re.findall(r"^  --([a-z_-]+)", out.decode(), re.MULTILINE)
    assert set(flags) - {"prefix"} == set(READERS) == set(cli._PARAMETERS)


@pytest.mark.parametrize("name", [*READERS, *native.ALIASES])
def test_url_knows_every_name_that_a_url_knows(main, name):
    meant = native.ALIASES.get(name, name)
    value = {
        "text": "Hi", "bg": "navy", "fg": "navy", "style": "flat", "font": "inter", "size": "9",
        "weight": "bold", "align": "left", "padding": "1", "radius": "1", "border": "1,navy",
        "scale": "2", "quality": "50", "format": "jpeg", "grayscale": "1", "seed": "x",
    }[meant]  # fmt: skip
    url = main("url", "60x40", f"--{name}", value)
    assert url[0] == 0
    assert url == main("url", "60x40", f"--{meant}", value)
    assert url == main("url", "60x40", "--" + name.replace("_", "-"), value)
    spec = native.parse("/60x40", [(name, value)], Config())
    assert url[1].decode() == f"/placeholder{native.build(spec, Config())}\n"


# convert


def test_convert_prints_our_urls(main):
    urls = ("https://dummyimage.com/640x4:3/000/fff&text=Hi", "//placekitten.com/9/8")
    status, out, err = main("convert", "--prefix", "/ph", *urls)
    assert (status, err) == (0, "")
    first, second = out.decode().split()
    assert first == "/ph/640x480/000000/ffffff?text=Hi"
    assert second.startswith("/ph/9x8/")


def test_convert_goes_on_after_a_url_it_cannot_read(main):
    status, out, err = main("convert", "https://placehold.com/9", "https://placehold.co/9.png")
    assert status == 2
    assert out.startswith(b"/placeholder/9?")
    assert "https://placehold.com/9" in err
    assert "Did you mean placehold.co" in err


# formats


def test_formats_lists_every_format_and_its_limits(main):
    code, out, err = main("formats", "--max-pixels", "1000000")
    assert (code, err) == (0, "")
    head, *lines = [re.split("  +", line) for line in out.decode().splitlines()]
    assert head[:3] == ["FORMAT", "MEDIA TYPE", "EXTENSIONS"]
    rows = {line[0]: line[1:] for line in lines}
    assert rows.keys() >= set(formats.installed())
    assert rows["jpeg"] == ["image/jpeg", "jpeg, jpg", "65500", "1.00", "yes"]
    assert rows["ico"][2:] == ["256", "0.07", "yes"]


def test_formats_tells_what_cannot_be_written_here(main, monkeypatch):
    lacking = dataclasses.replace(avif.FORMAT, available=lambda: False)

    def load(kind, name, load=cli.registry.load):
        return lacking if name == "avif" else load(kind, name)

    monkeypatch.setattr(cli.registry, "load", load)
    _, out, _ = main("formats")
    line = next(line for line in out.decode().splitlines() if line.startswith("avif"))
    assert line.endswith("no: this Pillow cannot")


# sizes and fonts


def test_sizes_lists_every_name_with_its_size(main):
    code, out, err = main("sizes")
    assert (code, err) == (0, "")
    head, *lines = [re.split("  +", line) for line in out.decode().splitlines()]
    assert head == ["SIZE", "NAMES"]
    listed = {name: size for size, names in lines for name in names.split(", ")}
    assert listed == {name: f"{width}x{height}" for name, (width, height) in NAMED.items()}
    assert len(lines) == len(set(NAMED.values()))


def test_fonts_lists_what_a_url_may_ask_for(main, tmp_path):
    font = fontpkg.families()["inter"].files[0].path
    (tmp_path / f"Our Brand{font.suffix}").write_bytes(font.read_bytes())
    code, out, err = main("fonts", "--fonts", str(tmp_path))
    assert (code, err) == (0, "")
    names = out.decode().split("\n")[:-1]
    assert names == [*Config.of(fonts=[tmp_path]).font_names]
    assert {"inter", "our-brand"} <= set(names)


# missing


def gone(environ, start_response):
    """A site without one picture, below /sub as well, with a catch-all page elsewhere."""
    path = environ["PATH_INFO"]
    if path.startswith("/sub/"):
        environ = {**environ, "SCRIPT_NAME": "/sub", "PATH_INFO": path[4:]}
    if path.startswith("/spa"):
        return not_found(environ, lambda status, headers: start_response("200 OK", headers))
    return GONE(environ, start_response)


GONE = PlaceholderMiddleware(not_found, missing=True, missing_report=True, prefix="/ph")


@pytest.fixture(scope="module")
def running():
    for path in ("/media/caf\xc3\xa9.png", "/media/b c.jpg", "/media/#1.png", "/static/a.svg"):
        assert ask(GONE, environ_for(path)).code == 200
    with served(gone) as address:
        yield address


@pytest.mark.parametrize(
    "url",
    [
        "{}", "{}/", "{}/ph", "{}/ph/", "{}/ph/missing", "{}/ph/missing/?format=json#x", "{}/sub",
        "{}/sub/", "{}/sub/ph/missing",
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_missing_prints_what_a_site_misses(main, running, url, scheme):
    url = url.format(running.replace("http://", scheme))
    text = "media/#1.png\nmedia/b c.jpg\nmedia/café.png\nstatic/a.svg\n"
    assert main("missing", url, "--prefix", "ph") == (0, text.encode(), "")


@pytest.mark.parametrize(
    ("below", "names"),
    [
        ("/media/", "./#1.png\nb c.jpg\ncafé.png\n"),
        ("media/", "./#1.png\nb c.jpg\ncafé.png\n"),
        ("/static", "a.svg\n"),
        ("/", "media/#1.png\nmedia/b c.jpg\nmedia/café.png\nstatic/a.svg\n"),
        ("/elsewhere/", ""),
    ],
)
def test_missing_below_a_path(main, running, below, names):
    code, out, err = main("missing", f"{running}/ph", "--prefix", "/ph", "--below", below)
    assert (code, out.decode(), err) == (0, names, "")


def test_missing_is_utf_8_in_every_locale(running):
    environ = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = run("missing", running, "--prefix", "/ph", env=environ)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "media/café.png\n".encode() in done.stdout


def test_missing_prints_no_line_that_is_no_name(main):
    """Whatever the other side sends."""

    def hostile(environ, start_response):
        start_response("200 OK", [("X-Placeholder", "report"), ("Content-Type", "text/plain")])
        return [b"../../etc/passwd\n\x1b[2J.png\n/a.png\n\xff\n\n", b"b.png"]

    with served(hostile) as address:
        assert main("missing", address) == (0, b"a.png\nb.png\n", "")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("{}", "/placeholder/missing?format=text answers 404; missing and missing_report must be"),
        ("{}/spa", "/spa/placeholder/missing?format=text is no report of what is missing; is the"),
        ("http://127.0.0.1:1", "cannot read http://127.0.0.1:1/placeholder/missing?format=text: "),
        ("http://no-such-host.invalid", "cannot read http://no-such-host.invalid/placeholder/"),
        ("file:///etc/passwd", "file:///etc/passwd is no URL of a site; expected such as http://"),
        ("ftp://127.0.0.1/", "ftp://127.0.0.1/ is no URL of a site"),
        ("http://", "http:// is no URL of a site"),
        ("http://[::1", "http://[::1 is no URL of a site"),
        ("http://127.0.0.1:port/", "http://127.0.0.1:port/"),
        ("http://127.0.0.1/a b\n", "127.0.0.1/a b"),
        ("", " is no URL of a site"),
    ],
)
def test_why_there_is_no_list_is_one_clear_line(main, running, url, says):
    code, out, err = main("missing", url.format(running))
    assert (code, out) == (2, b"")
    assert err.startswith("wsgi-placeholder: ")
    assert says in err
    assert err.count("\n") == 1


def test_a_site_whose_report_is_off_is_told_so(main):
    with served(PlaceholderMiddleware(not_found, missing=True)) as address:
        code, out, err = main("missing", address)
    assert (code, out) == (2, b"")
    assert err.endswith(" answers 400; missing and missing_report must be on there\n")


def test_missing_does_not_wait_for_ever(main, monkeypatch):
    monkeypatch.setattr(cli.listings, "_PATIENCE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        code, out, err = main("missing", f"http://127.0.0.1:{port}")
    assert (code, out) == (2, b"")
    assert err.endswith(": timed out\n")


def test_missing_is_not_confused_by_what_is_no_http(main):
    def answer():
        connection, _ = server.accept()
        with connection:
            connection.recv(9999)
            connection.sendall(b"SSH-2.0-x\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        code, out, err = main("missing", f"http://127.0.0.1:{server.getsockname()[1]}")
        thread.join()
    assert (code, out) == (2, b"")
    assert "cannot read http://127.0.0.1:" in err
    assert err.count("\n") == 1


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], f"required: {{{','.join(COMMANDS)}}} (see wsgi-placeholder --help)"),
        (["serv"], "unknown command serv; did you mean serve?"),
        (["xyz"], "invalid choice: 'xyz'"),
        (["render", "600x400", "--text", "Hi"], "belongs into the URL, as in '600x400?text=...'"),
        (["render", "600x400", "-o", "a.png/"], "a.png/ is a folder; expected a file"),
        (["serve", "--prot", "1"], "unknown option --prot; did you mean --port?"),
        (["serve", "extra"], "unexpected argument extra"),
        (["serve", "--port", "65536"], "--port: '65536': expected a number from 0 to 65535"),
        (["serve", "--port", "http"], "--port: 'http': expected a number"),
        (["serve", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 8000: "),
        (["serve", "--max-pixels", "many"], "--max-pixels='many': expected a whole number"),
        (["serve", "--weight", "bolt"], "--weight='bolt': expected 100 ... 900 or one of"),
        (["serve", "--app", "no_such_module:app"], "--app no_such_module:app: No module named"),
        (["serve", "--app", "os:no_such_name"], "--app os:no_such_name: module 'os' has no"),
        (["serve", "--app", "os"], "--app os: expected MODULE:NAME"),
        (["serve", "--app", ":"], "--app :: "),
        (["render"], "required: URL"),
        (["render", "600y400", "-o", "x.png"], "expected like 400, 600x400"),
        (["render", "9999x9999", "-o", "x.png"], "are allowed for png"),
        (["render", "9?txt=a", "-o", "x.png"], "Did you mean text?"),
        (["render", "9", "-o", "/no/such/folder/x.png"], "cannot write /no/such/folder/x.png: No"),
        (["render", "9", "--font", "intre"], "did you mean inter?"),
        (["url"], "required: SIZE"),
        (["url", "600x400", "--align", "lft"], "Did you mean left?"),
        (["url", "600x400", "--align"], "--align: expected one argument (see wsgi-placeholder url"),
        (["url", "600x400", "--jjj"], "unknown option --jjj; see wsgi-placeholder url --help"),
        (["url", "600x400", "--background-colr=f"], "; did you mean --background-color?"),
        (["url", "600x400", "--foregroud", "f"], "--foregroud; did you mean --foreground?"),
        (["url", "600x400", "--scale", "two"], "scale is “two”; expected"),
        (["url", "600x400", "300"], "size is “600x400x300”; expected like 400, 600x400"),
        (["url", "600", "400", "300"], "unexpected argument 300"),
        (["url", "--grayscale", "600x400"], "--grayscale: '600x400': expected 1, 0 or nothing"),
        (["fonts", "--fonts", "/no/such.ttf"], "--fonts='/no/such.ttf': cannot read /no/such.ttf"),
    ],
)
def test_a_mistake_is_one_clear_line_and_status_2(main, arguments, says):
    code, out, err = main(*arguments)
    assert (code, out) == (2, b"")
    assert err.startswith("wsgi-placeholder: ")
    assert says in err
    assert err.count("\n") == 1
    assert err.endswith("\n")


def test_a_mistake_in_the_environment_is_one_clear_line(main, monkeypatch):
    monkeypatch.setenv("WSGI_PLACEHOLDER_COR", "1")
    code, out, err = main("formats")
    assert (code, out) == (2, b"")
    assert err == (
        "wsgi-placeholder: unknown environment variable WSGI_PLACEHOLDER_COR;"
        " did you mean WSGI_PLACEHOLDER_CORS?\n"
    )


def test_ctrl_c_is_no_traceback(main, monkeypatch):
    def interrupted(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "render", interrupted)
    assert main("render", "9", "-o", "x.png") == (130, b"", "")


@pytest.mark.parametrize("program", [SCRIPT, MODULE], ids=["script", "module"])
def test_version_and_help_are_those_of_the_command(program):
    done = run("--version", program=program)
    assert done.stdout.decode() == f"wsgi-placeholder {__version__}\n"
    assert run("--help", program=program).stdout.startswith(b"usage: wsgi-placeholder ")


def test_help_shows_every_option_with_its_default(main):
    _, out, _ = main("serve", "--help")
    text = " ".join(out.decode().split())
    for name, option in cli.OPTIONS.items():
        shown = option.repr  # others can read a command line
        assert (cli._flag(name) in text) is (option.metadata["help"] in text) is shown
    assert "(default: #dddddd)" in text
    assert "(default: /placeholder)" in text
    assert "in PATH (default: empty)" in text
    assert "none" not in re.findall(r"\(default: ([^)]*)\)", text)


def test_a_secret_is_no_flag_but_a_variable(main, monkeypatch):
    code, out, err = main("url", "600x400", "--secret", "s3cret")
    assert (code, out) == (2, b"")
    assert "set the variable WSGI_PLACEHOLDER_SECRET instead" in err
    assert "s3cret" not in err
    monkeypatch.setenv("WSGI_PLACEHOLDER_SECRET", "6hx0OTvQ5Ai4u8dDtFYx0Np9mPQ2cRtz")
    assert main("url", "600x400") == (0, b"/placeholder/600x400\n", "")
    monkeypatch.setenv("WSGI_PLACEHOLDER_REQUIRE_SIGNATURE", "true")
    for command, given in (("url", "600x400"), ("convert", "https://placehold.co/600x400")):
        code, out, _ = main(command, given)
        assert code == 0
        assert re.fullmatch(rb"/placeholder/s/[\w-]{22}/600x400.*\n", out)
        assert main("render", out.decode().strip())[0] == 0
        assert main("render", out.decode().strip()[:-1])[2].startswith("wsgi-placeholder: This URL")
    monkeypatch.setenv("WSGI_PLACEHOLDER_SECRET", "s3cret")
    code, out, err = main("url", "600x400")
    assert code == 2
    assert "WSGI_PLACEHOLDER_SECRET='…': only 6 bytes" in err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_fits_the_terminal(main, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = main(command, "--help")
    assert (code, err) == (0, "")
    assert max(map(len, out.decode().splitlines())) <= 80


def test_formats_has_the_flags_that_matter_for_it(main):
    _, out, _ = main("formats", "--help")
    assert set(re.findall(r"--[a-z-]+", out.decode())) == {
        "--help", "--max-pixels", "--max-memory", "--max-seconds"
    }  # fmt: skip
    assert main("formats", "--max-pixels", "5")[1] != main("formats")[1]
