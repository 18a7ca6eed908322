"""What stands where a service has photos or faces: always the same plain colour for one seed."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from wsgi_placeholder.dialects._lenient import parameters, without_extension
from wsgi_placeholder.drawing.color import WHITE, Color, contrast, grey
from wsgi_placeholder.errors import BadParameter, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# Calm, of like lightness, told apart at a glance, and white or black text reads on each.
_PALETTE = tuple(
    Color(*bytes.fromhex(digits))
    for digits in (
        "5b7c99", "6b8e6e", "a67c52", "8a6f9e", "b0685f", "4f8a8b", "7d8597", "9a8c4a",
        "6d7fb3", "5f9e7f", "b5838d", "76818e", "8f7a66", "4a7fa5", "7a8f5a", "a0739b",
    )
)  # fmt: skip
# Of an identicon's cells and its ground; the palette on white and near-white is above.
_LEAST_CONTRAST = 2.5
_APOSTROPHES = "`´‘’'ʼ"
_NUMBER = re.compile("[0-9]+", re.ASCII)
# Two sides in one part, as the services and their users wrote them.
PAIR = re.compile("([0-9]+) *[x×*-] *([0-9]+)", re.ASCII | re.IGNORECASE)


def number_of(seed: str, count: int) -> int:
    """Return a number below `count`, the same in every process and version."""
    digest = blake2b(seed.encode("utf-8", "replace"), digest_size=2).digest()
    return int.from_bytes(digest) % count


def color_of(seed: str) -> Color:
    """Return the colour of a seed, the same in every process and version."""
    return _PALETTE[number_of(seed, len(_PALETTE))]


def sepia(color: Color) -> Color:
    """The same colour as on an old print (Filter Effects Module Level 1, `sepia()`)."""
    red, green, blue, alpha = color
    return Color(
        min(255, round(0.393 * red + 0.769 * green + 0.189 * blue)),
        min(255, round(0.349 * red + 0.686 * green + 0.168 * blue)),
        min(255, round(0.272 * red + 0.534 * green + 0.131 * blue)),
        alpha,
    )


# The words of paths that change the colours of a photo.
TONES: dict[str, Callable[[Color], Color]] = {
    "g": grey, "gray": grey, "grey": grey, "grayscale": grey, "greyscale": grey, "sepia": sepia,
}  # fmt: skip


class Asked(NamedTuple):
    """A path around its size: `words` are its other parts, `format` is what an extension names."""

    width: int
    height: int
    words: list[str]
    format: str


def parts_of(path: str) -> list[str]:
    """Return the parts of a path but for empty ones."""
    return [part.strip(" ") for part in path.split("/") if part.strip(" ")]


def read_size(parts: Sequence[str]) -> Asked:
    """Find W/H, WxH or one number for both sides among the parts of a path.

    Raises BadParameter when there is none, and TooLarge.
    """
    # Some pages have an & where the ? belongs.
    bare = [without_extension(part.partition("&")[0]) for part in parts]
    for at, (first, format) in enumerate(bare):
        if pair := PAIR.fullmatch(first):
            width, height, end = pair[1], pair[2], at + 1
        elif _NUMBER.fullmatch(first):
            second, of_second = bare[at + 1] if at + 1 < len(bare) else ("", None)
            is_pair = _NUMBER.fullmatch(second) is not None
            width, height = first, second if is_pair else first
            end, format = (at + 2, of_second or format) if is_pair else (at + 1, format)
        else:
            continue
        words = [*parts[:at], *parts[end:]]
        return Asked(_side(width), _side(height), words, format or "jpeg")
    raise _no_size("/".join(parts))


def _side(digits: str) -> int:
    digits = digits.lstrip("0")
    if len(digits) > 5:
        raise TooLarge("A side is above 99999 pixels.", parameter="size")
    return int(digits or "0")


def _no_size(path: str) -> BadParameter:
    numbers = re.findall("[1-9][0-9]{0,4}", path[:200], re.ASCII)[:2]
    return BadParameter(
        "The size is missing; expected like 300/200 where the service has it.",
        parameter="size",
        hint="/".join(numbers) or None,
    )


def values(query: Iterable[tuple[str, str]], but: Sequence[str] = ()) -> list[str]:
    """Return what a page wrote behind a random picture so that it is another one: ?3, ?random=3."""
    return [value or name for name, value in query if name.strip().lower() not in but]


def photo(
    width: int,
    height: int,
    seeds: Iterable[str],
    query: Iterable[tuple[str, str]] = (),
    *,
    tone: Callable[[Color], Color] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Return keywords of `complete` for a picture that stands for the photo of these seeds.

    `seeds` is all of a URL that chose among the photos: an id, a category, a random number. `tone`
    changes its colours. Photos have no caption; a page that tries one in its query gets it here.
    """
    seed = "/".join(seeds)[:64]
    color = color_of(seed)
    if text := parameters(query).get("text"):
        given.setdefault("text", text)
    return {
        # Faker really writes sides of 0; some picture is better than none.
        "width": max(1, width),
        "height": max(1, height),
        "format": "jpeg",
        "background": tone(color) if tone else color,
        "seed": seed,
        **given,
    }


def face(
    width: int, height: int, seeds: Iterable[str], background: Color, **given: Any
) -> dict[str, Any]:
    """Return keywords of `complete` for an identicon that stands for the face of these seeds.

    Of the seeds only a digest goes on: many are somebody's e-mail address.
    """
    seed = "/".join(seeds)
    inks = [color_of(seed), WHITE]
    if background.opaque:
        inks = [ink for ink in inks if contrast(ink, background) >= _LEAST_CONTRAST]
    return {
        "width": width,
        "height": height,
        "style": "identicon",
        "background": background,
        "foreground": inks[0] if inks else None,
        "text": "",
        "seed": blake2b(seed.encode("utf-8", "replace"), digest_size=8).hexdigest(),
        **given,
    }


def initials(name: str) -> str:
    """Return the first letters of the first and the last word, or the first two of the only one.

    As DiceBear has them: what follows an @ counts only when nothing else does, and signs and
    digits never.
    """
    name = unicodedata.normalize("NFC", name)
    name = name[:800]
    words = _words(name.partition("@")[0]) or _words(name)
    if len(words) < 2:
        return "".join(letter for word in words for letter in word[:2]).upper()
    return (words[0][0] + words[-1][0]).upper()


def _words(text: str) -> list[list[str]]:
    """Split a text into words, and these into letters with their marks."""
    words: list[list[str]] = []
    inside = False
    for character in text:
        category = unicodedata.category(character)[0]
        if category == "L":
            if not inside:
                words.append([])
            words[-1].append(character)
            inside = True
        elif category == "M" and inside:
            words[-1][-1] += character
        elif character not in _APOSTROPHES:
            inside = False
    return words
