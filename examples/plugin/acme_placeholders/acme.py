"""A dialect: the URLs of an imaginary service, `/placeholder/acme.example/300x200-red?say=Hello`.

A dialect turns a URL into a Spec. `parse` gets the decoded path after the dialect's name or host,
the query's pairs, and the site's defaults; it raises BadParameter, which names what is wrong, and
nothing else. `complete` fills in the rest and holds the limits, so a dialect cannot forget them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.drawing.color import parse_color
from wsgi_placeholder.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    size, dash, color = path.strip("/").partition("-")
    given: dict[str, Any] = {}
    given["width"], given["height"] = parse_size(size)
    if dash:
        given["background"] = parse_color(color, "color")
    for name, value in query:
        if name == "say":
            given.setdefault("text", value)  # the first wins; other parameters are ignored
    return complete(given, defaults)


DIALECT = Dialect(parse, hosts=("acme.example",))
