"""The one table of options, and the frozen Config that everything else reads.

Keyword arguments are the truth; environment variables, Paste Deploy ini files, the Django setting
and the command line only turn strings into those keywords.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import formats, registry
from wsgi_placeholder.dialects import AUTO
from wsgi_placeholder.drawing.color import Color, parse_color
from wsgi_placeholder.drawing.fonts import Fonts, slug
from wsgi_placeholder.errors import BadParameter, nearest
from wsgi_placeholder.spec import GREY, MOST_CHARACTERS, MOST_LINES, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _slug(value: object) -> str:
    return slug(str(value))


def _prefix(value: object) -> str:
    prefix = "/" + str(value).strip().strip("/")
    if not prefix.isascii() or not prefix.isprintable() or set(prefix) & set(" ?#%"):
        raise ValueError("expected a plain path such as /placeholder")
    return "" if prefix == "/" else prefix


def _color(value: object) -> Color:
    try:
        return value if isinstance(value, Color) else parse_color(str(value))
    except BadParameter as error:
        raise ValueError("expected 3, 4, 6 or 8 hex digits or a CSS colour name") from error


def _optional_color(value: object) -> Color | None:
    return None if value is None or str(value).strip() in ("", "auto") else _color(value)


def _format(value: object) -> str:
    name = str(value).strip().lower()
    if name != AUTO and name not in formats.by_extension():
        known = [*formats.by_extension(), AUTO]
        raise ValueError(f"expected one of {', '.join(known)}")
    return name if name == AUTO else formats.by_extension()[name].name


def _style(value: object) -> str:
    if value not in registry.names("styles"):
        raise ValueError(f"expected one of {', '.join(registry.names('styles'))}")
    return str(value)


def _whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, str):
            value = int(value.strip().replace("_", ""))
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return value

    return read


def _seconds(value: object) -> float:
    seconds = float(value)  # type: ignore[arg-type]
    if not 0 < seconds <= 3600:
        raise ValueError("expected seconds above 0")
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
    """A list, or a string with one path per line or comma (never a colon: Windows)."""
    if isinstance(value, str):
        value = [part.strip() for line in value.splitlines() for part in line.split(",")]
    return tuple(str(path) for path in value if str(path))  # type: ignore[attr-defined]


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
    fonts: tuple[str, ...] = _option((), _paths, "more font files, or folders of them")
    system_fonts: bool = _option(
        True, _switch, "draw what other fonts lack with the system's fonts"
    )
    max_pixels: int = _option(25_000_000, _whole(1, 10**9), "most pixels of a picture")
    max_memory: int = _option(
        96_000_000, _whole(10**6, 10**11), "most bytes that rendering one picture may take"
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
                hint = nearest(name, OPTIONS)
                raise TypeError(
                    f"unknown option {name!r}" + (f"; did you mean {hint!r}?" if hint else "")
                )
            try:
                values[name] = OPTIONS[name].metadata["read"](value)
            except (ValueError, TypeError) as error:
                raise ValueError(f"option {name}={value!r}: {error}") from error
        config = cls(**values)
        if config.font not in config.font_names:
            raise ValueError(
                f"option font={config.font!r}: expected one of {', '.join(config.font_names)}"
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
    for name in found.keys() - OPTIONS.keys():
        hint = nearest(name, OPTIONS)
        raise TypeError(
            f"environment variable {start}{name.upper()} is no option"
            + (f"; did you mean {start}{hint.upper()}?" if hint else "")
        )
    return found
