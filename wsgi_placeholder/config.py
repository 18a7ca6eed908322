"""The one table of options, and the frozen Config that everything else reads.

Keyword arguments are the truth; environment variables, Paste Deploy ini files, the Django setting
and the command line only turn strings into those keywords. Code reads the environment only when it
asks for it, and then an option that stands in both is Python's usual error:
`PlaceholderMiddleware(app, cors=True, **from_environ(os.environ))`. The command line always does,
and its flags win.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import dialects, formats, registry
from wsgi_placeholder.dialects import AUTO
from wsgi_placeholder.drawing.color import Color, parse_color
from wsgi_placeholder.drawing.fonts import Fonts, slug
from wsgi_placeholder.errors import BadParameter, nearest
from wsgi_placeholder.spec import GREY, MOST_CHARACTERS, MOST_LINES, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_WHOLE = re.compile(r"[0-9][0-9_]{0,19}", re.ASCII)
# The characters of RFC 3986's pchar that need no escape: the prefix is compared with raw paths.
_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@-]*", re.ASCII)


def _slug(value: object) -> str:
    return slug(str(value))


def _prefix(value: object) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value.strip()):
        raise ValueError("expected a plain path such as /placeholder, or nothing")
    prefix = "/" + value.strip().strip("/")
    return "" if prefix == "/" else prefix


def _color(value: object) -> Color:
    try:
        return value if isinstance(value, Color) else parse_color(str(value))
    except BadParameter as error:
        raise ValueError(
            "expected 1, 2, 3, 4, 6 or 8 hex digits, a CSS colour name or transparent"
            + _did_you_mean(error.hint)
        ) from error


def _optional_color(value: object) -> Color | None:
    return None if value is None or str(value).strip() in ("", "auto") else _color(value)


def _format(value: object) -> str:
    name = str(value).strip().lower()
    if name != AUTO and name not in formats.by_extension():
        known = [*formats.by_extension(), AUTO]
        raise ValueError(f"expected one of {', '.join(known)}{_did_you_mean(nearest(name, known))}")
    return name if name == AUTO else formats.by_extension()[name].name


def _style(value: object) -> str:
    name, known = str(value).strip().lower(), registry.names("styles")
    if name not in known:
        raise ValueError(f"expected one of {', '.join(known)}{_did_you_mean(nearest(name, known))}")
    return name


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value.replace("_", ""))
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return value

    return read


def _seconds(value: object) -> float:
    try:
        seconds = 0 if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        seconds = 0
    if not 0 < seconds <= 3600:
        raise ValueError("expected seconds, above 0 and at most 3600")
    return seconds


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("expected true or false")


def _paths(value: object) -> tuple[str, ...]:
    """A list, one path, or a string as in PATH; no comma, for fonts are named Inter[opsz,wght]."""
    if isinstance(value, str):
        value = [part.strip() for line in value.splitlines() for part in line.split(os.pathsep)]
    paths = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(path, (str, os.PathLike)) for path in paths):
        raise ValueError(f"expected paths: a list, or a string with {os.pathsep!r} between them")
    return tuple(str(path) for path in paths if path)


def _words(value: object) -> tuple[str, ...]:
    words = re.split(r"[\s,;:]+", value) if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise ValueError("expected names: a list, or a string with commas between them")
    return tuple(dict.fromkeys(word.strip().lower() for word in words if word.strip()))


def _known(words: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    for word in words:
        if word not in known:
            raise ValueError(
                f"{word!r} is unknown; expected some of {', '.join(known)}"
                + _did_you_mean(nearest(word, known))
            )
    return words


def _dialects(value: object) -> tuple[str, ...]:
    named = (dialects.hosts().get(word, word) for word in _words(value))
    return _known(tuple(dict.fromkeys(named)), registry.names("dialects"))


def _hosts(value: object) -> tuple[str, ...]:
    """All hosts we know, or the given ones."""
    with contextlib.suppress(ValueError):
        return tuple(dialects.hosts()) if _switch(value) else ()
    return _known(_words(value), dialects.hosts())


def _did_you_mean(hint: str | None) -> str:
    return f"; did you mean {hint}?" if hint else ""


def _option(default: Any, read: Callable[[object], Any], help: str) -> Any:
    return field(default=default, metadata={"read": read, "help": help})


@dataclass(frozen=True, kw_only=True)
class Config:
    """All options, checked. Make one with `Config.of`; see `OPTIONS` for the table."""

    prefix: str = _option("/placeholder", _prefix, "URL prefix that is ours; empty: all URLs")
    format: str = _option("png", _format, "format when a URL names none; auto: by Accept")
    background: Color = _option(GREY, _color, "background when a URL names none")
    foreground: Color | None = _option(
        None, _optional_color, "text colour when a URL names none; auto: readable on the background"
    )
    style: str = _option("flat", _style, "look when a URL names none")
    font: str = _option("inter", _slug, "font family when a URL names none")
    weight: int = _option(WEIGHT, _whole(100, 900), "font weight when a URL names none")
    fonts: tuple[str, ...] = _option((), _paths, "more font files, or folders of them, as in PATH")
    system_fonts: bool = _option(
        True, _switch, "draw what other fonts lack with the system's fonts"
    )
    dialects: tuple[str, ...] = _option(
        (),
        _dialects,
        "services whose URLs are read, any that names none as the first's; empty: all",
    )
    hosts: tuple[str, ...] = _option(
        (), _hosts, "services answered at the root of their own host too; true: all"
    )
    max_pixels: int = _option(25_000_000, _whole(1, 10**9), "most pixels of a picture")
    max_memory: int = _option(
        128_000_000, _whole(10**6, 10**11), "most bytes that rendering one picture may take"
    )
    max_seconds: float = _option(
        0.25, _seconds, "most CPU seconds that rendering one picture may take, as estimated"
    )
    max_text: int = _option(MOST_CHARACTERS, _whole(0, 2000), "most characters of a text")
    max_lines: int = _option(MOST_LINES, _whole(1, 100), "most lines of a text")
    max_url: int = _option(2048, _whole(64, 65536), "most bytes of path and query")
    max_fields: int = _option(16, _whole(1, 100), "most parameters in a query")
    cache_bytes: int = _option(32_000_000, _whole(0, 10**11), "bytes of pictures kept in memory")
    max_age: int = _option(
        31_536_000, _whole(0, 31_536_000), "seconds a browser or proxy may keep a picture"
    )
    immutable: bool = _option(
        False, _switch, "promise that pictures never change, even when this software does"
    )
    cors: bool = _option(False, _switch, "let scripts of other sites read the pictures")

    @classmethod
    def of(cls, **options: Any) -> Config:
        """Check and convert options; raises TypeError (unknown) or ValueError (bad), with names."""
        values = {}
        for name, value in options.items():
            if name not in OPTIONS:
                raise TypeError(f"unknown option {name!r}; {nearest_option(name)}")
            try:
                values[name] = OPTIONS[name].metadata["read"](value)
            except (ValueError, TypeError) as error:
                raise ValueError(f"option {name}={value!r}: {error}") from error
        config = cls(**values)
        if config.font not in config.font_names:
            raise ValueError(
                f"option font={config.font!r}: expected one of {', '.join(config.font_names)}"
                + _did_you_mean(nearest(config.font, config.font_names))
            )
        return config

    @functools.cached_property
    def loaded_fonts(self) -> Fonts:
        return Fonts(self.fonts, system=self.system_fonts)

    @property
    def font_names(self) -> tuple[str, ...]:
        return self.loaded_fonts.names


OPTIONS: Mapping[str, dataclasses.Field[Any]] = {
    option.name: option for option in dataclasses.fields(Config)
}


def from_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the options in environment variables, `WSGI_PLACEHOLDER_MAX_PIXELS` and the like.

    Raises TypeError for a variable of that prefix that is no option.
    """
    start = "WSGI_PLACEHOLDER_"
    found = {
        name.removeprefix(start).lower(): value
        for name, value in environ.items()
        if name.startswith(start)
    }
    for name in sorted(found.keys() - OPTIONS.keys()):
        spelled = [start + option.upper() for option in OPTIONS]
        raise TypeError(
            f"unknown environment variable {start}{name.upper()};"
            f" {nearest_option(start + name.upper(), spelled)}"
        )
    return found


def nearest_option(name: str, known: Iterable[str] = OPTIONS) -> str:
    """Return the words after "unknown option ...;": the nearest known name, or all of them.

    `known` holds the options as this door spells them.
    """
    lower = {option.lower(): option for option in known}
    hint = nearest(name, lower)
    return f"did you mean {lower[hint]}?" if hint else f"expected one of {', '.join(known)}"


def written(value: Any) -> str:
    """Return an option's value as text: what its reader turns into the same value again."""
    if value is None:
        return "auto"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Color):
        return "#" + value.hex
    return os.pathsep.join(value) if isinstance(value, tuple) else str(value)
