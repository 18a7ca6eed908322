"""dummyimage.com: `/640x4:3/09f/fff.jpg&text=Hello+World|second+line`.

    size   = name | N | NxN | NxN:N | N:NxN         decimals count, other characters do not
    colour = 1 to 3 digits, which are repeated, or 6; of a single 0 its program takes no notice

PNG unless .webp, .gif or .jpg stands anywhere but in the text, where the first counts. Colours are
ccc and 000; as in its program other lengths are read as they stand, two digits for each channel,
and what is no digit is skipped, so names of colours are not known: `blue` is #0b0e00. Of the
newer program are `ccc:50`, half opaque, and 8 digits. Sides are cut to whole pixels, but the
caption has three decimals: "641 × 480.75". The text may follow a `?` too, and is not lower-cased.

Different here: the answer to a wrong size is an error, not words with status 200; .jpg is
image/jpeg; the caption of `text=0` is 0; `&text=` is no part of a colour. Marks like @2x, a format
as a part of its own and a colour before the size are read as in `_placehold`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._placehold import lettering, taken_apart
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import BadParameter, TooLarge, nearest, quoted
from wsgi_placeholder.sizes import NAMED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.dialects._placehold import Url
    from wsgi_placeholder.spec import Spec

_OTHER = re.compile(r"[^0-9:.]+", re.ASCII)
_FLOAT = re.compile(r"[0-9]*(?:\.[0-9]*)?", re.ASCII)
_FORMATS = ("webp", "gif", "jpeg")
# The program looks for the height behind the next x, even that of `&text=`; its own home page has
# /480&text=400x250, which is 480x400.
_HEIGHT_IN_TEXT = re.compile(r"text=([0-9]{1,4})x[0-9]", re.ASCII | re.IGNORECASE)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of dummyimage.com. Raises BadParameter for a size, or TooLarge."""
    url = taken_apart(path, query)
    width, height = _sides(url)
    background, foreground = (_color(text) for text in url.colors)
    given = {
        "width": int(width),
        "height": int(height),
        "scale": url.scale,
        "format": next((name for name in url.formats if name in _FORMATS), "png"),
        "background": background or Color(0xCC, 0xCC, 0xCC),
        "foreground": foreground or Color(0, 0, 0),
        **lettering(url, defaults),
    }
    text = given.get("text") or f"{_decimal(width)} × {_decimal(height)}"
    return complete(given | {"text": text.replace("|", "\n")}, defaults)


def _sides(url: Url) -> tuple[float, float]:
    name = url.size.lower()
    if name in NAMED:
        return NAMED[name]
    name = name.replace("×", "x")
    if "x" not in name and (match := _HEIGHT_IN_TEXT.match(url.tail)):
        name += "x" + match[1]
    first, second = (*(_OTHER.sub("", part) for part in name.split("x")), "")[:2]
    second = first if second in ("", "0") else second
    if name.count(":") > 1 or (":" in name and "x" not in name):
        raise _complaint(url.size)
    width, height = _float(first), _float(second)
    if ":" in second:
        across, down = _ratio(second)
        height = width * down / across
    elif ":" in first:
        across, down = _ratio(first)
        width = height * across / down
    if not (width >= 1 and height >= 1):  # also where infinity was divided by itself
        raise _complaint(url.size)
    if max(width, height) > 99999:
        raise TooLarge("A side is above 99999 pixels.", parameter="size")
    return round(width, 3), round(height, 3)


def _ratio(text: str) -> tuple[float, float]:
    """One side alone is that of a square."""
    across, down = (_float(side) for side in text.split(":"))
    return across or down or 1, down or across or 1


def _float(digits: str) -> float:
    """Read the number at the beginning, as PHP does: 1.2.3 is 1.2."""
    match = _FLOAT.match(digits)
    return float("0" + match[0]) if match else 0


def _decimal(side: float) -> str:
    return f"{side:.3f}".rstrip("0").rstrip(".")


def _complaint(size: str) -> BadParameter:
    ratio = re.fullmatch("[0-9]{1,4}:[0-9]{1,4}", size, re.ASCII)
    return BadParameter(
        f"size is {quoted(size)}; dummyimage.com expects like 600x400, 640x4:3, 16:9x1080 or"
        " a name such as vga.",
        parameter="size",
        hint=f"{size}x1080" if ratio else nearest(size, NAMED),
    )


def _color(text: str) -> Color | None:
    digits, colon, percent = text.lower().replace("#", "").partition(".")[0].partition(":")
    if digits in ("", "0"):
        return None
    if len(digits) < 3:
        digits *= 6 // len(digits)
    elif len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    alpha = _channel(digits[6:]) if len(digits) == 8 else 255
    if colon:
        alpha = int(min(_float(percent), 100) / 100 * 255 + 0.5)
    red, green, blue = (_channel(digits[at : at + 2]) for at in (0, 2, 4))
    return Color(red, green, blue, alpha)


def _channel(digits: str) -> int:
    return int("0" + re.sub("[^0-9a-f]", "", digits), 16)


DIALECT = Dialect(parse, hosts=("dummyimage.com",))
