"""The values of the native grammar's parameters, each read by one function.

A reader takes the text and the configuration's defaults, and raises BadParameter, which names the
parameter, what was expected and the nearest right spelling.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import formats, registry
from wsgi_placeholder.dialects import AUTO
from wsgi_placeholder.drawing.color import parse_color
from wsgi_placeholder.drawing.font_files import WEIGHTS, slug
from wsgi_placeholder.errors import BadParameter, echoable, nearest, quoted
from wsgi_placeholder.spec import ALIGNS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wsgi_placeholder.dialects import Defaults

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,4})(?:\.[0-9]{1,2})?", re.ASCII)
_YES = ("", "1", "true", "yes", "on")
_NO = ("0", "false", "no", "off")
# Placehold.co's fonts, and what people write because other services or CSS know it: a page must
# not break because a font is not installed here.
_WELL_KNOWN_FONTS = {
    "lato", "lora", "montserrat", "noto-sans", "open-sans", "oswald", "playfair-display", "poppins",
    "pt-sans", "raleway", "roboto", "source-sans-3", "noto", "lobster", "bebas", "bebas-neue",
    "arial", "helvetica", "helvetica-neue", "verdana", "tahoma", "georgia", "times",
    "times-new-roman", "courier", "courier-new", "impact", "serif", "monospace", "cursive",
    "fantasy", "system-ui", "comic-sans", "comic-sans-ms", "trebuchet-ms", "garamond", "palatino",
    "calibri", "cambria", "consolas", "menlo", "monaco", "segoe-ui", "sans",
}  # fmt: skip


def read_format(value: str) -> str:
    name = value.strip().lower()
    if name == AUTO:
        return AUTO
    if name not in formats.by_extension():
        raise BadParameter(
            f"{quoted(value)} is no format we can write; expected one of"
            f" {', '.join([*formats.by_extension(), AUTO])}.",
            parameter="format",
            hint=nearest(name, formats.by_extension()),
        )
    return formats.by_extension()[name].name


def is_color(text: str) -> bool:
    try:
        parse_color(text)
    except BadParameter:
        return False
    return True


def _number(name: str, least: float, most: float, *, whole: bool = False) -> Callable[..., float]:
    kind = "a whole number" if whole else "a number"

    def read(value: str, defaults: Defaults) -> float:
        text = value.strip(" ").lower().removesuffix("px")
        if not _NUMBER.fullmatch(text) or (whole and "." in text):
            raise BadParameter(
                f"{name} is {quoted(value)}; expected {kind} from {least:g} to {most:g}.",
                parameter=name,
                hint=f"{least:g}" if text[:1] == "-" and _NUMBER.fullmatch(text[1:]) else None,
            )
        number = float(text)
        if not least <= number <= most:
            raise BadParameter(
                f"{name} is {quoted(value)}; expected {kind} from {least:g} to {most:g}.",
                parameter=name,
                hint=f"{min(max(number, least), most):g}",
            )
        return int(number) if whole else number

    return read


def _choice(name: str, known: Callable[[Defaults], Sequence[str]]) -> Callable[..., str]:
    def read(value: str, defaults: Defaults) -> str:
        choices = known(defaults)
        wanted = slug(value)
        if wanted not in choices:
            raise BadParameter(
                f"{name} is {quoted(value)}; expected one of {', '.join(choices)}.",
                parameter=name,
                hint=nearest(wanted, choices),
            )
        return wanted

    return read


def _weight(value: str, defaults: Defaults) -> int:
    name = value.strip().lower().replace("-", "")
    weight = WEIGHTS.get(name) or (int(name) if re.fullmatch("[1-9]00", name, re.ASCII) else 0)
    if not weight:
        raise BadParameter(
            f"weight is {quoted(value)}; expected 100 ... 900 or one of {', '.join(WEIGHTS)}.",
            parameter="weight",
            hint=_nearest_hundred(name) or nearest(name, WEIGHTS),
        )
    return weight


def _nearest_hundred(number: str) -> str | None:
    if not re.fullmatch("[0-9]{1,6}", number, re.ASCII):
        return None
    return str(min(max((int(number) + 50) // 100 * 100, 100), 900))


def _border(value: str, defaults: Defaults) -> tuple[float, Any]:
    width, comma, color = value.partition(",")
    try:
        return (
            _number("border", 0, 500)(width, defaults),
            parse_color(color, "border") if comma else None,
        )
    except BadParameter as error:
        words = width.split()  # a colour alone, or `2 solid red` as in style sheets
        if not (comma or error.hint) and words and echoable(value) and is_color(words[-1]):
            number = "4" if len(words) == 1 else words[0].removesuffix("px")
            error.hint = f"{number},{words[-1]}" if number.isdigit() else None
        raise


def _quality(value: str, defaults: Defaults) -> int:
    """In steps of 5: nobody sees the difference, and each step is one more picture to keep."""
    return max(5, round(_number("quality", 1, 100, whole=True)(value, defaults) / 5) * 5)


def _font(value: str, defaults: Defaults) -> str:
    name = slug(value)
    if name in _WELL_KNOWN_FONTS and name not in defaults.font_names:
        return defaults.font
    return _choice("font", lambda _: defaults.font_names)(value, defaults)


def _flag(value: str, defaults: Defaults) -> bool:
    word = value.strip().lower()
    if word not in _YES + _NO:
        raise BadParameter(
            f"grayscale is {quoted(value)}; expected 1 or 0.", parameter="grayscale", hint="1"
        )
    return word in _YES


def _align(value: str, defaults: Defaults) -> str:
    name = {"middle": "center", "centre": "center"}.get(slug(value), slug(value))
    vertical, dash, horizontal = name.partition("-")
    middle = {"center", "centre", "middle"}
    if dash and middle & {vertical, horizontal}:
        name, dash = (horizontal if vertical in middle else vertical), ""
    swapped = f"{horizontal}-{vertical}" if dash else name
    return _choice("align", lambda _: ALIGNS)(swapped if swapped in ALIGNS else name, defaults)


def _seed(value: str, defaults: Defaults) -> str:
    return value[:64]


_scale = _number("scale", 1, 4)

READERS: dict[str, Callable[[str, Defaults], Any]] = {
    "text": lambda value, defaults: value,
    "bg": lambda value, defaults: parse_color(value, "bg"),
    "fg": lambda value, defaults: parse_color(value, "fg"),
    "style": _choice("style", lambda _: registry.names("styles")),
    "font": _font,
    "size": _number("size", 1, 1024),
    "weight": _weight,
    "align": _align,
    "padding": _number("padding", 0, 10000),
    "radius": _number("radius", 0, 99999),
    "border": _border,
    "scale": lambda value, defaults: _scale(value.strip().lower().removesuffix("x"), defaults),
    "quality": _quality,
    "format": lambda value, defaults: read_format(value),
    "grayscale": _flag,
    "seed": _seed,
}
