"""placeholdit.imgix.net, to which placehold.it sent its visitors for some years.

    /~text?w=350&h=150&txt=350×150&txtsize=33&bg=333333&txtclr=666666&fm=jpg

A missing side is as long as the other. `dpr` multiplies the pixels. Defaults are placehold.it's;
imgix's other parameters are ignored. URLs of placehold.it itself are read as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsgi_placeholder import formats
from wsgi_placeholder.dialects import Dialect, _lenient, complete, placeholder_com
from wsgi_placeholder.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL of placeholdit.imgix.net. Raises BadParameter without a size, or TooLarge."""
    if path.strip("/ ")[:1] not in ("~", ""):
        return placeholder_com.parse(path, query, defaults)
    asked = _lenient.parameters(query)
    width, height = (_lenient.number(asked.get(name), 0, 99999) for name in "wh")
    width, height = int(width or height or 0), int(height or width or 0)
    if not width or not height:
        raise BadParameter(
            "w and h give no size; expected like /~text?w=600&h=400&txt=Hello.", parameter="size"
        )
    given: dict[str, Any] = {
        "width": width,
        "height": height,
        "scale": round(_lenient.number(asked.get("dpr"), 1, 4) or 1, 2),
        "background": _lenient.color(asked.get("bg")) or placeholder_com.BACKGROUND,
        "foreground": _lenient.color(asked.get("txtclr")) or placeholder_com.FOREGROUND,
        "text": asked.get("txt", f"{width} x {height}"),
        "format": "png",
    }
    if (size := _lenient.number(asked.get("txtsize"), 0, 1024)) and size >= 1:
        given["size"] = int(size)
    if (name := asked.get("fm", "").lower()) in formats.by_extension():
        given["format"] = formats.by_extension()[name].name
    return complete(given, defaults)


DIALECT = Dialect(parse, hosts=("placeholdit.imgix.net",))
