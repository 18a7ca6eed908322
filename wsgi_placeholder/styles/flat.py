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
# Up to three characters, such as initials, weigh more; from eight on a text weighs as a caption.
_INITIALS = 0.2
_STEP = (_INITIALS - _CAPTION) / 5
_PADDING = 0.08
_CORNER = 1 - math.sqrt(0.5)  # how far a corner of radius 1 reaches in, on the diagonal
# CSS pixels per em: below the first nobody reads, up to the second a caption may always grow.
_ILLEGIBLE = 7
_SMALL = 12


def compose(spec: Spec, fonts: Fonts) -> Scene:
    """Background, border, and the text in what these and the padding leave.

    Where the text finds no room, the padding shrinks to a CSS pixel before the text is left out,
    unless the user gave it: then a padding that leaves no room for text leaves none.
    """
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
        caption = spec.is_size_caption
        if spec.size is None:
            extra = 0 if caption else min(max(8 - len(spec.text), 0), 5)
            share = _CAPTION + extra * _STEP
            largest = max(share * math.sqrt(width * height), _SMALL * scale)
        else:
            largest = spec.size * scale
        # Round corners must not cut the text: it keeps to the square within them.
        corner = math.ceil(_CORNER * max(radius - border, 0))
        if spec.padding is None:
            usual = round(_PADDING * min(width, height))
            paddings = {max(usual, corner): None, max(min(usual, round(scale)), corner): None}
        else:
            paddings = {max(round(spec.padding * scale), corner): None}
        for padding in paddings:
            text, missing = lay_out(
                spec.text,
                fonts,
                family=spec.font,
                weight=spec.weight,
                box=canvas.inset(border + padding),
                fill=spec.foreground,
                largest=largest,
                smallest=min(_ILLEGIBLE * scale, largest),
                align=spec.align,
                shorten=not caption,
            )
            if text is not None:
                shapes.append(text)
                break
    return Scene(width, height, tuple(shapes), spec.text, missing)


STYLE = compose
