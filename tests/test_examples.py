"""Every example starts as its first lines say, and the site in it is left as it was."""

import ast
import contextlib
import os
import re
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader
from serving import Connection, assert_streams, fetch, serve

from wsgi_placeholder import render

EXAMPLES = Path(__file__).parents[1] / "examples"
OWN_TESTS = {"blog_post.py", "contact.py"}
# They send files of their own; wsgi_placeholder.memory.
IN_MEMORY = {"export_csv.py", "mailing_list.py", "plot.py", "report_pdf.py"}
# The plug-in is a package; it is installed and tested in a file of its own.
NO_SERVERS = {"plugin", "README.md", "__pycache__"}


def commands_in(path):
    return re.findall(r"^(?:# )?\$ (.*\b8000\b.*)$", path.read_text(), re.MULTILINE)


def discovered():
    """(example, command) for each command, and each example must have one."""
    found = []
    for example in sorted(EXAMPLES.iterdir()):
        if example.name in NO_SERVERS:
            continue
        files = list(example.rglob("*.py")) if example.is_dir() else [example]
        commands = [command for path in files for command in commands_in(path)]
        found += [(example.name, command) for command in commands or [None]]
    return found


DISCOVERED = discovered()


def page_of(example):
    """The page as the source says it: what the site answers without us."""
    sources = list(EXAMPLES.glob(f"{example}/**/*.py")) or [EXAMPLES / example]
    named = re.findall(r"\b(\w+_app)\b", "".join(path.read_text() for path in sources))
    for source in [*sources, *(EXAMPLES / f"{module}.py" for module in named)]:
        if page := re.search(r"^PAGE = (.*)$", source.read_text(), re.MULTILINE):
            return ast.literal_eval(page[1])
    raise AssertionError(f"{example} has no PAGE")


def picture(answer):
    assert answer.status == 200, answer.body
    image = Image.open(BytesIO(answer.body))
    image.load()
    assert answer.header("Content-Type") == Image.MIME[image.format]
    return image


@pytest.mark.parametrize(
    ("example", "command"), [case for case in DISCOVERED if case[0] not in OWN_TESTS | IN_MEMORY]
)
def test_site(example, command):
    assert command, f"{example} does not say how to start it"
    page = page_of(example)
    with serve(command, EXAMPLES) as port:
        answer = fetch(port, "/")
        assert (answer.status, answer.body.decode()) == (200, page)
        assert answer.header("ETag") is None
        assert answer.header("Content-Security-Policy") is None

        [source] = re.findall('src="(.*?)"', page)
        answer = fetch(port, source)
        assert picture(answer).size == (600, 400)
        assert int(answer.header("Content-Length")) == len(answer.body)
        assert fetch(port, source, "HEAD").header("Content-Length") == str(len(answer.body))
        again = fetch(port, source, headers=[f"If-None-Match: {answer.header('ETag')}"])
        assert (again.status, again.body) == (304, b"")
        assert fetch(port, "/placeholder/600x400", "POST").status == 405
        wrong = fetch(port, "/placeholder/600y400")
        assert (wrong.status, wrong.header("Cache-Control")) == (400, "no-store")
        assert fetch(port, "/not-there").status == 404

        assert_streams(port, "/stream")


def only_command(example):
    [command] = [command for name, command in DISCOVERED if name == example]
    return command


def test_blog_post():
    with serve(only_command("blog_post.py"), EXAMPLES) as port:
        answer = fetch(port, "/200x300")
        assert picture(answer).size == (200, 300)
        assert answer.body == render("200x300?text=200x300").body
        assert answer.body != render("200x300?text=another").body
        assert picture(fetch(port, "/300x50")).size == (300, 50)
        wrong = fetch(port, "/200y300")
        assert wrong.status == 400
        assert b"600x400" in wrong.body


def test_contact():
    with serve(only_command("contact.py"), EXAMPLES) as port:
        page = fetch(port, "/").body.decode()
        assert "anna" not in page
        assert "44 123" not in page
        urls = re.findall(r"/placeholder/t/[\w-]+\.png", page)
        assert len(urls) == 8
        assert len({picture(fetch(port, url)).size for url in urls}) == 6


