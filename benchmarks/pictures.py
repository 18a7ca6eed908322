"""The contenders that draw "W×H" in the middle of a flat picture, with the same font and size."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from wsgi_placeholder import Config, PlaceholderMiddleware, Spec, placeholder_app
from wsgi_placeholder.styles.flat import compose

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = ((300, 200), (600, 400), (1920, 1080), (3840, 2160))
_FONTS = Config().loaded_fonts


def font_for(width: int, height: int) -> ImageFont.FreeTypeFont:
    """Pillow's own font object for the very face and size that we use."""
    scene = compose(Spec.of(width, height), _FONTS)
    text = scene.shapes[-1]
    face = text.runs[0].face  # type: ignore[union-attr]
    font = ImageFont.truetype(io.BytesIO(face.font.data), text.size)  # type: ignore[union-attr]
    font.set_variation_by_axes([face.variations["opsz"], face.variations["wght"]])
    return font


def ours(path: str, **options: object) -> Callable[[], bytes]:
    """A whole request through the middleware; by default nothing is cached, all is cold."""
    app = PlaceholderMiddleware(placeholder_app("/other"), **{"cache_bytes": 0, **options})
    path, _, query = path.partition("?")

    def request() -> bytes:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
        return b"".join(app(environ, lambda *_: None))  # type: ignore[arg-type, return-value]

    return request


def blog_post(
    width: int, height: int, format: str = "PNG", background: str = "#ddd", ink: str = "#575757"
) -> Callable[[], bytes]:
    """What every tutorial does: a full canvas, the text on it, Pillow's encoder."""
    font = font_for(width, height)

    def draw() -> bytes:
        image = Image.new("RGB", (width, height), background)
        ImageDraw.Draw(image).text(
            (width / 2, height / 2), f"{width}×{height}", fill=ink, font=font, anchor="mm"
        )
        out = io.BytesIO()
        image.save(out, format, **({"quality": 85} if format == "JPEG" else {}))
        return out.getvalue()

    return draw


def rgba(width: int, height: int) -> Callable[[], bytes]:
    """What services with alpha do: RGBA layers composited, then Pillow's encoder."""
    font = font_for(width, height)

    def draw() -> bytes:
        canvas = Image.new("RGBA", (width, height), (221, 221, 221, 255))
        layer = Image.new("RGBA", (width, height), (87, 87, 87, 0))
        ImageDraw.Draw(layer).text(
            (width / 2, height / 2), f"{width}×{height}", fill="#575757", font=font, anchor="mm"
        )
        out = io.BytesIO()
        Image.alpha_composite(canvas, layer).save(out, "PNG")
        return out.getvalue()

    return draw


def glyphs(width: int, height: int) -> Callable[[], object]:
    """Rasterising the caption's glyphs and nothing else."""
    font = font_for(width, height)
    return lambda: font.getmask2(f"{width}×{height}", "L", anchor="ls")
