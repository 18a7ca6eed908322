"""The picture of a text beside the text itself, in the same font, in a browser."""

import base64
import html
import itertools
import json
import re
from pathlib import Path

import chromium
import pytest
import side_by_side
from PIL import Image, ImageChops
from serving import HOST, serve

PATIENT = "--virtual-time-budget=10000"  # until the fonts are here
COUNT = side_by_side.IN_OUR_FONTS


@pytest.mark.parametrize("scale", [1, 2])
def test_a_picture_takes_the_place_of_the_text(scale, tmp_path):
    """At one and two device pixels to a CSS pixel: what the browser says, and what it shows."""
    command = "waitress-serve --listen=127.0.0.1:8000 side_by_side:app"
    with serve(command, Path(__file__).parent) as port:
        found, page = seen(f"http://{HOST}:{port}/", scale, tmp_path / "page.png")
    assert len(found["pictures"]) == COUNT + len(side_by_side.OTHERS)
    assert_no_line_gets_higher(found)
    assert_as_wide(found)
    assert_it_looks_alike(found, page, scale)


def seen(address, scale, path):
    options = [PATIENT, f"--force-device-scale-factor={scale}", "--hide-scrollbars"]
    options.append("--window-size=1120,6000")
    text = chromium.dom(address, *options).partition("<pre")[2].partition("</pre>")[0]
    found = json.loads(html.unescape(text.partition(">")[2]))
    assert found["fonts"] == ["Site", "DejaVu Site"]
    assert found["blocks"][-1][3] < 6000
    chromium._run(f"--screenshot={path}", *options, address)
    with Image.open(path) as page:
        return found, page.convert("RGB")


def pairs(boxes):
    return list(zip(boxes[::2], boxes[1::2], strict=True))


def height(box):
    return box[3] - box[1]


def width(box):
    return box[2] - box[0]


def assert_no_line_gets_higher(found):
    """In any font: the picture is on the baseline, and that is where it would be."""
    feet, blocks = pairs(found["feet"]), pairs(found["blocks"])
    for n, picture in enumerate(found["pictures"]):
        assert picture[3] + found["below"][n] == pytest.approx(feet[n][1][3], abs=0.02)
        assert found["natural"][n] == [width(picture), height(picture)]
        live, shown = blocks[n]
        assert height(shown) == height(live)
        assert feet[n][1][3] - shown[1] == pytest.approx(feet[n][0][3] - live[1], abs=0.02)


def assert_as_wide(found):
    for n in range(COUNT):
        live, picture = found["live"][n], found["pictures"][n]
        assert width(picture) == pytest.approx(width(live), rel=0.02)


def assert_it_looks_alike(found, page, scale):
    """The ink of each ends where the other's does: within a device pixel up and down, a CSS pixel
    to the sides."""
    feet = pairs(found["feet"])
    for n, (size, *_) in enumerate(itertools.islice(side_by_side.cases(), COUNT)):
        start = found["pictures"][n][0] - found["left"][n]
        live, shown = (
            inked(page, scale, size, left, found["live"][n], foot[3])
            for left, foot in zip((found["live"][n][0], start), feet[n], strict=True)
        )
        left, top, right, bottom = (abs(a - b) for a, b in zip(live[0], shown[0], strict=True))
        assert max(top, bottom) <= 1, n
        assert max(left, right) <= scale, n
        # Browsers make thin letters a little stronger, most of all light ones on dark ground.
        assert shown[1] == pytest.approx(live[1], rel=0.13), n


def inked(page, scale, size, left, box, baseline):
    """What is inked of a word, from its left and the baseline, in device pixels; and how much."""
    left, foot = round(left * scale), round(baseline * scale)
    right = left + round(width(box) * scale)
    room = round(size * 0.15 * scale)  # less than the space beside it
    area = (left - room, foot - round(size * scale), right + room, foot + round(size * 0.3 * scale))
    part = page.crop(area)
    ground = Image.new("RGB", part.size, part.getpixel((0, 0)))
    ink = ImageChops.difference(part, ground).convert("L")
    total = sum(value * count for value, count in enumerate(ink.histogram()))
    box = ink.point(lambda value: 255 * (value > 60)).getbbox()
    return [side - at for side, at in zip(box, (room, foot - area[1]) * 2, strict=True)], total


@pytest.mark.parametrize(
    "display", ["flex", "flex; align-items: center", "flex; align-items: baseline", "grid", "block"]
)
def test_it_is_an_item_as_a_text_would_be(display, tmp_path):
    """Where each child is a box of its own: next to an icon in a list, for one."""
    texts = side_by_side.texts
    picture = texts.img("gHg", 32, "#000000", font="dejavusans")
    for url in re.findall(r"/placeholder/t/[^ \"]*", picture):
        data = base64.b64encode(texts.answer(url).body).decode()
        picture = picture.replace(url, f"data:image/png;base64,{data}")
    style = f"display: {display}; height: 90px; width: 300px; font: 32px/1.5 DejaVu Sans"
    rows = "".join(f'<div style="{style}"><s></s>{it}</div>' for it in ("gHg", picture))
    rule = "<style>body { margin: 0 } s { width: 20px; height: 40px }</style>"
    (tmp_path / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{rule}{rows}")
    chromium.screenshot(f"file://{tmp_path}/page.html", f"{tmp_path}/page.png", 300, 180)
    with Image.open(tmp_path / "page.png") as shown:
        ink = ImageChops.invert(shown.convert("L")).point(lambda value: 255 * (value > 99))
        live, drawn = (ink.crop((0, top, 300, top + 90)).getbbox() for top in (0, 90))
    assert live == pytest.approx(drawn, abs=1)
    assert drawn[3] - drawn[1] > 20
