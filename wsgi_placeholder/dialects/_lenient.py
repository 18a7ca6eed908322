"""Reading values as the services do: what cannot be read is None, never an error.

Our own grammar refuses what it does not understand and says why. The services took whatever stood
in a page, so their dialects read with these and fall back to the service's default.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PIL.ImageColor import getrgb

from wsgi_placeholder import formats
from wsgi_placeholder.drawing.color import Color, parse_color
from wsgi_placeholder.drawing.font_files import slug
from wsgi_placeholder.errors import BadParameter, PlaceholderError
from wsgi_placeholder.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Iterable

# Extensions that mean a picture, but none that we write: the service's default stands in.
_OTHER_EXTENSIONS = {"bmp", "tif", "tiff", "apng", "heic", "jfif", "mp4", "jxl"}
_HEX = re.compile(r"#?([0-9a-f]{1,8})", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})", re.ASCII)
_FUNCTION = re.compile(
    r"(rgb|hsl)a?\(([^,()]{1,16},[^,()]{1,16},[^,()]{1,16})(?:,([^,()]{1,16}))?\)"
)


def parameters(query: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the query by lower-case names; of several equal ones the first.

    A URL that was copied with its HTML escapes has `&amp;` between them.
    """
    found: dict[str, str] = {}
    for name, value in query:
        found.setdefault(name.strip().lower().removeprefix("amp;"), value)
    return found


def without_extension(part: str) -> tuple[str, str | None]:
    """Split "600x400.PNG" into the rest and the name of the format, None when we have none.

    What follows the dot is left in place when it is no picture's extension: 641.5 is a number.
    """
    stem, dot, extension = part.rpartition(".")
    word = extension.strip(" ").lower()
    if dot and word in formats.by_extension():
        return stem, formats.by_extension()[word].name
    return (stem, None) if dot and word in _OTHER_EXTENSIONS else (part, None)


def color(text: str | None) -> Color | None:
    """Read 1 to 8 hex digits with or without #, or a CSS name.

    Programs that print a colour as a number leave out its leading zeros: 5a60 is 005a60, and of
    7 digits the first 6 count. Four digits are read so too, never as CSS's short form with alpha.
    """
    word = (text or "").strip()
    if (match := _HEX.fullmatch(word)) and len(match[1]) in (4, 5, 7):
        word = match[1].zfill(6)[:6]
    try:
        return parse_color(word)
    except BadParameter:
        return None


def css_color(text: str | None) -> Color | None:
    """Read what stands in a style sheet: a name, #hex, rgb(), rgba(), hsl() or hsla()."""
    word = (text or "").strip().lower()
    try:
        if match := _FUNCTION.fullmatch(word):
            share = (match[3] or "1").strip()
            alpha = number(share.removesuffix("%"), 0, 100)
            if alpha is None:
                return None
            opacity = min(alpha / 100 if share.endswith("%") else alpha, 1)
            solid = getrgb(f"{match[1]}({match[2].strip()})")
            red, green, blue = (min(max(value, 0), 255) for value in solid[:3])
            return Color(red, green, blue, round(opacity * 255))
        return None if _HEX.fullmatch(word) and word[0] != "#" else parse_color(word)
    except (BadParameter, ValueError):
        return None


def family(text: str | None, names: Iterable[str]) -> str | None:
    """Read a font, or the first of a list as style sheets have it; None when there is none."""
    name = slug((text or "").partition(",")[0])
    return name if name in names else None


def number(text: str | None, least: float, most: float) -> float | None:
    """Read a decimal number and bring it into the range."""
    word = (text or "").strip().lower().removesuffix("px")
    return min(max(float(word), least), most) if _NUMBER.fullmatch(word) else None


def size(text: str) -> tuple[int, int] | None:
    """Read a size as our own grammar has it, names and ratios included."""
    try:
        return parse_size(text)
    except PlaceholderError:
        return None
