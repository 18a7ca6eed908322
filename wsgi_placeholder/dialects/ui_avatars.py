"""ui-avatars.com: initials on a square.

    /api/?name=&size=&background=&color=&length=&font-size=&rounded=&uppercase=&bold=&format=
    /api/NAME/SIZE/BACKGROUND/COLOR/LENGTH/FONT-SIZE/ROUNDED/UPPERCASE/BOLD/FORMAT/WIDTH/HEIGHT

The second form holds when no parameter of the first is there; made for gravatar's `d=`. As in the
service's program a path is decoded once more than a query.

Different here: `background=random` is always the same colour for one name; without `format` the
answer is PNG, where the service asked the Accept header for SVG; a colour that cannot be read
is the default one, not a failure; text too wide for the picture becomes smaller.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import color, css_color, parameters
from wsgi_placeholder.dialects._stand_in import color_of
from wsgi_placeholder.drawing.color import WHITE, Color, parse_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_NAMES = (
    "name", "size", "background", "color", "length", "font-size", "rounded", "uppercase", "bold",
    "format", "width", "height",
)  # fmt: skip
_LEAST, _MOST = 16, 512
_API = re.compile(r"/*(?:api(?:/|$))?/*", re.IGNORECASE)
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}))", re.ASCII)
_SHORT_WITH_ALPHA = re.compile("#?[0-9a-f]{4}", re.ASCII | re.IGNORECASE)
_SPACE = " \t\n\r\0\v"


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of ui-avatars.com; it never calls anything wrong."""
    given = parameters(reversed(query))  # of several equal ones PHP keeps the last
    if not given.keys() & set(_NAMES):
        parts = map(unquote_plus, path[_API.match(path).end() :].split("/"))  # type: ignore[union-attr]
        given = dict(zip(_NAMES, parts, strict=False))
        if given == {"name": ""}:  # nothing is said at all
            given = {}
    name = given.get("name", "John Doe")
    size = _number(given.get("size"), 64)
    width, height = (_side(_number(given.get(key), size)) for key in ("width", "height"))
    share = _number(given.get("font-size"), 0.4375)
    share = min(math.floor(share * 100 + 0.5) / 100, 1) if share > 0 else 0.5  # to hundredths
    if given.get("background", "").strip().lower() == "random":
        background, ink = color_of(name), WHITE
    else:
        background = _color(given.get("background")) or Color(221, 221, 221)
        ink = _color(given.get("color")) or Color(34, 34, 34)
    length = min(max(int(_number(given.get("length"), 2)), 1), defaults.max_text)
    return complete(
        {
            "width": width,
            "height": height,
            "format": given["format"] if given.get("format") in ("png", "svg") else "png",
            "style": "flat",
            "background": background,
            "foreground": ink,
            "text": _initials(name, length, upper=_switch(given.get("uppercase"), default=True)),
            "weight": 700 if _switch(given.get("bold")) else 400,
            "size": max(round(width * share, 2), 1),
            "radius": min(width, height) / 2 if _switch(given.get("rounded")) else 0,
        },
        defaults,
    )


def _number(text: str | None, default: float) -> float:
    """Read a number as PHP's casts do: what it begins with, 0 when that is none."""
    if text is None:
        return default
    match = _NUMBER.match(text)
    return float(match[1]) if match else 0


def _side(length: float) -> int:
    return min(max(int(length), _LEAST), _MOST)


def _switch(text: str | None, *, default: bool = False) -> bool:
    """Read a switch as PHP's FILTER_VALIDATE_BOOLEAN: whatever is not yes is no."""
    return default if text is None else text.strip().lower() in ("1", "true", "on", "yes")


def _color(text: str | None) -> Color | None:
    """Read a colour; four digits carry alpha here, and rgba() may stand in a URL."""
    if text and _SHORT_WITH_ALPHA.fullmatch(text.strip()):
        return parse_color(text)
    return css_color(text) or color(text)


def _initials(name: str, length: int, *, upper: bool) -> str:
    """Return the initials as the service's program chooses them.

    One letter a name from the left, the last from the last name. A single name gives its first
    letters; with more letters than names the last one goes on: Morten Cæster is MCÆ.
    """
    name = name.strip(_SPACE)
    name = (name.upper() if upper else name).strip("-").strip(_SPACE)
    names = name.replace("-", " ").split(" ")
    if len(names) == 1:
        return name[:length]
    last = len(names) - 1
    letters = []
    for index in range(length):
        at = last if index > last or 0 < index == length - 1 else index
        start = max(index - last, 0)
        letters.append(names[at][start : start + 1])
    return "".join(letters)


DIALECT = Dialect(parse, ("ui-avatars.com", "eu.ui-avatars.com"))
