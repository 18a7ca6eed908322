"""Django's thumbnail libraries with a database and no media, as docs/missing-django.md says."""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import chromium
import pytest
from serving import HOST, serve

PROJECT = Path(__file__).parent / "data" / "django"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-django.md").read_text("utf-8")
# The sizes of the pictures that the page shows, of an original of 1200×900.
SHOWN = {
    "plain": [[1200, 900]],
    "easy": [[300, 225], [150, 150]],
    "sorl": [[300, 225]],
    "imagekit": [[200, 150]],
    "filer": [[300, 225]],
    "wagtail": [[300, 225], [120, 80]],
}
# With its database and without its files. imagekit remembers in a cache, and no size.
AGAIN = SHOWN | {"imagekit": [[600, 400]]}
HEADINGS = {
    "plain": "ImageField",
    "easy": "easy-thumbnails",
    "sorl": "sorl-thumbnail",
    "imagekit": "django-imagekit",
    "filer": "django-filer",
    "wagtail": "Wagtail",
}
ORIGINALS = {"photos/cat.jpg", "filer_public/ab/cat.jpg", "original_images/cat.jpg"}


def environment(site, names, *, recipes):
    """Write what the page shows into the folder of the site; return the environment to run it."""
    for name, heading in HEADINGS.items():
        section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        template = re.search(r"```django\n(.*?)```", section, re.DOTALL)[1]
        (site / f"{name}.html").write_text(template, "utf-8")
    settings = re.findall(r"```python\n(# settings\.py.*?)```", PAGE, re.DOTALL)
    (site / "recipes.py").write_text("\n".join(settings), "utf-8")
    added = {
        "SITE": str(site),
        "PICTURES": " ".join(names),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return added | ({"RECIPES": str(site / "recipes.py")} if recipes else {})


def run(site, names, *arguments, recipes=True):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=PROJECT,
        env=os.environ | environment(site, names, recipes=recipes),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SHOWN)
def test_library(name, tmp_path):
    said = json.loads(run(tmp_path, [name], "look.py"))
    for visit, expected in (("pages", SHOWN), ("again", AGAIN)):
        pictures = said[visit][name]
        assert [size for _, _, size, _ in pictures] == expected[name], visit
        for _, _, size, told in pictures:
            assert told in ([None, None], [str(side) for side in size])
    assert ORIGINALS.isdisjoint(said["files"])
    assert len(said["files"]) == (0 if name == "plain" else len(SHOWN[name]))
    if name == "filer":
        assert said["private"] == [40, 30]


def test_without_us_no_library_shows_a_picture(tmp_path):
    said = json.loads(run(tmp_path, SHOWN, "look.py", recipes=False))
    assert [size for page in said["pages"].values() for _, _, size, _ in page] == [None] * 5
    assert said["pages"]["wagtail"][0][0] == "/media/not-found"
    assert said["files"] == []


def test_the_middleware_answers_wagtails_not_found(tmp_path):
    """Without the storage, at the cost of its size, 0×0."""
    run(tmp_path, ["wagtail"], "-c", "pass")
    recipes = tmp_path / "recipes.py"
    only = recipes.read_text("utf-8").partition("STORAGES")[0]
    program = f"import pathlib; pathlib.Path({str(recipes)!r}).write_text({only!r}); import look"
    [[source, rule, size, told], _] = json.loads(run(tmp_path, ["wagtail"], "-c", program))[
        "pages"
    ]["wagtail"]
    assert (source, told) == ("/media/not-found", ["0", "0"])
    assert (rule, size) == ("missing; rule=default; size=600x400", [600, 400])


@pytest.mark.parametrize("recipes", [True, False], ids=["with us", "without"])
def test_in_a_browser(recipes, tmp_path, monkeypatch):
    run(tmp_path, SHOWN, "look.py", "fill", recipes=recipes)
    for name, value in environment(tmp_path, SHOWN, recipes=recipes).items():
        monkeypatch.setenv(name, value)
    command = "gunicorn --no-control-socket --threads 8 --bind 127.0.0.1:8000 wsgi:application"
    with serve(command, PROJECT) as port:
        document = chromium.dom(f"http://{HOST}:{port}/")
    text = document.partition('<pre id="found">')[2].partition("</pre>")[0]
    found = json.loads(html.unescape(text))
    if recipes:
        assert found == {name: [[size, size] for size in SHOWN[name]] for name in SHOWN}
    else:
        # Three pages fail or show no picture at all; five pictures are broken.
        assert {name: len(pictures) for name, pictures in found.items()} == {
            "plain": 0, "easy": 2, "sorl": 0, "imagekit": 0, "filer": 1, "wagtail": 2,
        }  # fmt: skip
        assert {tuple(size) for page in found.values() for size, _ in page} == {(0, 0)}
