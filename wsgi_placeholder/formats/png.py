"""PNG (ISO/IEC 15948, PNG third edition), the default: small, exact, transparent.

A text on one colour is written as sixteen blends of the two, four bits a pixel, without a canvas:
only the box of the text is painted and compressed, and every other row is zeros. With a border or
round corners it is painted in palette indexes, everything else in colours; of both, only the rows
that are not as the one above cost anything to write.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.color import TRANSPARENT, blends
from wsgi_placeholder.drawing.indexed import LEVELS, paint_indexed
from wsgi_placeholder.drawing.paint import backdrop, paint, text_strips
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.formats import Format
from wsgi_placeholder.formats._zlib import ZlibStream, block, crc32

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene
    from wsgi_placeholder.formats._zlib import Block

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {"L": 3, "RGB": 2, "RGBA": 6}  # bytes of mode L are indexes here
_BLOCK = 1 << 18  # at most so many bytes of repeated rows are compressed at once


def encode(scene: Scene, quality: int | None = None) -> bytes:
    ground, shapes = backdrop(scene)
    if not shapes:
        return _one_ink(scene, ground, None)
    if len(shapes) == 1 and isinstance(text := shapes[0], Text):
        return _one_ink(scene, ground, text)
    if indexed := paint_indexed(scene):
        return _eight_bit(*indexed)
    return _eight_bit(paint(scene))


def encode_ink(coverage: Image.Image, ink: Color) -> bytes:
    """Write one colour on nothing, in mode L how much of it where."""
    return _eight_bit(coverage, blends(TRANSPARENT, ink, 256))


def _one_ink(scene: Scene, ground: Color, text: Text | None) -> bytes:
    """Write `text` on `ground`. Index 0 is the ground, so that a blank row is all zeros."""
    width, height = scene.width, scene.height
    row = 1 + (width + 1) // 2  # a filter byte (0, none), then two pixels a byte
    stream = ZlibStream()
    palette: Sequence[Color] = (ground,)
    written = 0  # bytes so far, all rows together
    for mask, left, top in text_strips(text, width, height, LEVELS - 1) if text else ():
        mask.putpalette(b"\0\0\0")  # only palette indexes can be packed
        packed = mask.tobytes("raw", "P;4")
        used = (mask.width + 1) // 2
        start = top * row + 1 + left // 2  # a mask begins on an even pixel
        gap = bytes(row - used)
        stream.zeros(start - written)
        stream.data(gap.join([packed[i : i + used] for i in range(0, len(packed), used)]))
        written = start + (mask.height - 1) * row + used
    stream.zeros(height * row - written)
    if text:
        palette = blends(ground, text.fill, LEVELS)
    return _file(width, height, 4, _COLOR_TYPES["L"], palette, stream)


def _eight_bit(picture: Image.Image, palette: Sequence[Color] = ()) -> bytes:
    """Write bytes of colours or indexes; of a row that is the one above, only that (filter 2, up).

    Scenes are plain: most rows of most pictures repeat. They are looked at a strip at a time, as a
    copy of all of them would take as much memory as the picture.
    """
    width, height = picture.size
    length = width * len(picture.getbands())
    stream = ZlibStream()
    same = b"\2" + bytes(length)
    many = block(same * max(1, min(height // 16, _BLOCK // len(same))))
    fresh: list[bytes] = []
    repeated = 0
    above = None
    strip = max(1, _BLOCK // length)
    for top in range(0, height, strip):
        pixels = picture.crop((0, top, width, min(top + strip, height))).tobytes()
        for start in range(0, len(pixels), length):
            row = pixels[start : start + length]
            if row == above:
                repeated += 1
                continue
            repeated = _repeat(stream, fresh, many, same, repeated)
            fresh.append(b"\0" + row)
            above = row
        stream.data(b"".join(fresh))
        fresh.clear()
    _repeat(stream, fresh, many, same, repeated)
    stream.data(b"".join(fresh))
    return _file(width, height, 8, _COLOR_TYPES[picture.mode], palette, stream)


def _repeat(stream: ZlibStream, fresh: list[bytes], many: Block, same: bytes, repeated: int) -> int:
    """Write rows like the one above: whole blocks at once, the others with the fresh ones."""
    times, rest = divmod(repeated * len(same), many.length)
    if times:
        stream.data(b"".join(fresh))
        fresh.clear()
        stream.repeat(many, times)
    fresh.extend([same] * (rest // len(same)))
    return 0


def _file(
    width: int, height: int, bits: int, kind: int, palette: Sequence[Color], stream: ZlibStream
) -> bytes:
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"".join((
        _SIGNATURE,
        _chunk(b"IHDR", size + bytes((bits, kind, 0, 0, 0))),
        _palette(tuple(palette)) if palette else b"",
        _chunk(b"IDAT", stream.finish()),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


@functools.lru_cache(maxsize=256)
def _palette(palette: tuple[Color, ...]) -> bytes:
    chunks = _chunk(b"PLTE", b"".join(bytes(color[:3]) for color in palette))
    if all(color.opaque for color in palette):
        return chunks
    return chunks + _chunk(b"tRNS", bytes(color.alpha for color in palette))


def _chunk(kind: bytes, data: bytes) -> bytes:
    content = kind + data
    return len(data).to_bytes(4, "big") + content + crc32(content).to_bytes(4, "big")


FORMAT = Format(
    name="png",
    media_type="image/png",
    encode=encode,
    extensions=("png",),
    max_side=65535,
    # RGBA canvas and layers as large above it; the short ways: masks, rows and their copies.
    bytes_per_pixel=17,
    ns_per_pixel=40,
    framed_cost=(6, 12),
    flat_cost=(2.5, 8),
    sparse=True,
)
