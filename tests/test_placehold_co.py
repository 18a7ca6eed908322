"""Real URLs of placehold.co from public code, with the host replaced by our prefix.

The table holds what is known of each answer: size, media type (empty: none is named, ours is PNG)
and the colour of the top left pixel.
"""

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.validate import validator

import pytest
from asking import ask, checked, environ_for, page
from PIL import Image

from wsgi_placeholder import PlaceholderMiddleware

TABLE = Path(__file__).parent / "data" / "placehold.co.tsv"
with TABLE.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

# What else stands in public code, or in the documentation of the service and its wrappers.
MORE = [
    ("/200x/ffa8e4/ffffff.svg?text=ʕ•́ᴥ•̀ʔ&font=Lato", 200, 200, "image/svg+xml", ""),
    ("/600x400@2x.png", 1200, 800, "image/png", ""),
    ("/600x400@2x/F8F8F8/CCC?text=Your%20image", 1200, 800, "", "f8f8f8"),
    ("/700x400/blue/white@2x.jpg", 1400, 800, "image/jpeg", "0000ff"),
    ("/400.avif", 400, 400, "image/avif", ""),
    ("/600×400", 600, 400, "", ""),
    ("/600x400/%23ff0000/%23fff", 600, 400, "", "ff0000"),
    ("/600X400/ORANGE/White.PNG", 600, 400, "image/png", "ffa500"),
    ("/100x100/0F172A/E0E7FF?text=??&font=inter", 100, 100, "", "0f172a"),
    ("/600x400?font=Playfair Display&text=No\\nImage", 600, 400, "", ""),
    ("/600x400?font=playfair+display", 600, 400, "", ""),
    ("/600x400?font=Source%20Sans%20Pro", 600, 400, "", ""),
    ("/600x400?font=arial&text=Fresh+Produce", 600, 400, "", ""),
    ("/800x400/e65100/ffffff?text=Fashion+%26+Style", 800, 400, "", "e65100"),
    ("/100x100?text=Salt & Pepper", 100, 100, "", ""),
    ("/600x400?text=Max+Width+=100%", 600, 400, "", ""),
    ("/800x600/f6f7fb/1f2937?text=", 800, 600, "", "f6f7fb"),
    ("/600x400/transparent/F00.gif", 600, 400, "image/gif", ""),
    ("/600x400//png?text=A", 600, 400, "image/png", ""),
    ("/600x400/?", 600, 400, "", ""),
    ("/640x480?12345", 640, 480, "", ""),
    ("/400x400?text=Ảnh+sản+phẩm&font=roboto", 400, 400, "", ""),
    ("/150x50/000/fff?text='Some \"Custom\" <Text>'", 150, 50, "", "000000"),
    ("/1x1", 1, 1, "", ""),
    ("/4000x4000.png", 4000, 4000, "image/png", ""),
]
CASES = [
    (row["url"].removeprefix("https://placehold.co"), row["width"], row["height"], row["type"],
     row["background"])
    for row in ROWS
] + MORE  # fmt: skip


def asked(middleware, url, mount=""):
    """Send a URL as it stands in a page: raw characters are UTF-8, escapes are decoded once."""
    parts = urlsplit("http://host/placeholder" + url)
    path = unquote_to_bytes(parts.path).decode("latin-1")
    query = parts.query.encode().decode("latin-1")
    return ask(checked(middleware), environ_for(f"{path}?{query}", script_name=mount))


@pytest.mark.parametrize(
    ("url", "width", "height", "media_type", "background"), CASES, ids=[case[0] for case in CASES]
)
def test_answers(middleware, url, width, height, media_type, background):
    answer = asked(middleware, url)
    assert answer.code == 200, answer.body
    assert answer["Content-Type"] == (media_type or "image/png")
    if media_type == "image/svg+xml":
        root = re.search(rb"<svg[^>]*>", answer.body).group().decode()
        assert f'width="{width}"' in root
        assert f'height="{height}"' in root
        return
    picture = Image.open(io.BytesIO(answer.body))
    assert picture.size == (int(width), int(height))
    if background:
        tolerance = 6 if media_type == "image/jpeg" else 3
        corner = picture.convert("RGB").getpixel((0, 0))
        for value, wanted in zip(corner, bytes.fromhex(background), strict=True):
            assert abs(value - wanted) <= tolerance


def test_characters_that_no_font_has_are_reported():
    app = PlaceholderMiddleware(validator(page), system_fonts=False)
    answer = asked(app, "/600x400?text=a𒀀b𒀁𒀀")  # cuneiform
    assert answer.code == 200
    assert answer["X-Placeholder-Missing-Glyphs"] == "U+12000 U+12001"
    assert asked(app, "/600x400?text=aéb")["X-Placeholder-Missing-Glyphs"] is None


def test_the_table_is_whole():
    assert len(ROWS) == 64
    assert all(row["url"].startswith("https://placehold.co/") for row in ROWS)
