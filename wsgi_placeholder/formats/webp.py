"""WebP (RFC 9649)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import features

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene

_QUALITY = 80


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    # Method 2 takes half the time of the default 4 for the same bytes on flat pictures.
    paint(scene).save(out, "WEBP", quality=quality or _QUALITY, method=2)
    return out.getvalue()


def available() -> bool:
    return bool(features.check("webp"))


FORMAT = Format(
    name="webp",
    media_type="image/webp",
    encode=encode,
    extensions=("webp",),
    # WEBP_MAX_DIMENSION
    max_side=16383,
    bytes_per_pixel=10,
    ns_per_pixel=25,
    lossy=True,
    available=available,
)
