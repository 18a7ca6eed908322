"""robohash.org: a robot for any text.

    /TEXT[.png|.jpg|.bmp ...]?size=300x300&set=set1&bgset=bg1&color=blue&gravatar=yes

Parameters may also be parts of the path: `/TEXT/size_50x50/set_set2`. The text is all the rest:
`/avatar/HASH?s=80` is no gravatar, but the robot of "avatar/HASH", 300 pixels wide.

Different here: robots are identicons until we draw faces, `bgset` is a plain colour, BMP is
answered as PNG, and gravatar.com is never asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import color, parameters, size, without_extension
from wsgi_placeholder.dialects._stand_in import color_of, face
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_IN_PATH = re.compile(r"/(gravatar|ignoreext|size|set|sets|bgset|color)_([^/_]*)(?=/|$)")
# The folders of the program's robots.
_SETS = ("set1", "set2", "set3", "set4", "set5", "any")
_BACKGROUNDS = ("bg1", "bg2", "any")
_COLORS = (
    "blue", "brown", "green", "grey", "orange", "pink", "purple", "red", "white", "yellow",
)  # fmt: skip


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of robohash.org; it never calls anything wrong."""
    given = parameters([*_IN_PATH.findall(path), *query])
    text = _IN_PATH.sub("", path).strip("/")
    stem, format = without_extension(text)
    opaque = format == "jpeg" or (format is None and stem != text)  # the latter is BMP
    if given.get("ignoreext", "true").lower() == "true":
        text = stem
    width, height = size(given.get("size", "")) or (300, 300)
    robots = given.get("set")
    seeds = [text, robots] if robots in _SETS[1:] else [text]
    background = WHITE if opaque else TRANSPARENT
    if given.get("bgset") in _BACKGROUNDS:
        background = color_of(f"{text}/{given['bgset']}")
    more = {"foreground": color(given["color"])} if given.get("color") in _COLORS else {}
    return complete(
        # A side above 4096 was as good as none.
        face(
            width if width <= 4096 else 300,
            height if height <= 4096 else 300,
            seeds,
            background,
            format=format or "png",
            **more,
        ),
        defaults,
    )


DIALECT = Dialect(parse, ("robohash.org",))
