"""A style: upright stripes behind the text, `?style=stripes`.

A style turns a Spec into a Scene: a few frozen shapes in device pixels, painted in order. It must
be pure, the same Scene for the same Spec, so chance comes from `spec.seed` alone. Every format can
draw every shape, hence this file draws for PNG, SVG and PDF alike.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.color import TRANSPARENT, mix
from wsgi_placeholder.drawing.scene import Box, Rect, Scene, Text
from wsgi_placeholder.styles import flat

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.scene import Shape
    from wsgi_placeholder.spec import Spec


def compose(spec: Spec, fonts: Fonts) -> Scene:
    width, height = spec.pixels
    shapes: list[Shape] = []
    if spec.background.alpha:
        shapes.append(Rect(Box(0, 0, width, height), spec.background, spec.radius * spec.scale))
    shapes += _stripes(spec, width, height)
    # Text, border and all their options are the flat style's work; we only lay stripes below.
    plain = flat.compose(spec.replace(background=TRANSPARENT), fonts)
    for shape in plain.shapes:
        if isinstance(shape, Text) and spec.background.alpha:
            shapes.append(_plate(shape, spec, width, height))
        shapes.append(shape)
    return Scene(width, height, tuple(shapes), plain.title, plain.missing)


def _stripes(spec: Spec, width: int, height: int) -> list[Shape]:
    """Between the rounded corners, so that none sticks out."""
    left, right = spec.radius * spec.scale, width - spec.radius * spec.scale
    # random() of a seeded generator is the same in every version of Python; other methods are not.
    count = 3 + int(random.Random(spec.seed).random() * 10)
    step = (right - left) / (2 * count)
    color = mix(spec.background, spec.foreground, 0.15)
    edges = [round(left + step * i) for i in range(2 * count + 1)]
    return [
        Rect(Box(start, 0, end, height), color)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if end > start
    ]


def _plate(text: Text, spec: Spec, width: int, height: int) -> Rect:
    """The bare background around the text: the contrast was chosen for that colour."""
    ink = text.ink.inset(-0.3 * text.size)
    box = Box(max(ink.left, 0), max(ink.top, 0), min(ink.right, width), min(ink.bottom, height))
    return Rect(box, spec.background, radius=min(0.2 * text.size, box.width / 2, box.height / 2))


STYLE = compose
