"""Faces, and which of them draws which character. `font_files` reads the files at start."""

from __future__ import annotations

import copy
import functools
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import uharfbuzz

from wsgi_placeholder.drawing import font_files
from wsgi_placeholder.drawing.font_files import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsgi_placeholder.drawing.font_files import FontData

# Between Inter's text (14) and display (32) cuts; captions are mostly display sized.
_OPTICAL_SIZE = 28


class Ink(NamedTuple):
    """A glyph's bounding box in font units, y upwards."""

    left: int
    bottom: int
    right: int
    top: int


class Face:
    """One font at one weight: shaping, ink boxes and coverage, in font units (`upem` to the em)."""

    def __init__(self, font: FontData, weight: int, size: float = _OPTICAL_SIZE) -> None:
        self.font = font
        self.name = font.name
        self.weight = weight
        self.upem: int = font.face.upem
        self.coverage = font.coverage
        self.hb = uharfbuzz.Font(font.face)
        self.variations = {
            axis.tag: min(max(wanted, axis.min_value), axis.max_value)
            for axis in font.face.axis_infos
            for wanted in [{"wght": weight, "opsz": size}.get(axis.tag)]
            if wanted is not None
        }
        if self.variations:
            self.hb.set_variations(self.variations)
        self._inks: dict[int, Ink | None] = {}
        # What a format keeps of the glyphs, by glyph and grid: here, so that it goes with the face.
        self.paths: dict[tuple[int, int], Any] = {}

    def __repr__(self) -> str:
        return f"<Face {self.name} {self.weight}>"

    def shape(self, text: str, rtl: bool = False) -> tuple[list[Any], list[Any]]:
        """Return HarfBuzz's glyph infos and positions of one run, in visual order."""
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        if rtl != (buffer.direction == "rtl"):
            buffer.direction = "rtl" if rtl else "ltr"
        uharfbuzz.shape(self.hb, buffer)
        return buffer.glyph_infos, buffer.glyph_positions

    def ink(self, glyph: int) -> Ink | None:
        """Return the glyph's ink box, or None for a blank one such as the space."""
        try:
            ink = self._inks[glyph]
        except KeyError:
            box = self.hb.get_glyph_extents(glyph)
            # One unit more on each side: HarfBuzz rounds the extents of varied outlines.
            ink = self._inks[glyph] = (
                Ink(
                    box.x_bearing - 1,
                    box.y_bearing + box.height - 1,
                    box.x_bearing + box.width + 1,
                    box.y_bearing + 1,
                )
                if box is not None and box.width > 0 > box.height  # None: a damaged font
                else None
            )
        return ink


class Fonts:
    """The fonts of one configuration, fixed at construction.

    `files` are font files, or folders of them, that the user names; see `font_files.named`. Raises
    ValueError, naming the file or folder, where no font can be read.
    """

    def __init__(self, files: Sequence[str] = (), *, system: bool = True) -> None:
        self._families = font_files.named(files)
        for name, fonts in font_files.packaged().items():
            self._families.setdefault(name, list(fonts))
        self._system = font_files.system_fonts() if system else ()
        self._faces: dict[tuple[int, int, float], Face] = {}
        self._size: float = _OPTICAL_SIZE
        self._covered: frozenset[int] = frozenset().union(
            *(font.coverage for fonts in self._families.values() for font in fonts)
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The family names a URL may ask for."""
        return tuple(self._families)

    @functools.cached_property
    def fingerprint(self) -> bytes:
        """A digest that changes when any font here does."""
        digest = hashlib.blake2b(digest_size=8)
        for font in [f for fonts in (*self._families.values(), *self._system) for f in fonts]:
            digest.update(font.name.encode() + font.digest)
        return digest.digest()

    def at_size(self, size: float) -> Fonts:
        """Return these fonts in the cut for running text of `size` pixels, as browsers set it.

        The usual one is a headline's: at 16 pixels, Inter is 5 % narrower in it.
        """
        sized = copy.copy(self)
        sized._size = round(size)
        return sized

    def face(self, name: str, weight: int) -> Face:
        """Return the family's face nearest to `weight`; raises KeyError for an unknown family."""
        return self._face(_nearest(self._families[name], weight), weight)

    def fallbacks(self, name: str, weight: int, character: str) -> Iterator[Face]:
        """Yield the other faces that can draw `character`, best first."""
        code = ord(character)
        if code in self._covered:
            for other, fonts in self._families.items():
                if other != name and code in fonts[0].coverage:
                    yield self.face(other, weight)
        for family in self._system:
            if code in family[0].coverage:
                font = _nearest(family, weight)
                yield self._face(font if code in font.coverage else family[0], weight)

    def _face(self, font: FontData, weight: int) -> Face:
        key = (id(font), font.weight or weight, min(max(self._size, font.cuts[0]), font.cuts[1]))
        face = self._faces.get(key)
        if face is None:
            face = self._faces.setdefault(key, Face(font, *key[1:]))
        return face


def _nearest(fonts: Sequence[FontData], weight: int) -> FontData:
    return min(fonts, key=lambda font: abs((font.weight or WEIGHTS["regular"]) - weight))
