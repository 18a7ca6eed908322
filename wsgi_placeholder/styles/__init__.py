"""One module per look, each with one `STYLE`: a function from a Spec to a Scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wsgi_placeholder.drawing.fonts import Fonts
    from wsgi_placeholder.drawing.scene import Scene
    from wsgi_placeholder.spec import Spec


class Style(Protocol):
    """Composes the picture of a Spec, in device pixels, always the same for the same Spec."""

    def __call__(self, spec: Spec, fonts: Fonts) -> Scene: ...
