"""Decoders that are not ours read our files: pngcheck, djpeg, and Chromium from a real server.

The programs come from Debian's packages pngcheck, libjpeg-turbo-progs and chromium.
"""

import base64
import html
import io
import json
import subprocess
from wsgiref.validate import validator

import chromium
import pytest
import variants
from PIL import Image
from programs import installed
from threaded import served
from variants import ALL, FONTS, PLAIN, encoded, opened, scene

from wsgi_placeholder import PlaceholderMiddleware, Spec, formats
from wsgi_placeholder.drawing.color import BLACK, WHITE, Color
from wsgi_placeholder.styles.flat import compose


def run(program, *arguments, **options):
    return subprocess.run(
        [installed(program), *map(str, arguments)], capture_output=True, **options
    )


# PNG


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with a PNG of each variant."""
    folder = tmp_path_factory.mktemp("png")
    for number, name in enumerate(ALL):
        (folder / f"{number}.png").write_bytes(encoded("png", scene(name)))
    return folder


def test_pngcheck_finds_nothing_wrong(files):
    done = run("pngcheck", "-q", *sorted(files.iterdir()))
    assert done.returncode == 0, done.stdout
    assert not done.stderr
    assert b"ERROR" not in done.stdout


def test_pngcheck_does_look(files, tmp_path):
    """At the Adler-32 too, four bytes before the CRC of IDAT and the end."""
    body = bytearray((files / "0.png").read_bytes())
    for at in (len(body) - 17, len(body) - 13, 40):
        broken = tmp_path / "broken.png"
        broken.write_bytes(bytes(body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]))
        assert run("pngcheck", "-q", broken).returncode != 0


# JPEG


def jpegs():
    """Every way that text lies on rows of blocks, at sizes of every remainder."""
    grey = {"background": Color(200, 200, 200), "foreground": Color(60, 60, 60)}
    color = {"background": Color(255, 200, 0), "foreground": Color(0, 40, 200)}
    for i in range(16):
        for given in (grey, color):
            for quality in (85, 90):
                align = ("top", "center", "bottom")[i % 3]
                spec = Spec.of(
                    100 + i, 60 + 5 * i, text="Agj", size=20, padding=0, align=align, **given
                )
                yield compose(spec, FONTS), quality
    for name in PLAIN:
        yield scene(name), 85
        yield scene(name), 95


def test_djpeg_decodes_the_same_without_a_warning(tmp_path):
    for made, quality in jpegs():
        body = encoded("jpeg", made, quality)
        done = run("djpeg", "-pnm", input=body)
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        theirs, ours = Image.open(io.BytesIO(done.stdout)), opened(body)
        assert theirs.size == (made.width, made.height)
        assert theirs.mode == ours.mode
        assert theirs.tobytes() == ours.tobytes()


def test_djpeg_does_look():
    """A missing restart marker, and one out of turn, are told."""
    body = encoded("jpeg", scene("colours"), 85)
    assert b"\xff\xd3" in body
    for marker in (b"", b"\xff\xd6"):
        assert run("djpeg", "-pnm", input=body.replace(b"\xff\xd3", marker)).stderr


# Chromium


# All formats but PDF, which no <img> shows: plain, @2x, framed, with text, extreme.
SHOWN = [name for name in formats.installed() if name != "pdf"]
KINDS = [
    (160, 90, {}),
    (90, 60, {"scale": 2}),
    (67, 45, {"scale": 1.5, "text": "Ågj\nЖé"}),
    (120, 80, {"border": 4, "radius": 16, "border_color": variants.RED, "text": "Frame"}),
    (80, 80, {"radius": 40, "background": variants.BLUE, "text": "JD"}),
    (150, 60, {"background": Color(0, 0, 0, 0), "text": "clear"}),
    (33, 17, {"text": ""}),
    (1, 1, {}),
]
CASES = [(name, kind) for kind in range(len(KINDS)) for name in SHOWN]
# What is looked at pixel by pixel, on white and on black; the huge one would take a second.
PIXELS = [name for name in ALL if name != "very large"]

SCRIPT = """
function seen(img, color) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.fillStyle = color;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(img, 0, 0);
    const data = new Uint32Array(
        context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const runs = [];
    for (let start = 0, i = 0; i < data.length; i++) {
        if (data[i + 1] !== data[i]) { runs.push(i + 1 - start, data[i]); start = i + 1; }
    }
    return runs;
}
addEventListener("load", () => {
    const found = {};
    for (const img of document.images) {
        found[img.id] = {size: [img.naturalWidth, img.naturalHeight]};
        if (img.className && img.naturalWidth) {
            found[img.id].white = seen(img, "white");
            found[img.id].black = seen(img, "black");
        }
    }
    document.getElementById("found").textContent = btoa(JSON.stringify(found));
});
"""


def page_of(middleware):
    """A page with all of it; the widths of the window's columns are for a human's eye."""

    def img(id, width, height, keywords, **more):
        url = html.escape(middleware.url_for(Spec.of(width, height, **keywords, **more)))
        return f'<img id="{id}" src="{url}"'

    shown = [
        img(f"{name} {kind}", *KINDS[kind], format=name) + f' width="{KINDS[kind][0]}">'
        for name, kind in CASES
    ]
    pixels = [
        img(f"png of {i}", *ALL[name], format="png") + " class=pixels hidden>"
        for i, name in enumerate(PIXELS)
    ]
    jpegs = [
        img(f"jpeg {width}", width, 200 - width, {"background": variants.RED}, format="jpeg")
        + " class=pixels hidden>"
        for width in range(90, 110)
    ]
    rows = ["<p>" + " ".join(shown[i : i + len(SHOWN)]) for i in range(0, len(shown), len(SHOWN))]
    content = "\n".join([*rows, *pixels, *jpegs])
    return (
        "<!doctype html><meta charset=utf-8><title>Pictures</title><link rel=icon href='data:,'>"
        f"<body style='background:#cde'><script>{SCRIPT}</script>{content}"
        "<pre id=found hidden></pre>"
    ).encode()


@pytest.fixture(scope="module")
def address():
    pages = {}

    def app(environ, start_response):
        body = pages.get(environ["PATH_INFO"], b"")
        start_response(
            "200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        )
        return [body]

    middleware = PlaceholderMiddleware(app)
    pages["/page"] = page_of(middleware)
    with served(validator(middleware)) as address:
        yield address + "/page"


@pytest.fixture(scope="module")
def found(address):
    """What the page's script says of each image; Chromium starts once."""
    text = chromium.dom(address).partition('<pre id="found" hidden="">')[2].partition("</pre>")[0]
    return json.loads(base64.b64decode(text))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_browser_sees_the_size(found, name, kind):
    width, height, keywords = KINDS[kind]
    assert found[f"{name} {kind}"]["size"] == list(Spec.of(width, height, **keywords).pixels)


def seen(found, page):
    width, height = found["size"]
    runs = found[page]
    data = b"".join(
        value.to_bytes(4, "little") * count
        for count, value in zip(runs[::2], runs[1::2], strict=True)
    )
    return Image.frombytes("RGBA", (width, height), data).convert("RGB")


@pytest.mark.parametrize("name", PIXELS)
def test_a_browser_sees_the_pixels_that_pillow_sees(found, name):
    """A canvas holds colours multiplied by alpha, so half transparent ones are rounded twice."""
    picture = opened(encoded("png", scene(name)))
    at_most = 0 if variants.is_opaque(scene(name)) else 2
    for page, color in (("white", WHITE), ("black", BLACK)):
        there = seen(found[f"png of {PIXELS.index(name)}"], page)
        assert max(variants.furthest(there, variants.on(color, picture))) <= at_most


@pytest.mark.parametrize("width", range(90, 110))
def test_a_browser_sees_a_jpeg_as_pillow_does(found, width):
    made = compose(Spec.of(width, 200 - width, background=variants.RED), FONTS)
    there = seen(found[f"jpeg {width}"], "white")
    assert max(variants.furthest(there, opened(encoded("jpeg", made)).convert("RGB"))) <= 1
