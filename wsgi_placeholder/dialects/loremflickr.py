"""loremflickr.com: a random photo of some keywords.

    /[daily/][g|p|red|green|blue/]W/H[/kw,kw[/any|all[/user]]][?lock=N|random=N|anything]
    /json/...                               the same as facts about the photo
    /cache/resized/NAME_W_H_FILTER.jpg      what it redirects to

`lock` names one photo; any other query was written for another one, which it chooses here. Every
photo is a plain colour of the same seed, with the size as its caption and no licence on it; `red`
and the like add all of that light, as there, and `p` (large pixels) changes nothing.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from wsgi_placeholder.dialects import Dialect, Document, complete
from wsgi_placeholder.dialects._lenient import parameters
from wsgi_placeholder.dialects._stand_in import parts_of, photo, read_size, values
from wsgi_placeholder.drawing.color import grey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.drawing.color import Color
    from wsgi_placeholder.spec import Spec

_HOST = "loremflickr.com"
_FILTERS: dict[str, Callable[[Color], Color] | None] = {
    "g": grey,
    "p": None,
    "red": lambda color: color._replace(red=255),
    "green": lambda color: color._replace(green=255),
    "blue": lambda color: color._replace(blue=255),
}
_CACHED = re.compile(r"(.*)_([0-9]+)_([0-9]+)_([a-z]+)\.jpe?g", re.ASCII | re.IGNORECASE)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec | Document:
    """Read /filter/W/H/keywords/mode. Raises BadParameter when there is no size, and TooLarge."""
    parts = parts_of(path)
    if parts and parts[0] == "cache" and (match := _CACHED.fullmatch(parts[-1])):
        parts = [match[4], match[2], match[3], match[1]]
    heads: list[str] = []
    while parts and parts[0].lower() in ("json", "daily", "nofilter", *_FILTERS):
        heads.append(parts.pop(0).lower())
    asked = read_size(parts)
    look = next((head for head in heads if head in _FILTERS), "")
    words = [word.lower() for word in asked.words] or ["kitten"]
    lock = parameters(query).get("lock") or "/".join(values(query, but=["lock"]))
    # The mode is `all` unless it says `any`.
    seeds = [words[0], *(word for word in words[1:] if word != "all"), *filter(None, [lock])]
    tone = _FILTERS.get(look)
    spec = complete(
        photo(asked.width, asked.height, seeds, query, tone=tone, format=asked.format), defaults
    )
    return _facts(spec, look, words, lock) if "json" in heads else spec


def _facts(spec: Spec, look: str, words: Sequence[str], lock: str) -> Document:
    """Return what the service told of a photo; `file` is where it is."""
    parts = [*filter(None, [look]), str(spec.width), str(spec.height), *words]
    path = "/".join(quote(part, safe=",", errors="replace") for part in parts)
    if lock:
        path += "?lock=" + quote(lock, safe="", errors="replace")

    def make(base: str) -> tuple[tuple[tuple[str, str], ...], bytes]:
        url = f"{base}/{_HOST}/{path}"
        facts = {
            "file": url,
            "license": "",
            "owner": "wsgi-placeholder",
            "width": spec.width,
            "height": spec.height,
            "filter": look,
            "tags": words[0],
            "tagMode": "any" if "any" in words[1:] else "all",
            "rawFileUrl": url,
        }
        return (), json.dumps(facts).encode()

    return Document("application/json", make)


DIALECT = Dialect(parse, hosts=(_HOST,))
