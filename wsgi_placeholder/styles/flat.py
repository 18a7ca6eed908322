"""The plain look: one background, one ink, the text in the middle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.scene import Box, Rect, Scene
from wsgi_placeholder.drawing.text import lay_out

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.scene import Shape
    from wsgi_placeholder.spec import Spec

# The em of a caption that has all the room it wants, as a share of √(width · height): the same
# optical weight on a banner as on a square. Chosen by eye.
_CAPTION = 0.115
_INITIALS = 0.2  # of up to three characters, such as initials and numbers
_PADDING = 0.08
_CORNER = 1 - math.sqrt(0.5)  # how far a corner of radius 1 reaches in, on the diagonal
# CSS pixels per em: below the first nobody reads, up to the second a caption may always grow.
_ILLEGIBLE = 7
_SMALL = 12


def compose(spec: Spec, fonts: Fonts) -> Scene:
    """Background, border, and the text in what these and the padding leave."""
    width, height = spec.pixels
    scale = spec.scale
    radius = spec.radius * scale
    canvas = Box(0, 0, width, height)
    shapes: list[Shape] = []
    if spec.background.alpha:
        shapes.append(Rect(canvas, spec.background, radius))
    border = max(1, int(spec.border * scale + 0.5)) if spec.border else 0
    if border:
        shapes.append(Rect(canvas, spec.border_color, radius, border))
    missing = ""
    if spec.text:
        padding = _PADDING * min(width, height) if spec.padding is None else spec.padding * scale
        # Round corners must not cut the text: it keeps to the square within them.
        corner = math.ceil(_CORNER * max(radius - border, 0))
        box = canvas.inset(border + max(round(padding), corner))
        if spec.size is None:
            share = _INITIALS if len(spec.text) <= 3 else _CAPTION
            largest = max(share * math.sqrt(width * height), _SMALL * scale)
        else:
            largest = spec.size * scale
        text, missing = lay_out(
            spec.text,
            fonts,
            family=spec.font,
            weight=spec.weight,
            box=box,
            fill=spec.foreground,
            largest=largest,
            smallest=min(_ILLEGIBLE * scale, largest),
            align=spec.align,
            shorten=not spec.is_size_caption,
        )
        if text is not None:
            shapes.append(text)
    return Scene(width, height, tuple(shapes), spec.text, missing)


STYLE = compose
