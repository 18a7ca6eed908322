"""SVG (1.1 and 2): shapes and glyph outlines, so it looks the same where the font is not known.

The document is made of numbers and #rrggbb; the only text in it is the title, for people who
cannot see the picture. It has no style, script or reference: nothing in it can run or load.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import uharfbuzz

from wsgi_placeholder.drawing.scene import Rect
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Face
    from wsgi_placeholder.drawing.scene import Scene, Text

Point = tuple[int, int]

# All but XML 1.0's Char (production 2), which may not even be written as references.
_NOT_CHAR = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Glyphs lie on a grid of 16 to 32 steps a pixel: fine enough for a picture shown four times as
# large, and whole numbers are shorter than decimals.
_STEPS = 16
_MOST_KEPT = 1024  # outlines of a face, 600 bytes each on average of Inter's glyphs


def encode(scene: Scene, quality: int | None = None) -> bytes:
    width, height = scene.width, scene.height
    title = escape(_NOT_CHAR.sub("", scene.title))
    shapes = (_rect(shape) if isinstance(shape, Rect) else _text(shape) for shape in scene.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img">'
        + (f"<title>{title}</title>" if title else "")
        + "".join(shapes)
        + "</svg>\n"
    ).encode()


def _rect(rect: Rect) -> str:
    """A stroke is what lies between two rectangles; an empty one is not written."""
    left, top, right, bottom = map(int, rect.box)
    if right == left or bottom == top:
        return ""
    radius = rect.radius
    if stroke := int(rect.stroke):
        inner = (left + stroke, top + stroke, right - stroke, bottom - stroke)
        data = _rounded(left, top, right, bottom, radius) + _rounded(*inner, radius - stroke)
        # A stroked <rect> cannot do this: a corner of less than half its stroke comes out square.
        return f'<path{_fill(rect.fill)} fill-rule="evenodd" d="{data}"/>'
    at = f' x="{left}" y="{top}"' if left or top else ""
    corner = f' rx="{_number(radius)}"' if radius else ""
    return f'<rect{at} width="{right - left}" height="{bottom - top}"{corner}{_fill(rect.fill)}/>'


def _rounded(left: int, top: int, right: int, bottom: int, radius: float) -> str:
    """Return path data of a rectangle, nothing for one without an inside."""
    if right <= left or bottom <= top:
        return ""
    if radius <= 0:
        return f"M{left} {top}H{right}V{bottom}H{left}z"
    x0, x1 = _number(left + radius), _number(right - radius)
    y0, y1 = _number(top + radius), _number(bottom - radius)
    arc = f"A{_number(radius)} {_number(radius)} 0 0 1 "
    return (
        f"M{x0} {top}H{x1}{arc}{right} {y0}V{y1}{arc}{x1} {bottom}"
        f"H{x0}{arc}{left} {y1}V{y0}{arc}{x0} {top}z"
    )


def _text(text: Text) -> str:
    size = max(text.size, 1 / _STEPS)  # nobody sees what is smaller
    grid = 1 << math.ceil(math.log2(size * _STEPS))
    scale = grid / size
    data = []
    for run in text.runs:
        for glyph in run.glyphs:
            if outline := _kept(run.face, glyph.id, grid):
                x, y, rest = outline
                data.append(f"M{round(glyph.x * scale) + x} {round(glyph.y * scale) + y}{rest}")
    return f'<path{_fill(text.fill)} transform="scale({1 / scale:.7g})" d="{"".join(data)}"/>'


def _fill(color: Color) -> str:
    red, green, blue, alpha = color
    opacity = "" if alpha == 255 else f' fill-opacity="{alpha / 255:.3f}"'
    return f' fill="#{red:02x}{green:02x}{blue:02x}"{opacity}'


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _kept(face: Face, glyph: int, grid: int) -> tuple[int, int, str] | None:
    """Return `_outline`, which is kept with the face and no longer than that."""
    paths: dict[tuple[int, int], tuple[int, int, str] | None] = face.paths
    key = (glyph, grid)
    try:
        return paths[key]
    except KeyError:
        if len(paths) >= _MOST_KEPT:
            paths.clear()
        outline = paths[key] = _outline(face, glyph, grid)
        return outline


def _outline(face: Face, glyph: int, grid: int) -> tuple[int, int, str] | None:
    """Return where a glyph's outline begins and the path data from there; None for a blank.

    In `grid` steps to the em, y downwards, from the glyph's origin.
    """
    drawn = _drawn(face, glyph, grid)
    if not drawn:
        return None
    first = start = pen = control = drawn[0][1][0]
    data: list[str] = []
    last = ""
    for command, points in drawn:
        if command == "z":
            if last in ("h", "v", "l"):
                data.pop()  # closing draws this line too
            points = [start]
        elif command == "m":
            start = points[0]
        elif command == "l":
            x, y = points[0]
            if (x, y) == pen:
                continue
            command = "v" if x == pen[0] else "h" if y == pen[1] else "l"
        elif command == "q":
            # TrueType leaves out a point half-way between two controls, and SVG can leave out
            # the second control; rounded to the grid, that may be a step off.
            mirrored = (2 * pen[0] - control[0], 2 * pen[1] - control[1])
            control = points[0]
            if last in ("q", "t") and math.dist(control, mirrored) < 1.5:
                command, control, points = "t", mirrored, points[1:]
        data.append(_written(command, points, pen, last))
        pen, last = points[-1], command
    return *first, "".join(data[1:])


def _drawn(face: Face, glyph: int, grid: int) -> list[tuple[str, list[Point]]]:
    """Return a glyph's outline as SVG commands with absolute points on the grid."""
    drawn: list[tuple[str, tuple[float, ...]]] = []
    face.hb.draw_glyph(glyph, _DRAW, drawn)
    scale = grid / face.upem
    return [
        (
            command,
            [(round(x * scale), round(-y * scale)) for x, y in zip(at[::2], at[1::2], strict=True)],
        )
        for command, at in drawn
    ]


def _written(command: str, points: list[Point], pen: Point, last: str) -> str:
    """Write a relative path command, without its letter where it repeats the last one."""
    if command == "z":
        return "z"
    numbers = [number for x, y in points for number in (x - pen[0], y - pen[1])]
    if command in ("h", "v"):
        numbers.remove(0)
    data = " ".join(map(str, numbers)).replace(" -", "-")
    if command != last:
        return command + data
    return data if data[0] == "-" else " " + data


def _draw_funcs() -> Any:
    """Return callbacks that append (SVG command, coordinates) to the list they are given."""

    def note(command: str) -> Any:
        return lambda *given: given[-1].append((command, given[:-1]))

    funcs = uharfbuzz.DrawFuncs()
    funcs.set_move_to_func(note("m"))
    funcs.set_line_to_func(note("l"))
    funcs.set_quadratic_to_func(note("q"))
    funcs.set_cubic_to_func(note("c"))
    funcs.set_close_path_func(note("z"))
    return funcs


_DRAW = _draw_funcs()


FORMAT = Format(
    name="svg",
    media_type="image/svg+xml",
    encode=encode,
    extensions=("svg",),
    max_side=65535,
    # Nothing here follows the pixels.
    bytes_per_pixel=0.01,
    ns_per_pixel=0.01,
)
