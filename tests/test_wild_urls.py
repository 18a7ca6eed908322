"""Real URLs of the services from public code, pasted behind our prefix and asked of their host.

Each table holds what is known of the answers: width and height in pixels, media type (empty: the
URL names none, the service's default holds) and the colour of the top left pixel.
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

TABLES = sorted((Path(__file__).parent / "data").glob("*.tsv"))
# Failures, each with its reason: none.
KNOWN: dict[str, str] = {}


def rows(table):
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def services():
    return PlaceholderMiddleware(validator(page), hosts=True)


def pasted(services, url):
    """A URL as it stands in a page: raw characters are UTF-8, escapes are decoded once."""
    parts = urlsplit("http://host/placeholder/" + url.strip())
    path = unquote_to_bytes(parts.path).decode("latin-1")
    query = parts.query.encode().decode("latin-1")
    return ask(checked(services), environ_for(f"{path}?{query}"))


def at_its_host(services, url):
    parts = urlsplit(url if "//" in url else "//" + url)
    path = unquote_to_bytes(parts.path).decode("latin-1")
    query = parts.query.encode().decode("latin-1")
    return ask(checked(services), environ_for(f"{path}?{query}", host=parts.netloc))


def wrong(answer, row):
    """Say what is wrong with an answer; empty when nothing is."""
    if answer.code != 200:
        return f"{answer.status}: {answer.body[:200]!r}"
    media_type = answer["Content-Type"]
    if row["type"] not in ("", media_type):
        return media_type
    size, corner = looked_at(answer.body, media_type)
    if row["width"] and size != (int(row["width"]), int(row["height"])):
        return f"is {size}"
    if corner and row["background"]:
        wanted = bytes.fromhex(row["background"])
        tolerance = 6 if media_type == "image/jpeg" else 3
        if any(abs(a - b) > tolerance for a, b in zip(corner, wanted, strict=True)):
            return f"is #{bytes(corner).hex()} in the corner"
    return ""


def looked_at(body, media_type):
    if media_type == "image/svg+xml":
        root = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', body.decode())
        return (int(root[1]), int(root[2])), None
    with Image.open(io.BytesIO(body)) as picture:
        return picture.size, picture.convert("RGBA").getpixel((0, 0))[:3]


@pytest.mark.parametrize("table", TABLES, ids=[table.stem for table in TABLES])
@pytest.mark.parametrize("way", [pasted, at_its_host])
def test_every_url_is_answered_as_its_service_would(services, table, way):
    found = {row["url"]: wrong(way(services, row["url"]), row) for row in rows(table)}
    assert {url: fault for url, fault in found.items() if fault and url not in KNOWN} == {}


def test_the_tables_are_whole():
    assert sum(len(rows(table)) for table in TABLES) == 1381
