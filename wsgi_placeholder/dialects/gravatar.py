"""gravatar.com: the picture of an e-mail address's hash, or else a default.

    /avatar[/HASH[.jpg]]?s=80&d=404|mp|identicon|monsterid|wavatar|retro|robohash|blank|initials|
        color|URL&f=y&r=g

Also `size` and `default`, `avatar.php?gravatar_id=`, and parameters that follow an `&` in place of
the `?`. Any text may stand for the hash: EMAIL_MD5 and the like do, in documentation.

Different here: we never have somebody's picture, so it is always the default, `d=404` is always a
404, and `f` and `r` change nothing. Without `d` the service had its logo; we draw an identicon, or
the `mp` when there is no hash. `mp` is a question mark on grey, the same for everybody;
all the drawn ones are identicons until we draw faces. `d=initials` takes them from `initials` or
`name` and is as `color` without both. A URL in `d` is answered, in its own size, when it is of a
service we know, else it is an identicon: we fetch nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from wsgi_placeholder.dialects import Dialect, complete, named, pairs_of, parse_url
from wsgi_placeholder.dialects._lenient import parameters, without_extension
from wsgi_placeholder.dialects._stand_in import color_of, face, initials
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, Color
from wsgi_placeholder.errors import NotFound, PlaceholderError
from wsgi_placeholder.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults

_PATH = re.compile(r"/*(?:avatar(?:\.php)?|blavatar|userimage)(?:/+(.*))?", re.I | re.S)
_URL = re.compile(r"(?:https?:)?//+([^/?#]+)", re.I)
_LEADING = re.compile("[0-9]{1,9}", re.ASCII)
_NOBODY = ("mp", "mm", "mysteryman", "mystery", "mystery-person")
_LIGHT = Color(240, 240, 240)
_GREY = Color(198, 198, 198)
_MOST = 2048


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of gravatar.com. Raises NotFound for `d=404` and where no pictures are."""
    return _read(path, query, defaults, is_nested=False)


def _read(
    path: str, query: Sequence[tuple[str, str]], defaults: Defaults, *, is_nested: bool
) -> Spec:
    path, _, tail = path.partition("&")
    match = _PATH.fullmatch(path)
    if not match:
        raise NotFound("gravatar.com has its pictures at /avatar/HASH; nothing else is here.")
    given = parameters([*query, *pairs_of(tail)])
    hash, format = without_extension((match[1] or given.get("gravatar_id") or "").strip("/ "))
    hash = hash.lower()
    side = _side(given.get("s") or given.get("size") or "")
    choice = (given.get("d") or given.get("default") or "").strip()
    if not is_nested and (found := _of_url(choice, defaults)):
        return found
    choice = choice.lower()
    if choice == "404":
        raise NotFound("There is no picture of that address, and d=404 asks for no other.")
    if choice in _NOBODY or not (hash or choice):
        keywords = _plain(side, _GREY) | {
            "text": "?",
            "foreground": WHITE,
            "size": round(side * 0.6, 2),
        }
    elif choice == "blank":
        keywords, format = _plain(side, TRANSPARENT), "png"
    elif choice in ("initials", "color"):
        keywords = _plain(side, color_of(hash))
        if choice == "initials":
            text = given.get("initials", "").strip()[:2].upper()
            keywords["text"] = text or initials(given.get("name", ""))
            keywords["foreground"] = WHITE
            keywords["size"] = max(round(side * 0.4, 2), 1)
    else:
        drawn = choice if choice in ("monsterid", "wavatar", "retro", "robohash") else ""
        keywords = face(side, side, [hash, drawn] if drawn else [hash], _LIGHT)
    return complete({**keywords, "format": format or "png"}, defaults)


def _side(text: str) -> int:
    """Read the number that a size begins with: s=80px and s=80?d=mm stand in pages."""
    match = _LEADING.match(text.strip())
    return (min(int(match[0]), _MOST) if match else 0) or 80


def _plain(side: int, background: Color) -> dict[str, Any]:
    return {
        "width": side,
        "height": side,
        "style": "flat",
        "background": background,
        "text": "",
    }


def _of_url(url: str, defaults: Defaults) -> Spec | None:
    """Return the picture of a service's URL, None when it is not one that we can make.

    A gravatar in a gravatar is read, but no third in that.
    """
    if "//" not in url:
        url = unquote(url)  # encoded twice
    match = _URL.match(url)
    name = named(match[1], defaults) if match else None
    if match is None or name is None:
        return None
    try:
        if name == "gravatar":
            path, _, query = url[match.end() :].partition("?")
            pairs = pairs_of(query)
            return _read(unquote(path), pairs, defaults, is_nested=True)
        found = parse_url(url, defaults)
    except NotFound:
        raise
    except PlaceholderError:
        return None
    return found if isinstance(found, Spec) else None


DIALECT = Dialect(
    parse,
    (
        "gravatar.com", "secure.gravatar.com", "en.gravatar.com", "s.gravatar.com",
        "0.gravatar.com", "1.gravatar.com", "2.gravatar.com", "3.gravatar.com", "i.gravatar.com",
        "cn.gravatar.com",
    ),
)  # fmt: skip
