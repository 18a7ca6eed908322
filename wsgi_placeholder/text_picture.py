"""One line of secret text as a picture: what it may be, how it is packed, how it is drawn."""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageChops

from wsgi_placeholder.dialects._parameters import READERS
from wsgi_placeholder.drawing.clean import clean
from wsgi_placeholder.drawing.color import Color, parse_color
from wsgi_placeholder.drawing.one_line import one_line
from wsgi_placeholder.drawing.paint import text_mask
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.drawing.waves import waves
from wsgi_placeholder.errors import nearest
from wsgi_placeholder.formats.png import FORMAT, encode, encode_ink

if TYPE_CHECKING:
    from wsgi_placeholder.config import Config
    from wsgi_placeholder.drawing.one_line import Line

STYLES = ("plain", "waves")
_SIZES = (4, 200)  # CSS pixels per em
# Hundredths of size and scale, weight, colour, style; the font follows.
_DETAILS = struct.Struct(">HHH4BB")


@dataclass(frozen=True, slots=True, repr=False)  # a repr would say the text
class TextPicture:
    """All that a token holds: one line of text and its looks, in CSS pixels."""

    text: str
    size: float
    scale: float
    weight: int
    color: Color
    style: str
    font: str

    @classmethod
    def of(
        cls,
        text: str,
        size: float,
        color: str | Color,
        *,
        weight: int | str,
        font: str | None,
        style: str,
        scale: float,
        config: Config,
    ) -> TextPicture:
        """Check and convert; raises TypeError, ValueError or BadParameter, none with the text."""
        if not isinstance(text, str):
            raise TypeError(f"text is of type {type(text).__name__}; expected str")
        most = config.max_text
        said = clean(" ".join(text.split()), most + 1, 1)
        if not said:
            raise ValueError("a secret text without anything to draw")
        if len(said) > most or len(text) > 4 * most:
            raise ValueError(f"a secret text of {len(text)} characters; expected 1 to {most}")
        if style not in STYLES:
            hint = nearest(str(style), STYLES)
            raise ValueError(
                f"style: expected one of {', '.join(STYLES)}"
                + (f"; did you mean {hint}?" if hint else "")
            )
        return cls(
            said,
            _within("size", size, *_SIZES),
            _within("scale", scale, 1, 4),
            READERS["weight"](str(weight), config),
            color if isinstance(color, Color) else parse_color(color),
            style,
            config.font if font is None else READERS["font"](font, config),
        )

    def packed(self) -> tuple[bytes, bytes]:
        """Return the text, and the rest."""
        numbers = round(self.size * 100), round(self.scale * 100), self.weight
        looks = _DETAILS.pack(*numbers, *self.color, STYLES.index(self.style))
        return self.text.encode(), looks + self.font.encode()

    @classmethod
    def unpacked(cls, text: bytes, details: bytes) -> TextPicture:
        """Return what was packed; raises an error of any kind for what was not."""
        size, scale, weight, *color, style = _DETAILS.unpack_from(details)
        font = details[_DETAILS.size :].decode()
        looks = weight, Color(*color), STYLES[style]
        return cls(text.decode(), size / 100, scale / 100, *looks, font)

    def line(self, config: Config) -> Line:
        """Lay the text out. Raises ValueError for nothing to draw, or too many pixels."""
        line = one_line(self.text, config.loaded_fonts, self.font, self.weight, self.size)
        if line is None:
            raise ValueError("a secret text without anything to draw")
        width, height = line.pixels(self.scale)
        if width > FORMAT.max_side or width * height > config.max_pixels:
            raise ValueError(f"a secret text of {width}×{height} pixels, which are too many")
        return line

    def png(self, config: Config) -> bytes:
        """Return the picture, on nothing. Raises what `line` does."""
        line = self.line(config)
        scene = line.scene(self.scale, self.color)
        if self.style == "plain":
            return encode(scene)
        # By the text: the same at each scale, and no two texts have one pattern to take away.
        chance = random.Random(self.text)
        place = round(line.above * self.scale), self.size * self.scale
        ink = waves(scene.width, scene.height, *place, chance)
        for text in scene.shapes:
            if isinstance(text, Text) and (drawn := text_mask(text, *ink.size)):
                mask, left, top = drawn
                box = (left, top, left + mask.width, top + mask.height)
                ink.paste(ImageChops.lighter(ink.crop(box), mask), box)
        return encode_ink(ink, self.color)


def _within(name: str, value: float, least: float, most: float) -> float:
    if not isinstance(value, (int, float)) or not least <= value <= most:
        raise ValueError(f"{name}: expected a number from {least} to {most}")
    return round(float(value), 2)
