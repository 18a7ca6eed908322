"""What the values of options may be: each reader takes what a door gives and returns the option.

Strings come from the environment, ini files and the command line, anything from keywords. Raises
ValueError that says what was expected; `config` adds the option's name.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder import dialects, registry
from wsgi_placeholder.dialects._parameters import READERS
from wsgi_placeholder.drawing.color import Color
from wsgi_placeholder.drawing.font_files import slug as slugged
from wsgi_placeholder.errors import BadParameter, nearest
from wsgi_placeholder.missing import _bases as origins
from wsgi_placeholder.missing import sizes
from wsgi_placeholder.missing.files import FILES
from wsgi_placeholder.tokens import checked_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# What people copy along with a host: its scheme, www. and what follows it.
_DECORATION = re.compile(r"^(?:https?:)?/*(?:www\.)?|/.*$")
# As Python writes numbers, 4_000_000, but no longer than any limit here.
# What the parameters that are options too never look at.
_NO_DEFAULTS: Any = None
_WHOLE = re.compile(r"[0-9](?:_?[0-9]){0,19}", re.ASCII)
# The characters of RFC 3986's pchar that need no escape: the prefix is compared with raw paths.
_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@-]*", re.ASCII)


def slug(value: object) -> str:
    return slugged(str(value))


def prefix(value: object) -> str:
    if not isinstance(value, str) or not _PATH.fullmatch(value.strip()):
        raise ValueError("expected a plain path such as /placeholder, or nothing")
    prefix = "/" + value.strip().strip("/")
    return "" if prefix == "/" else prefix


def as_in_url(parameter: str) -> Callable[[object], Any]:
    """Read exactly what that parameter of a URL may be."""

    def read(value: object) -> Any:
        try:
            return READERS[parameter](str(value), _NO_DEFAULTS)
        except BadParameter as error:
            # Its sentence names the parameter first, and we the option.
            expected = error.detail.rpartition("; ")[2].removesuffix(".")
            raise ValueError(expected + did_you_mean(error.hint)) from error

    return read


def color(value: object) -> Color:
    return value if isinstance(value, Color) else as_in_url("bg")(value)


def optional_color(value: object) -> Color | None:
    return None if value is None or str(value).strip() in ("", "auto") else color(value)


def whole(least: int, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value.replace("_", ""))
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return value

    return read


def seconds(value: object) -> float:
    try:
        seconds = 0 if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (ValueError, TypeError, OverflowError):
        seconds = 0
    if not 0 < seconds <= 3600:
        raise ValueError("expected seconds, above 0 and at most 3600")
    return seconds


def switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("expected true or false")


def paths(value: object) -> tuple[str, ...]:
    """A list, one path, or a string as in PATH; no comma, for fonts are named Inter[opsz,wght]."""
    if isinstance(value, str):
        value = [part.strip() for line in value.splitlines() for part in line.split(os.pathsep)]
    paths = value if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(path, (str, os.PathLike)) for path in paths):
        raise ValueError(f"expected paths: a list, or a string with {os.pathsep!r} between them")
    return tuple(str(path) for path in paths if path)


def words(value: object) -> tuple[str, ...]:
    """Names and hosts: a list, or a string with commas or os.pathsep between them."""
    words = re.split(r"[\s,;]+|:(?!/)", value) if isinstance(value, str) else value
    if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) for word in words):
        raise ValueError("expected names: a list, or a string with commas between them")
    bare = (_DECORATION.sub("", word.strip().lower()) for word in words)
    return tuple(dict.fromkeys(word for word in bare if word))


def known_words(words: tuple[str, ...], known: Iterable[str]) -> tuple[str, ...]:
    for word in words:
        if word not in known:
            raise ValueError(
                f"{word!r} is unknown"
                + (did_you_mean(nearest(word, known)) or f"; expected some of {', '.join(known)}")
            )
    return words


def services(value: object) -> tuple[str, ...]:
    named = (dialects.hosts().get(word, word) for word in words(value))
    return known_words(tuple(dict.fromkeys(named)), registry.names("dialects"))


def hosts(value: object) -> tuple[str, ...]:
    """All hosts we know, or the given ones."""
    with contextlib.suppress(ValueError):
        return tuple(dialects.hosts()) if switch(value) else ()
    known = dialects.hosts()
    asked: list[str] = []
    for word in words(value):
        of_service = [host for host, name in known.items() if name == word]
        asked += of_service or [word]
    return known_words(tuple(dict.fromkeys(asked)), known)


def did_you_mean(hint: str | None) -> str:
    return f"; did you mean {hint}?" if hint else ""


def missing(value: object) -> tuple[Any, ...]:
    """True for all pictures; path prefixes and extensions; or a function of the path."""
    if callable(value):
        return (value,)
    with contextlib.suppress(ValueError):
        return ("/",) if switch(value) else ()
    given = re.split(r"[\s,;:]+", value) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(
        isinstance(word, str) and word[:1] in ("/", ".") for word in given if word
    ):
        raise ValueError("expected true, or path prefixes and extensions such as /media/ and .jpg")
    return tuple(dict.fromkeys(word for word in given if word))


def missing_types(value: object) -> tuple[tuple[str, str], ...]:
    """Extensions, each with the path of a file of the user's, or with none: pdf, mp4=none.mp4."""
    given: Any = value
    if isinstance(value, str):
        parts = re.split(r"[\n,;]", value)
        given = [word for part in parts for word in ([part] if "=" in part else words(part))]
    elif isinstance(value, dict):
        given = value.items()
    try:
        pairs = [word.partition("=")[::2] if isinstance(word, str) else word for word in given]
        types = {
            name.strip().lstrip(".").lower(): os.fsdecode(path).strip() for name, path in pairs
        }
    except (AttributeError, TypeError, ValueError):
        raise ValueError("expected extensions, some with a file: pdf, mp4=none.mp4") from None
    known = ("pdf", *FILES)
    for name, path in types.items():
        if name not in known and not (path and re.fullmatch("[a-z0-9]{1,8}", name)):
            raise ValueError(
                f"{name!r} is unknown; expected some of {', '.join(known)},"
                f" or an extension and a file of yours, {name or 'mp4'}=PATH, with commas between"
            )
        if path and (why := _unreadable(path)):
            raise ValueError(f"{path!r}: {why}" + ("; put commas between" * (" " in path)))
    return tuple(types.items())


