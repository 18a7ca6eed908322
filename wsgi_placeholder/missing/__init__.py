"""Pictures for files that are missing: what size they should have, and where to get them."""

from __future__ import annotations

from typing import NamedTuple


class Guess(NamedTuple):
    """What is known of the size of a missing picture, in CSS pixels; None: keep the ratio.

    `rule` is the word that the header X-Placeholder says: "wordpress", "query", "page".
    """

    width: int | None
    height: int | None
    rule: str
    scale: float = 1
