"""docs/how-a-request-travels.md says what is so."""

import functools
import importlib
import re
from pathlib import Path

import pytest

import wsgi_placeholder
from wsgi_placeholder import Config, dialects
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


def test_the_walk_happens_as_told(get):
    method, url = re.search(r"`(GET) (/\S+)`", PAGE).groups()
    answer = get(url, method)
    assert answer.code == 200
    assert answer["Content-Type"] == "image/webp"
    assert get(url, method) == answer
    assert get(url, method, if_none_match=answer["ETag"]).code == 304

    path, _, query = url.removeprefix("/placeholder").partition("?")
    assert f"path `{path}`" in PAGE
    assert f"`{query}`" in PAGE
    spec = dialects.parse(path, [tuple(query.split("="))], Config(system_fonts=False))
    assert spec.background == parse_color("tomato")
    assert (spec.text, spec.style, spec.format) == ("Hello", "flat", "webp")
    assert "{}×{}".format(*spec.pixels) in PAGE
