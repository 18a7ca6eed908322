"""placehold.jp: the size comes last.

    [[/{font size}]/{bg}/{fg}]/{size}.{ext}[?text=...&css={...}]
    [/{fg}]/{size}.{ext}

A part may be empty for the default, as in `/40//333/600x315.png`. Of `css`, a JSON object of style
sheet properties, plain values count: border-radius, border, background-color, background, color,
font-size, font-weight, font-family.

What differs: a size alone is a square, the extension may be missing, what follows the size is
ignored, and pictures and gradients of `css` are left out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import (
    color,
    css_color,
    family,
    number,
    parameters,
    size,
    without_extension,
)
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_BACKGROUND = Color(204, 204, 204)
_FOREGROUND = Color(153, 153, 153)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of placehold.jp. Raises BadParameter (no size) or TooLarge."""
    parts = path.strip("/ ").split("/")[-8:]
    while parts:
        stem, format = without_extension(parts.pop())
        if sides := size(stem):
            break
    else:
        raise BadParameter(
            "There is no size; expected last, like placehold.jp/ccc/999/150x100.png.",
            parameter="size",
        )
    options = parameters(query)
    font_size, bg, fg = _before(parts)
    given: dict[str, Any] = {
        "width": sides[0],
        "height": sides[1],
        "format": format or "png",
        "text": options.get("text", f"{sides[0]}x{sides[1]}"),
        "background": color(bg) or _BACKGROUND,
        "foreground": color(fg) or _FOREGROUND,
    }
    if points := number(font_size, 1, 1024):
        given["size"] = round(points, 2)
    return complete(given | _styled(options.get("css", ""), min(sides), defaults), defaults)


def _before(parts: list[str]) -> tuple[str, str, str]:
    """Return font size, background and text colour of the parts before the size."""
    font_size, bg, fg = "", "", ""
    # Three and six digits are colours, unless two colours follow.
    if len(parts) > 2 or (parts and parts[0].isdecimal() and len(parts[0]) not in (3, 6)):
        font_size, *parts = parts
    if len(parts) > 1:
        bg, fg, *_ = parts
    elif parts:
        fg = parts[0]
    return font_size, bg, fg


def _styled(css: str, short: int, defaults: Defaults) -> dict[str, Any]:
    """Return the keywords of `complete` for a JSON object of style sheet properties."""
    try:
        found = json.loads(css)
    except (ValueError, RecursionError):
        return {}
    rules = {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}
    width, _, border_color = [*rules.get("border", "").split(" ", 2), "", "", ""][:3]
    weight = rules.get("font-weight", "")
    hundreds = number({"bold": "700", "normal": "400"}.get(weight, weight), 100, 900)
    given = {
        "background": css_color(rules.get("background-color") or rules.get("background")),
        "foreground": css_color(rules.get("color")),
        "radius": _length(rules.get("border-radius", ""), short),
        "border": min(_length(width, short) or 0, 500) or None,
        "border_color": css_color(border_color),
        "size": number(rules.get("font-size"), 1, 1024),
        "weight": round(hundreds / 100) * 100 if hundreds else None,
        "font": family(rules.get("font-family"), defaults.font_names),
    }
    return {
        key: round(value, 2) if isinstance(value, float) else value
        for key, value in given.items()
        if value is not None
    }


def _length(text: str, whole: int) -> float | None:
    """Read "15px" or "50%" of `whole`."""
    length = number(text.strip().removesuffix("%"), 0, 500)
    return length * whole / 100 if length and text.strip().endswith("%") else length


DIALECT = Dialect(parse, hosts=("placehold.jp",))
