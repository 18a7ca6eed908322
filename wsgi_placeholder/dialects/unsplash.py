"""source.unsplash.com: a random or a certain photo of Unsplash.

    /[random|featured|PHOTO_ID|user/NAME[/likes]|collection/ID|category/WORD][/WxH][/daily|weekly]
        [?keyword,keyword][&sig=N]

A query chooses among random photos, and nothing when the path names a photo. Without a size the
service sent a width of 1080; here the picture is 1080x720. Every photo is a plain colour of the
same seed, with the size as its caption. images.unsplash.com, which serves photos that sites really
show, is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import without_extension
from wsgi_placeholder.dialects._stand_in import PAIR, parts_of, photo, read_size, values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_DEFAULT_SIZE = "1080x720"
# These do not choose a photo, or only by the day.
_ANY = ("random", "featured", "daily", "weekly", "all", "photos")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read /kind/WxH. Raises TooLarge."""
    parts = parts_of(path)
    sizes = [part for part in parts if PAIR.fullmatch(without_extension(part)[0])]
    seeds = [part for part in parts if part not in sizes and part.lower() not in _ANY]
    # The numbers of W/H, as elsewhere; a single one is the id of a collection.
    if not sizes and len(seeds) >= 2 and all(re.fullmatch("[0-9]{1,5}", s) for s in seeds[-2:]):
        sizes, seeds = ["x".join(seeds[-2:])], seeds[:-2]
    asked = read_size(sizes[:1] or [_DEFAULT_SIZE])
    if len(seeds) != 1:  # one word alone is the id of a photo
        seeds += values(query)
    given = photo(asked.width, asked.height, seeds, query, format=asked.format)
    return complete(given, defaults)


DIALECT = Dialect(parse, hosts=("source.unsplash.com",))
