"""GIF (GIF89a), for old mail programs; one colour may be transparent."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from wsgi_placeholder.drawing.color import WHITE, mix
from wsgi_placeholder.drawing.paint import backdrop, paint, text_mask
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.formats import Format

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene


def encode(scene: Scene, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    ground, shapes = backdrop(scene)
    if ground.opaque and len(shapes) < 2 and all(isinstance(s, Text) for s in shapes):
        _one_ink(scene).save(out, "GIF")
    else:
        _quantised(scene).save(out, "GIF", **({} if ground.opaque else {"transparency": 255}))
    return out.getvalue()


def _one_ink(scene: Scene) -> Image.Image:
    """A palette of 16 blends painted directly: quantising would look at every pixel twice."""
    ground, shapes = backdrop(scene)
    canvas = Image.new("P", (scene.width, scene.height), 0)
    ink = ground
    for text in shapes:
        if isinstance(text, Text) and (placed := text_mask(text, *canvas.size)):
            mask, left, top = placed
            ink = mix(ground, text.fill._replace(alpha=255), text.fill.alpha / 255)
            levels = mask.point([(value * 15 + 127) // 255 for value in range(256)])
            canvas.paste(Image.frombuffer("P", mask.size, levels.tobytes()), (left, top))
    canvas.putpalette([part for i in range(16) for part in mix(ground, ink, i / 15)[:3]])
    return canvas


def _quantised(scene: Scene) -> Image.Image:
    picture = paint(scene)
    if picture.mode == "RGB":
        return picture.quantize(255, dither=Image.Dither.NONE)
    alpha = picture.getchannel("A")
    flat = Image.new("RGB", picture.size, WHITE[:3])
    flat.paste(picture.convert("RGB"), (0, 0), alpha)
    indexed = flat.quantize(255, dither=Image.Dither.NONE)
    indexed.paste(255, (0, 0), alpha.point(lambda value: 255 if value < 128 else 0))
    return indexed


FORMAT = Format(
    name="gif",
    media_type="image/gif",
    encode=encode,
    extensions=("gif",),
    max_side=65535,
    bytes_per_pixel=12,
    ns_per_pixel=38,
)
