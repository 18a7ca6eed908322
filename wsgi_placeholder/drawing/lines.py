"""Lines of words, and lines above each other: where words end up, and the box of their ink.

All in em, from the measures of the words.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from wsgi_placeholder.drawing.shaping import in_visual_order, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.drawing.scene import Box
    from wsgi_placeholder.drawing.shaping import Piece, Word

# Em from baseline to baseline. Scripts with tall marks (Thai, Devanagari, Arabic) get what they
# need on top, by their ink.
_LINE_HEIGHT = 1.2
_LEAST_GAP = 0.12


class Line(NamedTuple):
    words: Sequence[Word]
    ink: Box

    @property
    def width(self) -> float:
        return self.ink.right - self.ink.left


class Block(NamedTuple):
    """Lines with their baselines, in em below the first one."""

    lines: list[Line]
    baselines: list[float]
    width: float

    @property
    def top(self) -> float:
        return self.lines[0].ink.top

    @property
    def height(self) -> float:
        return self.baselines[-1] + self.lines[-1].ink.bottom - self.top


def wrapped(paragraphs: list[list[Word]], width: float) -> list[Line | None]:
    """Break greedily at `width` em; a word that is wider gets a line of its own."""
    lines = []
    for words in paragraphs:
        start, used = 0, words[0].advance
        for i in range(1, len(words)):
            word = words[i]
            used += word.space + word.advance
            if used > width:
                lines.append(line_of(words[start:i]))
                start, used = i, word.advance
        lines.append(line_of(words[start:]))
    return lines


def line_of(words: Sequence[Word]) -> Line | None:
    if len(words) == 1:
        return Line(words, words[0].ink) if words[0].ink else None
    if any(piece.level for word in words for piece in word.pieces):
        ink, x = None, 0.0
        for piece, space in visual(words):
            x += space
            ink = joined(ink, piece.ink, x)
            x += piece.advance
        return Line(words, ink) if ink else None
    ink, x = None, -words[0].space
    for word in words:
        ink = joined(ink, word.ink, x + word.space)
        x += word.space + word.advance
    return Line(words, ink) if ink else None


def block_of(lines: Sequence[Line | None]) -> Block | None:
    inked = [line for line in lines if line]
    if not inked:
        return None
    baselines = [0.0]
    for above, below in itertools.pairwise(inked):
        needed = above.ink.bottom - below.ink.top + _LEAST_GAP
        baselines.append(baselines[-1] + max(_LINE_HEIGHT, needed))
    return Block(inked, baselines, max(line.width for line in inked))


def visual(words: Sequence[Word]) -> list[tuple[Piece, float]]:
    """Return the pieces of a line from left to right, each with the gap before it."""
    pieces: list[Piece] = []
    for i, word in enumerate(words):
        if i and word.space:
            first = word.pieces[0]
            pieces.append(
                first._replace(
                    text="", glyphs=(), advance=word.space, ink=None, level=word.space_level
                )
            )
        pieces.extend(word.pieces)
    placed: list[tuple[Piece, float]] = []
    gap = 0.0
    for piece in in_visual_order(pieces):
        if piece.text:
            placed.append((piece, gap))
            gap = 0.0
        else:
            gap += piece.advance
    return placed
