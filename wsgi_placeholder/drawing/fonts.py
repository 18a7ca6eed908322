"""Faces, and which of them draws which character.

Fonts come from installed `fontpkg-*` packages, from files and folders the user names, and from the
system's font folders. All are found and read once, at start, into memory: a request never opens a
file, and a font that is replaced or truncated on disk changes nothing (a mapped file that shrinks
would kill the process).
"""

from __future__ import annotations

import copy
import functools
import hashlib
import os
import stat
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
# What a PDF needs of a font whose glyphs are chosen by number (ISO 32000-1, 9.9).
_TO_DRAW = {*_OUTLINES, "loca", "head", "hhea", "hmtx", "maxp"}
# System fonts above this are left alone: they would sit in the memory of every worker.
_LARGEST_SYSTEM_FONT = 32_000_000
# Between Inter's text (14) and display (32) cuts; captions are mostly display sized.
_OPTICAL_SIZE = 28
_SAMPLES = 64  # of a font's characters, about: whether it is damaged
_LONGEST_NAME = 200  # of a file, in a complaint
_ALIASES = {"source-sans-pro": "source-sans-3", "sans-serif": "inter"}


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


@dataclass(frozen=True, eq=False)
class FontData:
    """A font file in memory. `weight` is None for a variable font, which has them all.

    `cuts` are the smallest and the largest optical size of a font that has such.
    """

    name: str
    data: bytes
    index: int
    weight: int | None
    face: Any
    coverage: frozenset[int]
    digest: bytes
    cuts: tuple[float, float] = (0, 0)


def read_font(name: str, data: bytes, weight: int | None = None, index: int = 0) -> FontData:
    """Parse a font; raises ValueError when it is none, has no outlines or is damaged."""
    face = uharfbuzz.Face(data, index)
    coverage = frozenset(face.unicodes)
    if not coverage or not _OUTLINES & set(face.table_tags):
        raise ValueError(f"{name}: not a font with outlines (TrueType or OpenType)")
    if _is_cut(data, index):
        raise ValueError(f"{name}: the file ends too early")
    if not _draws(face, coverage):
        raise ValueError(f"{name}: a damaged font, its letters cannot be drawn")
    digest = hashlib.blake2b(data, digest_size=8).digest()
    cuts = [(axis.min_value, axis.max_value) for axis in face.axis_infos if axis.tag == "opsz"]
    return FontData(name, data, index, weight, face, coverage, digest, *cuts)


def _is_cut(data: bytes, index: int) -> bool:
    """True when a table lies beyond the end (OpenType, "Organization of an OpenType Font").

    HarfBuzz makes do with what is left: some letters are drawn and others are not.
    """
    start = 0
    if data[:4] == b"ttcf":
        start = int.from_bytes(data[12 + 4 * index : 16 + 4 * index])
    count = int.from_bytes(data[start + 4 : start + 6])
    records = (data[at : at + 16] for at in range(start + 12, start + 12 + 16 * count, 16))
    return any(
        int.from_bytes(record[8:12]) + int.from_bytes(record[12:]) > len(data) for record in records
    )


def _draws(face: Any, coverage: frozenset[int]) -> bool:
    """True when most of some letters have an outline and a width, and a PDF can have them."""
    font = uharfbuzz.Font(face)
    codes = sorted(coverage)[:: max(len(coverage) // _SAMPLES, 1)]
    glyphs = [font.get_nominal_glyph(code) or 0 for code in codes if chr(code).isalnum()]
    funcs = uharfbuzz.DrawFuncs()
    funcs.set_close_path_func(lambda drawn: drawn.append(True))
    inked = 0
    for glyph in glyphs:
        drawn: list[bool] = []
        font.draw_glyph(glyph, funcs, drawn)
        inked += bool(drawn) and font.get_glyph_h_advance(glyph) > 0
    try:
        uharfbuzz.subset(face, subset_input(face, glyphs))
    except RuntimeError:
        return False
    return 2 * inked >= len(glyphs)


def subset_input(face: Any, glyphs: Iterable[int]) -> Any:
    """Return what asks HarfBuzz for some glyphs and the tables to draw them, and no more."""
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(glyphs)
    unneeded = set(face.table_tags) - _TO_DRAW
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode("latin-1")) for tag in unneeded)
    return wanted


def slug(name: str) -> str:
    """The spelling under which a family is known: `Noto Sans`, `noto+sans` → `noto-sans`."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.lower()).split()
    joined = "-".join(words)
    return _ALIASES.get(joined, joined)


class Fonts:
    """The fonts of one configuration, fixed at construction.

    `files` are font files, or folders of them, that the user names; each is known by its file
    name without suffix. Raises ValueError, naming the file or folder, where no font can be read.
    """

    def __init__(self, files: Sequence[str] = (), *, system: bool = True) -> None:
        self._families: dict[str, list[FontData]] = {}
        for path in _font_files(files):
            name = slug(path.stem)
            try:
                font = read_font(name, path.read_bytes())
            except (OSError, ValueError) as error:
                raise _unreadable(path, error) from error
            self._families.setdefault(name, []).append(font)
        for name, fonts in _packaged().items():
            self._families.setdefault(name, list(fonts))
        self._system = _system_fonts() if system else ()
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
        for font in [*(f for fonts in self._families.values() for f in fonts), *self._system]:
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
        key = (id(font), font.weight or weight, min(max(self._size, font.cuts[0]), font.cuts[1]))
        face = self._faces.get(key)
        if face is None:
            face = self._faces.setdefault(key, Face(font, *key[1:]))
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
    """Yield the files that the user names, and those in folders; raises ValueError."""
    for path in map(Path, paths):
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:  # ValueError: a null character
            raise _unreadable(path, error) from error
        if stat.S_ISDIR(mode):
            files = _in_folder(path)
            if not files:
                raise _unreadable(path, f"no {', '.join(sorted(_SUFFIXES))} in this folder")
            yield from files
        elif stat.S_ISREG(mode):
            yield path
        else:  # opening a pipe would wait for a writer
            raise _unreadable(path, "neither a file nor a folder")


def _in_folder(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())


def _unreadable(path: Path, reason: object) -> ValueError:
    if isinstance(reason, OSError):
        reason = reason.strerror
    name = str(path)
    name = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
    return ValueError(f"fonts: cannot read {name}: {reason}")


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
    files = {path for folder in _system_folders() for path in _in_folder(folder)}
    for path in sorted(files, key=_preference):
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
