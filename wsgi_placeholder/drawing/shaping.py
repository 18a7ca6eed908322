"""From characters to measured words: which face, which direction, which glyphs.

Everything here is in em, y downwards, so that one measurement serves every size.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wsgi_placeholder.drawing.clean import ELLIPSIS
from wsgi_placeholder.drawing.scene import Box, Glyph

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsgi_placeholder.drawing.fonts import Face, Fonts

_RTL = {"R", "AL", "AN"}
# Han, kana and hangul syllables may be broken between any two, but no line begins with these.
_IDEOGRAPHS = re.compile("[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
# A long name of a file or a web address may be broken where its parts end.
_PARTS = re.compile(r".{9,}?[/_?&=-](?=\w)|.+")
# Default_Ignorable_Code_Point of Unicode 16: no font need have them, for they draw nothing.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# One script, left to right: Latin, with general punctuation and symbols.
_SIMPLE = re.compile("[\x00-\u024f\u2010-\u2027\u2030-\u22ff]*")
CLOSING = frozenset("、。，．！？）」』】〕〉》：；ー々…)]}!?,.:;")


class Piece(NamedTuple):
    """Shaped text of one face and one direction (`level` is its bidi embedding level)."""

    face: Face
    text: str
    glyphs: tuple[Glyph, ...]
    advance: float
    ink: Box | None
    level: int


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """What stands together: pieces in reading order, the box of their ink, the gap before."""

    pieces: tuple[Piece, ...]
    advance: float
    ink: Box | None
    space: float
    space_level: int = 0

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


class Shaper:
    """Measures text in one family and weight, with fallbacks; notes what nothing can draw."""

    def __init__(self, fonts: Fonts, family: str, weight: int) -> None:
        self._fonts = fonts
        self._family = family
        self._weight = weight
        self._face = fonts.face(family, weight)
        self._space = self._advance(" ")
        self.missing: dict[str, None] = {}

    @property
    def ellipsis(self) -> float:
        """The advance of an ellipsis, about: another face may have to draw it."""
        return self._advance(ELLIPSIS)

    def _advance(self, character: str) -> float:
        glyph = self._face.hb.get_nominal_glyph(ord(character)) or 0
        return float(self._face.hb.get_glyph_h_advance(glyph) / self._face.upem)

    def paragraph(self, text: str) -> list[Word]:
        """Split one line of text into words that may be put on lines of their own."""
        if _SIMPLE.fullmatch(text):
            return [
                self._word(part, None, self._space if i and not j else 0)
                for i, word in enumerate(text.split())
                for j, part in enumerate(_PARTS.findall(word))
            ]
        levels = _levels(text)
        words = []
        for start, end in _breaks(text):
            space = self._space if start and text[start - 1] == " " else 0
            level = levels[start - 1] if levels and space else 0
            words.append(self._word(text[start:end], levels and levels[start:end], space, level))
        return words

    def _word(
        self, text: str, levels: Sequence[int] | None, space: float, space_level: int = 0
    ) -> Word:
        pieces = tuple(
            self._shape(face, part, level) for face, part, level in self._itemise(text, levels)
        )
        if len(pieces) == 1:
            return Word(pieces, pieces[0].advance, pieces[0].ink, space, space_level)
        ink, x = None, 0.0
        for piece in in_visual_order(pieces):
            ink = joined(ink, piece.ink, x)
            x += piece.advance
        return Word(pieces, x, ink, space, space_level)

    def _itemise(self, text: str, levels: Sequence[int] | None) -> Iterator[tuple[Face, str, int]]:
        """Yield stretches of one face, script and direction."""
        if not levels and _SIMPLE.fullmatch(text):
            lacking = [c for c in text if ord(c) not in self._face.coverage]
            if not lacking:
                yield self._face, text, 0
                return
        start, current, script = 0, self._face, ""
        level = levels[0] if levels else 0
        for i, character in enumerate(text):
            face, its_script = current, script
            if i == 0 or not joins(character):
                face = self._face_for(_with_marks(text, i), current)
                its_script = _script(character) or script
            its_level = levels[i] if levels else 0
            changed = face is not current or its_level != level or (script and its_script != script)
            if changed and i:
                yield current, text[start:i], level
                start = i
            current, level, script = face, its_level, its_script
        yield current, text[start:], level

    def _face_for(self, text: str, current: Face) -> Face:
        """Return the first face that has a letter and all of its marks, or at least the letter."""
        letter, codes = ord(text[0]), {ord(character) for character in text}
        best = None
        for face in (self._face, current):
            if codes <= face.coverage:
                return face
            if best is None and letter in face.coverage:
                best = face
        for face in self._fonts.fallbacks(self._family, self._weight, text[0]):
            if codes <= face.coverage:
                return face
            best = best or face
        return best or self._face

    def _shape(self, face: Face, text: str, level: int) -> Piece:
        infos, positions = face.shape(text, rtl=bool(level & 1))
        em = face.upem
        glyphs = []
        lacking = set()
        x = 0
        left = bottom = math.inf
        right = top = -math.inf
        for info, position in zip(infos, positions, strict=True):
            gid = info.codepoint
            if not gid:
                lacking.add(info.cluster)
            advance = position.x_advance
            gx, gy = x + position.x_offset, position.y_offset
            glyphs.append(Glyph(gid, gx / em, -gy / em, advance / em, info.cluster))
            if ink := face.ink(gid):  # comparing takes half the time of min() and max()
                if gx + ink.left < left:
                    left = gx + ink.left
                if gx + ink.right > right:
                    right = gx + ink.right
                if gy + ink.top > top:
                    top = gy + ink.top
                if gy + ink.bottom < bottom:
                    bottom = gy + ink.bottom
            x += advance
        if lacking:
            ends = [*sorted({glyph.cluster for glyph in glyphs}), len(text)]
            for start, end in itertools.pairwise(ends):
                if start in lacking:
                    self._note(face, text[start:end])
        box = Box(left / em, -top / em, right / em, -bottom / em) if left < right else None
        return Piece(face, text, tuple(glyphs), x / em, box, level)

    def _note(self, face: Face, text: str) -> None:
        """Note what `face` lacks of a cluster of which it draws some glyph as missing."""
        drawn = _IGNORABLE.sub("", text)
        lacking = [character for character in drawn if ord(character) not in face.coverage]
        self.missing.update(dict.fromkeys(lacking or drawn))


def in_visual_order(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Reorder pieces of one line for display (Unicode Standard Annex 9, rule L2)."""
    if not any(piece.level for piece in pieces):
        return pieces
    line = list(pieces)
    highest = max(piece.level for piece in line)
    for level in range(highest, 0, -1):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end].level >= level:
                end += 1
            line[start:end] = line[start:end][::-1]
            start = max(end, start) + 1
    return line


