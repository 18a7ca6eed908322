"""fakeimg.pl: `/300x200/ff0000,128/000,255/name.webp?text=Hi&font=lobster&retina=1&radius=8`.

PNG unless the file name, or any other part, has another extension. Colours are cccccc and 909090,
each with its opacity 0..255 after a comma. The caption is like "300 x 200", also for an empty text.
`retina` doubles the pixels whatever its value. Its program answers 404 to what it does not
understand; here a colour then falls back to the default. Whatever is written for placeholder.com or
placehold.co is read too (see `_placehold`).

Different here: corners have one radius, so of `radius_tl`, `_tr`, `_br`, `_bl` the smallest counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import number
from wsgi_placeholder.dialects._placehold import keywords, taken_apart
from wsgi_placeholder.drawing.color import Color

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_BACKGROUND = Color(0xCC, 0xCC, 0xCC)
_FOREGROUND = Color(0x90, 0x90, 0x90)
_CORNERS = ("radius_tl", "radius_tr", "radius_br", "radius_bl")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of fakeimg.pl. Raises BadParameter for a size, or TooLarge."""
    url = taken_apart(path, query)
    given = {
        "format": "png",
        "background": _BACKGROUND,
        "foreground": _FOREGROUND,
        "radius": _radius(url.parameters),
        **keywords(url, defaults),
    }
    given["text"] = given.get("text") or f"{given['width']} x {given['height']}"
    if "retina" in url.parameters:
        given["scale"] = 2
    return complete(given, defaults)


def _radius(parameters: Mapping[str, str]) -> int:
    """One corner's radius alone leaves the others square, and stands above that of all."""
    names = _CORNERS if any(name in parameters for name in _CORNERS) else ("radius",)
    return min(int(number(parameters.get(name), 0, 99999) or 0) for name in names)


DIALECT = Dialect(parse, hosts=("fakeimg.pl",))
