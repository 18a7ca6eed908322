"""Colours: reading them from URLs, and choosing one that can be read on another."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from typing import NamedTuple

from PIL.ImageColor import colormap, getrgb

from wsgi_placeholder.errors import BadParameter, nearest, quoted

_HEX = re.compile(r"#?([0-9a-f]{1,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.ASCII | re.IGNORECASE)
# WCAG 2.2, 1.4.3: normal text needs 4.5:1. Aiming a little higher survives rounding and JPEG.
READABLE = 4.6
# How black contrasts with the default grey, #ddd; on what is lighter, ink is as dark as there.
_CALM_MOST = 15.46


class Color(NamedTuple):
    """sRGB with straight alpha, each 0..255."""

    red: int
    green: int
    blue: int
    alpha: int = 255

    @property
    def hex(self) -> str:
        """`rrggbb`, or `rrggbbaa` when not opaque."""
        return bytes(self[: 3 if self.alpha == 255 else 4]).hex()

    @property
    def opaque(self) -> bool:
        return self.alpha == 255

    @property
    def is_grey(self) -> bool:
        return self.red == self.green == self.blue


WHITE = Color(255, 255, 255)
BLACK = Color(0, 0, 0)
TRANSPARENT = Color(0, 0, 0, 0)


def parse_color(text: str, parameter: str = "color") -> Color:
    """Read 1, 2, 3, 4, 6 or 8 hex digits (with or without #), a CSS name, or `transparent`.

    One digit is repeated six times and two digits three times, as dummyimage.com does; four and
    eight digits carry alpha, as in CSS Color 4. Raises BadParameter.
    """
    name = text.strip().lower()
    if match := _HEX.fullmatch(name):
        return _from_hex(match[1])
    if name == "transparent":
        return TRANSPARENT
    if name in colormap:
        value = colormap[name]
        # Pillow replaces the strings of its table by tuples as it uses them.
        return _from_hex(value[1:]) if isinstance(value, str) else Color(*value)
    raise BadParameter(
        f"{parameter} is {quoted(text)}; expected 1, 2, 3, 4, 6 or 8 hex digits, a CSS colour name"
        " or transparent.",
        parameter=parameter,
        hint=_meant(name) or nearest(name, ["transparent", *colormap]) or _whole_hex(name),
    )


def _meant(name: str) -> str | None:
    """What style sheets call by another name: rgb(0, 153, 255), none."""
    if name in ("none", "clear"):
        return "transparent"
    if not name.startswith(("rgb", "hsl")):
        return None
    with contextlib.suppress(ValueError):
        return bytes(getrgb(name)[:4]).hex()
    return None


def _whole_hex(name: str) -> str | None:
    """The likely meaning of 5 digits (a program left out leading zeros) and of 7 (one too many)."""
    digits = name.removeprefix("#")
    whole = digits.zfill(6)[:6]
    return whole if len(digits) in (5, 7) and _HEX.fullmatch(whole) else None


def _from_hex(digits: str) -> Color:
    if len(digits) < 3:
        digits = digits * (6 // len(digits))
    elif len(digits) < 5:
        digits = "".join(digit * 2 for digit in digits)
    return Color(*bytes.fromhex(digits))


def over(top: Color, bottom: Color) -> Color:
    """Composite `top` on an opaque `bottom`."""
    return mix(bottom, top._replace(alpha=255), top.alpha / 255)


def mix(first: Color, second: Color, share: float) -> Color:
    """Return `first` with `share` (0..1) of `second` in it, channel by channel."""
    return Color(*(round(a + (b - a) * share) for a, b in zip(first, second, strict=True)))


def blend(ground: Color, ink: Color, coverage: float) -> Color:
    """Composite `coverage` (0..1) of `ink` on a ground that may be transparent itself."""
    share = coverage * ink.alpha / 255
    if ground.alpha == 255:
        return mix(ground, ink._replace(alpha=255), share)
    alpha = share + ground.alpha / 255 * (1 - share)
    if not alpha:
        return ink._replace(alpha=0)
    red, green, blue, _ = mix(ground, ink, share / alpha)
    return Color(red, green, blue, round(alpha * 255))


@functools.lru_cache(maxsize=256)
def blends(ground: Color, ink: Color, count: int) -> tuple[Color, ...]:
    """Return `count` even steps from the ground alone to all ink on the ground."""
    return tuple(blend(ground, ink, level / (count - 1)) for level in range(count))


def luminance(color: Color) -> float:
    """Relative luminance 0..1 of an opaque colour (WCAG 2.2 definition)."""
    red, green, blue = (
        value / 3294.6 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4
        for value in color[:3]
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: Color, second: Color) -> float:
    """Contrast ratio 1..21 of two opaque colours (WCAG 2.2 definition)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@functools.lru_cache(maxsize=256)
def readable_on(background: Color) -> Color:
    """Return a calm colour of the background's own hue that reads well on it.

    A transparent background may end up on anything: a mid grey reads on both black and white.
    """
    if background.alpha < 128:
        return Color(117, 117, 117)
    ground = over(background, WHITE)
    # At this luminance black and white contrast equally: (L + .05)² = 1.05 · .05.
    far = BLACK if luminance(ground) > 0.1791 else WHITE
    aim = _calm(ground, contrast(ground, far))
    low, high = 0.0, 1.0
    for _ in range(8):
        share = (low + high) / 2
        if contrast(mix(ground, far, share), ground) < aim:
            low = share
        else:
            high = share
    return mix(ground, far, high)


def _calm(ground: Color, most: float) -> float:
    """Return the contrast to aim for on `ground`, where black or white has `most`.

    On a light grey the least will do. A strong colour tires the eye and needs more. So does a dark
    ground, where the ratio of luminances promises more than one sees. Chosen by eye.
    """
    if luminance(ground) <= 0.1791:
        return max(READABLE, math.pow(most, 0.85))
    strong = (max(ground[:3]) - min(ground[:3])) / 255
    light = max(most / _CALM_MOST, 1)
    return max(READABLE, min(READABLE * light + 2.4 * strong, 0.9 * most))


def grey(color: Color) -> Color:
    """The same colour without hue (ITU-R BT.601 luma, as Pillow's mode L), alpha kept."""
    luma = round(0.299 * color.red + 0.587 * color.green + 0.114 * color.blue)
    return Color(luma, luma, luma, color.alpha)
