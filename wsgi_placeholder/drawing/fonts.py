"""Faces, and which of them draws which character.

Fonts come from installed `fontpkg-*` packages, from files and folders the user names, and from the
system's font folders. All are found and read once, at start, into memory: a request never opens a
file, and a font that is replaced or truncated on disk changes nothing (a mapped file that shrinks
would kill the process).
"""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import fontpkg
import uharfbuzz

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_OUTLINES = {"glyf", "CFF ", "CFF2"}
# System fonts above this are left alone: they would sit in the memory of every worker.
_LARGEST_SYSTEM_FONT = 32_000_000
# Between Inter's text (14) and display (32) cuts; captions are mostly display sized.
_OPTICAL_SIZE = 28
_ALIASES = {"source-sans-pro": "source-sans-3", "sans-serif": "inter"}


class Ink(NamedTuple):
    """A glyph's bounding box in font units, y upwards."""

    left: int
    bottom: int
    right: int
    top: int


class Face:
    """One font at one weight: shaping, ink boxes and coverage, in font units (`upem` to the em)."""

    def __init__(self, font: FontData, weight: int) -> None:
        self.font = font
        self.name = font.name
        self.weight = weight
        self.upem: int = font.face.upem
        self.coverage = font.coverage
        self.hb = uharfbuzz.Font(font.face)
        self.variations = {
            axis.tag: min(max(wanted, axis.min_value), axis.max_value)
            for axis in font.face.axis_infos
            for wanted in [{"wght": weight, "opsz": _OPTICAL_SIZE}.get(axis.tag)]
            if wanted is not None
        }
        if self.variations:
            self.hb.set_variations(self.variations)
        self._inks: dict[int, Ink | None] = {}

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


@dataclass(frozen=True, eq=False)
class FontData:
    """A font file in memory. `weight` is None for a variable font, which has them all."""

    name: str
    data: bytes
    index: int
    weight: int | None
    face: Any
    coverage: frozenset[int]
    digest: bytes


def read_font(name: str, data: bytes, weight: int | None = None, index: int = 0) -> FontData:
    """Parse a font; raises ValueError when it is none, or has no outlines."""
    face = uharfbuzz.Face(data, index)
    coverage = frozenset(face.unicodes)
    if not coverage or not _OUTLINES & set(face.table_tags):
        raise ValueError(f"{name}: not a font with outlines (TrueType or OpenType)")
    digest = hashlib.blake2b(data, digest_size=8).digest()
    return FontData(name, data, index, weight, face, coverage, digest)


def slug(name: str) -> str:
    """The spelling under which a family is known: `Noto Sans`, `noto+sans` → `noto-sans`."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    joined = "-".join(words)
    return _ALIASES.get(joined, joined)


class Fonts:
    """The fonts of one configuration, fixed at construction.

    `files` are font files, or folders of them, that the user names; each is known by its file
    name without suffix. Raises ValueError, naming the file, when one cannot be read.
    """

    def __init__(self, files: Sequence[str] = (), *, system: bool = True) -> None:
        self._families: dict[str, list[FontData]] = {}
        for path in _font_files(files):
            name = slug(path.stem)
            try:
                font = read_font(name, path.read_bytes())
            except (OSError, ValueError) as error:
                raise ValueError(f"fonts: cannot read {path}: {error}") from error
            self._families.setdefault(name, []).append(font)
        for name, fonts in _packaged().items():
            self._families.setdefault(name, list(fonts))
        self._system = _system_fonts() if system else ()
        self._faces: dict[tuple[int, int], Face] = {}
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
        for font in [*(f for fonts in self._families.values() for f in fonts), *self._system]:
            digest.update(font.name.encode() + font.digest)
        return digest.digest()

    def face(self, name: str, weight: int) -> Face:
        """Return the family's face nearest to `weight`; raises KeyError for an unknown family."""
        fonts = self._families[name]
        font = min(fonts, key=lambda font: abs((font.weight or weight) - weight))
        return self._face(font, weight)

    def fallbacks(self, name: str, weight: int, character: str) -> Iterator[Face]:
        """Yield the other faces that can draw `character`, best first."""
        code = ord(character)
        if code in self._covered:
            for other, fonts in self._families.items():
                if other != name and code in fonts[0].coverage:
                    yield self.face(other, weight)
        for font in self._system:
            if code in font.coverage:
                yield self._face(font, weight)

    def _face(self, font: FontData, weight: int) -> Face:
        key = (id(font), font.weight or weight)
        face = self._faces.get(key)
        if face is None:
            face = self._faces.setdefault(key, Face(font, key[1]))
        return face


@functools.cache
def _packaged() -> dict[str, tuple[FontData, ...]]:
    """Every upright font of the installed fontpkg families, Inter first."""
    families = fontpkg.families()
    names = sorted(families, key=lambda name: (name != "inter", name))
    return {
        name: tuple(
            read_font(name, file.path.read_bytes(), None if file.variable else file.weight)
            for file in families[name].files
            if file.style == "normal"
        )
        for name in names
    }


def _font_files(paths: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in _SUFFIXES)
        else:
            yield path


def _system_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        windows = os.environ.get("WINDIR", r"C:\Windows")
        return [Path(windows, "Fonts"), home / "AppData/Local/Microsoft/Windows/Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    shared = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    return [*(Path(folder, "fonts") for folder in shared), home / ".local/share/fonts"]


def _preference(path: Path) -> tuple[bool, bool, bool, str]:
    """Noto and DejaVu first, they are made as fallbacks; then upright, sans, by name."""
    name = path.name.lower()
    styled = any(word in name for word in ("italic", "oblique", "condensed", "mono", "light"))
    return (not name.startswith(("noto", "dejavu")), styled, "serif" in name, path.name)


@functools.cache
def _system_fonts() -> tuple[FontData, ...]:
    """The system fonts that add characters to those before them, in order of preference."""
    covered: set[int] = set().union(
        *(font.coverage for fonts in _packaged().values() for font in fonts)
    )
    chosen = []
    for path in sorted(set(_font_files(map(str, _system_folders()))), key=_preference):
        try:
            if path.stat().st_size > _LARGEST_SYSTEM_FONT:
                continue
            font = read_font(slug(path.stem), path.read_bytes())
        except (OSError, ValueError, RuntimeError):
            continue  # a damaged file in a system folder is not ours to complain about
        if not font.coverage <= covered:
            covered |= font.coverage
            chosen.append(font)
    return tuple(chosen)
