r"""Our own URL grammar, a superset of placehold.co's.

    /{size}[@{scale}x][/{background}[/{foreground}]][/{format}|.{format}][?key=value&...]

The scale mark and an extension may stand on any path part, empty parts are ignored, and
`&text=...` may follow the path without a `?`: all of these stand in people's pages. Keys are
case-insensitive and the first of several wins; a value left empty is one not given, but for
`text`. A well-known font that is not installed is drawn in the default one. In the text `|`, `\n`
and a real line break end a line, `\|`, `\\` and `\{` are the characters themselves, and {width},
{height}, {size}, {scale}, {format}, {background}, {foreground} are filled in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from wsgi_placeholder import formats
from wsgi_placeholder.dialects import AUTO, Dialect, complete, pairs_of
from wsgi_placeholder.dialects._parameters import READERS, is_color, read_format
from wsgi_placeholder.drawing.color import Color, grey, parse_color
from wsgi_placeholder.errors import BadParameter, echoable, nearest, quoted
from wsgi_placeholder.sizes import parse_size
from wsgi_placeholder.spec import size_caption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_SCALE = re.compile(r"@([1-4](?:\.[0-9]{1,2})?)x", re.ASCII | re.IGNORECASE)
_TOO_MUCH = re.compile(r"@[1-9][0-9]{0,3}(?:\.[0-9]{1,9})?x?", re.ASCII | re.IGNORECASE)
_ESCAPE = re.compile(r"\\([|\\{n])|\||\{(\w{1,12})\}")
ALIASES = {
    "background": "bg", "bgcolor": "bg", "bg_color": "bg", "background_color": "bg",
    "foreground": "fg", "color": "fg", "colour": "fg", "textcolor": "fg", "text_color": "fg",
    "dpr": "scale", "font_size": "size", "fontsize": "size", "font-size": "size",
    "font_weight": "weight", "fontweight": "weight", "font-weight": "weight",
    "font_family": "font", "fontfamily": "font", "font-family": "font",
    "fm": "format", "ext": "format", "q": "quality", "greyscale": "grayscale",
}  # fmt: skip
# What people call things that have another name or place here.
_MEANT = {
    "type": "format", "fmt": "format", "filetype": "format", "title": "text", "caption": "text",
    "txt": "text", "label": "text", "message": "text", "corner": "radius", "rounded": "radius",
    "border_color": "border=4,navy", "bordercolor": "border=4,navy",
    "w": "/600x400 in the path", "h": "/600x400 in the path", "width": "/600x400 in the path",
    "height": "/600x400 in the path", "zoom": "scale", "retina": "scale", "blur": None,
}  # fmt: skip
_CACHE_BUSTERS = {"v", "_", "random", "rand", "t", "ts", "timestamp", "cb", "nocache"}
_FLAGS = ("grayscale", "greyscale")
_MAY_BE_EMPTY = ("text", "grayscale")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a native URL. Raises BadParameter or TooLarge, which name the part that is wrong."""
    path, mark, tail = path.partition("&")
    if mark:
        query = [*pairs_of(tail), *query]
    given = _read_path(path)
    for name, value in query:
        key = name.strip().lower()
        key = ALIASES.get(key, key)
        if key in READERS:
            if key not in given and (value.strip() or key in _MAY_BE_EMPTY):
                given[key] = READERS[key](value, defaults)
        # A word without a value is a cache buster (`?12345`) or what follows an `&` in a text,
        # unless it is nearly a flag.
        elif key not in _CACHE_BUSTERS and (value or nearest(key, _FLAGS)):
            raise BadParameter(
                f"{quoted(name)} is no parameter; expected one of {', '.join(READERS)}.",
                parameter=name if echoable(name) else None,
                hint=_MEANT[key] if key in _MEANT else nearest(key, [*READERS, *ALIASES]),
            )
    return complete(_keywords(given, defaults), defaults)


