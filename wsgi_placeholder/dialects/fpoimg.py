r"""fpoimg.com.

    /{size}[.{ext}][/{caption} | /{bg}[/{fg}]][?key=value&...]
    size = 300 | 300x200        ext = png jpg jpeg webp svg, any other: PNG
    keys = text bg_color text_color dims gradient gradient_angle

One part after the size is the background when it looks like a colour (a CSS name, 3 or 6 hex
digits) and stands after no extension, else the caption: `bad` and `face00` are colours. Sides are
brought into 10..5000, and a bad colour is the default. The size is written above the caption
unless `dims=false`; `\n` breaks a line.

What differs: size and caption are of one weight and height. A gradient is its background alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import color, parameters, without_extension
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.spec import size_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_SIZE = re.compile(r"([0-9]{1,99})(?: ?[x×] ?([0-9]{1,99}))?", re.ASCII | re.IGNORECASE)
# A name has a letter that no hex number has; ff00 and 12345 are neither.
_COLOR = re.compile(r"#?[0-9a-f]{3}(?:[0-9a-f]{3})?|[a-z]*[g-z][a-z]*", re.ASCII | re.IGNORECASE)
_BACKGROUND = Color(199, 199, 199)
_FOREGROUND = Color(143, 143, 143)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of fpoimg.com. Raises BadParameter (no size) or TooLarge."""
    first, *parts = [part for part in path.split("/") if part.strip()] or [""]
    size, dot, _ = first.strip().partition(".")
    match = _SIZE.fullmatch(size)
    if not match:
        raise BadParameter(
            "There is no size; expected like fpoimg.com/300x200 or fpoimg.com/300.",
            parameter="size",
        )
    width, height = (min(max(int(digits), 10), 5000) for digits in (match[1], match[2] or match[1]))
    options = parameters(query)
    caption = options.get("text", "")
    background, foreground = options.get("bg_color", ""), options.get("text_color", "")
    if len(parts) == 1 and (dot or not _color(parts[0])):
        caption = parts[0]
    elif parts:
        background, foreground = [*parts[:2], foreground][:2]
    shown = [] if options.get("dims", "").lower() == "false" else [size_caption(width, height)]
    shown += [line for line in caption.replace("\\n", "\n").split("\n") if line.strip()]
    format = without_extension(first)[1]
    return complete(
        {
            "width": width,
            "height": height,
            "background": _color(background) or _BACKGROUND,
            "foreground": _color(foreground) or _FOREGROUND,
            "text": "\n".join(shown),
            "format": format if format in ("jpeg", "webp", "svg") else "png",
        },
        defaults,
    )


def _color(text: str) -> Color | None:
    found = color(text) if _COLOR.fullmatch(text.strip()) else None
    return found if found and found.opaque else None


DIALECT = Dialect(parse, hosts=("fpoimg.com",))
