"""People read the pictures, and so does OCR; a scraper of pages finds nothing in them to read."""

import base64
import binascii
import codecs
import html
import io
import os
import random
import re
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote, unquote_to_bytes

import pytest
from PIL import Image
from programs import installed

from wsgi_placeholder.text_images import TextImages

SECRET = random.Random(1).randbytes(32)  # the same tokens each time: chance may look like anything
TEXTS = [
    "me@example.com", "john.doe@example.org", "info@some-company.co.uk", "+41 44 123 45 67",
    "(555) 010-4477", "Anna Miller",
]  # fmt: skip
LOOKS = [{}, {"color": "#8c1d18", "weight": "bold"}, {"size": 20, "color": "white"}]


@pytest.fixture(scope="module")
def texts():
    return TextImages(SECRET)


def read(picture):
    """What tesseract reads in a picture of one line, without spaces."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    done = subprocess.run(
        [installed("tesseract"), "-", "-", "--psm", "7"],
        input=file.getvalue(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return "".join(done.stdout.decode().split())


def shown(texts, text, ground="white", **looks):
    """The picture of a text on a ground with room around."""
    body = texts.answer(texts.text_url(text, **looks)).body
    with Image.open(io.BytesIO(body)) as picture:
        ink = picture.convert("RGBA")
    page = Image.new("RGBA", (ink.width + 40, ink.height + 40), ground)
    page.alpha_composite(ink, (20, 20))
    return page.convert("L")


@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("looks", LOOKS, ids=str)
def test_what_is_drawn_can_be_read(looks, scale, texts):
    lines = []
    for text in TEXTS[:: 1 if looks == {} else 3]:
        ground = "black" if looks.get("color") == "white" else "white"
        page = shown(texts, text, ground, scale=scale, **looks)
        lines.append((text.replace(" ", ""), read(page)))
    for text, seen in lines:
        assert seen == text


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_waves_are_hardly_read(scale, texts):
    """As the page says; a filter undoes it, as it says too."""
    seen = [read(shown(texts, text, scale=scale, style="waves")) for text in TEXTS]
    right = sum(text.replace(" ", "") == read for text, read in zip(TEXTS, seen, strict=True))
    assert right <= 3


# A scraper

EMAIL = re.compile(rb"[\w.+-]{2,}@[\w-]{2,}\.[a-z]{2,}", re.IGNORECASE)
PHONE = re.compile(rb"[+(]?\d[\d ()./-]{7,}\d")


def strings_in(page):
    """Yield a page, its texts, attributes and URLs, and all that they may be decoded to."""
    found = {page}
    parser = HTMLParser()
    parser.handle_data = found.add
    parser.handle_starttag = lambda tag, attributes: found.update(
        value for _, value in attributes if value
    )
    parser.feed(page)
    words = {word for text in found for word in re.findall(r"[\w%./=+-]{8,}", text)}
    for text in found | words:
        yield from (text, html.unescape(text), unquote(text), text[::-1])
        yield codecs.encode(text, "rot13")


def decoded(page):
    """Yield the bytes of all that a page says, and base64 and hex of each part of it."""
    for text in set(strings_in(page)):
        yield text.encode()
        yield unquote_to_bytes(text)
        for word in set(re.findall("[A-Za-z0-9_+/-]{8,}", text)):
            letters = word.replace("-", "+").replace("_", "/")
            for start in range(min(len(letters), 200)):
                part = letters[start : len(letters) - ((len(letters) - start) % 4 == 1)]
                yield base64.b64decode(part + "=" * (-len(part) % 4))
            for start in (0, 1):
                try:
                    yield bytes.fromhex(word[start : start + (len(word) - start) // 2 * 2])
                except ValueError:
                    continue


def scraped(page):
    """Return e-mail addresses and telephone numbers."""
    return {
        found.decode()
        for data in decoded(page)
        for look in (data, bytes(byte ^ 42 for byte in data))  # as Cloudflare's, with this key
        for pattern in (EMAIL, PHONE)
        for found in pattern.findall(look)
    }


def test_a_scraper_finds_nothing(texts):
    tags = [
        texts.img(text, **looks, alt=alt, expires_in=soon)
        for text in TEXTS
        for looks in LOOKS
        for alt in (None, "", "e-mail address")
        for soon in (None, 3600)
    ]
    assert scraped("<p>Write to " + "</p><p>or ".join(tags)) == set()


def test_it_finds_what_is_hidden_elsewhere():
    email, phone = TEXTS[0], TEXTS[3]
    for hidden in (
        email,
        f'<a href="mailto:{email}">me</a>',
        "".join(f"&#{ord(letter)};" for letter in email),
        "".join(f"%{ord(letter):02x}" for letter in email),
        f'<img alt="{email}">',
        f'<i data-x="{email[::-1]}">',
        f"<a href='/t/{codecs.encode(email, 'rot13')}'>",
        f"<a href='/t/ab{base64.urlsafe_b64encode(email.encode()).decode()}.png'>",
        f"<img src='/t/{binascii.hexlify(email.encode()).decode()}.png'>",
        bytes(byte ^ 42 for byte in email.encode()).hex(),
    ):
        assert scraped(f"<p>Write to {hidden} today")
    assert phone in scraped(f"<p>{phone}")
