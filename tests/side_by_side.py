"""A site for browsers: texts, and pictures of these texts in the same places and the same fonts.

Served by `test_text_images_browser.py`. Each page says in #found what the browser made of it.
"""

import importlib.util
import itertools
import secrets
from pathlib import Path

import fontpkg

from wsgi_placeholder.text_images import TextImages

DEJAVU = Path(importlib.util.find_spec("matplotlib").origin).parent.joinpath(
    "mpl-data", "fonts", "ttf", "DejaVuSans.ttf"
)
FONTS = {
    "/inter.ttf": next(f.path for f in fontpkg.families()["inter"].files if f.style == "normal"),
    "/dejavu.ttf": DEJAVU,
}
texts = TextImages(secrets.token_urlsafe(32), fonts=str(DEJAVU))

PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
@font-face { font-family: Site; src: url(/inter.ttf); font-weight: 100 900 }
@font-face { font-family: DejaVu Site; src: url(/dejavu.ttf) }
/* What frameworks do to pictures. */
img { display: block; max-width: 20px; height: auto; vertical-align: middle; margin: 9px;
  padding: 5px; border: 3px solid red }
body { margin: 0; font: 16px Site }
i { display: inline-block; width: 0; height: 0 }
p, h1, ul, blockquote { margin: 0 }
section { display: flex; white-space: nowrap; }
section > div { flex: none; width: 530px; padding: 6px 10px }
.flex { display: flex; align-items: center; height: 90px }
.grid { display: grid }
.narrow { display: block; width: 10em; white-space: normal }
.right { display: block; text-align: right }
</style>
BODY
<pre id="found" hidden></pre>
<script>
addEventListener("load", async () => {
  await document.fonts.ready
  const boxes = name => [...document.querySelectorAll(name)].map(element => {
    const r = element.getBoundingClientRect()
    return [r.left, r.top, r.right, r.bottom]
  })
  found.textContent = JSON.stringify({
    fonts: [...document.fonts].filter(f => f.status == "loaded").map(f => f.family),
    natural: [...document.images].map(p => [p.naturalWidth, p.naturalHeight]),
    below: [...document.images].map(p => parseFloat(getComputedStyle(p).marginBottom)),
    left: [...document.images].map(p => parseFloat(getComputedStyle(p).marginLeft)),
    pictures: boxes("img"), live: boxes(".live"), feet: boxes("i"), blocks: boxes("section > div"),
  })
})
</script>"""

SIZES = (10, 11, 12, 13, 14, 16, 17.6, 20, 24.5, 32, 48)
HEIGHTS = ("normal", "1", "1.5", "2.2", "0.7")
# Family and weight of the page; those that are not ours have a picture in Inter.
LOOKS = (("Site", 400), ("Site", 300), ("Site", 700), ("DejaVu Site", 400))
OTHERS = (("Liberation Sans", 400), ("DejaVu Serif", 400), ("monospace", 400))
PLACES = (
    "<h1 {style}>Write {it} now</h1>",
    "<table><tr><td {style}>{it}<td>&emsp;two<br>&emsp;lines</table>",
    "<table><tr><td valign=middle {style}>{it}<td>&emsp;two<br>&emsp;lines</table>",
    "<button {style}>{it}</button>",
    "<button {style}>@ {it} g</button>",
    "<p dir=rtl {style}>כתבו אל {it} היום</p>",
    "<ul {style}><li>{it}<li>next</ul>",
    "<p {style}><span class=flex><b>@&ensp;</b><span>{it}</span></span>",
    "<p {style}><span class=grid><span>{it}</span></span>",
    "<p {style}><span class=narrow>Mail to {it} today or never</span>",
    "<p {style}><span class=right>Mail to {it}</span>",
)
LINE = "<p {style}>H {it} g</p>"
WORDS = ("me@example.com", "+41 44 123 45 67", "Jürgen.Weiß@söhne.example")
COLORS = (("#333333", "#ffffff"), ("#8c1d18", "#ffffff"), ("#eeeeee", "#112233"))


def cases():
    """Yield size, line height, look, place: all mixtures of sizes and looks, then all places."""
    for (n, size), (m, look) in itertools.product(enumerate(SIZES), enumerate(LOOKS)):
        yield size, HEIGHTS[(n + m) % len(HEIGHTS)], look, LINE
    for place, (size, look) in itertools.product(PLACES, zip((14, 18, 32), LOOKS, strict=False)):
        yield size, "normal", look, place
    for look in OTHERS:
        yield 16, "normal", look, LINE


IN_OUR_FONTS = len(list(cases())) - len(OTHERS)


def table():
    rows = []
    for n, (size, height, (family, weight), place) in enumerate(cases()):
        color, ground = COLORS[n % len(COLORS)]
        style = (
            f'style="font:{weight} {size}px/{height} {family};color:{color};background:{ground}"'
        )
        font = "dejavusans" if family == "DejaVu Site" else "inter"
        # The longest has no room where it is large; numbers are reordered in Hebrew, and broken.
        plain = size > 40 or "rtl" in place or "narrow" in place
        words = WORDS[0 if plain else n % len(WORDS)]
        picture = texts.img(words, size, color, weight=weight, font=font)
        cells = (
            place.format(style=style, it=f"{it}<i></i>")
            for it in (f'<span class="live">{words}</span>', picture)
        )
        rows.append(
            f'<section style="background:{ground}">'
            + "".join(f"<div>{cell}</div>" for cell in cells)
            + "</section>"
        )
    return PAGE.replace("BODY", "".join(rows))


def site(environ, start_response):
    path = environ["PATH_INFO"]
    kind = "font/ttf" if path in FONTS else "text/html; charset=utf-8"
    start_response("200 OK", [("Content-Type", kind)])
    return [FONTS[path].read_bytes() if path in FONTS else table().encode()]


app = texts.wrap(site)
