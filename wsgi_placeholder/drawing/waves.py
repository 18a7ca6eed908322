"""Two thin waves through a line of text, which people look past and simple OCR does not.

All numbers are in em, chosen by what tesseract fails at while every letter keeps all of its ink:
two waves of slightly different lengths, braided around the middle of the small letters. Straight
lines do the same, but look like words struck out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from random import Random

_LENGTHS = (2.0, 1.77)
_ABOVE_BASELINE = 0.3
_RISE = 0.22
_THICK = 0.05
_THINNEST = 0.8  # pixels
_STRENGTH = 0.7  # of the letters' ink: eyes tell the two apart


def waves(width: int, height: int, baseline: float, em: float, chance: Random) -> Image.Image:
    """Return their coverage, in mode L; `baseline` and `em` are in pixels. Chance moves them."""
    both = Image.new("L", (width, height))
    phase = chance.uniform(0, math.tau)
    stretch = chance.uniform(0.85, 1.15)
    for number, length in enumerate(_LENGTHS):
        mask = Image.new("L", (width, height))
        turn = math.tau / (length * stretch * em)  # radians a pixel
        for x in range(width):
            angle = x * turn + phase + number * math.pi
            middle = baseline + (_RISE * math.sin(angle) - _ABOVE_BASELINE) * em
            slope = _RISE * em * turn * math.cos(angle)
            half = max(_THICK * em, _THINNEST) / 2 * math.hypot(1, slope)
            _column(mask, x, max(middle - half, 0), min(middle + half, height))
        both = ImageChops.lighter(both, mask)
    return both


def _column(mask: Image.Image, x: int, top: float, bottom: float) -> None:
    """Ink one column from `top` to `bottom`, pixels that are covered in part accordingly."""
    first, last = math.floor(top), math.ceil(bottom) - 1
    full = round(255 * _STRENGTH)
    if last > first + 1:  # in one go, for large letters
        mask.paste(full, (x, first + 1, x + 1, last))
    for y in {first, last}:
        if top < bottom:
            mask.putpixel((x, y), round(full * (min(bottom, y + 1) - max(top, y))))
