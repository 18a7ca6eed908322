"""docs/how-a-request-travels.md says what is so."""

import functools
import importlib
import re
from pathlib import Path

import pytest

import wsgi_placeholder
from wsgi_placeholder import Config, PlaceholderMiddleware, dialects
from wsgi_placeholder.drawing.color import parse_color

PACKAGE = Path(wsgi_placeholder.__file__).parent
ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "how-a-request-travels.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w./]+(?:\.py|/)(?::[\w.]+)?)`", PAGE)))


def test_it_names_places():
    assert len(NAMED) > 40


@pytest.mark.parametrize("place", NAMED)
def test_what_it_names_exists(place):
    file, _, name = place.partition(":")
    path = PACKAGE / file if (PACKAGE / file).exists() else ROOT / file
    assert path.is_dir() if file.endswith("/") else path.is_file()
    if name:
        module = f"wsgi_placeholder.{file.removesuffix('.py').replace('/', '.')}"
        module = importlib.import_module(module.removesuffix(".__init__"))
        functools.reduce(getattr, name.split("."), module)


def test_it_names_every_room():
    """A newcomer who looks for a file finds its room on the page."""
    rooms = {
        path.name + "/" * path.is_dir()
        for path in PACKAGE.iterdir()
        if not path.name.startswith(("_", "."))
    }
    alone = {"py.typed", "version.py"}
    for room in rooms - alone:
        assert re.search(rf"`{re.escape(room)}", PAGE), room


def test_every_step_of_the_walk_leads_to_the_next():
    steps = [int(number) for number in re.findall(r"^(\d+)\. \*\*", PAGE, re.MULTILINE)]
    assert steps == list(range(1, 10))


def test_the_walk_happens_as_told():
    method, path, query = re.search(r"`(GET) (/\S+)\?(\S+)`", PAGE).groups()
    middleware = PlaceholderMiddleware(lambda environ, start_response: [], system_fonts=False)
    answers = []

    def ask(**environ):
        environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        said = []
        body = middleware(environ, lambda status, headers: said.append((status, dict(headers))))
        answers.append((*said[0], b"".join(body)))
        return answers[-1]

    status, headers, body = ask()
    assert status == "200 OK"
    assert headers["Content-Type"] == "image/webp"
    assert ask() == (status, headers, body)
    assert ask(HTTP_IF_NONE_MATCH=headers["ETag"])[0] == "304 Not Modified"

    rest = path.removeprefix("/placeholder")
    assert f"path `{rest}`" in PAGE
    spec = dialects.parse(rest, [tuple(query.split("="))], Config(system_fonts=False))
    assert spec.background == parse_color("tomato")
    assert (spec.text, spec.style, spec.format) == ("Hello", "flat", "webp")
    assert "{}×{}".format(*spec.pixels) in PAGE
