"""`wsgi-placeholder missing` with real servers, real rsync, and sites that mean no good.

The command itself, as all others: tests/test_cli.py.
"""

import itertools
import re
import socket
import subprocess
import threading
import urllib.parse
import urllib.request
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from programs import installed
from serving import HOST, serve
from threaded import served

from wsgi_placeholder import Config, PlaceholderMiddleware, listings
from wsgi_placeholder.middleware import not_found

SITE = """
from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.middleware import not_found
app = PlaceholderMiddleware(not_found, missing=True, missing_report=True, missing_types="pdf")
"""
# As they stand on a disk; each can be asked for by a URL.
NAMES = [
    "a b.jpg", "é.png", "sub/ deep/ x .png", "-dash.jpg", "写真.webp", "back\\slash.png",
    "star*.png", "[x].png", "q?.png", "report.pdf", "#hash.png",
    ";semi.png", "%41.png", "قطة.png", "na\"q'.jpg",
]  # fmt: skip


def missing(capfdbinary, url, below="/"):
    """Run the command: what it prints, and what it says beside that."""
    listings.missing(Namespace(url=url, below=below, config=Config()))
    out, err = capfdbinary.readouterr()
    return out.decode(), err.decode()


def ask_for(port, names):
    """Ask for all at once, so that no process is left idle."""

    def ask_for_one(name):
        url = f"http://{HOST}:{port}/{urllib.parse.quote(name)}?v=1"
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert answer.headers["X-Placeholder"].startswith("missing"), name

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask_for_one, names))


@pytest.fixture
def site(tmp_path):
    (tmp_path / "shop.py").write_text(SITE, "utf-8")
    return tmp_path


def test_rsync_copies_what_the_list_names(site, capfdbinary):
    rsync = installed("rsync")
    production, media = site / "production", site / "media"
    for name in [*NAMES, "unwanted.jpg"]:
        (production / name).parent.mkdir(parents=True, exist_ok=True)
        (production / name).write_text(name, "utf-8")
    media.mkdir()
    command = "gunicorn --no-control-socket --bind 127.0.0.1:8000 shop:app"
    with serve(command, site) as port:
        ask_for(port, [f"media/{name}" for name in [*NAMES, "nowhere.jpg"]])
        ask_for(port, ["media-old/other.jpg"])
        text, said = missing(capfdbinary, f"{HOST}:{port}", "/media")
    assert said == ""
    page = (Path(__file__).parents[1] / "docs" / "missing.md").read_text("utf-8")
    [options] = re.findall(r"\n    rsync (.*) www\.example\.com:", page)
    done = subprocess.run(
        [rsync, *options.split(), f"{production}/", f"{media}/"],
        input=text.encode(), capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    found = {path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file()}
    assert found == set(NAMES)


def test_the_lists_of_all_processes_are_joined(site, capfdbinary):
    (site / "slow.py").write_text(
        SITE + "import time\ninner = app\n"
        "def app(environ, start_response):\n    time.sleep(0.01)\n"
        "    return inner(environ, start_response)\n",
        "utf-8",
    )
    names = [f"media/{number}.jpg" for number in range(40)]
    command = "gunicorn --no-control-socket --preload --workers 3 --bind 127.0.0.1:8000 slow:app"
    with serve(command, site) as port:
        report = f"http://{HOST}:{port}/placeholder/missing"
        ask_for(port, names)
        with urllib.request.urlopen(report, timeout=30) as answer:
            process = re.fullmatch(r"report; process=(\d+)", answer.headers["X-Placeholder"])[1]
            assert (
                f"by process {process}. Each process of the server counts" in answer.read().decode()
            )
        text, said = missing(capfdbinary, f"{HOST}:{port}")
    assert text.split("\n")[:-1] == sorted(names)
    assert re.fullmatch(r"processes of this site that have answered: [23]\n", said)


def test_asking_for_processes_has_an_end(capfdbinary, monkeypatch):
    monkeypatch.setattr(listings, "_MOST_PROCESSES", 20)
    numbers = itertools.count(1)

    def endless(environ, start_response):
        number = next(numbers)
        start_response("200 OK", [("X-Placeholder", f"report; process={number}")])
        return [f"{number}.png\n".encode()]

    with served(endless) as address:
        text, said = missing(capfdbinary, address)
    assert 20 <= text.count("\n") == int(said.split()[-1]) < 30


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"\x1b[2J\x1b]0;owned\x07 garbage\r\n\r\n", "\ufffd[2J\ufffd]0;owned\ufffd garbage"),
        (b"HTTP/1.1 500 \x1b[31mred\r\n\r\n", " answers 500;"),
        (
            b"HTTP/1.1 200 OK\r\nX-Placeholder: report\r\nContent-Length: 99\r\n\r\na.png\nb.",
            "IncompleteRead(8 bytes read, 91 more expected)",
        ),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", " answers 302;"),
    ],
    ids=["no HTTP", "reason", "cut off", "redirect"],
)
def test_a_mean_site_is_one_harmless_line(answer, says):
    def reply():
        connection, _ = server.accept()
        with connection:
            connection.recv(9999)
            connection.sendall(answer)

    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=reply)
        thread.start()
        with pytest.raises(listings.CannotList, match=re.escape(says)) as raised:
            listings._lists(f"http://{HOST}:{server.getsockname()[1]}/placeholder/missing")
        thread.join()
    assert str(raised.value).isprintable()


def test_below_means_a_folder(capfdbinary):
    app = PlaceholderMiddleware(not_found, missing=True, missing_report=True)
    for path in ("/media/a.png", "/media-old/b.png", "/media.png"):
        app.report.note(path, "name", 3, 2)
    with served(app) as address:
        for below in ("media", "/media", "/media/", "//media//"):
            assert missing(capfdbinary, address, below) == ("a.png\n", ""), below
