"""The picture of a text beside the text itself, in the same font, in a browser."""

import html
import json
import secrets

import chromium
import pytest
from PIL import Image, ImageChops
from serving import HOST, serve

SITE = f"""
import fontpkg

from wsgi_placeholder.text_images import TextImages

texts = TextImages({secrets.token_urlsafe(32)!r})
path = next(f.path for f in fontpkg.families()["inter"].files if f.style == "normal")
PAGE = \"\"\"<!DOCTYPE html><meta charset="utf-8"><style>
@font-face {{ font-family: Site; src: url(/font.ttf); font-weight: 100 900 }}
/* What frameworks do to pictures. */
img {{ display: block; max-width: 20px; height: auto; vertical-align: middle; margin: 9px;
  padding: 5px; border: 3px solid red }}
body {{ margin: 0; text-rendering: geometricPrecision }}
p {{ position: absolute; left: 10px; width: 600px; margin: 0 }}
i {{ display: inline-block; width: 0; height: 0 }}
</style>
BODY
<pre id="found" hidden></pre>
<script>
addEventListener("load", async () => {{
  await document.fonts.ready
  const box = element => {{
    const r = element.getBoundingClientRect()
    return [r.left, r.top, r.right, r.bottom]
  }}
  const all = name => [...document.querySelectorAll(name)].map(box)
  const pictures = [...document.images]
  found.textContent = JSON.stringify({{
    fonts: [...document.fonts].map(f => f.family + " " + f.status),
    natural: pictures.map(p => [p.naturalWidth, p.naturalHeight]),
    margins: pictures.map(p => parseFloat(getComputedStyle(p).marginBottom)),
    live: all(".live"), pictures: all("img"), baselines: all(".shown i"),
    lines: all("p.real"), shown: all("p.shown"),
  }})
}})
</script>\"\"\"
LOOKS = [
    # font of the page, size, line-height, weight, colour
    ("Site", 16, "normal", 400, "#333333"),
    ("Site", 13, "1.5", 400, "#333333"),
    ("Site", 14, "1.2", 700, "#8c1d18"),
    ("Site", 24, "normal", 600, "#00205b"),
    ("Site", 18, "1", 400, "#000000"),
    ("Liberation Sans", 16, "normal", 400, "#333333"),
    ("DejaVu Serif", 15, "1", 400, "#333333"),
    ("monospace", 12, "normal", 400, "#333333"),
]
TEXT = "me@example.com"


def page():
    lines = []
    for n, (family, size, height, weight, color) in enumerate(LOOKS):
        picture = texts.img(TEXT, size, color, weight=weight)
        for at, name, it in (
            (n * 100 + 10, "real", f'<span class="live">{{TEXT}}</span><i></i>'),
            (n * 100 + 60, "shown", f"{{picture}}<i></i>"),
        ):
            style = f"top:{{at}}px;font:{{weight}} {{size}}px/{{height}} {{family}};color:{{color}}"
            lines.append(f'<p class="{{name}}" style="{{style}}">{{it}} | Hxg</p>')
    return PAGE.replace("BODY", "".join(lines)).encode()


def site(environ, start_response):
    if environ["PATH_INFO"] == "/font.ttf":
        start_response("200 OK", [("Content-Type", "font/ttf")])
        return [path.read_bytes()]
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [page()]


app = texts.wrap(site)
"""
LOOKS = 8
IN_THE_SAME_FONT = 5  # the first of them
PATIENT = "--virtual-time-budget=10000"  # until the font is here


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "site_of_secrets.py").write_text(SITE)
    with serve("waitress-serve --listen=127.0.0.1:8000 site_of_secrets:app", folder) as port:
        yield f"http://{HOST}:{port}/"


@pytest.fixture(scope="module")
def found(address):
    """Boxes (left, top, right, bottom in CSS pixels) as the browser laid the page out."""
    text = (
        chromium.dom(address, PATIENT).partition("<pre")[2].partition("</pre>")[0].partition(">")[2]
    )
    found = json.loads(html.unescape(text))
    assert found["fonts"] == ["Site loaded"]
    return found


def height(box):
    return box[3] - box[1]


def width(box):
    return box[2] - box[0]


def test_the_pictures_stand_on_the_baseline_and_no_line_gets_higher(found):
    assert len(found["pictures"]) == LOOKS
    for n in range(LOOKS):
        picture, baseline = found["pictures"][n], found["baselines"][n][3]
        assert picture[3] + found["margins"][n] == baseline
        assert found["natural"][n] == [width(picture), height(picture)]
        assert height(found["shown"][n]) == height(found["lines"][n])


def test_they_are_as_wide_as_the_text(found):
    for n in range(IN_THE_SAME_FONT):
        assert width(found["pictures"][n]) == pytest.approx(width(found["live"][n]), rel=0.02)


@pytest.mark.parametrize("scale", [1, 2])
def test_they_look_like_the_text(scale, address, found, tmp_path):
    """What is inked, on the screen, of the text and of its picture: the same within a pixel."""
    path = tmp_path / "page.png"
    size = "--force-device-scale-factor=" + str(scale), "--window-size=640,820"
    chromium._run(f"--screenshot={path}", *size, "--hide-scrollbars", PATIENT, address)
    page = Image.open(path).convert("L")
    for n in range(IN_THE_SAME_FONT):
        live, shown = (
            inked(page, scale, row, round(width(found["pictures"][n])))
            for row in (n * 100 + 10, n * 100 + 60)
        )
        assert max(abs(a - b) for a, b in zip(live[0], shown[0], strict=True)) <= 1, n
        assert shown[1] == pytest.approx(live[1], rel=0.05), n


def inked(page, scale, top, width):
    """The box of what is inked in a line whose top is there, and how much ink there is."""
    box = (8 * scale, (top - 8) * scale, (12 + width) * scale, (top + 38) * scale)
    ink = ImageChops.invert(page.crop(box))
    total = sum(value * count for value, count in enumerate(ink.histogram()))
    return ink.point(lambda value: 255 * (value > 60)).getbbox(), total
