"""What stands where a service has photos or faces: always the same plain colour for one seed."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.drawing.color import Color, grey

if TYPE_CHECKING:
    from collections.abc import Iterable

# Calm, of like lightness, told apart at a glance, and white or black text reads on each.
_PALETTE = tuple(
    Color(*bytes.fromhex(digits))
    for digits in (
        "5b7c99", "6b8e6e", "a67c52", "8a6f9e", "b0685f", "4f8a8b", "7d8597", "9a8c4a",
        "6d7fb3", "5f9e7f", "b5838d", "76818e", "8f7a66", "4a7fa5", "7a8f5a", "a0739b",
    )
)  # fmt: skip


def color_of(seed: str) -> Color:
    """Return the colour of a seed, the same in every process and version."""
    digest = blake2b(seed.encode("utf-8", "replace"), digest_size=2).digest()
    return _PALETTE[int.from_bytes(digest) % len(_PALETTE)]


def photo(
    width: int, height: int, seeds: Iterable[str], *, grayscale: bool = False, **given: Any
) -> dict[str, Any]:
    """Return keywords of `complete` for a picture that stands for the photo of these seeds.

    `seeds` is all of a URL that chose among the photos: an id, a category, a random number.
    """
    seed = "/".join(seeds)[:64]
    color = color_of(seed)
    background = grey(color) if grayscale else color
    return {"width": width, "height": height, "background": background, "seed": seed, **given}
