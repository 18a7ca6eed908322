"""placekitten.com and the many that took over its grammar: one photo per size.

    /[g/|word/]W[/H][.jpg][/word][?image=N|id=N|random=N]

Words are series of a service (placecage.com/c, placecats.com/neo, lorempicsum.com/futurama) or,
behind the size, a number or a look (g, grayscale, sepia). Some wrote WxH or W-H. Every photo is a
plain colour of the same seed, with the size as its caption; other parameters are ignored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsgi_placeholder.dialects import Dialect, complete
from wsgi_placeholder.dialects._lenient import parameters
from wsgi_placeholder.dialects._stand_in import TONES, parts_of, photo, read_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.dialects import Defaults
    from wsgi_placeholder.spec import Spec

_HOSTS = (
    "placekitten.com", "placekittens.com", "placecats.com", "placebear.com", "placedog.net",
    "placedog.com", "placecorgi.com", "placegoat.com", "placebacon.net", "baconmockup.com",
    "placecage.com", "fillmurray.com", "stevensegallery.com", "nicenicejpg.com", "placebeard.it",
    "placebeyonce.com", "placekeanu.com", "lorempicsum.com",
)  # fmt: skip
_CHOOSING = ("image", "id", "img", "random", "r")


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read /[g/]W[/H]. Raises BadParameter when there is no size, and TooLarge."""
    asked = read_size(parts_of(path))
    given = parameters(query)
    looks = [word for word in (*map(str.lower, asked.words), *given) if word in TONES]
    seeds = [word for word in asked.words if word.lower() not in TONES]
    seeds += [given[name] for name in _CHOOSING if given.get(name)]
    return complete(
        photo(
            asked.width,
            asked.height,
            seeds or [f"{asked.width}x{asked.height}"],
            query,
            tone=TONES[looks[0]] if looks else None,
            format=asked.format,
        ),
        defaults,
    )


DIALECT = Dialect(parse, hosts=_HOSTS)
