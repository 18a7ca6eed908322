"""Sizes as people write them: `400`, `400x`, `600x400`, `640x4:3`, `16:9x1080`, `hd1080`."""

from __future__ import annotations

import re

from wsgi_placeholder.errors import BadParameter, TooLarge, nearest, quoted

# Screens and advertising units as dummyimage.com names them, and what social networks, browsers
# and shops ask for today (their own developer pages, 2026).
NAMED: dict[str, tuple[int, int]] = {
    "mediumrectangle": (300, 250), "medrect": (300, 250),
    "squarepopup": (250, 250), "sqrpop": (250, 250),
    "verticalrectangle": (240, 400), "vertrec": (240, 400),
    "largerectangle": (336, 280), "lrgrec": (336, 280),
    "rectangle": (180, 150), "rec": (180, 150),
    "popunder": (720, 300), "pop": (720, 300),
    "fullbanner": (468, 60), "fullban": (468, 60),
    "halfbanner": (234, 60), "halfban": (234, 60),
    "microbar": (88, 31), "mibar": (88, 31),
    "button1": (120, 90), "but1": (120, 90),
    "button2": (120, 60), "but2": (120, 60),
    "verticalbanner": (120, 240), "vertban": (120, 240),
    "squarebutton": (125, 125), "sqrbut": (125, 125),
    "leaderboard": (728, 90), "leadbrd": (728, 90),
    "wideskyscraper": (160, 600), "wiskyscrpr": (160, 600),
    "skyscraper": (120, 600), "skyscrpr": (120, 600),
    "halfpage": (300, 600), "hpge": (300, 600),
    "billboard": (970, 250), "mobilebanner": (320, 50),
    "cga": (320, 200), "qvga": (320, 240), "vga": (640, 480), "wvga": (800, 480),
    "svga": (800, 600), "wsvga": (1024, 600), "xga": (1024, 768), "wxga": (1280, 800),
    "sxga": (1280, 1024), "wsxga": (1440, 900), "uxga": (1600, 1200), "wuxga": (1920, 1200),
    "qxga": (2048, 1536), "wqxga": (2560, 1600), "qsxga": (2560, 2048), "wqsxga": (3200, 2048),
    "quxga": (3200, 2400), "wquxga": (3840, 2400), "ntsc": (720, 480), "pal": (768, 576),
    "hd720": (1280, 720), "720p": (1280, 720), "hd1080": (1920, 1080), "1080p": (1920, 1080),
    "hd": (1280, 720), "fullhd": (1920, 1080),
    "2k": (2560, 1440), "4k": (3840, 2160),
    "og": (1200, 630), "twitter": (1200, 675), "story": (1080, 1920), "square": (1080, 1080),
    "portrait": (1080, 1350), "youtube": (1280, 720), "email": (600, 200), "hero": (1600, 600),
    "card": (600, 400), "thumbnail": (150, 150), "thumb": (150, 150), "avatar": (128, 128),
    "icon": (64, 64), "favicon": (32, 32), "apple-touch-icon": (180, 180),
}  # fmt: skip

# No leading zeros and ASCII digits only: 007, ٣٠٠ and 1_000 would be more names for one picture.
_NUMBER = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_RATIO = re.compile(
    r"([1-9][0-9]{0,3}(?:\.[0-9]{1,3})?):([1-9][0-9]{0,3}(?:\.[0-9]{1,3})?)", re.ASCII
)
_EXPECTED = "expected like 400, 600x400, 640x4:3, 16:9x1080 or a name such as hd1080"


def parse_size(text: str, parameter: str = "size") -> tuple[int, int]:
    """Return width and height in pixels; raises BadParameter or TooLarge (above 99999)."""
    # Pages have stray spaces in their URLs; any other white space would be one more alias.
    name = text.strip(" ").lower()
    if name in NAMED:
        return NAMED[name]
    first, _, second = name.replace("×", "x").partition("x")
    first, second = first.strip(" "), second.strip(" ")
    if not second and _NUMBER.fullmatch(first):
        return int(first), int(first)
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return int(first), int(second)
    if _NUMBER.fullmatch(first) and (ratio := _RATIO.fullmatch(second)):
        return int(first), _side(float(first) * float(ratio[2]) / float(ratio[1]), parameter)
    if _NUMBER.fullmatch(second) and (ratio := _RATIO.fullmatch(first)):
        return _side(float(second) * float(ratio[1]) / float(ratio[2]), parameter), int(second)
    raise _complaint(text, name, parameter)


def _side(length: float, parameter: str) -> int:
    side = int(length + 0.5)
    if not 1 <= side <= 99999:
        raise TooLarge(
            f"{parameter} gives a side of {side} pixels; expected 1 to 99999.",
            parameter=parameter,
        )
    return side


def _complaint(text: str, name: str, parameter: str) -> BadParameter:
    numbers = re.findall(r"([0-9]+)(?:\.[0-9]+)?", name[:64], re.ASCII)
    hint = nearest(name, NAMED)
    if re.fullmatch("[0-9]{1,2}k", name, re.ASCII):
        hint = "4k"
    elif len(numbers) == 2 and ":" not in name:
        right = [number.lstrip("0") for number in numbers]
        hint = "x".join(right) if all(0 < len(number) <= 5 for number in right) else None
    elif len(numbers) == 1 and (not hint or name.startswith(numbers[0])):
        right_one = numbers[0].lstrip("0")
        hint = right_one if 0 < len(right_one) <= 5 else None
    return BadParameter(
        f"{parameter} is {quoted(text)}; {_EXPECTED}.", parameter=parameter, hint=hint
    )
