"""What the grammars share: the last part of a path, numbers, and options by name.

A file name is looked at up to the 255 characters that file systems allow, so that no pattern can
take long on it; everything else is found by splitting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.missing import Guess

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS = re.ASCII | re.IGNORECASE
# The second one is that of plug-ins which put a modern copy beside each file.
EXTENSION = r"\.(?:jpe?g|jfif|png|gif|webp|avif|svg|ico|heic|bmp|tiff?|pdf)(?:\.(?:webp|avif))?$"
# Less than this is a number in a name, such as part-2x4.jpg, and no size.
LEAST = 8
# What a picture may have; see the native grammar.
MOST_SCALE = 4

_LONGEST_NAME = 255
# Of the file itself: logo@2x-300x200.png is a thumbnail of it, and has no factor.
_FACTOR = re.compile(r"@([1-9](?:\.[0-9]{1,2})?)x(?=(?:\.[a-z]{3,11}){1,2}$)", FLAGS)
_SIDE = re.compile(r"([0-9]{1,5})(\.[0-9]{1,17})?(?:px)?", FLAGS)
_SIZE = re.compile(r"([0-9]{1,5})(?:x([0-9]{0,5}))?", FLAGS)
_RATIO = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,9})?)(?:[:-]([0-9]{1,5}(?:\.[0-9]{1,9})?))?", FLAGS)

# imgix, Contentful, Fastly, Akamai, Scene7, Salesforce and most frameworks.
_WIDTHS = ("w", "width", "imwidth", "wid", "sw", "max-w", "maxwidth")
_HEIGHTS = ("h", "height", "imheight", "hei", "sh", "max-h", "maxheight")


def file_name(path: str) -> str:
    """Return the last part of a path, without its factor `@2x`."""
    return _FACTOR.sub("", _last(path))


def scale_of(path: str) -> float:
    """Return the factor of `logo@2x.png` (sorl: `@1.5x`), 1 when there is none."""
    found = _FACTOR.search(_last(path))
    return min(float(found[1]), MOST_SCALE) if found else 1


def _last(path: str) -> str:
    return path.rpartition("/")[2][-_LONGEST_NAME:]


def guess(rule: str, width: str | None, height: str | None, scale: str = "1") -> Guess | None:
    """Return what two numbers say; one that is empty, 0 or no number keeps the ratio."""
    sides = _side(width), _side(height)
    if sides == (None, None):
        return None
    factor = _ratio(scale) or 1
    return Guess(*sides, rule, min(max(factor, 1), MOST_SCALE))


def found(rule: str, match: re.Match[str] | None) -> Guess | None:
    """Return the Guess of a match whose first two groups are the sides."""
    return guess(rule, match[1], match[2]) if match else None


def sized(rule: str, options: Mapping[str, str]) -> Guess | None:
    """Return what options such as `w=300`, `height=200`, `dpr=2`, `ar=16:9`, `size=80` say."""
    width = next((options[name] for name in _WIDTHS if name in options), None)
    height = next((options[name] for name in _HEIGHTS if name in options), None)
    known = guess(rule, width, height, options.get("dpr", "1"))
    if known is None:
        return _of_size(rule, options.get("size", "")) or _of_size(rule, options.get("s", ""))
    ratio = _ratio(options.get("ar", ""))
    if ratio and known.height is None and known.width:
        return known._replace(height=max(1, round(known.width / ratio)))
    if ratio and known.width is None and known.height:
        return known._replace(width=max(1, round(known.height * ratio)))
    return known


def _of_size(rule: str, text: str) -> Guess | None:
    match = _SIZE.fullmatch(text)
    if not match:
        return None  # a word, or the signature that imgix calls s
    if match[2] is not None:
        return found(rule, match)
    return guess(rule, match[1], match[1]) if int(match[1]) >= LEAST else None


def _side(text: str | None) -> int | None:
    match = _SIDE.fullmatch(text or "")
    if not match:
        return None
    if match[2]:
        side = round(float(match[1] + match[2]))
        return side if side > 1 else None  # w_0.5 is half of something
    return int(match[1]) or None


def _ratio(text: str) -> float | None:
    match = _RATIO.fullmatch(text)
    if not match or not float(match[2] or 1):
        return None
    return float(match[1]) / float(match[2] or 1) or None
