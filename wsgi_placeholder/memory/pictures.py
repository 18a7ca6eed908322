"""Tweaking a picture that somebody sent: opened with care, made smaller, marked with a text."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from wsgi_placeholder.config import Config
from wsgi_placeholder.drawing.clean import clean
from wsgi_placeholder.drawing.color import BLACK, WHITE, Color, contrast, parse_color
from wsgi_placeholder.drawing.paint import stain, text_mask
from wsgi_placeholder.drawing.scene import Box
from wsgi_placeholder.drawing.text import lay_out
from wsgi_placeholder.spec import ALIGNS

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
MAX_PIXELS = 25_000_000  # 100 MB as RGBA
_FOR_PRINT = ("CMYK", "HSV", "LAB", "PA", "RGBX", "RGBa", "YCbCr")
_SPACES = {"1": b"GRAY", "L": b"GRAY", "LA": b"GRAY", "CMYK": b"CMYK"}
_LARGEST_PROFILE = 100_000  # bytes; cameras' have 500 to 4000
_NAMES = {"JPG": "JPEG", "TIF": "TIFF"}
_MOST_SCANS = 64
# Of a JPEG (ITU T.81, B.1.1.2), those with a length after them, and the end: no stuffed zero, no
# restart, no fill byte.
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")

# The em and the distance from the edge as shares of √(width · height), chosen by eye.
_EM = 0.045
_MARGIN = 0.02
_LEGIBLE = 7  # pixels per em below which nobody reads
_ALPHA = 170


def open_image(
    data: bytes | bytearray | memoryview,
    *,
    formats: str | Sequence[str] = FORMATS,
    max_pixels: int = MAX_PIXELS,
) -> Image.Image:
    """Decode a picture, of an animation the first frame, and turn it as its EXIF says.

    `formats` are names of Pillow; those that are not named are not even tried. The pixels are
    counted before any is decoded, and so are the scans of a JPEG. Raises ValueError, saying why,
    when it is of another format, has more of them, is cut short or damaged; and for a format that
    Pillow cannot read. TypeError for what is no bytes.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"data is of type {type(data).__name__}; expected bytes")
    formats = [formats] if isinstance(formats, str) else formats
    names = [_NAMES.get(name.upper(), name.upper()) for name in formats]
    Image.init()
    if unknown := set(names) - set(Image.OPEN):
        raise ValueError(f"Pillow cannot read {', '.join(sorted(unknown))}")
    try:
        with BytesIO(data) as file:
            image = Image.open(file, formats=names)
            _check_pixels(image, max_pixels)
            if image.format in ("JPEG", "MPO"):
                _check_scans(bytes(data))
            image.load()
    except _TooMuch:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _TooMuch(f"the picture has too many pixels: {error}") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"no picture, or none of {', '.join(names)}") from error
    except MemoryError:
        raise
    except Exception as error:  # whatever the forty decoders and their headers come to
        raise ValueError(f"the picture is cut short or damaged: {error}") from error
    _check_pixels(image, max_pixels)  # an icon's own header may have said less
    with contextlib.suppress(Exception):  # damaged EXIF is no reason to refuse a good picture
        ImageOps.exif_transpose(image, in_place=True)
    image.info.pop("comment", None)  # as all else that a camera adds, it would be sent on
    return image


class _TooMuch(ValueError):
    pass


