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
import urllib.error
import urllib.request

import pytest
from asking import ask, checked, environ_for
from PIL import Image

from wsgi_placeholder import PlaceholderMiddleware, Spec, __version__, cli, formats, server
from wsgi_placeholder.formats import avif
from wsgi_placeholder.middleware import not_found

SCRIPT = [os.path.join(sysconfig.get_path("scripts"), "wsgi-placeholder")]
MODULE = [sys.executable, "-m", "wsgi_placeholder"]
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
    server.run(not_found, host, 0, "")
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


@pytest.fixture(scope="module", params=["/placeholder", "", "/a/b"])
def pictures(request):
    return PlaceholderMiddleware(not_found, prefix=request.param)


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
        ("a.jpg", [], "JPEG"),
        ("a.WEBP", [], "WEBP"),
        ("a.data", [], "PNG"),
        ("a", [], "PNG"),
        ("a.gif", ["--format", "jpeg"], "JPEG"),
    ],
)
def test_the_name_of_the_file_decides_where_nothing_else_does(
    main, tmp_path, name, arguments, format
):
    path = tmp_path / name
    assert main("render", "60x40", "-o", str(path), *arguments)[0] == 0
    assert opened(path.read_bytes()).format == format
    assert main("render", "60x40.png", "-o", str(path), *arguments)[0] == 0
    assert opened(path.read_bytes()).format == "PNG"


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
    """A new field of a picture gets its flag by itself, and the dialect must know its name."""
    _, out, _ = main("url", "--help")
    flags = set(re.findall(r"--([a-z_-]+)", out.decode())) - {"help", "prefix"}
    assert flags == set(Spec.__dataclass_fields__) - {"width", "height", "border_color"}
    for flag in flags:
        _, _, err = main("url", "60x40", f"--{flag}", "?")
        assert "is no parameter" not in err


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


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: {serve,render,url,formats}"),
        (["serv"], "invalid choice: 'serv'"),
        (["serve", "--prot", "1"], "unknown option --prot; did you mean --port?"),
        (["serve", "extra"], "unexpected argument extra"),
        (["serve", "--port", "65536"], "--port: '65536': expected a number from 0 to 65535"),
        (["serve", "--port", "http"], "--port: 'http': expected a number"),
        (["serve", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 8000: "),
        (["serve", "--max-pixels", "many"], "max_pixels='many': expected a whole number"),
        (["serve", "--app", "no_such_module:app"], "--app no_such_module:app: No module named"),
        (["serve", "--app", "os:no_such_name"], "--app os:no_such_name: module 'os' has no"),
        (["serve", "--app", "os"], "--app os: expected MODULE:NAME"),
        (["serve", "--app", ":"], "--app :: "),
        (["render"], "required: URL"),
        (["render", "600y400", "-o", "x.png"], "expected like 400, 600x400"),
        (["render", "9999x9999", "-o", "x.png"], "at most 25.0 are allowed for png"),
        (["render", "9?txt=a", "-o", "x.png"], "Did you mean text?"),
        (["render", "9", "-o", "/no/such/folder/x.png"], "cannot write /no/such/folder/x.png: No"),
        (["render", "9", "--font", "intre"], "did you mean inter?"),
        (["url"], "required: SIZE"),
        (["url", "600x400", "--align", "lft"], "Did you mean left?"),
        (["url", "600x400", "--cors"], "unknown option --cors; "),
        (["formats", "--fonts", "/no/such.ttf"], "/no/such.ttf"),
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
        assert cli._flag(name) in text
        assert option.metadata["help"] in text
    assert "(#dddddd)" in text
    assert "(/placeholder)" in text
