"""picsum.photos, once unsplash.it, and the hosts that it redirects to.

    /[id/ID/|seed/SEED/|g/]W[/H][.jpg|.webp][?grayscale][&blur[=1..10]][&image=ID][&random=N]
    /v2/list?page=N&limit=N     /id/ID/info     /seed/SEED/info     /list

A side of 0 is the photo's own. Every photo is a plain colour of the same id, with the size as its
caption; blurred it looks the same. Every whole number is the id of a photo, and the list has those
below 1085. A seed, or a query such as ?random=3 or ?3, chooses one of these. Sizes above 5000 are
allowed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.dialects import Dialect, Document, complete
from wsgi_placeholder.dialects._lenient import parameters
from wsgi_placeholder.dialects._stand_in import number_of, parts_of, photo, read_size, values
from wsgi_placeholder.drawing.color import grey
from wsgi_placeholder.errors import BadParameter, NotFound, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_HOST = "picsum.photos"
_HOSTS = (_HOST, "i.picsum.photos", "fastly.picsum.photos", "unsplash.it")
_COUNT = 1085
_AUTHOR = "wsgi-placeholder"
# What the photos measure; WebP may have 8.3 megapixels by default.
_OWN_SIZES = ((3000, 2000), (2500, 1667), (3200, 2400), (2000, 3000), (3264, 2176), (2448, 2448))
_ID = re.compile("[0-9]{1,9}", re.ASCII)
_INTEGER = re.compile("[+-]?[0-9]{1,18}", re.ASCII)
_OTHER_EXTENSION = re.compile(r"[0-9]+\.(?!(?:jpg|webp)(?:&|$))([^&]*)", re.ASCII | re.IGNORECASE)
_NOT_CHOOSING = ("grayscale", "blur", "gravity", "hmac", "image")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec | Document:
    """Read a URL of picsum.photos. Raises BadParameter, TooLarge, and NotFound for other ids."""
    parts = parts_of(path)
    given = parameters(query)
    match parts:
        case ["v2", "list"]:
            return _page(_number(given.get("page"), 1), min(_number(given.get("limit"), 30), 100))
        case ["list"]:
            return Document("application/json", _old_list)
        case ["id", word, "info"]:
            return _info(_known(word))
        case ["seed", seed, "info"]:
            return _info(number_of(seed, _COUNT))
        case ["id", word, *rest]:
            photo_id = _known(word)
        case ["seed", seed, *rest]:
            photo_id = number_of(seed, _COUNT)
        case rest:
            image = given.get("image")
            chosen = "/".join(values(query, but=_NOT_CHOOSING))
            photo_id = _known(image) if image else number_of(chosen, _COUNT)
    return complete(_picture(photo_id, rest, query, given), defaults)


def _picture(
    photo_id: int,
    parts: Sequence[str],
    query: Sequence[tuple[str, str]],
    given: Mapping[str, str],
) -> dict[str, Any]:
    """Read what is asked of a photo; `parts` are the path without what named it."""
    for part in parts:
        if match := _OTHER_EXTENSION.match(part):
            raise BadParameter(
                f"The extension is {quoted(match[1])}; expected jpg or webp.",
                parameter="format",
                hint="jpg",
            )
    blur = given.get("blur", "")
    if _INTEGER.fullmatch(blur) and not 1 <= int(blur) <= 10:
        raise BadParameter(
            f"blur is {quoted(blur)}; expected 1 to 10.",
            parameter="blur",
            hint="1" if int(blur) < 1 else "10",
        )
    asked = read_size(parts)
    width, height = _own_size(photo_id)
    return photo(
        asked.width or width,
        asked.height or height,
        [str(photo_id)],
        query,
        tone=grey if "grayscale" in given or parts[0] == "g" else None,
        format=asked.format,
    )


def _known(word: str) -> int:
    if not _ID.fullmatch(word):
        raise NotFound("There is no such photo; expected a whole number.", parameter="id")
    return int(word)


def _number(word: str | None, default: int) -> int:
    """Read a number of the list; what is none, or is below 1, is the default."""
    return int(word) if word and _ID.fullmatch(word) and int(word) else default


def _own_size(photo_id: int) -> tuple[int, int]:
    return _OWN_SIZES[number_of(str(photo_id), len(_OWN_SIZES))]


def _entry(photo_id: int, base: str) -> dict[str, Any]:
    width, height = _own_size(photo_id)
    at = f"{base}/{_HOST}/id/{photo_id}"
    return {
        "id": str(photo_id),
        "author": _AUTHOR,
        "width": width,
        "height": height,
        "url": f"{at}/info",
        "download_url": f"{at}/{width}/{height}",
    }


def _info(photo_id: int) -> Document:
    return Document("application/json", lambda base: ((), _written(_entry(photo_id, base))))


def _page(page: int, limit: int) -> Document:
    """Return one page of the list, and in the header Link the pages around it (RFC 8288)."""
    first = limit * (page - 1)
    ids = range(_COUNT)[first : first + limit]

    def make(base: str) -> tuple[tuple[tuple[str, str], ...], bytes]:
        around = [(page - 1, "prev")] if page > 1 else []
        around += [(page + 1, "next")] if len(ids) == limit else []
        link = ", ".join(
            f'<{base}/{_HOST}/v2/list?page={number}&limit={limit}>; rel="{which}"'
            for number, which in around
        )
        return (("Link", link),), _written([_entry(photo_id, base) for photo_id in ids])

    return Document("application/json", make)


def _old_list(base: str) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """The list before version 2, all of it at once."""
    entries = []
    for photo_id in range(_COUNT):
        entry = _entry(photo_id, base)
        entries.append(
            {
                "format": "jpeg",
                "width": entry["width"],
                "height": entry["height"],
                "filename": f"{photo_id}.jpeg",
                "id": photo_id,
                "author": _AUTHOR,
                "author_url": entry["url"],
                "post_url": entry["url"],
            }
        )
    return (), _written(entries)


def _written(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


DIALECT = Dialect(parse, hosts=_HOSTS)
