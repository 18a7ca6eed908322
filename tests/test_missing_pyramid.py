"""Pyramid without media, its options in an ini file, as docs/missing-frameworks.md says."""

import os
import re
from pathlib import Path

import framed
import pytest
from serving import HOST, fetch, serve

DATA = Path(__file__).parent / "data" / "pyramid"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-frameworks.md").read_text("utf-8")
PYRAMID = PAGE.partition("\n## Pyramid\n")[2].partition("\n## ")[0]
SERVER = """
[server:main]
use = egg:waitress
listen = 127.0.0.1:%(http_port)s
threads = 8
"""
# [size of the file, size on the page] of each picture, by page.
SHOWN = {
    "/busters/": [[[300, 200], [300, 200]], [[120, 40], [120, 40]]],
    "/manifest/": [[[90, 60], [90, 60]]],
    "/traversal/": [[[80, 50], [80, 50]]],
    "/slash/": [[[70, 50], [70, 50]], [[44, 33], [44, 33]]],
    "/file/": [[[60, 40], [60, 40]]],
    "/avatars/": [[[128, 128], [128, 128]]],
    "/pyramid_storage/": [[[300, 200], [300, 200]]],
}
IMAGE = ["Sec-Fetch-Dest: image"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with the templates of the page, and no media."""
    [template] = re.findall(r"```mako\n(.*?)```", PYRAMID, re.DOTALL)
    (tmp_path / "pyramid_storage.html").write_text(template, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(DATA), prepend=os.pathsep)
    return framed.site(tmp_path, SHOWN, monkeypatch)


def pserve(site, *, ours):
    """Serve the page's ini file, or the part of it that is the site's own."""
    [ini] = re.findall(r"```ini\n(.*?)```", PYRAMID, re.DOTALL)
    if not ours:
        ini = ini.partition("filter-with")[0]
    (site / "site.ini").write_text(ini + SERVER, "utf-8")
    return serve("python -m pyramid.scripts.pserve site.ini http_port=8000", site)


def test_without_us_no_picture_is_shown(site):
    with pserve(site, ours=False) as port:
        found = framed.pictures(f"http://{HOST}:{port}/")
        assert fetch(port, "/file/cat.gif").status == 500
        assert fetch(port, "/cat.png").status == 307
    assert {path: len(pictures) for path, pictures in found.items()} == {
        path: len(pictures) for path, pictures in SHOWN.items()
    }
    assert {tuple(size) for pictures in found.values() for size, _ in pictures} == {(0, 0)}


def test_with_us_each_has_the_size_of_its_page(site, monkeypatch):
    framed.follow(site, PYRAMID, monkeypatch)
    with pserve(site, ours=True) as port:
        assert framed.pictures(f"http://{HOST}:{port}/") == SHOWN
        image = fetch(port, "/static/x.jpg", headers=IMAGE)
        person = fetch(port, "/static/x.jpg", headers=["Sec-Fetch-Dest: document"])
        assert fetch(port, "/slash").status == 307
    assert (image.status, image.header("Set-Cookie")) == (200, None)
    assert image.header("X-Placeholder").startswith("missing")
    assert (person.status, person.header("Set-Cookie")) == (404, "seen=404; Path=/")
    assert b"Nothing here" in person.body
    assert list((site / "media").iterdir()) == []


def test_a_redirect_leads_to_a_picture_but_not_to_the_size_that_the_page_says(site):
    with pserve(site, ours=True) as port:
        fetch(port, "/slash/")
        assert fetch(port, "/dog.png", headers=IMAGE).status == 307
        answer = fetch(port, "/dog.png/", headers=IMAGE)
    assert answer.header("X-Placeholder") == "missing; rule=default; size=600x400"
