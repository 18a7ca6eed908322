"""Tags that show pictures: the URLs they name, the size of each, the path that a URL leads to.

The names and rules are those of the HTML standard (html.spec.whatwg.org: 2.3.4 numbers, 4.8.4.2
srcset and sizes, 13.1.2.3 attributes, 15.4.3 width and height).
"""

from __future__ import annotations

import functools
import re
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from wsgi_placeholder.missing import Guess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Size = tuple[int | None, int | None]

# Most pages of a site show the same pictures again and again. What is known of them is bounded in
# number only, so these bound each: the bytes of its tags, and the URLs, of which no page has more.
_LONGEST_KNOWN = 2048
_MOST_URLS = 32
# In characters; servers take no much longer ones.
LONGEST_URL = 2048

# The names that scripts give to the URL of a picture that is loaded later.
_URLS = ("src", "data-src", "data-lazy-src", "data-original")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_SIDES = ("width", "height")

_ATTRIBUTE = re.compile(
    r"""([^\s"'>/=][^\s/>=]*)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*+)))?"""
)
# A URL, and unless a comma ends it, its descriptors.
_CANDIDATE = re.compile(r"([^\s,]\S*+)(?:(?<!,)([^,]*+))?")
_DESCRIPTOR = re.compile(r"(?<!\S)([0-9]{1,5}(?:\.[0-9]{1,5})?)([wxh])(?!\S)")
# "300" and "300px", but not "100%".
_LENGTH = re.compile(r"\s*\+?([0-9]{1,5}(?:\.[0-9]{0,5})?)(?![0-9.%])")
_STYLE = re.compile(r"(?:^|;)\s*+(width|height)\s*+:([^;]*+)")
_PIXELS = re.compile(r"\s*([0-9]{1,5}(?:\.[0-9]{1,5})?)px(?:\s|!|$)")
# The last of the sizes is the one without a condition.
_SLOT = re.compile(r"(?:^|[\s,])([0-9]{1,5}(?:\.[0-9]{1,5})?)px\s*\Z")
# In such a path from the root nothing is to be decoded or resolved.
_PLAIN = re.compile(r"(?:/\w[\w.-]*+)++", re.ASCII)


class Picture(NamedTuple):
    """A URL as it was written, and what was said; is it a path that means just what it says?"""

    url: str
    is_plain: bool
    guess: Guess


class Page(NamedTuple):
    """Where a page's URLs start: `base` is a URL, `site` and `mount` the site's host and path."""

    base: str
    site: str
    mount: str
    charset: str


def page(path: str, script_name: str, host: str, charset: str) -> Page:
    """Return the page at a decoded path; `host` is empty where it is not known."""
    site, mount = _bare(host) or "-", script_name.rstrip("/")
    start = quote("/" + (mount + path).lstrip("/"), errors="replace")
    return Page(f"http://{site}{start}", site, mount, charset)


def attributes(tag: bytes, charset: str) -> dict[str, str]:
    """Return a tag's attributes by lower-case name; the tag's own name is there as `<img`."""
    found = _ATTRIBUTE.findall(tag.decode(charset, "replace"))
    # The first of a name counts.
    return {name.lower(): unescape(a or b or c) for name, a, b, c in reversed(found)}


def pictures(tags: tuple[bytes, ...], charset: str) -> tuple[Picture, ...]:
    """Return the pictures of an <img>, <input> or <video>, the last of `tags`.

    The tags before it are the <source>s of its <picture>; they have its size where they have none.
    """
    if sum(map(len, tags)) > _LONGEST_KNOWN:
        return _pictures(tags, charset)
    return _known_pictures(tags, charset)


def _pictures(tags: tuple[bytes, ...], charset: str) -> tuple[Picture, ...]:
    *sources, shown = [attributes(tag, charset) for tag in tags]
    if "<input" in shown and shown.get("type", "").strip().lower() != "image":
        return ()
    size = _size(shown)
    box = size[0] or _number(_SLOT.search(shown.get("sizes", ""))), size[1]
    noted: dict[str, Guess] = {}
    for name in ("poster",) if "<video" in shown else _URLS:
        if (url := shown.get(name)) and box != (None, None):
            noted[url.strip()] = Guess(*box, "page")
    # These say more of a file than the size at which it is shown.
    for source in (*sources, shown):
        if sets := [source[name] for name in _SETS if name in source]:
            own = _size(source)
            for srcset in sets:
                noted.update(_candidates(srcset, size if own == (None, None) else own))
    return tuple(
        Picture(url, bool(_PLAIN.fullmatch(url)), guess)
        for url, guess in islice(noted.items(), _MOST_URLS)
        if len(url) <= LONGEST_URL
    )


_known_pictures = functools.lru_cache(256)(_pictures)


def _candidates(srcset: str, size: Size) -> Iterator[tuple[str, Guess]]:
    for url, descriptors in _CANDIDATE.findall(srcset):
        said = {unit: float(number) for number, unit in _DESCRIPTOR.findall(descriptors)}
        if width := _side(said.get("w", 0)):
            height = _side(said.get("h", 0)) or _in_ratio(width, size)
            yield url.rstrip(","), Guess(width, height, "page")
        elif size != (None, None) and 0 < said.get("x", 1) <= 10:
            yield url.rstrip(","), Guess(*size, "page", said.get("x", 1))


def _size(attributes: Mapping[str, str]) -> Size:
    """Return width and height as they are shown: by the style, else by the attributes."""
    width, height = (_number(_LENGTH.match(attributes.get(name, ""))) for name in _SIDES)
    style = dict(_STYLE.findall(attributes.get("style", "").lower()))
    if not style:
        return width, height
    wide, high = (_number(_PIXELS.match(style.get(name, ""))) for name in _SIDES)
    # One side in pixels, the other said to be `auto`.
    if wide and not high and "height" in style:
        return wide, _in_ratio(wide, (width, height))
    if high and not wide and "width" in style:
        return _in_ratio(high, (height, width)), high
    return wide or width, high or height


def _in_ratio(side: int, size: Size) -> int | None:
    """Return the side that goes with `side` as size[1] goes with size[0]."""
    return _side(side * size[1] / size[0]) if size[0] and size[1] else None


def _number(found: re.Match[str] | None) -> int | None:
    return _side(float(found[1])) if found else None


def _side(length: float) -> int | None:
    side = int(length + 0.5)
    return side if 1 <= side <= 99999 else None


def below(page: Page, href: str) -> Page:
    """Return the page as it is after `<base href>`."""
    try:
        return page._replace(base=urljoin(page.base, href.strip()))
    except ValueError:
        return page


def address(url: str, page: Page) -> tuple[str, str] | None:
    """Return the decoded path below the mount, and the raw query; None for another site's URL."""
    try:
        scheme, host, path, query, _ = urlsplit(urljoin(page.base, url))
    except ValueError:
        return None
    if scheme not in ("http", "https") or _bare(host) != page.site:
        return None
    path = unquote(path)
    return (path[len(page.mount) :], query) if path.startswith(page.mount + "/") else None


def _bare(host: str) -> str:
    # `Example.com:80` and `example.com` are one.
    return re.sub(r":(?:80|443)?\Z", "", host.strip().lower())
