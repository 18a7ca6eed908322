"""DiceBear: avatars in some thirty styles.

    api.dicebear.com/9.x/STYLE/svg|png|jpg|jpeg|webp|avif[/OPTIONS][?OPTIONS]
    api.dicebear.com/9.x/STYLE/schema.json
    avatars.dicebear.com/[4.x/]api|v2/STYLE/SEED.svg?OPTIONS        until 2022
    avatars.dicebear.com/4.x/STYLE[/SEED]/svg?OPTIONS

Read: seed, size (or width and height), radius and scale in per cent, backgroundColor (a list: the
seed chooses), backgroundType=gradientLinear (its first colour); of the style `initials` chars,
fontSize in per cent, fontWeight, fontFamily (when installed) and textColor. In a list the first
value counts.

Different here: all styles but initials are identicons until we draw faces, so their own options
change nothing; an SVG without size is 128 pixels like the other formats, and no size is cut to
256; what cannot be read is ignored, where the service said 400; the JSON of an avatar is not here.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import formats
from wsgi_placeholder.dialects import Dialect, Document, complete, pairs_of
from wsgi_placeholder.dialects._lenient import color, family, number, without_extension
from wsgi_placeholder.dialects._stand_in import color_of, face, initials, number_of
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE
from wsgi_placeholder.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.spec import Spec

_VERSION = re.compile(r"api|v?[0-9]+(?:\.(?:x|[0-9]+))*", re.ASCII | re.IGNORECASE)
_BRACKETS = re.compile(r"^options(?=\[)|\[[0-9]*\]|[\[\]]", re.ASCII | re.IGNORECASE)
_ALIASES = {"background": "backgroundcolor", "backgroundcolors": "backgroundcolor"} | {
    "b": "backgroundcolor", "r": "radius", "w": "width", "h": "height", "s": "size",
}  # fmt: skip
_SIDE = 128
_SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "seed": {"type": "string"},
        "size": {"type": "integer", "minimum": 1},
        "radius": {"type": "integer", "minimum": 0, "maximum": 50, "default": 0},
        "scale": {"type": "integer", "minimum": 0, "maximum": 200, "default": 100},
        "backgroundColor": {
            "type": "array",
            "items": {"type": "string", "pattern": "^(transparent|[a-fA-F0-9]{6})$"},
        },
        "backgroundType": {
            "type": "array",
            "items": {"type": "string", "enum": ["solid", "gradientLinear"]},
            "default": ["solid"],
        },
    },
}
_INITIALS_SCHEMA = {
    "chars": {"type": "integer", "minimum": 0, "maximum": 2, "default": 2},
    "fontSize": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    "fontWeight": {"type": "integer", "enum": [*range(100, 1000, 100)], "default": 400},
    "fontFamily": {"type": "array", "items": {"type": "string"}},
    "textColor": {
        "type": "array",
        "items": {"type": "string", "pattern": "^(transparent|[a-fA-F0-9]{6})$"},
    },
}


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec | Document:
    """Read a URL of DiceBear. Raises NotFound where its API has no picture."""
    parts = path.strip("/ ").split("/")
    while parts and (not parts[0] or _VERSION.fullmatch(parts[0])):
        del parts[0]
    if len(parts) < 2:
        raise NotFound("DiceBear has its pictures at paths like /9.x/initials/svg?seed=Felix.")
    style, rest = parts[0].lower(), parts[1:]
    if rest[-1] == "schema.json":
        return Document("application/json", lambda base: ((), _schema(style)))
    seed, format, more = _seed_and_format(rest)
    given = _options([*more, *query])
    seed = given.get("seed", seed)
    side = _number(given, "size", 1, 99999, _SIDE)
    width, height = (int(_number(given, key, 1, 99999, side)) for key in ("width", "height"))
    short = min(width, height)
    ground = _color(given, "backgroundcolor", seed)
    scale = _number(given, "scale", 0, 200, 100) / 100
    radius = _number(given, "radius", 0, 50, 0) / 100
    keywords: dict[str, Any]
    if style == "initials":
        keywords = {
            "width": width,
            "height": height,
            "style": "flat",
            "background": color_of(seed) if ground is None else ground,
            **_letters(given, seed, short * scale, defaults),
        }
    else:
        keywords = face(width, height, [seed, style], TRANSPARENT if ground is None else ground)
        if scale != 1:
            keywords["padding"] = round(max(short * (1 - 0.8 * scale) / 2, 0), 2)
    return complete({**keywords, "radius": round(short * radius, 2), "format": format}, defaults)


def _seed_and_format(rest: list[str]) -> tuple[str, str, list[tuple[str, str]]]:
    """Read what follows the style: the seed, the format's name, and options in the path."""
    if format := _format(rest[0]):
        options = "/".join(rest[1:])
        return "", format, pairs_of(options)
    if format := _format(rest[-1]):
        return "/".join(rest[:-1]), format, []
    seed, of_extension = without_extension("/".join(rest))
    return seed, of_extension or "svg", []


def _format(word: str) -> str | None:
    """Return the name of a format; JSON, of the avatar's parts, is none of ours."""
    if word.lower() == "json":
        raise NotFound("The JSON of an avatar is not here; expected svg, png, jpg, webp or avif.")
    format = formats.by_extension().get(word.lower())
    return format.name if format else None


def _options(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the options by lower-case names; of several equal ones a list, with commas."""
    given: dict[str, str] = {}
    for name, value in pairs:
        key = _BRACKETS.sub("", name.strip()).lower()
        key = _ALIASES.get(key, key)
        given[key] = f"{given[key]},{value}" if key in given else value
    return given


def _number(given: dict[str, str], key: str, least: float, most: float, default: float) -> float:
    value = number(given.get(key, "").partition(",")[0], least, most)
    return default if value is None else value


def _color(given: dict[str, str], key: str, seed: str) -> Color | None:
    read = [color(word) for word in given.get(key, "").split(",")]
    colors = [found for found in read if found is not None]
    if not colors:
        return None
    is_gradient = "gradient" in given.get("backgroundtype", "").lower()
    return colors[0 if is_gradient else number_of(seed, len(colors))]


def _letters(given: dict[str, str], seed: str, em: float, defaults: Defaults) -> dict[str, Any]:
    share = _number(given, "fontsize", 1, 100, 50) / 100
    weight = 700 if given.get("bold") in ("true", "1") else 400
    font = family(given.get("fontfamily"), defaults.font_names)
    return {
        "text": initials(seed)[: int(_number(given, "chars", 0, 2, 2))],
        "foreground": _color(given, "textcolor", seed) or WHITE,
        "size": min(max(round(em * share, 2), 1), 1024),
        "weight": round(_number(given, "fontweight", 100, 900, weight) / 100) * 100,
        **({"font": font} if font else {}),
    }


def _schema(style: str) -> bytes:
    more = _INITIALS_SCHEMA if style == "initials" else {}
    return json.dumps(_SCHEMA | {"properties": {**_SCHEMA["properties"], **more}}).encode()  # type: ignore[dict-item]


DIALECT = Dialect(parse, ("api.dicebear.com", "avatars.dicebear.com"))
