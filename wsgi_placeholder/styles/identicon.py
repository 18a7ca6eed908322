"""A mirrored grid of five by five cells in the text's colour, chosen by the seed; no text."""

from __future__ import annotations

import itertools
import math
from hashlib import blake2b
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.scene import Box, Rect, Scene

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.scene import Shape
    from wsgi_placeholder.spec import Spec

_PADDING = 0.1  # of the short side
_CORNER = 1 - math.sqrt(0.5)  # how far a corner of radius 1 reaches in, on the diagonal


def compose(spec: Spec, fonts: Fonts) -> Scene:
    """Background, border, and the cells on whole pixels in the middle of what these leave."""
    width, height = spec.pixels
    short = min(width, height)
    radius = spec.radius * spec.scale
    canvas = Box(0, 0, width, height)
    shapes: list[Shape] = []
    if spec.background.alpha:
        shapes.append(Rect(canvas, spec.background, radius))
    border = max(1, round(spec.border * spec.scale)) if spec.border else 0
    if border:
        shapes.append(Rect(canvas, spec.border_color, radius, border))
    padding = _PADDING * short if spec.padding is None else spec.padding * spec.scale
    corner = math.ceil(_CORNER * max(radius - border, 0))
    side = short - 2 * (border + max(round(padding), corner))
    if side >= 5:
        shapes.extend(_cells(spec, width, height, side))
    return Scene(width, height, tuple(shapes), spec.text)


def _cells(spec: Spec, width: int, height: int, side: int) -> list[Rect]:
    """Return the runs of cells, each row's from left to right."""
    cell = side // 5
    # The middle column and row may be a pixel wider, so that both margins are the same.
    middle = cell + (side - cell) % 2
    steps = [0, cell, 2 * cell, 2 * cell + middle, 3 * cell + middle, 4 * cell + middle]
    left, top = (width - steps[5]) // 2, (height - steps[5]) // 2
    return [
        Rect(
            Box(left + steps[start], top + steps[row], left + steps[end], top + steps[row + 1]),
            spec.foreground,
        )
        for row, on in enumerate(_pattern(spec.seed))
        for start, end in _runs([*on, on[1], on[0]])
    ]


def _pattern(seed: str) -> list[list[bool]]:
    """Return the left three cells of five rows.

    No row is empty, nor the left column: every grid fills its place. Only two may be full.
    """
    digest = blake2b(seed.encode("utf-8", "replace"), digest_size=5).digest()
    masks = [byte % (7 if row % 2 else 6) + 1 for row, byte in enumerate(digest)]
    if not any(mask & 4 for mask in masks):
        masks[2] |= 4
    return [[bool(mask & bit) for bit in (4, 2, 1)] for mask in masks]


def _runs(cells: list[bool]) -> list[tuple[int, int]]:
    """Return start and end of each run of cells that are on: one shape instead of several."""
    pairs = itertools.pairwise([False, *cells, False])
    edges = [index for index, (before, here) in enumerate(pairs) if before != here]
    return list(zip(edges[::2], edges[1::2], strict=True))


STYLE = compose
