"""placehold.co: `/600x400@2x/orange/white.webp?text=Hello\\nWorld&font=lato`.

SVG unless an extension, or a part of its own, names another format. Colours are hex digits, CSS
names or `transparent`; the caption is like "600 × 400" and `text=` means none. Whatever is written
for placeholder.com or fakeimg.pl is read too (see `_placehold`).

Different here: a background alone gets a text colour that reads on it; `@2x` enlarges an SVG too;
the twelve fonts are drawn in the default one where they are not installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._placehold import keywords, taken_apart
from wsgi_placeholder.drawing.color import Color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_BACKGROUND = Color(0xDD, 0xDD, 0xDD)
_FOREGROUND = Color(0x99, 0x99, 0x99)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of placehold.co. Raises BadParameter for a size, or TooLarge."""
    given = {"format": "svg", **keywords(taken_apart(path, query), defaults)}
    given.setdefault("text", f"{given['width']} × {given['height']}")
    if "background" not in given:
        given = {"background": _BACKGROUND, "foreground": _FOREGROUND, **given}
    return complete(given, defaults)


DIALECT = Dialect(parse, hosts=("placehold.co",))
