r"""What the services with captions on one colour share: their URLs were moved from host to host.

    [/img] /{size}[@{scale}x] [/{background}] [/{foreground}] [/{format}] [/{file name}] [tail]
    tail = {? or &}text=... &font=... &font_size=...

An extension may stand on any part and the tail be glued on without a `?`. An empty part leaves its
colour open. A part that cannot be read as a colour does so too, and further parts are ignored. A
colour may stand before the size. In the text `\n` and a real line break end a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from wsgi_placeholder import formats
from wsgi_placeholder.dialects import _lenient
from wsgi_placeholder.errors import BadParameter
from wsgi_placeholder.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.drawing.color import Color

_SCALE = re.compile(r"@([0-9](?:\.[0-9]{1,2})?)x", re.ASCII | re.IGNORECASE)
_SIDE = r"0{0,4}([1-9][0-9]{0,4})(?:\.[0-9]{0,9})?(?:px)?"
_SIZE = re.compile(rf"{_SIDE} ?(?:[x×*] ?(?:{_SIDE})?)?", re.ASCII | re.IGNORECASE)
# Three digits without a letter are a size.
_COLOR_FIRST = re.compile(r"#?(?:[0-9a-f]{6}|(?=[0-9]*[a-f])[0-9a-f]{3})", re.ASCII | re.IGNORECASE)
# Only what has a value is one more parameter; another & is the text's own.
_NEXT = re.compile(r"&(?=[\w;-]{1,20}=)", re.ASCII)


class Url(NamedTuple):
    """A URL taken apart and not yet judged.

    `colors` are background and foreground, empty where they are left open. `formats` are those
    of all extensions in their order. `tail` is what was glued to the path.
    """

    size: str
    colors: tuple[str, str]
    formats: list[str]
    scale: float
    parameters: dict[str, str]
    tail: str


def taken_apart(path: str, query: Sequence[tuple[str, str]]) -> Url:
    """Split a URL into what stands in it. Raises BadParameter where there is no size at all."""
    path, tail = (*re.split("[?&]", path, maxsplit=1), "")[:2]
    glued = [pair.partition("=")[::2] for pair in _NEXT.split(tail)]
    scale = 1.0
    names: list[str] = []
    parts: list[str] = []
    for whole in path.lstrip("/ ").split("/"):
        part = whole
        if match := _SCALE.search(part):
            scale = min(max(float(match[1]), 1), 4)
            part = part[: match.start()] + part[match.end() :]
        part, name = _lenient.without_extension(part.strip(" "))
        if parts and part.lower() in formats.by_extension():
            part, name = "", formats.by_extension()[part.lower()].name
        elif parts or part.lower() != "img":
            parts.append(part.strip(" "))
        if name:
            names.append(name)
    if len(parts) > 1 and _COLOR_FIRST.fullmatch(parts[0]) and _SIZE.fullmatch(parts[1]):
        parts[:2] = parts[1::-1]
    size, background, foreground = (*parts, "", "", "")[:3]
    if not size:
        raise BadParameter(
            "The size is missing; expected like 600x400 after the host.", parameter="size"
        )
    pairs = [(name, value.replace("+", " ")) for name, value in glued]
    parameters = _lenient.parameters([*pairs, *query])
    return Url(size, (background, foreground), names, scale, parameters, tail)


def keywords(url: Url, defaults: Defaults) -> dict[str, Any]:
    """Return the keywords of `Spec.of` that a URL gives. Raises BadParameter or TooLarge."""
    width, height = read_size(url.size)
    given = {"width": width, "height": height, "scale": url.scale, **lettering(url, defaults)}
    for key, text in zip(("background", "foreground"), url.colors, strict=True):
        if (found := read_color(text)) is not None:
            given[key] = found
    if url.formats:
        given["format"] = url.formats[-1]
    return given


def lettering(url: Url, defaults: Defaults) -> dict[str, Any]:
    """Return the keywords of the text: itself, its font when we have it, and its size."""
    given: dict[str, Any] = {}
    if "text" in url.parameters:
        given["text"] = re.sub(r"\\+n", "\n", url.parameters["text"])
    if font := _lenient.family(url.parameters.get("font"), defaults.font_names):
        given["font"] = font
    if (size := _lenient.number(url.parameters.get("font_size"), 0, 1024)) and size >= 1:
        given["size"] = int(size)
    return given


def read_size(text: str) -> tuple[int, int]:
    """Read `600`, `600x400`, `600x`, with fractions and `px`, else as our own grammar does."""
    if match := _SIZE.fullmatch(text):
        return int(match[1]), int(match[2] or match[1])
    return parse_size(text)


def read_color(text: str) -> Color | None:
    """Read a colour, with its opacity 0..255 after a comma as fakeimg.pl has it."""
    digits, _, opacity = text.partition(",")
    found = _lenient.color(digits)
    alpha = _lenient.number(opacity, 0, 255)
    return found if found is None or alpha is None else found._replace(alpha=int(alpha))
