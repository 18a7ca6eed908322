r"""holder.js, a script that draws the pictures of a page in the browser.

    holder.js/{w}x{h}[?key=value&...]       a side may be a percentage: 100p or 100%
    holder.js/{w}x{h}[/part...]             older: sky, random, #bg:#fg or ^bg:^fg, key:value
    keys = theme random bg fg text size font align outline textmode ...

A theme beats `bg` and `fg`; `\n` breaks a line; `size` is points, and at least what the script
takes for this picture; an empty text is the size, a blank one is none.

What differs: we do not see the page, so a percentage is of 300 by 150 pixels, which browsers give
to what has no size of its own (CSS 2.2, 10.3.2), and the caption says it as it was asked for.
`random` is the same theme every time. An outline has no diagonals. `auto`, `ratio`, `lineWrap` and
`nowrap` are about a page or about lines and change nothing. The picture is SVG, as the script's
own, unless the size has an extension: it is stretched by the page and should stay sharp.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zlib import crc32

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import (
    color,
    css_color,
    family,
    number,
    parameters,
    without_extension,
)
from wsgi_placeholder.drawing.color import BLACK, WHITE, Color, mix, parse_color
from wsgi_placeholder.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_SIZE = re.compile(r"([0-9]{1,9})(p|%)?[x×]([0-9]{1,9})(p(?!x)|%)?", re.ASCII | re.IGNORECASE)
_FLUID = (300, 150)
_COLORS = re.compile(r"[#^]?([0-9a-f]{3,8}):[#^]?([0-9a-f]{3,8})", re.ASCII | re.IGNORECASE)
_THEMES = {
    "gray": ("eeeeee", "aaaaaa"),
    "social": ("3a5a97", "ffffff"),
    "industrial": ("434a52", "c2f200"),
    "sky": ("0d8fdb", "ffffff"),
    "vine": ("39dbac", "1e292c"),
    "lava": ("f8591a", "1c2846"),
}
_YES = ("true", "yes", "1", "on", "✓")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a holder.js URL. Raises BadParameter (no size) or TooLarge."""
    first, *parts = path.strip("/ ").split("/")
    match = _SIZE.search(first)
    if not match:
        raise BadParameter(
            "There is no size; expected like holder.js/300x200 or holder.js/100px180.",
            parameter="size",
            hint=f"{first}x{first}" if re.fullmatch("[1-9][0-9]{0,4}", first) else None,
        )
    width = _side(match[1], match[2], _FLUID[0])
    height = _side(match[3], match[4], _FLUID[1])
    asked = "x".join(n + ("%" if p else "") for n, p in ((match[1], match[2]), match.group(3, 4)))
    options = parameters(query) | _older(parts)
    given: dict[str, Any] = {"width": width, "height": height}
    given["format"] = without_extension(first)[1] or "svg"
    given["text"] = _text(options, asked)
    seed = f"{width}x{height}/{given['text']}"
    given["background"], given["foreground"] = _colors(options, seed)
    if font := family(options.get("font"), defaults.font_names):
        given["font"] = font
    if least := number(options.get("size"), 0, 9999):
        points = max(least, 0.8 * min(width, height, max(width, height) / 16))
        given["size"] = min(max(round(points * 4 / 3, 2), 1), 1024)
    if options.get("align") in ("left", "right"):
        given["align"] = options["align"]
    if options.get("outline") in _YES:
        given |= {"border": 2, "border_color": _outline(given["background"])}
    return complete(given, defaults)


def _side(digits: str, percent: str | None, whole: int) -> int:
    return max(1, round(whole * int(digits) / 100) if percent else int(digits))


def _older(parts: Iterable[str]) -> dict[str, str]:
    """Return the options of the older form; of a theme and colours the later wins."""
    options: dict[str, str] = {}
    for part in parts:
        key, colon, value = part.strip(" ").partition(":")
        if match := _COLORS.fullmatch(part.strip(" ")):
            options.pop("theme", None)
            options |= {"bg": match[1], "fg": match[2]}
        elif colon:
            options[key] = value
        elif key in _THEMES:
            options["theme"] = key
        elif key == "random":
            options["random"] = "yes"
    return options


def _text(options: dict[str, str], asked: str) -> str:
    if not options.get("text") or options.get("textmode") == "literal":
        return asked
    return options["text"].replace("\\n", "\n").replace("holder_dimensions", asked)


def _colors(options: dict[str, str], seed: str) -> tuple[Color, Color]:
    """Return background and text colour; `seed` chooses a random theme."""
    theme = options.get("theme", "")
    if options.get("random") in _YES:
        theme = list(_THEMES)[crc32(seed.encode("utf-8", "replace")) % len(_THEMES)]
    bg, fg = map(parse_color, _THEMES.get(theme, _THEMES["gray"]))
    if theme in _THEMES:
        return bg, fg
    background = css_color(options.get("bg")) or color(options.get("bg"))
    foreground = css_color(options.get("fg")) or color(options.get("fg"))
    if background and not foreground:
        fg = mix(background, BLACK, 0.285714) if _is_light(background) else WHITE
    return background or bg, foreground or fg._replace(alpha=255)


def _is_light(background: Color) -> bool:
    luma = 0.2126 * background.red + 0.7152 * background.green + 0.0722 * background.blue
    return luma > 127


def _outline(background: Color) -> Color:
    step = -25 if _is_light(background) else 25
    return Color(*(min(max(value + step, 0), 255) for value in background[:3]))


DIALECT = Dialect(parse, hosts=("holder.js",))