def _unreadable(path: str) -> str:
    try:
        with open(path, "rb"):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def status(value: object) -> int:
    if str(value).strip() not in ("200", "404"):
        raise ValueError("expected 200 or 404")
    return int(str(value))


def text(value: object) -> str:
    return str(value)


def secrets(value: object) -> tuple[bytes, ...]:
    """One or several; a string holds one a line. No error repeats any."""
    if not value or (isinstance(value, str) and not value.strip()):
        return ()
    try:
        return checked_secrets(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ValueError(str(error).removeprefix("secret: ")) from None


def required_signatures(value: object) -> tuple[Any, ...]:
    """True: all; else words, "text" and a number of device pixels, or one of them."""
    with contextlib.suppress(ValueError):
        return ("all",) if switch(value) else ()
    given = re.split(r"[\s,;:]+", value) if isinstance(value, str) else value
    rules: list[Any] = []
    for rule in given if isinstance(given, (list, tuple)) else [given]:
        try:
            rules.append(rule if rule in ("all", "text") else whole(2, 10**9)(rule))
        except ValueError:
            raise ValueError("expected true, text, or a number of pixels, 2 or more") from None
    return tuple(dict.fromkeys(rules))


def text_policy(value: object) -> str:
    expected = "expected any, signed, or a regular expression"
    policy = value.strip() if isinstance(value, str) else ""
    if policy.lower() in ("any", "signed"):
        return policy.lower()
    if policy.lower() in ("", "off", "no", "none", "false", "true", "all"):
        raise ValueError(f"{expected}; signed without a secret draws none")
    try:
        re.compile(policy)
    except re.error as error:
        raise ValueError(f"{expected}: {error}") from None
    return policy


def urls(value: object) -> tuple[str, ...]:
    given = re.split(r"[\s,;]+|:(?=http)", value) if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(url, str) for url in given):
        raise ValueError("expected URLs: a list, or a string with commas between them")
    for url in filter(None, given):
        origins.parse(url)
    return tuple(filter(None, given))


def missing_rules(value: object) -> tuple[tuple[Any, Any], ...]:
    """Pairs of a regular expression and a size, or lines such as `avatars/ = 64x64`."""
    if isinstance(value, str):
        value = [line.rpartition("=")[::2] for line in value.splitlines() if line.strip()]
        value = [(expression.strip(), size.strip()) for expression, size in value]
    if not isinstance(value, (list, tuple)):
        raise ValueError("expected pairs of a regular expression and a size")
    sizes.compile_rules(value)
    return tuple((expression, size) for expression, size in value)


def missing_aliases(value: object) -> tuple[tuple[str, Any], ...]:
    """A mapping of names to sizes, or lines such as `small = 100x100`."""
    if isinstance(value, str):
        pairs = (line.partition("=")[::2] for line in re.split(r"[\n,;]", value) if line.strip())
        value = {name.strip(): size.strip() for name, size in pairs}
    if not isinstance(value, (dict, list, tuple)):
        raise ValueError("expected a mapping of names to sizes")
    sizes.compile_sizes(dict(value))
    return tuple(dict(value).items())
