"""ICO with one PNG inside, as every browser since Internet Explorer 11 reads it."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    # Readers expect 32 bits a pixel here and lose the transparency of anything else.
    paint(scene).convert("RGBA").save(out, "PNG")
    body = out.getvalue()
    # ICONDIR and one ICONDIRENTRY; a side of 256 is written as 0, the image starts at byte 22.
    return (
        struct.pack("<HHH", 0, 1, 1)
        + struct.pack(
            "<BBBBHHII", scene.width % 256, scene.height % 256, 0, 0, 1, 32, len(body), 22
        )
        + body
    )


FORMAT = Format(
    name="ico",
    media_type="image/vnd.microsoft.icon",
    encode=encode,
    extensions=("ico",),
    max_side=256,
    bytes_per_pixel=13,
    ns_per_pixel=100,
)
