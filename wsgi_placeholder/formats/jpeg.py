"""JPEG (ITU-T T.81, JFIF): no transparency, so a transparent scene stands on white."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene

_QUALITY = 85


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    paint(scene, alpha=False).save(out, "JPEG", quality=quality or _QUALITY)
    return out.getvalue()


FORMAT = Format(
    name="jpeg",
    media_type="image/jpeg",
    encode=encode,
    extensions=("jpeg", "jpg"),
    # libjpeg's JPEG_MAX_DIMENSION
    max_side=65500,
    bytes_per_pixel=3.4,
    ns_per_pixel=5,
    lossy=True,
)
