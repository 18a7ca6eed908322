"""placeholders.dev.

    /[{size}][?key=value&...]       size = 350 | 350x150
    keys = width height text fontFamily fontWeight fontSize bgColor textColor ...

Keys beat the path; without a size it is 300x150. Colours are those of style sheets: hex digits
need their #. A value that cannot be read is one not given, an empty text is the size.

What differs: text is always wrapped (`textWrap`) and centred (`dy`), and a picture has no dark side
(`darkBgColor`, `darkTextColor`). The picture is SVG, as there, unless the size has an extension.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import (
    css_color,
    family,
    number,
    parameters,
    without_extension,
)
from wsgi_placeholder.drawing.color import Color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_BACKGROUND = Color(221, 221, 221)
_FOREGROUND = Color(0, 0, 0, 128)
_MARKUP = re.compile(r'<[^<>]*>|["<>]')


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of placeholders.dev. Raises TooLarge."""
    first = path.strip("/ ").removeprefix("api/").partition("/")[0]
    stem, format = without_extension(first)
    width, _, height = stem.lower().replace("×", "x").partition("x")
    wide = _side(width)
    options = parameters(query)
    given: dict[str, Any] = {
        "width": _side(options.get("width")) or wide or 300,
        "height": _side(options.get("height")) or (wide and (_side(height) or wide)) or 150,
        "format": format or "svg",
        "background": css_color(options.get("bgcolor")) or _BACKGROUND,
        "foreground": css_color(options.get("textcolor")) or _FOREGROUND,
        "text": _MARKUP.sub("", options.get("text", "")) or None,
    }
    if font := family(options.get("fontfamily"), defaults.font_names):
        given["font"] = font
    if weight := number(options.get("fontweight"), 100, 900):
        given["weight"] = round(weight / 100) * 100
    if size := number(options.get("fontsize"), 1, 1024):
        given["size"] = round(size, 2)
    return complete(given, defaults)


def _side(text: str | None) -> int | None:
    """Return a side in pixels; None when it is none."""
    length = number(text, 0, 10**6)
    return max(1, round(length)) if length else None


DIALECT = Dialect(parse, hosts=("placeholders.dev", "images.placeholders.dev"))
