"""Putting fonts into a PDF: the glyphs that are shown, at the weight that is shown, and no more."""

from __future__ import annotations

import hashlib
import itertools
import string
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz

from wsgi_placeholder.drawing.font_files import subset_input
from wsgi_placeholder.drawing.fonts import Ink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wsgi_placeholder.drawing.fonts import Face
    from wsgi_placeholder.drawing.scene import Glyph, Run

_FLAGS = (
    uharfbuzz.SubsetFlags.NO_HINTING
    | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    | uharfbuzz.SubsetFlags.DOWNGRADE_CFF2
    | uharfbuzz.SubsetFlags.CFF_IDENTITY_CHARSET
)
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
{}
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
_REGULAR = frozenset((string.ascii_letters + string.digits + "-").encode())
# Of one beginbfchar, and in one of its strings of 512 bytes (Adobe Technical Note 5014).
_MOST_LINES = 100
_MOST_SAID = 128


class Embedded(NamedTuple):
    """A font in the file: the code of each glyph, the advance of each code, what each glyph says.

    Advances are in whole thousandths of an em, because PDFium drops fractions. A glyph says nothing
    where another one speaks for both.
    """

    reference: str
    codes: Mapping[int, int]
    widths: Sequence[int]
    says: Mapping[int, str]

    def says_exactly(self, cluster: Cluster) -> bool:
        return len(cluster.glyphs) == 1 and self.says[cluster.glyphs[0].id] == cluster.text


class Cluster(NamedTuple):
    """Some characters, the glyphs that show them from left to right, and what each glyph says."""

    text: str
    glyphs: Sequence[Glyph]
    says: Sequence[str]


def embed(face: Face, says: Mapping[int, str], add: Callable[[str, bytes | None], str]) -> Embedded:
    """Write a font that has the glyphs of `says`, by `add(dictionary, stream) -> reference`.

    Raises RuntimeError for a font that HarfBuzz cannot take apart.
    """
    plan = _plan(face, says)
    subset = plan.execute()
    codes = dict(plan.old_to_new_glyph_mapping.items())
    scale = 1000 / face.upem
    widths = [0] * (max(codes.values()) + 1)
    for glyph, code in codes.items():
        widths[code] = round(face.hb.get_glyph_h_advance(glyph) * scale)
    postscript = "CFF " in subset.table_tags
    data = bytes(subset.blob.data)
    key = "FontFile3" if postscript else "FontFile2"
    file = add("/Subtype/OpenType" if postscript else f"/Length1 {len(data)}", data)
    name = _name(face.name, data)
    inks = [ink for glyph in codes if (ink := face.ink(glyph))] or [Ink(0, 0, 0, 0)]
    left, bottom, *_ = map(min, zip(*inks, strict=True))
    *_, right, top = map(max, zip(*inks, strict=True))
    box = " ".join(number(edge * scale) for edge in (left, bottom, right, top))
    line = face.hb.get_font_extents("ltr")
    ascent, descent = number(line.ascender * scale), number(line.descender * scale)
    # Flags, ItalicAngle, CapHeight and StemV must be there, but only help to replace a font.
    descriptor = add(
        f"/Type/FontDescriptor/FontName{name}/Flags 4/FontBBox[{box}]/ItalicAngle 0"
        f"/Ascent {ascent}/Descent {descent}/CapHeight {ascent}/StemV 80/{key} {file}",
        None,
    )
    descendant = add(
        f"/Type/Font/Subtype/CIDFontType{0 if postscript else 2}/BaseFont{name}"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        + ("" if postscript else "/CIDToGIDMap/Identity")
        + f"/FontDescriptor {descriptor}/W[0[{' '.join(map(str, widths))}]]",
        None,
    )
    unicode = add("", _to_unicode({codes[glyph]: text for glyph, text in says.items() if text}))
    reference = add(
        f"/Type/Font/Subtype/Type0/BaseFont{name}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant}]/ToUnicode {unicode}",
        None,
    )
    return Embedded(reference, codes, widths, says)


def _plan(face: Face, glyphs: Iterable[int]) -> uharfbuzz.SubsetPlan:
    source = face.font.face
    wanted = subset_input(source, glyphs)
    wanted.flags = _FLAGS
    wanted.pin_all_axes_to_default(source)
    for tag, value in face.variations.items():
        wanted.pin_axis_location(source, tag, value)
    return uharfbuzz.SubsetPlan(source, wanted)


def _name(name: str, data: bytes) -> str:
    """The font's name, after the six letters that tell subsets of one font apart (9.6.4)."""
    tag = "".join(
        chr(ord("A") + byte % 26) for byte in hashlib.blake2b(data, digest_size=6).digest()
    )
    # A name has at most 127 bytes (Annex C); all but letters, digits and hyphens is escaped.
    plain = (
        chr(byte) if byte in _REGULAR else f"#{byte:02X}"
        for byte in name.encode("utf-8", "replace")[:100]
    )
    return f"/{tag}+{''.join(plain)}"


def _to_unicode(says: Mapping[int, str]) -> bytes:
    """A CMap from codes to characters (9.10.3)."""
    lines = [f"<{code:04X}> {text_string(text, mark=b'')}" for code, text in sorted(says.items())]
    parts = (lines[i : i + _MOST_LINES] for i in range(0, len(lines), _MOST_LINES))
    blocks = (f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in parts)
    return _CMAP.format("\n".join(blocks)).encode()


def clusters(run: Run) -> Iterator[Cluster]:
    """Split a run into the least parts of which it is known what they say.

    As many glyphs as characters stand for one each; of others one stands for all of them.
    """
    groups = [tuple(group) for _, group in itertools.groupby(run.glyphs, lambda g: g.cluster)]
    starts = sorted({group[0].cluster for group in groups})
    ends = dict(zip(starts, [*starts[1:], len(run.text)], strict=True)) if starts else {}
    backwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in run.text)
    for group in groups:
        start = group[0].cluster
        text = run.text[start : ends[start]]
        says = [*text] if len(text) == len(group) else [text[:_MOST_SAID], *[""] * (len(group) - 1)]
        yield Cluster(text, group, says[::-1] if backwards else says)


def resource(reference: str) -> str:
    """The name under which a page knows an object."""
    return "/R" + reference.partition(" ")[0]


def number(value: float) -> str:
    """A number to a thousandth, without the exponent that PDF does not know."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def text_string(text: str, mark: bytes = b"\xfe\xff") -> str:
    """Any text, in UTF-16BE in hexadecimal: nothing in it can end the string (7.9.2.2)."""
    return f"<{(mark + text.encode('utf-16-be', 'replace')).hex().upper()}>"
