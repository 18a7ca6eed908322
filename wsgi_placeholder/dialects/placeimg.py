"""placeimg.com: a random photo of a category.

    /W/H[/category[/grayscale|sepia]][?anything]

A query, or a number behind the category, was written for another photo and chooses one here. Every
photo is a plain colour of the same seed, with the size as its caption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._stand_in import TONES, parts_of, photo, read_size, values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read /W/H/category/filter. Raises BadParameter when there is no size, and TooLarge."""
    asked = read_size(parts_of(path))
    words = [word.lower() for word in asked.words]
    looks = [word for word in words if word in TONES]
    seeds = [word for word in words if word not in TONES and word != "any"]
    tone = TONES[looks[0]] if looks else None
    seeds += values(query)
    given = photo(asked.width, asked.height, seeds, query, tone=tone, format=asked.format)
    return complete(given, defaults)


DIALECT = Dialect(parse, hosts=("placeimg.com",))
