"""One module per URL grammar, each with one `DIALECT`: a function from a URL's rest to a Spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from wsgi_placeholder import formats, registry
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wsgi_placeholder.drawing.color import Color

# `format=auto`: the middleware chooses by the Accept header before the Spec is complete.
AUTO = "auto"


class Defaults(Protocol):
    """What the configuration says of everything a URL leaves open, and of the limits."""

    @property
    def background(self) -> Color: ...
    @property
    def foreground(self) -> Color | None: ...
    @property
    def format(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def font(self) -> str: ...
    @property
    def weight(self) -> int: ...
    @property
    def font_names(self) -> Sequence[str]: ...
    @property
    def max_pixels(self) -> int: ...
    @property
    def max_memory(self) -> int: ...
    @property
    def max_seconds(self) -> float: ...
    @property
    def max_text(self) -> int: ...
    @property
    def max_lines(self) -> int: ...


class Dialect(Protocol):
    """Reads `path` (decoded, after the prefix, with its leading slash) and the query's pairs.

    Raises PlaceholderError for what the dialect calls wrong.
    """

    def __call__(self, path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec: ...


def parse(path: str, query: Sequence[tuple[str, str]], defaults: Defaults) -> Spec:
    """Read a URL in the dialect that its first path part names, or in our own."""
    first, _, rest = path.lstrip("/").partition("/")
    name = first if first in registry.names("dialects") else "native"
    dialect: Dialect = registry.load("dialects", name)
    return dialect("/" + rest if name == first else path, query, defaults)


def complete(given: dict[str, Any], defaults: Defaults) -> Spec:
    """Return the Spec of what a URL gave (keywords of `Spec.of`), within the limits.

    Raises TooLarge.
    """
    values: dict[str, Any] = {
        "background": defaults.background,
        "format": defaults.format,
        "style": defaults.style,
        "font": defaults.font,
        "weight": defaults.weight,
        **given,
    }
    if "background" not in given:
        values.setdefault("foreground", defaults.foreground)
    if values["format"] != AUTO and not formats.installed()[values["format"]].lossy:
        values["quality"] = None  # it changes nothing there, so it must not make another picture
    spec = Spec.of(**values, most_characters=defaults.max_text, most_lines=defaults.max_lines)
    if spec.format != AUTO:
        check_limits(spec, defaults)
    return spec


def check_limits(spec: Spec, defaults: Defaults) -> None:
    """Raise TooLarge when painting and encoding the picture would cost more than is allowed."""
    width, height = spec.pixels
    format = formats.installed()[spec.format]
    if max(width, height) > format.max_side:
        raise TooLarge(
            f"The picture would be {width}x{height} pixels; {format.name} allows at most"
            f" {format.max_side} a side.",
            parameter="size",
        )
    most = allowed_pixels(format, spec, defaults)
    if width * height > most:
        raise TooLarge(
            f"The picture would be {width}x{height}, {width * height / 1e6:.1f} megapixels; at"
            f" most {most / 1e6:.1f} are allowed for {format.name} here.",
            parameter="size",
        )


def allowed_pixels(format: formats.Format, spec: Spec, defaults: Defaults) -> int:
    """The most pixels a picture like `spec` may have in `format` under the configured costs."""
    bytes_each, ns_each = format.cost_per_pixel(spec)
    return min(
        defaults.max_pixels,
        int(defaults.max_memory / bytes_each),
        int(defaults.max_seconds * 1e9 / ns_each),
    )
