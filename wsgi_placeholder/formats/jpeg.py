"""JPEG (ITU-T T.81, JFIF): no transparency, so a transparent scene stands on white.

A text on one colour is encoded as one blank row of blocks and the rows that hold the text, with a
restart marker after each row (T.81, E.1.4). As a restart forgets all that was before, the blank
row's bytes are right wherever they stand: they are repeated, and the height is put right. The
pixels are those that encoding the whole picture gives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PIL import Image

from wsgi_placeholder.drawing.color import WHITE, over
from wsgi_placeholder.drawing.paint import backdrop, paint, stain, text_mask
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.formats import Format
from wsgi_placeholder.formats._saved import saved

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.drawing.scene import Scene

_QUALITY = 85
# From here on a user wants coloured text without coloured fringes.
_FULL_COLOR = 90
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_START_OF_FRAME, _START_OF_SCAN = 0xC0, 0xDA


def encode(scene: Scene, quality: int | None = None) -> bytes:
    quality = quality or _QUALITY
    ground, shapes = backdrop(scene)
    ground = over(ground, WHITE)
    if not shapes:
        return _spliced(scene, ground, None, quality)
    if len(shapes) == 1 and isinstance(text := shapes[0], Text):
        return _spliced(scene, ground, text, quality)
    return _saved(paint(scene, alpha=False), quality)


def _spliced(scene: Scene, ground: Color, text: Text | None, quality: int) -> bytes:
    width, height = scene.width, scene.height
    grey = ground.is_grey and (text is None or text.fill.is_grey)
    unit = 8 if grey or quality >= _FULL_COLOR else 16  # pixels in a row of blocks
    placed = text and text_mask(text, width, height)
    first = last = 0
    if placed:
        mask, left, top = placed
        first, last = top // unit * unit, min(-(-(top + mask.height) // unit) * unit, height)
    strip = Image.new("L" if grey else "RGB", (width, unit + last - first),
                      ground.red if grey else ground[:3])  # fmt: skip
    if text and placed:
        stain(strip, text.fill, mask, left, top - first + unit)
    jpeg = _saved(strip, quality, restart_marker_rows=1)
    frame, scan = _segments(jpeg)
    blank, *inked = _RESTART.split(jpeg[scan:-2])
    above, below = first // unit, -(-height // unit) - -(-last // unit)
    rows = [blank] * above + inked + [blank] * below
    parts = [jpeg[: frame + 5], height.to_bytes(2, "big"), jpeg[frame + 7 : scan], rows[0]]
    for i, row in enumerate(rows[1:]):
        parts += (b"\xff", _MARKERS[i % 8], row)
    return b"".join([*parts, jpeg[-2:]])


_MARKERS = [bytes([0xD0 + i]) for i in range(8)]


def _segments(jpeg: bytes) -> tuple[int, int]:
    """Return where the frame header's marker stands and where the entropy-coded data begin."""
    position, frame = 2, 0
    while True:
        marker, length = (
            jpeg[position + 1],
            int.from_bytes(jpeg[position + 2 : position + 4], "big"),
        )
        if marker == _START_OF_FRAME:
            frame = position
        position += 2 + length
        if marker == _START_OF_SCAN:
            return frame, position


def _saved(picture: Image.Image, quality: int, restart_marker_rows: int = 0) -> bytes:
    return saved(
        picture,
        "JPEG",
        quality=quality,
        # Nothing is there to be halved in a grey one, but Pillow would write that it was.
        subsampling=0 if quality >= _FULL_COLOR or picture.mode == "L" else 2,
        restart_marker_rows=restart_marker_rows,
    )


FORMAT = Format(
    name="jpeg",
    media_type="image/jpeg",
    encode=encode,
    extensions=("jpeg", "jpg"),
    # libjpeg's JPEG_MAX_DIMENSION
    max_side=65500,
    bytes_per_pixel=5,
    ns_per_pixel=18,
    flat_cost=(4.5, 10),
    sparse=True,
    lossy=True,
    default_quality=_QUALITY,
)
