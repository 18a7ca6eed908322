"""lorempixel.com, once lorempixum.com: a photo of a category, with a text if one is given.

    /[g/]W/H[/category[/number][/text]][?anything]
    /output/CATEGORY-q-(c|g)-W-H-NUMBER.jpg         what it redirected to

Without a number the photo was random, and a query was written for another one, which it chooses
here. Every photo is a plain colour of the same seed; without a text its size is its caption.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._stand_in import parts_of, photo, read_size, values
from wsgi_placeholder.drawing.color import grey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_OUTPUT = re.compile(
    r"/*output/([^/-]*)-q-([cg])-([0-9]{1,9})-([0-9]{1,9})(?:-([0-9]{1,9}))?(?:\D[^/]*)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile("[0-9]+", re.ASCII)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read /g/W/H/category/number/text. Raises BadParameter when there is no size, and TooLarge."""
    if match := _OUTPUT.fullmatch(path):
        category, look, width, height, number = match.groups("")
        path = f"/{look}/{width}/{height}/{category}/{number}"
    asked = read_size(parts_of(path))
    words = asked.words
    is_grey = bool(words) and words[0].lower() == "g"
    if words and words[0].lower() in ("g", "c"):
        words = words[1:]
    at = next((at for at, word in enumerate(words) if _NUMBER.fullmatch(word)), None)
    # A category stands before the number, or else before the text.
    seeds = [word.lower() for word in words[: 1 if at is None else at + 1]]
    texts = words[len(seeds) :]
    given: dict[str, Any] = {"text": texts[0]} if texts else {}
    seeds += values(query) if at is None else []
    tone = grey if is_grey else None
    return complete(
        photo(asked.width, asked.height, seeds, query, tone=tone, format=asked.format, **given),
        defaults,
    )


DIALECT = Dialect(parse, hosts=("lorempixel.com", "lorempixum.com"))
