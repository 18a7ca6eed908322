"""Every example starts as its first lines say, and the site in it is left as it was."""

import ast
import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from serving import assert_streams, fetch, serve

from wsgi_placeholder import render

EXAMPLES = Path(__file__).parents[1] / "examples"
OWN_TESTS = {"blog_post.py", "mailing_list.py"}
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
    ("example", "command"), [case for case in DISCOVERED if case[0] not in OWN_TESTS]
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


def test_mailing_list():
    with serve(only_command("mailing_list.py"), EXAMPLES) as port:
        upload = picture(fetch(port, "/upload.jpg"))
        assert (upload.format, upload.size, upload.mode) == ("JPEG", (640, 480), "RGB")
        thumbnail = picture(fetch(port, "/thumbnail.png"))
        assert (thumbnail.format, thumbnail.size, thumbnail.mode) == ("PNG", (160, 120), "L")
        # The tweaked picture is the upload, in grey.
        expected = upload.convert("L").resize((160, 120))
        assert abs(expected.getpixel((3, 3)) - thumbnail.getpixel((3, 3))) <= 2
        assert picture(fetch(port, "/nothing")).size == (160, 120)


def test_readme_table_is_complete():
    table = (EXAMPLES / "README.md").read_text()
    for example, command in DISCOVERED:
        assert f"`{example}" in table
        assert f"`{command}`" in table
