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

from wsgi_placeholder import dialects, registry
from wsgi_placeholder.dialects._parameters import READERS
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.fonts import Fonts, slug
from wsgi_placeholder.errors import BadParameter, nearest
from wsgi_placeholder.spec import GREY, MOST_CHARACTERS, MOST_LINES, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# As Python writes numbers, 4_000_000, but no longer than any limit here.
# What people copy along with a host: its scheme, www. and what follows it.
_DECORATION = re.compile(r"^(?:https?:)?/*(?:www\.)?|/.*$")
_WHOLE = re.compile(r"[0-9](?:_?[0-9]){0,19}", re.ASCII)
# The characters of RFC 3986's pchar that need no escape: the prefix is compared with raw paths.
_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@-]*", re.ASCII)


def _slug(value: object) -> str:
    return slug(str(value))


def _prefix(value: object) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value.strip()):
        raise ValueError("expected a plain path such as /placeholder, or nothing")
    prefix = "/" + value.strip().strip("/")
    return "" if prefix == "/" else prefix


def _as_in_url(parameter: str) -> Callable[[object], Any]:
    """Read exactly what that parameter of a URL may be."""

    def read(value: object) -> Any:
        try:
            return READERS[parameter](str(value), Config())
        except BadParameter as error:
            # Its sentence names the parameter first, and we the option.
            expected = error.detail.rpartition("; ")[2].removesuffix(".")
            raise ValueError(expected + _did_you_mean(error.hint)) from error

    return read


def _color(value: object) -> Color:
    return value if isinstance(value, Color) else _as_in_url("bg")(value)


def _optional_color(value: object) -> Color | None:
    return None if value is None or str(value).strip() in ("", "auto") else _color(value)


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
    except (ValueError, TypeError, OverflowError):
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
    """Names and hosts: a list, or a string with commas or os.pathsep between them."""
    words = re.split(r"[\s,;]+|:(?!/)", value) if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise ValueError("expected names: a list, or a string with commas between them")
    bare = (_DECORATION.sub("", word.strip().lower()) for word in words)
    return tuple(dict.fromkeys(word for word in bare if word))


def _known(words: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    for word in words:
        if word not in known:
            raise ValueError(
                f"{word!r} is unknown"
                + (_did_you_mean(nearest(word, known)) or f"; expected some of {', '.join(known)}")
            )
    return words


def _dialects(value: object) -> tuple[str, ...]:
    named = (dialects.hosts().get(word, word) for word in _words(value))
    return _known(tuple(dict.fromkeys(named)), registry.names("dialects"))


def _hosts(value: object) -> tuple[str, ...]:
    """All hosts we know, or the given ones."""
    with contextlib.suppress(ValueError):
        return tuple(dialects.hosts()) if _switch(value) else ()
    known = dialects.hosts()
    asked: list[str] = []
    for word in _words(value):
        of_service = [host for host, name in known.items() if name == word]
        asked += of_service or [word]
    return _known(tuple(dict.fromkeys(asked)), known)


def _did_you_mean(hint: str | None) -> str:
    return f"; did you mean {hint}?" if hint else ""


class BadOption(ValueError):
    """An option cannot have this value. `name` is the option's, `why` says what was expected."""

    def __init__(self, name: str, value: object, why: str, spelled: str | None = None) -> None:
        super().__init__(f"{spelled or f'option {name}'}={value!r}: {why}")
        self.name, self.value, self.why = name, value, why

    def at(self, spelled: str) -> BadOption:
        """Return the same error for who wrote the option so: `--max-text`, a variable, a key."""
        return BadOption(self.name, self.value, self.why, spelled)


def _read(name: str, value: object) -> Any:
    try:
        return OPTIONS[name].metadata["read"](value)
    except (ValueError, TypeError) as error:
        raise BadOption(name, value, str(error)) from error


def _option(default: Any, read: Callable[[object], Any], help: str) -> Any:
    return field(default=default, metadata={"read": read, "help": help})


@dataclass(frozen=True, kw_only=True)
class Config:
    """All options, checked. Make one with `Config.of`; see `OPTIONS` for the table."""

    prefix: str = _option("/placeholder", _prefix, "URL prefix that is ours; empty: all URLs")
    format: str = _option(
        "png", _as_in_url("format"), "format when a URL names none; auto: by Accept"
    )
    background: Color = _option(GREY, _color, "background when a URL names none")
    foreground: Color | None = _option(
        None, _optional_color, "text colour when a URL names none; auto: readable on the background"
    )
    style: str = _option("flat", _as_in_url("style"), "look when a URL names none")
    font: str = _option("inter", _slug, "font family when a URL names none")
    weight: int = _option(WEIGHT, _as_in_url("weight"), "font weight when a URL names none")
    fonts: tuple[str, ...] = _option((), _paths, "more font files, or folders of them, as in PATH")
    system_fonts: bool = _option(
        True, _switch, "draw what other fonts lack with the system's fonts"
    )
    dialects: tuple[str, ...] = _option(
        (),
        _dialects,
        "services whose URLs are read beside our own, the first where none is named; empty: all",
    )
    hosts: tuple[str, ...] = _option(
        (), _hosts, "services answered at the root of their own host too; true: all"
    )
    rewrite: tuple[str, ...] = _option(
        (), _hosts, "services whose URLs in the app's pages are made to lead here; true: all"
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
    max_fields: int = _option(32, _whole(1, 100), "most parameters in a query")
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
        """Check and convert options; raises TypeError (unknown) or BadOption, with names."""
        values = {}
        for name, value in options.items():
            if name not in OPTIONS:
                raise TypeError(f"unknown option {name!r}; {nearest_option(name)}")
            values[name] = _read(name, value)
        config = cls(**values)
        try:
            known = config.font_names
        except ValueError as error:
            raise BadOption(
                "fonts", options.get("fonts"), str(error).removeprefix("fonts: ")
            ) from error
        if config.font not in known:
            expected = f"expected one of {', '.join(known)}"
            hint = _did_you_mean(nearest(config.font, known))
            raise BadOption("font", options.get("font"), expected + hint)
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

    Raises TypeError for a variable of that prefix that is no option, and BadOption, which names the
    variable.
    """
    start = variable("")
    found = {
        name.removeprefix(start).lower(): value
        for name, value in environ.items()
        if name.startswith(start)
    }
    for name in sorted(found.keys() - OPTIONS.keys()):
        raise TypeError(
            f"unknown environment variable {variable(name)};"
            f" {nearest_option(variable(name), [*map(variable, OPTIONS)])}"
        )
    for name, value in found.items():
        try:
            _read(name, value)
        except BadOption as error:
            raise error.at(variable(name)) from error
    return found


def variable(name: str) -> str:
    """Return the environment variable of an option."""
    return f"WSGI_PLACEHOLDER_{name.upper()}"


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
