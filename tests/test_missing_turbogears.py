"""TurboGears, and libraries of any framework, as docs/missing-frameworks.md says."""

from pathlib import Path

import framed
import pytest
from serving import HOST, fetch, serve

DATA = Path(__file__).parent / "data" / "turbogears"
PAGE = (Path(__file__).parents[1] / "docs" / "missing-frameworks.md").read_text("utf-8")
TURBOGEARS = PAGE.partition("\n## TurboGears 2\n")[2]  # and any framework
COMMAND = "waitress-serve --listen=127.0.0.1:8000 --threads=8 shop:app"
# [size of the file, size on the page] of each picture, by page.
SHOWN = {
    "/plain": [[[300, 200], [300, 200]]],
    "/filedepot": [[[600, 400], [600, 400]], [[128, 96], [128, 96]]],
    "/attached": [[[1200, 900], [1200, 900]]],
    "/thumbnail": [[[210, 140], [210, 140]]],
}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder without media."""
    return framed.site(tmp_path, SHOWN, monkeypatch)


def test_without_us_no_picture_is_shown(site):
    with serve(COMMAND, DATA) as port:
        found = framed.pictures(f"http://{HOST}:{port}/")
        assert fetch(port, "/thumbnail").status == 500
        assert fetch(port, "/opened").status == 500
    assert {path: len(pictures) for path, pictures in found.items()} == {
        "/plain": 1, "/filedepot": 2, "/attached": 1, "/thumbnail": 0,
    }  # fmt: skip
    assert {size[0] for pictures in found.values() for size, _ in pictures} == {0}


def test_with_us_each_has_the_size_of_its_page(site, monkeypatch):
    framed.follow(site, TURBOGEARS, monkeypatch)
    with serve(COMMAND, DATA) as port:
        assert framed.pictures(f"http://{HOST}:{port}/") == SHOWN
        assert fetch(port, "/opened").status == 500  # no recipe for that
        image = fetch(port, "/img/x.jpg", headers=["Sec-Fetch-Dest: image"])
        person = fetch(port, "/img/x.jpg", headers=["Sec-Fetch-Dest: document"])
    assert image.header("X-Placeholder").startswith("missing")
    assert (person.status, b"Nothing here" in person.body) == (404, True)
    [written] = [path for path in (site / "media").rglob("*") if path.is_file()]
    assert written.name.startswith("thumbnail-")
