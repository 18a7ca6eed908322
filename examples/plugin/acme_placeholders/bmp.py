"""A format: Windows bitmaps, `/placeholder/300x200.bmp`.

A format turns a Scene into a file. `paint` gives the scene as a Pillow image; a vector format
would walk `scene.shapes` instead. The bytes must be the same every time and in every process,
because the ETag is computed without drawing: no dates, no random ids.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    paint(scene, alpha=False).save(out, "BMP")  # without alpha: few programs read it in a BMP
    return out.getvalue()


FORMAT = Format(
    name="bmp",
    media_type="image/bmp",
    encode=encode,
    extensions=("bmp", "dib"),
    # What a format itself can hold, and what a pixel costs here at its peak: the canvas, the
    # buffer, and the copy handed out. Pictures beyond the configured limits are then refused
    # before anything is allocated.
    max_side=32767,
    bytes_per_pixel=9,
    ns_per_pixel=10,
)
