"""PDF 1.7 (ISO 32000-1): one page of vectors, with text that can be searched and copied.

A pixel is 0.75 pt, as in CSS (Values and Units 4, 6.2: an inch is 96 px and 72 pt). So a viewer at
100 % shows the page as large as a browser shows the PNG, and 96 dpi gives back its pixels.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import zlib
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.scene import Rect
from wsgi_placeholder.formats import Format
from wsgi_placeholder.formats._pdf_font import (
    clusters,
    embed,
    number,
    resource,
    text_string,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Face
    from wsgi_placeholder.drawing.scene import Glyph, Scene, Text
    from wsgi_placeholder.formats._pdf_font import Embedded

_POINTS = 0.75
# Where the control points of a Bezier curve make it a quarter of a circle, in radii.
_KAPPA = 0.5523
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f]+")


def encode(scene: Scene, quality: int | None = None) -> bytes:
    objects: list[bytes] = []

    def add(entries: str, stream: bytes | None = None) -> str:
        """Append a dictionary, or a stream with one; return the reference to it."""
        if stream is None:
            objects.append(f"<<{entries}>>".encode())
        else:
            packed = zlib.compress(stream)
            start = f"<<{entries}/Filter/FlateDecode/Length {len(packed)}>>stream\n"
            objects.append(start.encode() + packed + b"\nendstream")
        return f"{len(objects)} 0 R"

    fonts = {face: embed(face, said, add) for face, said in _said(scene).items()}
    names = f"/Font<<{_named(font.reference for font in fonts.values())}>>"
    width, height = number(scene.width * _POINTS), number(scene.height * _POINTS)
    # Scenes have their origin at the top, pages at the bottom.
    content = [f"{_POINTS} 0 0 -{_POINTS} 0 {height} cm"]
    groups = []
    for shape in scene.shapes:
        content.append(_fill(shape.fill))
        if isinstance(shape, Rect):
            content.append(_rect(shape))
        elif shape.fill.opaque:
            content += _text(shape, fonts)
        else:
            # Laid on the page as one, or letters that overlap would show through each other.
            form = f"/Subtype/Form/BBox[0 0 {scene.width} {scene.height}]/Resources<<{names}>>"
            text = "\n".join(_text(shape, fonts)).encode()
            groups.append(add(f"{form}/Group<</S/Transparency/I true>>", text))
            content.append(f"{resource(groups[-1])} Do")
    alphas = sorted({shape.fill.alpha for shape in scene.shapes})
    states = "".join(f"/A{alpha}<</ca {number(alpha / 255)}>>" for alpha in alphas)
    contents = add("", "\n".join(content).encode())
    page = add(
        f"/Type/Page/Parent {len(objects) + 2} 0 R/MediaBox[0 0 {width} {height}]"
        f"/Group<</S/Transparency/CS/DeviceRGB>>/Contents {contents}"
        f"/Resources<<{names}/XObject<<{_named(groups)}>>/ExtGState<<{states}>>>>"
    )
    pages = add(f"/Type/Pages/Kids[{page}]/Count 1")
    catalog = add(f"/Type/Catalog/Pages {pages}")
    info = add(f"/Title{text_string(_CONTROL.sub(' ', scene.title))}")
    return _file(objects, f"/Root {catalog}/Info {info}")


def _named(references: Iterable[str]) -> str:
    return "".join(f"{resource(reference)} {reference}" for reference in references)


def _file(objects: list[bytes], trailer: str) -> bytes:
    """Header, numbered objects, the table of where they are, trailer (7.5)."""
    # The second line tells programs that the file is binary.
    file = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    for i, body in enumerate(objects, 1):
        table += f"{len(file):010} 00000 n \n"
        file += b"%d 0 obj\n%b\nendobj\n" % (i, body)
    digest = hashlib.blake2b(file, digest_size=16).hexdigest()
    end = f"trailer\n<</Size {len(objects) + 1}{trailer}/ID[<{digest}><{digest}>]>>\n"
    return bytes(file) + f"{table}{end}startxref\n{len(file)}\n%%EOF\n".encode()


def _fill(color: Color) -> str:
    return f"/A{color.alpha} gs {' '.join(number(part / 255) for part in color[:3])} rg"


def _rect(rect: Rect) -> str:
    """A stroke is what lies between two rectangles."""
    left, top, right, bottom = map(int, rect.box)
    outer = _outline(left, top, right, bottom, rect.radius)
    stroke = int(rect.stroke)
    if not stroke:
        return f"{outer} f" if outer else ""
    inner = _outline(
        left + stroke, top + stroke, right - stroke, bottom - stroke, rect.radius - stroke
    )
    return f"{outer} {inner} f*"


def _outline(left: int, top: int, right: int, bottom: int, radius: float) -> str:
    """The path of a rectangle, empty where it has no inside."""
    if right <= left or bottom <= top:
        return ""
    if radius <= 0:
        return f"{left} {top} {right - left} {bottom - top} re"
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    x0, x1, y0, y1 = left + radius, right - radius, top + radius, bottom - radius
    by = radius * (1 - _KAPPA)
    path = (
        (x1, top, "l"), (right - by, top, right, top + by, right, y0, "c"),
        (right, y1, "l"), (right, bottom - by, right - by, bottom, x1, bottom, "c"),
        (x0, bottom, "l"), (left + by, bottom, left, bottom - by, left, y1, "c"),
        (left, y0, "l"), (left, top + by, left + by, top, x0, top, "c"),
    )  # fmt: skip
    steps = (" ".join([*map(number, step[:-1]), step[-1]]) for step in path)
    return f"{number(x0)} {top} m {' '.join(steps)} h"


def _said(scene: Scene) -> dict[Face, dict[int, str]]:
    """The glyphs of each face, and what each says; of several things, the first."""
    faces: dict[Face, dict[int, str]] = {}
    for shape in scene.shapes:
        if not isinstance(shape, Rect):
            for run in shape.runs:
                said = faces.setdefault(run.face, {})
                for _, glyphs, says in clusters(run):
                    for glyph, text in zip(glyphs, says, strict=True):
                        said[glyph.id] = said.get(glyph.id) or text
    return faces


def _text(text: Text, fonts: Mapping[Face, Embedded]) -> Iterator[str]:
    yield "BT"
    for run in text.runs:
        font = fonts[run.face]
        yield f"{resource(font.reference)} {number(text.size)} Tf"
        for plain, parts in itertools.groupby(clusters(run), font.says_exactly):
            if plain:
                glyphs = [glyph for part in parts for glyph in part.glyphs]
                yield from _glyphs(glyphs, text.size, font)
                continue
            # Only around what needs it: most readers take replaced text to be in visual order,
            # and turn what is right to left around once more.
            for part in parts:
                yield f"/Span<</ActualText{text_string(part.text)}>>BDC"
                yield from _glyphs(part.glyphs, text.size, font)
                yield "EMC"
    yield "ET"


def _glyphs(glyphs: Iterable[Glyph], size: float, font: Embedded) -> Iterator[str]:
    """Show glyphs where the scene has them, those on one baseline together."""
    for y, line in itertools.groupby(glyphs, lambda glyph: glyph.y):
        stretch = list(line)
        start = pen = stretch[0].x
        shown = ""
        for glyph in stretch:
            if gap := round((pen - glyph.x) / size * 1000, 1):
                shown += f">{number(gap)}<"
                pen -= gap / 1000 * size
            code = font.codes[glyph.id]
            shown += f"{code:04X}"
            pen += font.widths[code] / 1000 * size
        yield f"1 0 0 -1 {number(start)} {number(y)} Tm[<{shown}>]TJ"


FORMAT = Format(
    name="pdf",
    media_type="application/pdf",
    encode=encode,
    extensions=("pdf",),
    # ISO 32000-1, Annex C: 14,400 units.
    max_side=int(14_400 / _POINTS),
    # Pixels cost nothing here.
    bytes_per_pixel=0.001,
    ns_per_pixel=0.001,
)
