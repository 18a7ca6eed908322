"""One picture, as data: frozen, defaulted, independent of how it was asked for."""

from __future__ import annotations

import dataclasses
import operator
import re
from dataclasses import dataclass
from typing import Literal, get_args

from wsgi_placeholder.drawing.clean import clean
from wsgi_placeholder.drawing.color import Color, readable_on

Align = Literal[
    "center", "left", "right", "top", "bottom",
    "top-left", "top-right", "bottom-left", "bottom-right",
]  # fmt: skip
ALIGNS: tuple[Align, ...] = get_args(Align)

# Services write 600×400, 600 x 400 and the like.
_CAPTION = re.compile(r"[0-9.]{1,9} ?[x×] ?[0-9.]{1,9}", re.ASCII)

GREY = Color(221, 221, 221)
MOST_CHARACTERS = 200
MOST_LINES = 10
WEIGHT = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One picture. Two URLs that mean the same picture are equal Specs.

    Lengths (`width`, `height`, `size`, `padding`, `radius`, `border`) are CSS pixels; the picture
    has `scale` times as many. `size` is the em of the text, None for as large as it fits;
    `padding` None is 8 % of the short side. `quality` is 5..100 in steps of 5, None for the
    format's default. `seed` chooses among the pictures of a style that has many.

    Use `Spec.of` to make one with defaults filled in.
    """

    width: int
    height: int
    scale: float
    format: str
    background: Color
    foreground: Color
    text: str
    style: str
    font: str
    weight: int
    size: float | None
    align: Align
    padding: float | None
    radius: float
    border: float
    border_color: Color
    quality: int | None
    seed: str

    @classmethod
    def of(
        cls,
        width: int,
        height: int | None = None,
        *,
        scale: float = 1,
        format: str = "png",
        background: Color = GREY,
        foreground: Color | None = None,
        text: str | None = None,
        style: str = "flat",
        font: str = "inter",
        weight: int = WEIGHT,
        size: float | None = None,
        align: Align = "center",
        padding: float | None = None,
        radius: float = 0,
        border: float = 0,
        border_color: Color | None = None,
        quality: int | None = None,
        seed: str = "",
        most_characters: int = MOST_CHARACTERS,
        most_lines: int = MOST_LINES,
    ) -> Spec:
        """Return the Spec with everything left out filled in.

        `height` defaults to `width`, `text` to the size, `foreground` to a colour that reads on
        `background`, `border_color` to `foreground`. Text is cleaned and cut to the limits.
        """
        height = width if height is None else height
        if foreground is None:
            foreground = readable_on(background)
        if text is None:
            text = size_caption(width, height)
        else:
            text = clean(text, most_characters, most_lines)
        short = min(width, height) / 2
        # A radius beyond half the short side, or a border that is not there, draw the same.
        border = float(min(border, short))
        return cls(
            width=width,
            height=height,
            scale=float(scale),  # 1 and 1.0 are one picture, hence one key
            format=format,
            background=background,
            foreground=foreground,
            text=text,
            style=style,
            font=font,
            weight=weight,
            size=None if size is None else float(size),
            align=align,
            padding=None if padding is None else float(min(padding, short)),
            radius=float(min(radius, short)),
            border=border,
            border_color=foreground if border_color is None or not border else border_color,
            quality=quality,
            seed=clean(seed, 64, 1),
        )

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the picture in device pixels."""
        return (
            max(1, round(self.width * self.scale)),
            max(1, round(self.height * self.scale)),
        )

    @property
    def is_flat(self) -> bool:
        """True for one text on one colour, which some formats write without a canvas."""
        return self.style == "flat" and not self.radius and not self.border

    @property
    def is_opaque(self) -> bool:
        return self.background.opaque and not self.radius

    @property
    def is_size_caption(self) -> bool:
        """True when the text is a size, which must not be shortened: 60… is no size."""
        return _CAPTION.fullmatch(self.text) is not None

    @property
    def key(self) -> str:
        """One string per picture, the same in every process."""
        return repr(_values(self))

    def replace(self, **changes: object) -> Spec:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


_values = operator.attrgetter(*(field.name for field in dataclasses.fields(Spec)))


def size_caption(width: int, height: int) -> str:
    return f"{width}×{height}"
