"""PNG (ISO/IEC 15948, PNG third edition), the default: small, exact, transparent."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    paint(scene).save(out, "PNG")
    return out.getvalue()


FORMAT = Format(
    name="png",
    media_type="image/png",
    encode=encode,
    extensions=("png",),
    max_side=65535,
    bytes_per_pixel=4.1,
    ns_per_pixel=10,
)