def _read_path(path: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    parts = [part for part in path.split("/") if part.strip(" ")]
    for part in _without_marks(parts, given):
        if "width" not in given:
            given["width"], given["height"] = _size(part, parts)
        elif part.lower() in formats.by_extension() or part.lower() == AUTO:
            given["format"] = read_format(part)
        elif "bg" not in given:
            given["bg"] = _path_color(part, "background")
        elif "fg" not in given:
            given["fg"] = _path_color(part, "foreground")
        else:
            raise BadParameter(
                f"{quoted(part)} is one part too many; expected"
                " /size/background/foreground/format.",
                parameter="path",
            )
    if "width" not in given:
        raise BadParameter("The size is missing; expected like /600x400.", parameter="size")
    return given


def _size(part: str, parts: list[str]) -> tuple[int, int]:
    try:
        return parse_size(part)
    except BadParameter as error:
        if is_color(part) and not part.isdigit():
            error.detail = (
                f"{quoted(part)} is a colour; expected the size first, like /600x400/teal."
            )
            size = parts[1] if len(parts) > 1 else "600x400"
            error.hint = f"/{size}/{part}" if echoable(size + part) else None
        raise


def _without_marks(parts: list[str], given: dict[str, Any]) -> list[str]:
    """Take scale marks and extensions off the parts and note them."""
    bare = []
    for part in parts:
        if match := _SCALE.search(part):
            given["scale"] = float(match[1])
            part = part[: match.start()] + part[match.end() :]
        elif "@" in part:
            stem, at, mark = part.partition("@")
            factor = _TOO_MUCH.match(at + mark)
            nearest_one = min(float(factor[0].strip("@xX")), 4) if factor else 2
            raise BadParameter(
                f"{quoted(part)} has a wrong scale mark; expected @2x, @1.5x ... up to @4x.",
                parameter="scale",
                hint=f"{stem}@{written(nearest_one)}x" if echoable(part) else None,
            )
        stem, dot, extension = part.rpartition(".")
        if dot and not (extension.strip(" ")[:1].isdigit() or ":" in extension):
            given["format"] = read_format(extension)
            part = stem
        if part.strip(" "):
            bare.append(part.strip(" "))
    return bare


def _path_color(part: str, parameter: str) -> Any:
    try:
        return parse_color(part, parameter)
    except BadParameter as error:
        name = part.lower()
        if error.hint is None or nearest(name, formats.by_extension()):
            error.hint = nearest(name, formats.by_extension()) or error.hint
        raise


def _keywords(given: dict[str, Any], defaults: Defaults) -> dict[str, Any]:
    """Turn what was read into keywords of `Spec.of`."""
    keywords = {
        {"bg": "background", "fg": "foreground"}.get(key, key): value
        for key, value in given.items()
        if key not in ("border", "grayscale")
    }
    if "border" in given:
        keywords["border"], keywords["border_color"] = given["border"]
    if given.get("grayscale"):
        keywords.setdefault("background", defaults.background)
        for key in ("background", "foreground", "border_color"):
            if keywords.get(key) is not None:
                keywords[key] = grey(keywords[key])
    if "text" in given:
        keywords["text"] = _filled_in(given["text"], keywords, defaults)
    return keywords


def _filled_in(text: str, keywords: dict[str, Any], defaults: Defaults) -> str:
    """Replace line breaks, escapes and fields of the text."""
    if not _ESCAPE.search(text):
        return text
    # Fields show what was asked for; the Spec proper cannot be complete without its text.
    spec = complete(keywords | {"text": ""}, defaults)
    fields = {
        "width": str(spec.width),
        "height": str(spec.height),
        "size": size_caption(spec.width, spec.height),
        "scale": f"{spec.scale:g}",
        "format": spec.format.upper(),
        "background": "#" + spec.background.hex,
        "foreground": "#" + spec.foreground.hex,
        "bg": "#" + spec.background.hex,
        "fg": "#" + spec.foreground.hex,
    }

    def replacement(match: re.Match[str]) -> str:
        if match[2]:
            return fields.get(match[2].lower(), match[0])
        return match[1] if match[1] and match[1] != "n" else "\n"

    return _ESCAPE.sub(replacement, text)


def build(spec: Spec, defaults: Defaults) -> str:
    """Return the native path and query of `spec`: the inverse of `parse` under `defaults`."""
    path = f"/{spec.width}x{spec.height}" if spec.width != spec.height else f"/{spec.width}"
    if spec.scale != 1:
        path += f"@{written(spec.scale)}x"
    given: dict[str, Any] = {"width": spec.width, "height": spec.height, "format": spec.format}
    plain = complete(given, defaults)
    query = {}
    if spec.background != plain.background:
        path += f"/{spec.background.hex}"
        plain = complete(given | {"background": spec.background}, defaults)
        if spec.foreground != plain.foreground:
            path += f"/{spec.foreground.hex}"
    elif spec.foreground != plain.foreground:
        query["fg"] = spec.foreground.hex  # the background stays open to the configuration
    if spec.format != defaults.format:
        path += f".{spec.format}"
    if spec.text != plain.text:
        query["text"] = escaped(spec.text)
    for key in ("style", "font", "size", "weight", "align", "padding", "radius", "quality", "seed"):
        value = getattr(spec, key)
        if value != getattr(plain, key):
            query[key] = written(value)
    if spec.border:
        query["border"] = written(spec.border)
        if spec.border_color != spec.foreground:
            query["border"] += f",{spec.border_color.hex}"
    return path + ("?" + urlencode(query, quote_via=quote, safe="|,") if query else "")


def escaped(text: str) -> str:
    """Return `text` so that `parse` reads every character of it as itself."""
    return re.sub(r"([\\|{])", r"\\\1", text).replace("\n", "|")


def written(value: object) -> str:
    """Return a value as a URL's query has it; lengths are hundredths of a pixel at the finest."""
    if isinstance(value, Color):
        return value.hex
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    if isinstance(value, (tuple, list)):  # border=(4, "navy")
        return ",".join(map(written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


DIALECT = Dialect(parse)