def _check_pixels(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise _TooMuch(
            f"the picture has {image.width}×{image.height} pixels; at most {most} are decoded"
        )


def _check_scans(data: bytes) -> None:
    """Count the times that a progressive JPEG goes over all its pixels, each for a few bytes.

    A thousand scans of 25 megapixels are 140 kB, and 20 seconds of a processor; usual are ten.
    """
    scans, at = 0, 2
    while (marker := _MARKER.search(data, at)) and marker[0] != b"\xff\xd9":
        scans += marker[0] == b"\xff\xda"
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    if scans > _MOST_SCANS:
        raise _TooMuch(f"the picture has {scans} scans; at most {_MOST_SCANS} are decoded")


def thumbnail(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return the picture as large as fits `size` (width, height) in proportion, never larger.

    Palettes become full colours first, which Pillow's own `thumbnail` leaves jagged.
    Raises TypeError for a size that is no pair, ValueError for one below 1×1.
    """
    if not isinstance(size, (tuple, list)) or len(size) != 2:
        raise TypeError(f"size is {size!r}; expected (width, height)")
    if min(size) < 1:
        raise ValueError(f"size is {size}; expected at least (1, 1)")
    image = _in_full_color(image)
    share = min(size[0] / image.width, size[1] / image.height)
    if share >= 1:
        return image.copy()
    smaller = (max(round(image.width * share), 1), max(round(image.height * share), 1))
    return image.resize(smaller, Image.Resampling.LANCZOS, reducing_gap=3.0)


def watermark(
    image: Image.Image,
    text: str,
    *,
    color: str | None = None,
    size: float | None = None,
    align: str = "bottom-right",
    config: Config | None = None,
) -> Image.Image:
    """Return the picture with `text` written on it, laid out as in a placeholder.

    `color` is as in a URL, with alpha as in "fff8"; by default half transparent black or white,
    whichever reads on what is below. `size` is the em in pixels, less where the text has no room;
    where it could not be read it is left out. Fonts, the font and its weight are those of `config`.
    Raises ValueError or BadParameter for a wrong align or color.
    """
    if align not in ALIGNS:
        raise ValueError(f"align is {align!r}; expected one of {', '.join(ALIGNS)}")
    config = config or _usual()
    ink = None if color is None else parse_color(color)
    picture = _in_full_color(image).copy()
    side = math.sqrt(picture.width * picture.height)
    largest = size or max(_EM * side, 2 * _LEGIBLE)
    laid, _ = lay_out(
        clean(text, config.max_text, config.max_lines),
        config.loaded_fonts,
        family=config.font,
        weight=config.weight,
        box=Box(0, 0, picture.width, picture.height).inset(round(_MARGIN * side)),
        fill=ink or WHITE,
        largest=largest,
        smallest=min(_LEGIBLE, largest),
        align=align,
        shorten=False,
    )
    placed = laid and text_mask(laid, picture.width, picture.height)
    if placed:
        mask, left, top = placed
        below = (left, top, left + mask.width, top + mask.height)
        stain(picture, ink or _readable_on(picture.crop(below)), *placed)
    return picture


@functools.cache
def _usual() -> Config:
    return Config()


def _readable_on(picture: Image.Image) -> Color:
    shown = Image.new("RGBA", picture.size, "white")
    shown.alpha_composite(picture.convert("RGBA"))
    ground = Color(*(round(mean) for mean in ImageStat.Stat(shown.convert("RGB")).mean))
    ink = max(WHITE, BLACK, key=lambda ink: contrast(ink, ground))
    return ink._replace(alpha=_ALPHA)


def opaque(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that JPEG has, on white where it was transparent."""
    if image.mode in ("1", "L", "RGB", "CMYK", "YCbCr") and not image.has_transparency_data:
        return image
    image = _in_full_color(image)
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def plain(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that all know, if it is in one that hardly any but TIFF has."""
    return _in_full_color(image) if image.mode in _FOR_PRINT else image


def profile(image: Image.Image) -> bytes | None:
    """Return the profile that its colours need, if it has one: without, a phone's would fade."""
    found: bytes = image.info.get("icc_profile") or b""
    # Of another space once the picture was converted (ICC.1:2022, 7.2.6).
    fits = found[16:20] == _SPACES.get(image.mode, b"RGB ")
    return found if fits and len(found) <= _LARGEST_PROFILE else None


def _in_full_color(image: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB or RGBA: itself, if it is."""
    if image.mode == "RGBA" or image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode.startswith("I;16"):  # Pillow would cut off what is brighter than 255
        return image.convert("I").point(lambda level: level / 256).convert("L")
    return image.convert("L" if image.mode in ("1", "I", "F") else "RGB")
