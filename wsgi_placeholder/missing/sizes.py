"""What a URL tells of the size of a missing picture: the ladder, and the user's own rules.

Pure functions of the decoded path, which begins with a slash or not, and of the query by
lower-case names. What wraps an address of a picture comes before the name of the picture itself,
and what a page asks for before what a file seems to be.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from wsgi_placeholder import formats
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.missing import Guess, libraries, services
from wsgi_placeholder.missing._reading import FLAGS, LEAST, file_name, scale_of
from wsgi_placeholder.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Rule = Callable[[str], Guess | None]

MOST_SIDE = 99999
# Width by height of what has one side only, as in sorl-thumbnail (THUMBNAIL_DUMMY_RATIO).
RATIO = 1.5

# As long as a URL may be by default; a longer path says nothing.
_LONGEST = 2048
_WRAPPERS: tuple[Rule, ...] = (
    services.thumbor, services.imgproxy, services.optioned, services.cloudinary,
    services.storyblok,
)  # fmt: skip
_LIBRARIES: tuple[Rule, ...] = (
    libraries.mezzanine, libraries.versatileimagefield, libraries.easy_thumbnails,
    libraries.filer, libraries.wagtail, libraries.mediawiki,
)  # fmt: skip
_SITES: tuple[Rule, ...] = (services.ghost, services.shopify)
_NO_SIZES: libraries.Sizes = MappingProxyType({})

_ANYWHERE = re.compile(
    r"(?<![0-9a-z])(?<![0-9]\.)([1-9][0-9]{0,4})[x×]([1-9][0-9]{0,4})(?:px)?(?![0-9a-z])", FLAGS
)
# Names such as banner-16x9.jpg say a shape.
_SHAPES = {(16, 9), (9, 16), (16, 10), (10, 16), (21, 9), (32, 9)}

_REFERENCE = re.compile(r"\\(?:([1-9])|g<([A-Za-z_][A-Za-z0-9_]*)>)", re.ASCII)

_FORMAT_ASKED = re.compile(
    r"(?:^|[/,|.:&~])(?:f|fm|format|ext|extension)[-_:=(/]([a-z]{3,4})(?=[/,|.):&]|$)", FLAGS
)
_LAST_EXTENSION = re.compile(r"[.@]([a-z]{3,4})$", FLAGS)
# A letter and a digit at least: 20240517 is a date.
_HASH = re.compile(r"\.(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,64}(?=\.)", FLAGS)


def from_url(
    path: str,
    query: Mapping[str, str],
    rules: Iterable[Rule] = (),
    sizes: libraries.Sizes = _NO_SIZES,
) -> Guess | None:
    """Return what the URL surely says; None when it says nothing, or nothing that can be read.

    `rules` come from `compile_rules`; `sizes`, from `compile_sizes`, are those of easy-thumbnails'
    aliases and Drupal's styles by name. What the pages said and the client's hints stand between
    this and `from_name`.
    """
    if len(path) > _LONGEST:
        return None
    known = (
        _first(rules, path)
        or _first(_WRAPPERS, path)
        or _first(_LIBRARIES, path)
        or libraries.easy_thumbnails_alias(path, sizes)
        or libraries.drupal(path, sizes)
        or _first(_SITES, path)
        or services.jetpack(query)
        or services.asked(path, query)
        or libraries.wordpress(path)
    )
    return _scaled(known, path)


def from_name(path: str) -> Guess | None:
    """Return the last `600x400` of the file's name, or else of its folders, if it may be a size.

    Only for want of anything better: mostly it is the size of the file, not that of its place.
    """
    if len(path) > _LONGEST:
        return None
    for part in (file_name(path), *reversed(path.split("/")[:-1])):
        for match in reversed([*_ANYWHERE.finditer(part)]):
            sides = int(match[1]), int(match[2])
            if min(sides) >= LEAST and sides not in _SHAPES:
                return _scaled(Guess(*sides, "name"), path)
    return None


def _first(rules: Iterable[Rule], path: str) -> Guess | None:
    return next(filter(None, (rule(path) for rule in rules)), None)


def _scaled(known: Guess | None, path: str) -> Guess | None:
    """The factor of `cat@2x.jpg`, unless the URL has a word about it."""
    return known._replace(scale=scale_of(path)) if known and known.scale == 1 else known


def both_sides(known: Guess, ratio: float = RATIO) -> tuple[int, int] | None:
    """Return width and height in CSS pixels; a side that is not known follows by `ratio`.

    `ratio` is width by height, above 0. None when no side is known or one is not 1 to 99999.
    """
    width, height, *_ = known
    if width is None and height is None:
        return None
    width = round((height or 0) * ratio) or 1 if width is None else width
    height = round(width / ratio) or 1 if height is None else height
    return (width, height) if 1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE else None


def format_of(path: str) -> str | None:
    """Return the name of our format for a path; None when we write no such format, or none stands.

    A word about the output (`format-webp`, `f_webp`, `filters:format(webp)`) wins over the last
    extension: `cat.jpg.150x150_q85.png` is png, imgproxy's `cat.jpg@webp` webp.
    """
    words = [match[1] for match in _FORMAT_ASKED.finditer(path)]
    if last := _LAST_EXTENSION.search(path):
        words.append(last[1])
    known = formats.by_extension()
    return next((known[word.lower()].name for word in words if word.lower() in known), None)


def name_of(path: str) -> str:
    """Return the file's name for a caption: the last part, without `.55e7cbb9ba48` in its middle.

    Empty only when the path has nothing but slashes.
    """
    return _HASH.sub("", path.rstrip("/").rpartition("/")[2])


def compile_rules(rules: Iterable[tuple[str | re.Pattern[str], object]]) -> tuple[Rule, ...]:
    """Return the user's rules, pairs of a regular expression and a size, as functions of the path.

    The expression is searched anywhere in the decoded path. The size is a text such as `600x400`,
    `hd1080`, or with groups `\\1x\\2`; or a callable that takes the path and returns such a text,
    a pair of sides of which one may be None, or None for "go on". What a path makes of groups and
    is no size is passed over. Raises ValueError that says which rule is wrong, and why.
    """
    compiled = []
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, (tuple, list)) or len(rule) != 2:
            raise ValueError(f"rule {number}: expected (regular expression, size), not {rule!r}")
        try:
            compiled.append(_rule(*rule))
        except (ValueError, re.error) as error:
            raise ValueError(f"rule {number}, {rule[0]!r}: {error}") from error
    return tuple(compiled)


def compile_sizes(sizes: Mapping[str, object]) -> dict[str, tuple[int | None, int | None]]:
    """Return sizes by name, each given as `600x400` or as a pair; a side 0 or None keeps the ratio.

    Raises ValueError that names the one that is wrong.
    """
    compiled = {}
    for name, size in sizes.items():
        try:
            compiled[name] = _pair(size)
        except ValueError as error:
            raise ValueError(f"size {name!r}: {error}") from error
    return compiled


def _rule(expression: object, size: object) -> Rule:
    if not isinstance(expression, (str, re.Pattern)):
        raise ValueError(f"expected a regular expression, not {expression!r}")
    pattern = re.compile(expression)
    if not isinstance(pattern.pattern, str):
        raise ValueError("expected a regular expression of text, not of bytes")
    if callable(size):
        return lambda path: _answered(size(path)) if pattern.search(path) else None
    if isinstance(size, str) and "\\" in size:
        return _of_groups(pattern, size)
    known = Guess(*_pair(size), "rule")
    return lambda path: known if pattern.search(path) else None


def _of_groups(pattern: re.Pattern[str], template: str) -> Rule:
    if "\\" in _REFERENCE.sub("", template):
        raise ValueError(f"{template!r}: expected groups as \\1 or \\g<name>")
    for number, name in _REFERENCE.findall(template):
        if name not in pattern.groupindex if name else int(number) > pattern.groups:
            raise ValueError(f"{template!r}: the expression has no group {name or number}")

    def rule(path: str) -> Guess | None:
        match = pattern.search(path)
        if not match:
            return None
        text = _REFERENCE.sub(lambda part: match[part[2] or int(part[1])] or "", template)
        return _answered(text)

    return rule


def _answered(size: object) -> Guess | None:
    """What a rule makes of a path: a text that is no size says nothing."""
    if size is None:
        return None
    if not isinstance(size, str):
        return Guess(*_pair(size), "rule")
    try:
        return Guess(*parse_size(size), "rule")
    except PlaceholderError:
        return None


def _pair(size: object) -> tuple[int | None, int | None]:
    if isinstance(size, str):
        try:
            return parse_size(size)
        except PlaceholderError as error:
            raise ValueError(str(error)) from error
    if isinstance(size, (tuple, list)) and len(size) == 2:
        sides = [side or None for side in size]
        if any(sides) and all(side is None or _is_side(side) for side in sides):
            return sides[0], sides[1]
    raise ValueError(f"expected a size such as '600x400' or (600, 400), not {size!r}")


def _is_side(side: object) -> bool:
    return isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= MOST_SIDE


def from_hints(width: str, scale: str) -> Guess | None:
    """Read Sec-CH-Width, in device pixels, and Sec-CH-DPR (Responsive Image Client Hints)."""
    try:
        pixels, factor = float(width), float(scale or 1)
    except ValueError:
        return None
    if not (1 <= pixels <= MOST_SIDE and 0.1 <= factor <= 10):
        return None
    return Guess(max(1, round(pixels / factor)), None, "hint", factor)
