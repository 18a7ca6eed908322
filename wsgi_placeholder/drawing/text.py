"""Laying text out in a box: as large as it fits, wrapped, shortened, or left out.

Words are measured once, in em; sizes, line breaks and positions are arithmetic on those measures.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

from wsgi_placeholder.drawing.clean import ELLIPSIS
from wsgi_placeholder.drawing.scene import Box, Glyph, Run, Text
from wsgi_placeholder.drawing.shaping import Shaper, in_visual_order, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.shaping import Piece, Word

# Em from baseline to baseline. Scripts with tall marks (Thai, Devanagari, Arabic) get what they
# need on top, by their ink.
_LINE_HEIGHT = 1.2
_LEAST_GAP = 0.12
_STEPS = 10  # of the search for the size: 2^-10 of the range is below a tenth of a pixel


class _Line(NamedTuple):
    words: Sequence[Word]
    ink: Box

    @property
    def width(self) -> float:
        return self.ink.right - self.ink.left


class _Block(NamedTuple):
    """Lines with their baselines, in em below the first one."""

    lines: list[_Line]
    baselines: list[float]
    width: float

    @property
    def top(self) -> float:
        return self.lines[0].ink.top

    @property
    def height(self) -> float:
        return self.baselines[-1] + self.lines[-1].ink.bottom - self.top


def lay_out(
    content: str,
    fonts: Fonts,
    *,
    family: str,
    weight: int,
    box: Box,
    fill: Color,
    largest: float,
    smallest: float,
    align: str = "center",
    shorten: bool = True,
) -> tuple[Text | None, str]:
    """Place `content` in `box`, at most `largest` and at least `smallest` pixels per em.

    Returns the text, or None where nothing readable fits, and the characters that no font has.
    Lines end at "\\n" and wherever wrapping makes the text larger. What does not fit at
    `smallest` is shortened with an ellipsis, or left out when `shorten` is false.
    """
    shaper = Shaper(fonts, family, weight)
    paragraphs = [words for line in content.split("\n") if (words := shaper.paragraph(line))]
    missing = "".join(shaper.missing)
    # Baselines, and the glyphs of large text, are put on whole pixels, which may move the ink by
    # half of one at each side.
    box = Box(box.left + 0.5, box.top, box.right - 0.5, box.bottom)
    width, height = box.width, box.height - 1
    if not paragraphs or width <= 0 or height <= 0:
        return None, missing
    block, size = _fit(paragraphs, width, height, largest)
    if block is None:
        return None, missing
    if size < smallest:
        size = smallest
        room = (width / size, (height - 1) / size)
        block = _shortened(shaper, paragraphs, *room) if shorten else None
        if block is None:
            return None, missing
    return _placed(block, size, box, fill, align), missing


def _fit(
    paragraphs: list[list[Word]], width: float, height: float, largest: float
) -> tuple[_Block | None, float]:
    """Return the lines, and the size at which they fill `width` × `height` but for `largest`."""
    block = _block([_line(words) for words in paragraphs])
    if block is None:
        return None, 0
    low = _size(block, width, height, largest)
    if low >= largest or all(len(words) == 1 for words in paragraphs):
        return block, low
    high = largest
    for _ in range(_STEPS):
        middle = (low + high) / 2
        wrapped = _block(_wrapped(paragraphs, width / middle))
        if wrapped is not None and _size(wrapped, width, height, largest) >= middle:
            block, low = wrapped, middle
        else:
            high = middle
    if len(block.lines) > len(paragraphs):
        block = _balanced(paragraphs, block)
    return block, _size(block, width, height, largest)


def _size(block: _Block, width: float, height: float, largest: float) -> float:
    if len(block.lines) > 1:
        height -= 1  # the last baseline is rounded too
    return min(width / block.width, height / block.height, largest)


def _balanced(paragraphs: list[list[Word]], block: _Block) -> _Block:
    """Make the lines as even as their number allows."""
    low, high = 0.0, block.width
    for _ in range(_STEPS):
        middle = (low + high) / 2
        even = _block(_wrapped(paragraphs, middle))
        if even is not None and len(even.lines) == len(block.lines) and even.width <= block.width:
            block, high = even, middle
        else:
            low = middle
    return block


def _wrapped(paragraphs: list[list[Word]], width: float) -> list[_Line | None]:
    """Break greedily at `width` em; a word that is wider gets a line of its own."""
    lines = []
    for words in paragraphs:
        start, used = 0, words[0].advance
        for i in range(1, len(words)):
            word = words[i]
            used += word.space + word.advance
            if used > width:
                lines.append(_line(words[start:i]))
                start, used = i, word.advance
        lines.append(_line(words[start:]))
    return lines


def _line(words: Sequence[Word]) -> _Line | None:
    if len(words) == 1:
        return _Line(words, words[0].ink) if words[0].ink else None
    if any(piece.level for word in words for piece in word.pieces):
        ink, x = None, 0.0
        for piece, space in _visual(words):
            x += space
            ink = joined(ink, piece.ink, x)
            x += piece.advance
        return _Line(words, ink) if ink else None
    ink, x = None, -words[0].space
    for word in words:
        ink = joined(ink, word.ink, x + word.space)
        x += word.space + word.advance
    return _Line(words, ink) if ink else None


def _block(lines: Sequence[_Line | None]) -> _Block | None:
    inked = [line for line in lines if line]
    if not inked:
        return None
    baselines = [0.0]
    for above, below in itertools.pairwise(inked):
        needed = above.ink.bottom - below.ink.top + _LEAST_GAP
        baselines.append(baselines[-1] + max(_LINE_HEIGHT, needed))
    return _Block(inked, baselines, max(line.width for line in inked))


def _shortened(
    shaper: Shaper, paragraphs: list[list[Word]], width: float, height: float
) -> _Block | None:
    """Return as many lines as fit `width` × `height` em, with an ellipsis for what does not."""
    lines = _wrapped(paragraphs, width)
    block = _block(lines)
    while block is not None and block.height > height:
        block = _block(block.lines[:-1])
    if block is None:
        return None
    cut = len(block.lines) < sum(line is not None for line in lines)
    kept = [
        line
        if line.width <= width and not (cut and line is block.lines[-1])
        else _ellipsised(shaper, line, width)
        for line in block.lines
    ]
    shorter = _block(kept)
    return shorter if shorter is not None and shorter.height <= height else None


def _ellipsised(shaper: Shaper, line: _Line, width: float) -> _Line | None:
    """Return the longest beginning of `line` that fits with an ellipsis, at least one character."""
    text, used, fitting = "", 0.0, 1
    for i, word in enumerate(line.words):
        if i and word.space:
            text += " "
            used += word.space
        for piece in word.pieces:
            advances = [0.0] * len(piece.text)
            for glyph in piece.glyphs:
                advances[glyph.cluster] += glyph.advance
            for character, advance in zip(piece.text, advances, strict=True):
                text += character
                used += advance
                if used <= width - shaper.ellipsis:
                    fitting = len(text)
    # Ink may reach a little beyond the advances, and a cut changes how letters join.
    for kept in (fitting, fitting - 1, fitting // 2, 1):
        shorter = _line(shaper.paragraph(text[: max(kept, 1)].rstrip() + ELLIPSIS))
        if shorter is not None and shorter.width <= width:
            return shorter
    return None


def _visual(words: Sequence[Word]) -> list[tuple[Piece, float]]:
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


def _placed(block: _Block, size: float, box: Box, fill: Color, align: str) -> Text:
    """Put the block into the box, its ink aligned as `align` says."""
    baselines = [round(baseline * size) for baseline in block.baselines]
    height = baselines[-1] + (block.lines[-1].ink.bottom - block.top) * size
    if "top" in align:
        top = box.top
    elif "bottom" in align:
        top = box.bottom - height
    else:
        top = box.top + (box.height - height) / 2
    first = min(
        max(round(top - block.top * size), math.ceil(box.top - block.top * size)),
        math.floor(box.bottom - height - block.top * size),
    )
    runs: list[Run] = []
    ink: Box | None = None
    for line, baseline in zip(block.lines, baselines, strict=True):
        y = first + baseline
        if "left" in align:
            x = box.left
        elif "right" in align:
            x = box.right - line.width * size
        else:
            x = box.left + (box.width - line.width * size) / 2
        at = Box(x, y + line.ink.top * size, x + line.width * size, y + line.ink.bottom * size)
        ink = joined(ink, at, 0)
        x -= line.ink.left * size
        for piece, gap in _visual(line.words):
            x += gap * size
            runs.append(_run(piece, size, x, y))
            x += piece.advance * size
    assert ink is not None
    return Text(tuple(runs), size, fill, ink)


def _run(piece: Piece, size: float, x: float, y: float) -> Run:
    return Run(
        piece.face,
        piece.text,
        tuple(
            Glyph(gid, x + gx * size, y + gy * size, advance * size, cluster)
            for gid, gx, gy, advance, cluster in piece.glyphs
        ),
    )
