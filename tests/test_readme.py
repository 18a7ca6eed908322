"""What the README says is so."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from wsgi_placeholder import render, url_for
from wsgi_placeholder.config import OPTIONS, written

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(start, end):
    return README.partition(start)[2].partition(end)[0]


def options_table():
    rows = ["| option | default | |", "|:--|:--|:--|"]
    for name, option in OPTIONS.items():
        default = f"`{value}`" if (value := written(option.default)) else ""
        cells = (f"`{name}`", default, option.metadata["help"])
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def urls():
    return [
        url
        for row in section("## URLs", "## Options").splitlines()
        if row.startswith("| `/")
        for url in re.findall("`(/[^`]+)`", row.split(" | ")[0])
    ]


def test_the_table_of_options_is_the_one_in_the_code():
    table = section("tests/test_readme.py -->", "<!-- end of options -->").strip()
    assert table == options_table(), "put this into README.md:\n" + options_table()


@pytest.mark.parametrize("url", urls())
def test_every_url_shown_gives_a_picture(url):
    if "auto" not in url:
        path, _, query = url.partition("?")
        assert render(f"{path}?{quote(query, safe='=&')}").body


def test_the_python_shown_does_what_the_comments_say():
    body = render("600x400/teal.webp?text=Hero").body
    assert body[8:12] == b"WEBP"
    told = re.search(r"(url_for\(.*\)) +# (.*)", README)
    assert eval(told[1], {"url_for": url_for}) == eval(told[2])


def test_the_pictures_shown_are_what_their_script_draws(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    from make_pictures import PICTURES

    shown = set(re.findall(r"docs/pictures/(\w+)\.png", README))
    assert shown == set(PICTURES)
    for name, url in PICTURES.items():
        with Image.open(ROOT / f"docs/pictures/{name}.png") as picture:
            width, _, height = re.match(r"(\d+)(x?)(\d*)", url).groups()
            assert picture.size == (int(width), int(height or width))


def test_ci_runs_the_very_command_that_the_readme_gives():
    commands = re.findall(r"```sh\n(.*)\n```", README)
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci/run").read_text(encoding="utf-8")


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"]+)\"", README):
        path = target[0] or target[1]
        if not path.startswith("/"):
            assert (ROOT / path).exists(), path
