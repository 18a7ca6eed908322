"""Font files: read once, at start, into memory.

They come from installed `fontpkg-*` packages, from files and folders the user names, and from the
system's font folders. A request never opens a file, and a font that is replaced or truncated on
disk changes nothing (a mapped file that shrinks would kill the process).
"""

from __future__ import annotations

import functools
import hashlib
import os
import stat
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fontpkg
import uharfbuzz

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The names that files, URLs and CSS give to weights (OpenType, "OS/2", usWeightClass).
WEIGHTS = {
    "thin": 100, "extralight": 200, "light": 300, "regular": 400, "normal": 400, "medium": 500,
    "semibold": 600, "bold": 700, "extrabold": 800, "black": 900,
}  # fmt: skip
_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc"}
_OUTLINES = {"glyf", "CFF ", "CFF2"}
# What a PDF needs of a font whose glyphs are chosen by number (ISO 32000-1, 9.9).
_TO_DRAW = {*_OUTLINES, "loca", "head", "hhea", "hmtx", "maxp"}
# System fonts above these are left alone: they would sit in the memory of every worker.
_LARGEST_SYSTEM_FONT = 32_000_000
_LARGEST_BOLD = 2_000_000
_SAMPLES = 64  # of a font's characters, about: whether it is damaged
_LONGEST_NAME = 200  # of a file, in a complaint
_ALIASES = {"source-sans-pro": "source-sans-3", "sans-serif": "inter"}


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
    if data[:4] in (b"wOFF", b"wOF2"):
        raise ValueError(f"{name}: a web font (WOFF); expected the .ttf or .otf it was made of")
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


def named(files: Iterable[str]) -> dict[str, list[FontData]]:
    """Return the families of files, or folders of them, that the user names.

    Each file is known by its name, and those whose names end in a weight by what is before it,
    too: Lora-Regular and Lora-Bold are `lora-regular`, `lora-bold`, and `lora` in two weights.
    Raises ValueError, naming the file or folder, where no font can be read.
    """
    families: dict[str, list[FontData]] = {}
    for path in _font_files(files):
        name = slug(path.stem)
        stem, weight = weighted(path.stem)
        try:
            font = read_font(name, path.read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
        families.setdefault(name, []).append(font)
        if stem != path.stem and "wght" not in {axis.tag for axis in font.face.axis_infos}:
            families.setdefault(slug(stem), []).append(replace(font, weight=weight))
    return families


@functools.cache
def packaged() -> dict[str, tuple[FontData, ...]]:
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


_STYLES = (
    "italic", "oblique", "condensed", "mono", "light", "thin", "medium", "bold", "black", "heavy",
)  # fmt: skip


def _preference(path: Path) -> tuple[bool, bool, bool, str]:
    """Noto and DejaVu first, they are made as fallbacks; then regular, upright, sans, by name."""
    name = path.name.lower()
    styled = any(word in name for word in _STYLES)
    return (not name.startswith(("noto", "dejavu")), styled, "serif" in name, path.name)


@functools.cache
def system_fonts() -> tuple[tuple[FontData, ...], ...]:
    """The system fonts that add characters to those before them, in order of preference.

    Each is a family: the file, and its bold where there is one of moderate size.
    """
    covered: set[int] = set().union(
        *(font.coverage for fonts in packaged().values() for font in fonts)
    )
    chosen = []
    files = {path for folder in _system_folders() for path in _in_folder(folder)}
    for path in sorted(files, key=_preference):
        font = _system_font(path, _LARGEST_SYSTEM_FONT)
        if font is not None and not font.coverage <= covered:
            covered |= font.coverage
            stem, weight = weighted(path.stem)
            bold = path.with_stem(f"{stem}-Bold") if weight == WEIGHTS["regular"] else path
            sibling = _system_font(bold, _LARGEST_BOLD, 700) if bold in files - {path} else None
            chosen.append((font, sibling) if sibling else (font,))
    return tuple(chosen)


def _system_font(path: Path, largest: int, weight: int | None = None) -> FontData | None:
    """Read a file that is not ours to complain about: None where it is damaged or too large."""
    try:
        if path.stat().st_size > largest:
            return None
        return read_font(slug(path.stem), path.read_bytes(), weight)
    except (OSError, ValueError, RuntimeError):
        return None


def weighted(stem: str) -> tuple[str, int]:
    """Return what is the family's in the name of a file, and the weight: Lora-Bold is Lora, 700."""
    family, _, style = stem.rpartition("-")
    weight = WEIGHTS.get(style.lower())
    return (family, weight) if family and weight else (stem, WEIGHTS["regular"])
