"""placeholder.com, known as placehold.it and via.placeholder.com: `/640x480.png/09f/fff?text=Hi`.

PNG unless an extension names another format, wherever it stands. Colours are CCCCCC and 969696;
after one number a part is a colour, never a height (`/150/24610`). The caption is like "600 x 400"
and `text=` means none. `&text=` needs no `?`. Whatever is written for placehold.co or fakeimg.pl is
read too (see `_placehold`), so also names of colours, SVG and AVIF.

Different here: a background alone gets a text colour that reads on it; 969696 was lost on most.
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

BACKGROUND = Color(0xCC, 0xCC, 0xCC)
FOREGROUND = Color(0x96, 0x96, 0x96)


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of placeholder.com. Raises BadParameter for a size, or TooLarge."""
    given = {"format": "png", **keywords(taken_apart(path, query), defaults)}
    if "background" not in given:
        given = {"background": BACKGROUND, "foreground": FOREGROUND, **given}
    given.setdefault("text", f"{given['width']} x {given['height']}")
    return complete(given, defaults)


DIALECT = Dialect(
    parse,
    hosts=(
        "via.placeholder.com",
        "placeholder.com",
        "i.placeholder.com",
        "ph.placeholder.com",
        "placehold.it",
    ),
)
