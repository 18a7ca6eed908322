"""The one table of options, and the frozen Config that everything else reads.

Keyword arguments are the truth; environment variables, Paste Deploy ini files, the Django setting
and the command line only turn strings into those keywords. Code reads the environment only when it
asks for it, and then an option that stands in both is Python's usual error:
`PlaceholderMiddleware(app, cors=True, **from_environ(os.environ))`. The command line always does,
and its flags win.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import option_values as values
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.fonts import Fonts
from wsgi_placeholder.errors import nearest
from wsgi_placeholder.signatures import Signer
from wsgi_placeholder.spec import GREY, MOST_CHARACTERS, MOST_LINES, WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


# Stands for the value of an option that nobody may read.
HIDDEN = "…"


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
        shown = value if OPTIONS[name].repr else HIDDEN
        raise BadOption(name, shown, str(error)) from error


def _option(default: Any, read: Callable[[object], Any], help: str, *, repr: bool = True) -> Any:
    return field(default=default, repr=repr, metadata={"read": read, "help": help})


@dataclass(frozen=True, kw_only=True)
class Config:
    """All options, checked. Make one with `Config.of`; see `OPTIONS` for the table."""

    prefix: str = _option("/placeholder", values.prefix, "URL prefix that is ours; empty: all URLs")
    format: str = _option(
        "png", values.as_in_url("format"), "format when a URL names none; auto: by Accept"
    )
    background: Color = _option(GREY, values.color, "background when a URL names none")
    foreground: Color | None = _option(
        None,
        values.optional_color,
        "text colour when a URL names none; auto: readable on the background",
    )
    style: str = _option("flat", values.as_in_url("style"), "look when a URL names none")
    font: str = _option("inter", values.slug, "font family when a URL names none")
    weight: int = _option(WEIGHT, values.as_in_url("weight"), "font weight when a URL names none")
    fonts: tuple[str, ...] = _option(
        (), values.paths, "more font files, or folders of them, as in PATH"
    )
    system_fonts: bool = _option(
        True, values.switch, "draw what other fonts lack with the system's fonts"
    )
    dialects: tuple[str, ...] = _option(
        (),
        values.services,
        "services whose URLs are read beside our own, the first where none is named; empty: all",
    )
    hosts: tuple[str, ...] = _option(
        (), values.hosts, "services answered at the root of their own host too; true: all"
    )
    rewrite: tuple[str, ...] = _option(
        (), values.hosts, "services whose URLs in the app's pages are made to lead here; true: all"
    )
    missing: tuple[Any, ...] = _option(
        (),
        values.missing,
        "the app's 404s that become pictures: true, or prefixes and extensions, /media/ .jpg",
    )
    missing_sizes: tuple[tuple[Any, Any], ...] = _option(
        (),
        values.missing_rules,
        "sizes of missing pictures: pairs of a regular expression and a size",
    )
    missing_aliases: tuple[tuple[str, Any], ...] = _option(
        (), values.missing_aliases, "sizes by the names of thumbnail aliases and image styles"
    )
    missing_text: str = _option(
        "{name}|{size}", values.text, "caption of a missing picture; | ends a line"
    )
    missing_status: int = _option(200, values.status, "status of a missing picture: 200 or 404")
    missing_types: tuple[tuple[str, str], ...] = _option(
        (),
        values.missing_types,
        "other files that are replaced too: pdf csv txt json wav mp3, by yours: mp4=none.mp4",
    )
    missing_report: bool = _option(
        False, values.switch, "answer {prefix}/missing with a list of what was replaced"
    )
    origin: tuple[str, ...] = _option(
        (), values.urls, "sites that are asked for a missing file first, https://www.example.com"
    )
    origin_private: bool = _option(
        False, values.switch, "an origin's name may lead to a private address, as in containers"
    )
    origin_store: str = _option("", values.text, "folder in which files of the origin are kept")
    origin_store_at: str = _option("/", values.text, "URL path that this folder stands for")
    learn: bool = _option(
        False, values.switch, "note in the app's pages how large they show their pictures"
    )
    secret: tuple[bytes, ...] = _option(
        (),
        values.secrets,
        "32 random bytes or more, for signatures and secret text; a list of them: the first signs",
        repr=False,
    )
    require_signature: tuple[Any, ...] = _option(
        (),
        values.required_signatures,
        "URLs that are refused unless signed: true, text, or those above a number of pixels",
    )
    text_policy: str = _option(
        "any",
        values.text_policy,
        "texts drawn for unsigned URLs: any, signed (none), or a regular expression of those",
    )
    max_pixels: int = _option(25_000_000, values.whole(1, 10**9), "most pixels of a picture")
    max_memory: int = _option(
        128_000_000, values.whole(10**6, 10**11), "most bytes that rendering one picture may take"
    )
    max_seconds: float = _option(
        0.25, values.seconds, "most CPU seconds that rendering one picture may take, as estimated"
    )
    max_text: int = _option(MOST_CHARACTERS, values.whole(0, 2000), "most characters of a text")
    max_lines: int = _option(MOST_LINES, values.whole(1, 100), "most lines of a text")
    max_url: int = _option(2048, values.whole(64, 65536), "most bytes of path and query")
    max_fields: int = _option(32, values.whole(1, 100), "most parameters in a query")
    cache_bytes: int = _option(
        32_000_000, values.whole(0, 10**11), "bytes of pictures kept in memory"
    )
    max_age: int = _option(
        31_536_000, values.whole(0, 31_536_000), "seconds a browser or proxy may keep a picture"
    )
    immutable: bool = _option(
        False, values.switch, "promise that pictures never change, even when this software does"
    )
    cors: bool = _option(False, values.switch, "let scripts of other sites read the pictures")

    @classmethod
    def of(cls, **options: Any) -> Config:
        """Check and convert options; raises TypeError (unknown) or BadOption, with names."""
        given = {}
        for name, value in options.items():
            if name not in OPTIONS:
                raise TypeError(f"unknown option {name!r}; {nearest_option(name)}")
            given[name] = _read(name, value)
        config = cls(**given)
        try:
            known = config.font_names
        except ValueError as error:
            raise BadOption(
                "fonts", options.get("fonts"), str(error).removeprefix("fonts: ")
            ) from error
        if config.font not in known:
            expected = f"expected one of {', '.join(known)}"
            hint = values.did_you_mean(nearest(config.font, known))
            raise BadOption("font", options.get("font"), expected + hint)
        config._check_signatures(options)
        return config

    def _check_signatures(self, options: Mapping[str, Any]) -> None:
        if not self.require_signature:
            return
        why = "" if self.secret else "expected the option secret beside it"
        if "all" in self.require_signature and (self.hosts or self.rewrite):
            why = "URLs of other hosts cannot be signed; expected no hosts and no rewrite beside it"
        if why:
            raise BadOption("require_signature", options["require_signature"], why)

    @functools.cached_property
    def signer(self) -> Signer | None:
        return Signer(self.secret, self.prefix) if self.secret else None

    @property
    def signs(self) -> bool:
        """True when the URLs that we build carry a signature: where the lack of one matters."""
        return bool(self.secret) and bool(self.require_signature or self.text_policy != "any")

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
    if not isinstance(value, tuple):
        return str(value)
    if value and isinstance(value[0], tuple):  # names or expressions, and sizes
        return "\n".join(f"{name} = {size}" for name, size in value)
    return os.pathsep.join(map(str, value))
