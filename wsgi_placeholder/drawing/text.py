"""Laying text out in a box: as large as it fits, wrapped, shortened, or left out.

Words are measured once, in em; sizes, line breaks and positions are arithmetic on those measures.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.breaking import breaker
from wsgi_placeholder.drawing.clean import ELLIPSIS
from wsgi_placeholder.drawing.lines import block_of, line_of, visual, wrapped
from wsgi_placeholder.drawing.scene import Box, Glyph, Run, Text
from wsgi_placeholder.drawing.shaping import Shaper, joined

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.breaking import Breaker
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.lines import Block, Line
    from wsgi_placeholder.drawing.shaping import Piece, Word

# Words are broken for letters so much larger, but not to lines of less em than this, about twelve
# letters. Below the smallest size anything is better.
_MUCH = 1.5
_LEAST_LINE = 7
_MANY_LINES = 30  # nobody sees whether so many are even
_STEPS = 10  # of the search for the size: 2^-10 of the range is below a tenth of a pixel


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
    Lines end at "\\n" and wherever wrapping makes the text larger; words are broken where that
    makes it much larger. What does not fit at `smallest` is shortened with an ellipsis. When
    `shorten` is false, words are only broken where parts of names end, and what does not fit is
    left out.
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
    if size < smallest or size * _MUCH <= largest:
        aim = min(largest, max(width / _LEAST_LINE, smallest))
        for anywhere in (False, True)[: 1 + shorten]:
            worth = size * _MUCH if size >= smallest else smallest
            widest = max(word.advance for words in paragraphs for word in words)
            if worth > aim or widest * worth <= width:
                continue
            broken, _ = _fit(paragraphs, width, height, aim, breaker(anywhere=anywhere), worth)
            if broken is not None:
                block, size = broken, _size(broken, width, height, largest)
    if size < smallest:
        size = smallest
        room = (width / size, (height - 1) / size)
        block = _shortened(shaper, paragraphs, *room) if shorten else None
        if block is None:
            return None, missing
    return _placed(block, size, box, fill, align), missing


def _fit(
    paragraphs: list[list[Word]],
    width: float,
    height: float,
    largest: float,
    break_: Breaker | None = None,
    least: float = 0,
) -> tuple[Block | None, float]:
    """Return the lines, and the size at which they fill `width` × `height` but for `largest`.

    With `break_`, words may be broken; then there are no lines where they do not fit at `least`.
    """
    if break_ is None:
        block = block_of([line_of(words) for words in paragraphs])
    else:
        block = block_of(wrapped(_broken(paragraphs, width / least, break_), width / least))
    if block is None:
        return None, 0
    low = _size(block, width, height, largest)
    if break_ is None:
        if low >= largest or all(len(words) == 1 for words in paragraphs):
            return block, low
    elif low < least:
        return None, 0
    else:
        low = least
    high = largest
    for _ in range(_STEPS if low < high else 0):
        middle = (low + high) / 2
        room = width / middle
        lines = block_of(wrapped(_broken(paragraphs, room, break_), room))
        if lines is not None and _size(lines, width, height, largest) >= middle:
            block, low = lines, middle
        else:
            high = middle
    if len(paragraphs) < len(block.lines) <= _MANY_LINES:
        block = _balanced(paragraphs, block, break_, width / low)
    return block, _size(block, width, height, largest)


def _size(block: Block, width: float, height: float, largest: float) -> float:
    if len(block.lines) > 1:
        height -= 1  # the last baseline is rounded too
    return min(width / block.width, height / block.height, largest)


def _balanced(
    paragraphs: list[list[Word]], block: Block, break_: Breaker | None, widest: float
) -> Block:
    """Make the lines as even as their number allows; no more words are broken than must be."""
    low, high = 0.0, block.width
    for _ in range(_STEPS):
        middle = (low + high) / 2
        even = block_of(wrapped(_broken(paragraphs, middle, break_, widest), middle))
        if even is not None and len(even.lines) == len(block.lines) and even.width <= block.width:
            block, high = even, middle
        else:
            low = middle
    return block


def _broken(
    paragraphs: list[list[Word]], width: float, break_: Breaker | None, widest: float = 0
) -> list[list[Word]]:
    """Break the words that are wider than a line, or than `widest`, into parts for lines."""
    if break_ is None:
        return paragraphs
    most = max(width, widest)
    return [
        [
            part
            for word in words
            for part in (break_(word, width) if word.advance > most else [word])
        ]
        for words in paragraphs
    ]


def _shortened(
    shaper: Shaper, paragraphs: list[list[Word]], width: float, height: float
) -> Block | None:
    """Return as many lines as fit `width` × `height` em, with an ellipsis for what does not."""
    block = block_of(wrapped(_broken(paragraphs, width, breaker(anywhere=True)), width))
    if block is None:
        return None
    fitting = [
        i
        for i, (line, baseline) in enumerate(zip(block.lines, block.baselines, strict=True), 1)
        if baseline + line.ink.bottom - block.top <= height
    ]
    most = max(fitting, default=0)
    for last in (most, most - 1):  # letters that are joined no more may reach lower
        kept = [
            line
            if line.width <= width and not (i == last < len(block.lines))
            else _ellipsised(shaper, line, width)
            for i, line in enumerate(block.lines[: max(last, 0)], 1)
        ]
        shorter = block_of(kept)
        if shorter is not None and shorter.height <= height:
            return shorter
    return None


def _ellipsised(shaper: Shaper, line: Line, width: float) -> Line | None:
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
        shorter = line_of(shaper.paragraph(text[: max(kept, 1)].rstrip() + ELLIPSIS))
        if shorter is not None and shorter.width <= width:
            return shorter
    return None


def _placed(block: Block, size: float, box: Box, fill: Color, align: str) -> Text:
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
        for piece, gap in visual(line.words):
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