def sent_from_memory(port, target):
    """Fetch a file; HEAD, If-None-Match and Range must agree with it."""
    answer = fetch(port, target)
    assert answer.status == 200
    assert answer.header("Content-Length") == str(len(answer.body))
    assert answer.header("X-Content-Type-Options") == "nosniff"
    head = fetch(port, target, "HEAD")
    assert head.header("Content-Length") == str(len(answer.body))
    etag = answer.header("ETag")
    assert fetch(port, target, headers=[f"If-None-Match: {etag}"]).status == 304
    part = fetch(port, target, headers=["Range: bytes=-9", f"If-Range: {etag}"])
    assert (part.status, part.body) == (206, answer.body[-9:])
    return answer


def test_mailing_list():
    with serve(only_command("mailing_list.py"), EXAMPLES) as port:
        original = picture(sent_from_memory(port, "/original/portrait"))
        assert (original.format, original.size) == ("JPEG", (640, 480))
        answer = sent_from_memory(port, "/small/portrait")
        small = picture(answer)
        assert (small.format, small.size) == ("JPEG", (160, 120))
        assert answer.header("Content-Disposition") == 'inline; filename="portrait.jpg"'
        # The small one is the original, but for what is written on it.
        difference = ImageChops.difference(original.resize((160, 120)), small)
        assert max(ImageStat.Stat(difference.crop((0, 0, 160, 100))).mean) < 5
        assert max(ImageStat.Stat(difference.crop((80, 100, 160, 120))).mean) > 15
        assert fetch(port, "/original/nobody").status == 404
        nobody = picture(sent_from_memory(port, "/small/nobody"))
        assert (nobody.format, nobody.size) == ("PNG", (160, 120))


def test_report_pdf():
    with serve(only_command("report_pdf.py"), EXAMPLES) as port:
        for target, text in (("/invoices/7.pdf", "Invoice 7"), ("/labels/Box.pdf", "Box")):
            answer = sent_from_memory(port, target)
            assert answer.header("Content-Type") == "application/pdf"
            [page] = PdfReader(BytesIO(answer.body)).pages
            assert text in page.extract_text()
        name = fetch(port, "/invoices/7.pdf").header("Content-Disposition")
        assert name.startswith('attachment; filename="Invoice No 7.pdf"; filename*=UTF-8')


def test_plot():
    with serve(only_command("plot.py"), EXAMPLES) as port:
        answer = sent_from_memory(port, "/wave.png")
        assert picture(answer).size == (600, 300)
        assert answer.header("Cache-Control") == "public, max-age=3600"
        answer = fetch(port, "/wave.svg")
        assert answer.header("Content-Type") == "image/svg+xml"
        assert b"<svg" in answer.body


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the memory of the server")
def test_export_csv_in_flat_memory():
    with serve(only_command("export_csv.py"), EXAMPLES) as port:
        assert fetch(port, "/visits-9.csv").body.startswith(
            b"\xef\xbb\xbfid,name,paid,remark\r\n1,Visitor 1,0.25,'=1+1\r\n"
        )
        fetch(port, "/visits-9999.csv")
        server = listener(port)
        before = kilobytes(server, "VmRSS")
        (server / "clear_refs").write_text("5")  # the peak begins anew
        with Connection(port) as connection:
            connection.send("/visits-1000000.csv", headers=["Connection: close"])
            answer = connection.head()
            lines = 0
            for piece in connection.chunks(answer):
                lines += piece.count(b"\n")
        assert lines == 1_000_001
        assert answer.header("Content-Length") is None
        assert kilobytes(server, "VmHWM") - before < 10_000


def listener(port):
    """The folder in /proc of our child that was started with this port."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and str(port) in (process / "cmdline").read_text():
                return process
    raise AssertionError(f"no child of ours serves port {port}")


def kilobytes(process, field):
    [value] = re.findall(rf"^{field}:\s+(\d+)", (process / "status").read_text(), re.MULTILINE)
    return int(value)


def test_readme_table_is_complete():
    table = (EXAMPLES / "README.md").read_text()
    for example, command in DISCOVERED:
        assert f"`{example}" in table
        assert f"`{command}`" in table