def joined(first: Box | None, second: Box | None, x: float) -> Box | None:
    """Return the box around `first` and `second` moved right by `x`."""
    if second is None:
        return first
    second = Box(second.left + x, second.top, second.right + x, second.bottom)
    if first is None:
        return second
    return Box(
        min(first.left, second.left),
        min(first.top, second.top),
        max(first.right, second.right),
        max(first.bottom, second.bottom),
    )


def _breaks(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what may stand on a line of its own."""
    for match in re.finditer("[^ ]+", text):
        for part in _PARTS.finditer(text, *match.span()):
            start, end = part.span()
            for i in range(start + 1, end):
                before, after = text[i - 1], text[i]
                if (
                    (_IDEOGRAPHS.match(before) or _IDEOGRAPHS.match(after))
                    and after not in CLOSING
                    and not joins(after)
                    and before not in "（「『【〔〈《([{"
                ):
                    yield start, i
                    start = i
            yield start, end


def joins(character: str) -> bool:
    """Marks, joiners and what draws nothing stay with what they attach to, and in its face."""
    return unicodedata.category(character)[0] == "M" or _IGNORABLE.match(character) is not None


def _with_marks(text: str, start: int) -> str:
    """Return a letter with the marks after it, without what draws nothing."""
    end = start + 1
    while end < len(text) and joins(text[end]):
        end += 1
    if end == start + 1:
        return text[start]
    return text[start] + _IGNORABLE.sub("", text[start + 1 : end])


def _script(character: str) -> str:
    """A rough script name, empty for what all scripts share."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "?").partition(" ")[0]


def _levels(text: str) -> list[int] | None:
    """Return the bidi embedding level of each character, or None when all run left to right."""
    if not any(unicodedata.bidirectional(character) in _RTL for character in text):
        return None
    from bidi import algorithm

    # Noncharacters have no class, which the algorithm does not expect; a neutral stands for them.
    text = "".join(c if unicodedata.bidirectional(c) else "\ufffc" for c in text)
    storage = algorithm.get_empty_storage()
    storage["base_level"] = level = algorithm.get_base_level(text)
    storage["base_dir"] = ("L", "R")[level]
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    resolved = iter(storage["chars"])
    levels: list[int] = []
    for character in text:
        if unicodedata.bidirectional(character) in algorithm.X9_REMOVED:
            levels.append(levels[-1] if levels else level)  # joiners, which rule X9 leaves out
        else:
            levels.append(next(resolved)["level"])
    return levels
