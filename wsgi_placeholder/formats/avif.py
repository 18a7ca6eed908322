"""AVIF (AV1 Image File Format 1.1)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

# Named here, or Pillow would load all of its plug-ins to find it.
from PIL import AvifImagePlugin

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene

_QUALITY = 75


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    # One thread: the bytes must not depend on how many processors encode them.
    paint(scene).save(
        out, "AVIF", quality=quality or _QUALITY, speed=9, max_threads=1, autotiling=False
    )
    return out.getvalue()


def available() -> bool:
    return AvifImagePlugin.SUPPORTED


FORMAT = Format(
    name="avif",
    media_type="image/avif",
    encode=encode,
    extensions=("avif",),
    # Beyond this libavif writes files that it cannot read.
    max_side=32768,
    bytes_per_pixel=26,
    ns_per_pixel=65,
    translucent=1.7,
    lossy=True,
    default_quality=_QUALITY,
    available=available,
)
