"""The contract of styles."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wsgi_placeholder import formats, registry
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.scene import Text
from wsgi_placeholder.spec import ALIGNS, Spec
from wsgi_placeholder.testing._given import HOSTILE_TEXTS, config
from wsgi_placeholder.testing.formats import check_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wsgi_placeholder.styles import Style


class StyleContract:
    """For a style: pure, within its canvas, at every size and with every option of a Spec."""

    def specs(self) -> Iterator[Spec]:
        """Yield pictures of all kinds; none is larger than 2000 pixels a side."""
        sizes = [(1, 1), (2, 3), (16, 16), (10, 2000), (2000, 10), (300, 200), (64, 900)]
        for width, height in sizes:
            for text in (None, "", "Two\nlines", "W" * 200):
                yield Spec.of(width, height, text=text)
        for align in ALIGNS:
            yield Spec.of(300, 200, align=align, padding=0, border=3, radius=50, size=400)
        for ground in (TRANSPARENT, Color(1, 2, 3, 99), Color(255, 255, 255)):
            yield Spec.of(301, 199, scale=1.5, background=ground, border=500, radius=9999)
        for text in HOSTILE_TEXTS:
            seed = text[:64].encode("utf-8", "replace").decode()  # as a request brings it
            yield Spec.of(320, 180, text=text, seed=seed)

    def test_size_is_that_of_the_spec(self, style: Style) -> None:
        for spec in self.specs():
            scene = style(spec, config().loaded_fonts)
            size = (scene.width, scene.height)
            assert size == spec.pixels, f"a scene of {size} for a Spec of {spec.pixels}: {spec}"

    def test_same_spec_same_scene(self, style: Style) -> None:
        fonts = config().loaded_fonts
        first = [style(spec, fonts) for spec in self.specs()]
        for spec, scene in zip(self.specs(), first, strict=True):
            assert style(spec, fonts) == scene, f"another scene the second time: {spec}"

    def test_ink_inside_the_canvas(self, style: Style) -> None:
        for spec in self.specs():
            scene = style(spec, config().loaded_fonts)
            for shape in scene.shapes:
                if isinstance(shape, Text):
                    left, top, right, bottom = shape.ink
                    inside = min(left, top) >= -0.01 and right <= scene.width + 0.01
                    assert inside and bottom <= scene.height + 0.01, (  # noqa: PT018
                        f"ink {tuple(shape.ink)} leaves the canvas: {spec}"
                    )

    def test_no_text_no_letters(self, style: Style) -> None:
        scene = style(Spec.of(300, 200, text=""), config().loaded_fonts)
        letters = [shape for shape in scene.shapes if isinstance(shape, Text)]
        assert not letters, "letters for a Spec whose text is empty"

    def test_every_format_can_encode_it(self, style: Style) -> None:
        for spec in (Spec.of(200, 120), Spec.of(200, 120, background=TRANSPARENT, radius=20)):
            scene = style(spec, config().loaded_fonts)
            for format in formats.installed().values():
                assert format.encode(scene, None), f"an empty {format.name} for {spec}"

    def test_size_does_not_matter(self, style: Style) -> None:
        """Composing is a few shapes at 4 or at 80 million pixels alike."""
        for width, height in ((9000, 9000), (99999, 1), (1, 99999)):
            spec = Spec.of(width, height)
            start = time.process_time()
            scene = style(spec, config().loaded_fonts)
            seconds, count = time.process_time() - start, len(scene.shapes)
            assert seconds < 0.25, (
                f"{seconds:.2f} s to compose {width}x{height}; it may follow no pixel"
            )
            assert count < 5000, f"{count} shapes for {width}x{height}; expected fewer than 5000"

    def test_costs_what_the_formats_say(self, style: Style) -> None:
        """What the limits allow must be drawn about as soon as they promise."""
        styles = (
            name for name in registry.names("styles") if registry.load("styles", name) is style
        )
        name = next(styles, "another")
        looks = (Color(255, 255, 255), 0), (Color(255, 255, 255), 1), (Color(200, 0, 0, 100), 300)
        for format in formats.installed().values():
            side = min(format.max_side, 700)
            for ground, radius in looks:
                spec = Spec.of(
                    side, text="W@%#+" * 40, style=name, format=format.name, background=ground,
                    radius=radius, border=radius / 9, border_color=Color(0, 255, 0, 136),
                )  # fmt: skip
                check_cost(format, spec, style(spec, config().loaded_fonts), factor=3)
