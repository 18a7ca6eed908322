"""Breaking a word that is too long for its line: where that may be, and what the parts are.

Parts are cut out of what is shaped already: nothing is measured twice, and letters that join keep
their joined forms at the end of a line.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import math
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from wsgi_placeholder.drawing.scene import Box, Glyph
from wsgi_placeholder.drawing.shaping import (
    CLOSING,
    Piece,
    Word,
    in_visual_order,
    joined,
    joins,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Breaker = Callable[[Word, float], Sequence[Word]]

# Names of files, addresses and sizes are read in parts, which end with one of these.
_ENDS = frozenset("-_./\\@:?&=+,;|~#×")
_IN_NUMBERS = frozenset(".,:")
_VIRAMA = 9  # the combining class of what ties a consonant to the next
_JOINER = "\u200d"


class _Place(NamedTuple):
    """Where a word may be broken: em and characters before it.

    `natural` numbers the last place up to here where a part of a name ends, -1 for none.
    """

    advance: float
    at: int
    natural: int


def breaker(*, anywhere: bool) -> Breaker:
    """Return a function from a word and a width in em to parts of the word, at most so wide.

    Words are broken where parts of names end. With `anywhere` also between any two letters, where
    the line would else be less than a third full; without, parts may be wider than asked for.
    """

    @functools.cache
    def known(word: Word) -> tuple[list[_Place], list[int]]:
        places = _places(word)
        if not anywhere:
            places = [place for i, place in enumerate(places) if place.natural == i]
        lengths = (len(piece.text) for piece in word.pieces)
        return places, list(itertools.accumulate(lengths, initial=0))

    def break_(word: Word, width: float) -> Sequence[Word]:
        places, starts = known(word)
        ends = [*_ends(places, word.advance, width, anywhere), starts[-1]]
        return [_part(word, starts, *span) for span in zip([0, *ends], ends, strict=False)]

    return break_


def _ends(places: list[_Place], advance: float, width: float, anywhere: bool) -> Iterator[int]:
    """Yield the index of each place where the word is broken: the last ones that fit."""
    start, first = 0.0, 0
    while first < len(places) and advance - start > width:
        fitting = bisect.bisect_right(places, (start + width, math.inf), lo=first)
        last = max(fitting - 1, first)
        natural = places[last].natural
        if anywhere and natural >= first and places[natural].advance - start >= width / 3:
            last = natural
        yield places[last].at
        start, first = places[last].advance, last + 1


def _places(word: Word) -> list[_Place]:
    places: list[_Place] = []
    text, used, offset, natural = word.text, 0.0, 0, -1
    for piece in word.pieces:
        advances = dict.fromkeys((glyph.cluster for glyph in piece.glyphs), 0.0)
        for glyph in piece.glyphs:
            advances[glyph.cluster] += glyph.advance
        for cluster in sorted(advances):
            at = offset + cluster
            if at and _may_break(text[at - 1], text[at]):
                natural = len(places) if _is_natural(text, at) else natural
                places.append(_Place(used, at, natural))
            used += advances[cluster]
        offset += len(piece.text)
    return places


def _may_break(before: str, after: str) -> bool:
    return not (
        joins(after)
        or after in CLOSING
        or before == _JOINER
        or unicodedata.combining(before) == _VIRAMA
    )


def _is_natural(text: str, index: int) -> bool:
    before, after = text[index - 1], text[index]
    if before in _ENDS:
        number = before in _IN_NUMBERS and after.isdigit() and text[index - 2 : index - 1].isdigit()
        return after.isalnum() and not number
    return before.islower() and after.isupper()


def _part(word: Word, starts: list[int], start: int, end: int) -> Word:
    """Return characters `start` to `end` of a word as a word; its pieces begin at `starts`."""
    pieces: list[Piece] = []
    i = bisect.bisect_right(starts, start) - 1
    while i < len(word.pieces) and starts[i] < end:
        piece = word.pieces[i]
        whole = start <= starts[i] and starts[i + 1] <= end
        pieces.append(piece if whole else _cut(piece, max(start - starts[i], 0), end - starts[i]))
        i += 1
    ink, x = None, 0.0
    for piece in in_visual_order(pieces):
        ink = joined(ink, piece.ink, x)
        x += piece.advance
    if start:
        return Word(tuple(pieces), x, ink, 0)
    return Word(tuple(pieces), x, ink, word.space, word.space_level)


def _cut(piece: Piece, start: int, end: int) -> Piece:
    """Return characters `start` to `end` of a piece as a piece."""
    if piece.level & 1:  # the last character is at the left
        order, (start_key, end_key) = _from_right, (1 - end, 1 - start)
    else:
        order, (start_key, end_key) = _from_left, (start, end)
    first = bisect.bisect_left(piece.glyphs, start_key, key=order)
    last = bisect.bisect_left(piece.glyphs, end_key, lo=first, key=order)
    face = piece.face
    pen = piece.glyphs[first].x if first < last else 0.0
    advance = 0.0
    left = top = math.inf
    right = bottom = -math.inf
    glyphs = []
    for gid, x, y, width, cluster in piece.glyphs[first:last]:
        glyphs.append(Glyph(gid, x - pen, y, width, cluster - start))
        advance += width
        if ink := face.ink(gid):
            left = min(left, x - pen + ink.left / face.upem)
            right = max(right, x - pen + ink.right / face.upem)
            top = min(top, y - ink.top / face.upem)
            bottom = max(bottom, y - ink.bottom / face.upem)
    box = Box(left, top, right, bottom) if left < right else None
    return Piece(face, piece.text[start:end], tuple(glyphs), advance, box, piece.level)


def _from_left(glyph: Glyph) -> int:
    return glyph.cluster


def _from_right(glyph: Glyph) -> int:
    return -glyph.cluster
