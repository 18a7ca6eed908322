"""GIF (GIF89a), for old mail programs; a pixel is either opaque or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, over
from wsgi_placeholder.drawing.indexed import paint_indexed
from wsgi_placeholder.drawing.paint import backdrop, paint
from wsgi_placeholder.formats import Format
from wsgi_placeholder.formats._saved import saved

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.scene import Scene

_MOST_COLORS = 255
_HOLE = 255  # the index of what is not there


def encode(scene: Scene, quality: int | None = None) -> bytes:
    options = {} if backdrop(scene)[0].opaque else {"transparency": _HOLE}
    return saved(_picture(scene), "GIF", optimize=False, **options)


def _picture(scene: Scene) -> Image.Image:
    if not (indexed := paint_indexed(scene)):
        return _quantised(paint(scene))
    picture, palette = indexed
    holes = [i if color.alpha > 127 else _HOLE for i, color in enumerate(palette)]
    if _HOLE in holes:
        picture = picture.point(holes + [_HOLE] * (256 - len(holes)))
    colors = [over(color, WHITE) for color in palette]
    colors += [TRANSPARENT] * (256 - len(colors)) if _HOLE in holes else []
    picture.putpalette([part for color in colors for part in color[:3]])
    return picture


def _quantised(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture.quantize(_MOST_COLORS, dither=Image.Dither.NONE)
    alpha = picture.getchannel("A")
    flat = Image.new("RGB", picture.size, WHITE[:3])
    flat.paste(picture.convert("RGB"), (0, 0), alpha)
    indexed = flat.quantize(_MOST_COLORS, dither=Image.Dither.NONE)
    indexed.paste(_HOLE, (0, 0), alpha.point(lambda value: 255 * (value < 128)))
    return indexed


FORMAT = Format(
    name="gif",
    media_type="image/gif",
    encode=encode,
    extensions=("gif",),
    max_side=65535,
    bytes_per_pixel=18,
    ns_per_pixel=90,
    framed_cost=(5, 12),
)
