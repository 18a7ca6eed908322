"""Flask and its libraries without media, as docs/missing-frameworks.md says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import framed
import pytest
from serving import HOST, fetch, serve

DATA = Path(__file__).parent / "data" / "flask"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-frameworks.md").read_text("utf-8")
FLASK = PAGE.partition("\n## Flask\n")[2].partition("\n## ")[0]
COMMAND = "gunicorn --no-control-socket --threads 8 --bind 127.0.0.1:8000 shop:app"
# [size of the file, size on the page] of each picture, by page.
SHOWN = {
    "/plain": [
        [[300, 200], [300, 200]],
        [[120, 40], [120, 40]],
        [[90, 60], [90, 60]],
        [[400, 100], [400, 100]],
    ],
    "/sent": [[[150, 100], [150, 100]]],
    "/app": [[[70, 50], [70, 50]]],
    "/admin/products/": [[[100, 80], [100, 80]]],
    "/Flask-Reuploaded": [[[300, 200], [300, 200]]],
    "/flask-thumbnails": [[[300, 200], [300, 200]]],
    "/Flask-Resize": [[[300, 200], [300, 200]]],
}
# Of these pages nothing comes at all.
FAILING = {"/flask-thumbnails", "/Flask-Resize"}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder with the templates of the page, and no media."""
    for name, section in re.findall(r"\n### (.*?)\n(.*?)(?=\n### |\Z)", FLASK, re.DOTALL):
        for template in re.findall(r"```jinja\n(.*?)```", section, re.DOTALL):
            (tmp_path / f"{name}.html").write_text(template, "utf-8")
    return framed.site(tmp_path, SHOWN, monkeypatch)


def test_without_us_no_picture_is_shown(site):
    with serve(COMMAND, DATA) as port:
        found = framed.pictures(f"http://{HOST}:{port}/")
        assert fetch(port, "/sent/cat.gif").status == 500
        assert fetch(port, "/app/img/cat.png").status == 200
        assert {path for path in SHOWN if fetch(port, path).status == 500} == FAILING
    assert {path: len(pictures) for path, pictures in found.items()} == {
        path: 0 if path in FAILING else len(pictures) for path, pictures in SHOWN.items()
    }
    assert {tuple(size) for pictures in found.values() for size, _ in pictures} == {(0, 0)}


def test_with_us_each_has_the_size_of_its_page(site, monkeypatch):
    framed.follow(site, FLASK, monkeypatch)
    with serve(COMMAND, DATA) as port:
        assert framed.pictures(f"http://{HOST}:{port}/") == SHOWN
        image = fetch(port, "/media/x.jpg", headers=["Sec-Fetch-Dest: image"])
        person = fetch(port, "/media/x.jpg", headers=["Sec-Fetch-Dest: document"])
        assert fetch(port, "/app/any/page").body.startswith(b"<!doctype html>")
    assert (image.status, image.header("Set-Cookie")) == (200, None)
    assert image.header("X-Placeholder").startswith("missing")
    assert (person.status, person.header("Set-Cookie")) == (404, "seen=404; Path=/")
    assert b"Nothing here" in person.body
    written = [path.relative_to(site).as_posix() for path in (site / "media").rglob("*.*")]
    assert "media/photos/cat.jpg" not in written
    assert len(written) == len(FAILING)


@pytest.mark.parametrize("module", ["flask_thumbnails", "flask_resize"])
def test_what_is_no_picture_is_still_missing(module, site, monkeypatch):
    framed.follow(site, FLASK, monkeypatch)
    program = {
        "flask_thumbnails": "app.thumbnail_instance.get_thumbnail('a.txt', '30x20')",
        "flask_resize": "app.resize.storage_backend.get('a.txt')",
    }[module]
    done = subprocess.run(
        [sys.executable, "-c", f"from shop import app; {program}"],
        cwd=DATA, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "FileNotFoundError" in done.stderr
