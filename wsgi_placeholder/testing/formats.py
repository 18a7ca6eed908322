"""The contract of formats."""

from __future__ import annotations

import io
import re
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from PIL import Image

from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.scene import Box, Rect, Scene
from wsgi_placeholder.spec import Spec
from wsgi_placeholder.styles import flat
from wsgi_placeholder.testing._given import HOSTILE_TEXTS, config

if TYPE_CHECKING:
    from wsgi_placeholder.formats import Format

_INK = Color(20, 40, 60)
_GROUND = Color(200, 120, 40)


def _scene(width: int, height: int, text: str = "Hi", ground: Color = _GROUND) -> Scene:
    spec = Spec.of(width, height, text=text, background=ground, foreground=_INK)
    return flat.compose(spec, config().loaded_fonts)


class FormatContract:
    """For a `Format`: exact sizes, honest types, the same bytes for the same scene.

    Formats that Pillow cannot read must override `size_of` and, if their media type begins with
    image/, `decoded`; SVG and PDF are known.
    """

    def size_of(self, format: Format, body: bytes) -> tuple[int, int]:
        """Return the size in pixels that the file itself tells, and check that it is whole."""
        if format.media_type == "image/svg+xml":
            svg = ElementTree.fromstring(body)
            assert svg.tag == "{http://www.w3.org/2000/svg}svg", f"the root is no svg: {svg.tag}"
            return int(svg.attrib["width"]), int(svg.attrib["height"])
        if format.media_type == "application/pdf":
            assert body.startswith(b"%PDF-"), f"a PDF begins with %PDF-, not {body[:5]!r}"
            box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", body)
            assert box, "a PDF page has a MediaBox"
            return round(float(box[1]) / 0.75), round(float(box[2]) / 0.75)  # CSS: 96 px are 72 pt
        return self.decoded(format, body).size

    def decoded(self, format: Format, body: bytes) -> Image.Image:
        """Return the picture of a raster format in mode RGBA."""
        with Image.open(io.BytesIO(body)) as image:
            found = Image.MIME.get(image.format or "", "a type it does not name")
            assert format.media_type in (found, found.replace("x-icon", "vnd.microsoft.icon")), (
                f"the format says its files are {format.media_type}, Pillow takes this one for"
                f" {image.format}, {found}; if both are right, override decoded()"
            )
            return image.convert("RGBA")

    def check(self, format: Format, scene: Scene, quality: int | None = None) -> bytes:
        """Encode a scene and return the file, once its size is found right."""
        body = format.encode(scene, quality)
        assert isinstance(body, bytes), f"encode() returns bytes, not {type(body).__name__}"
        size, asked = self.size_of(format, body), (scene.width, scene.height)
        assert size == asked, f"a file of {size} pixels for a scene of {asked} ({scene.title!r})"
        return body

    def test_describes_itself(self, format: Format) -> None:
        assert re.fullmatch("[a-z0-9-]+", format.name), (
            f"name={format.name!r}: expected lower-case ASCII letters, digits and hyphens"
        )
        assert re.fullmatch(r"(image|application|text)/[a-z0-9.+-]+", format.media_type), (
            f"media_type={format.media_type!r}: expected image/..., application/... or text/...,"
            " in lower case, without parameters"
        )
        assert format.extensions, "extensions are empty: no URL could ask for the format"
        for extension in format.extensions:
            assert re.fullmatch("[a-z0-9]+", extension), (
                f"extension {extension!r}: expected lower-case ASCII letters and digits, no dot"
            )
        for name in ("max_side", "bytes_per_pixel", "ns_per_pixel"):
            value = getattr(format, name)
            assert value > 0, f"{name}={value!r}: expected more than 0"

    def test_exact_size(self, format: Format) -> None:
        for width, height in ((1, 1), (1, 40), (37, 23), (256, 255)):
            self.check(format, _scene(width, height))

    def test_longest_side(self, format: Format) -> None:
        longest = min(format.max_side, 99999)  # no URL can ask for more
        for width, height in ((longest, 1), (1, longest)):
            self.check(format, Scene(width, height, (Rect(Box(0, 0, width, height), _GROUND),)))

    def test_same_scene_same_bytes(self, format: Format) -> None:
        first = format.encode(_scene(120, 80), None)
        format.encode(_scene(50, 60, ground=TRANSPARENT), None)
        again = format.encode(_scene(120, 80), None)
        assert again == first, (
            "the same scene gave other bytes: a clock, a random number, or something kept from the"
            " picture before; the ETag promises the same"
        )

    def test_colours(self, format: Format) -> None:
        body = self.check(format, _scene(64, 48))
        if _is_raster(format):
            corner = _corner(self.decoded(format, body))
            off = max(abs(a - b) for a, b in zip(corner, _GROUND, strict=True))
            assert off <= 8, (
                f"the pixel at (1, 1) is {corner}, the scene has {tuple(_GROUND)} there"
            )

    def test_transparent_scene(self, format: Format) -> None:
        """Transparent where the format can, white where it cannot."""
        body = self.check(format, _scene(64, 48, ground=TRANSPARENT))
        if _is_raster(format):
            corner = _corner(self.decoded(format, body))
            assert corner[3] == 0 or min(corner) >= 250, (
                f"the pixel at (1, 1) of a transparent scene is {corner}; expected a transparent or"
                " a white one"
            )

    def test_every_shape(self, format: Format) -> None:
        canvas = Box(0, 0, 90, 60)
        for ground in (_GROUND, TRANSPARENT, Color(200, 0, 0, 100)):
            shapes = (
                Rect(canvas, ground, radius=12),
                Rect(canvas.inset(3), _INK, radius=9, stroke=2),
                Rect(Box(10.4, 10.6, 30.2, 20.1), Color(0, 0, 255, 128)),
                Rect(canvas.inset(10), _INK, stroke=1),
                *_scene(90, 60).shapes[1:],
            )
            self.check(format, Scene(90, 60, shapes, "shapes"))

    def test_nothing_to_draw(self, format: Format) -> None:
        self.check(format, _scene(40, 30, ""))
        self.check(format, Scene(40, 30, ()))

    def test_hostile_text(self, format: Format) -> None:
        for text in HOSTILE_TEXTS:
            self.check(format, _scene(160, 90, text))

    def test_quality(self, format: Format) -> None:
        bodies = {self.check(format, _scene(90, 60), quality) for quality in (None, 5, 50, 100)}
        if format.lossy:
            assert len(bodies) > 1, "the format says lossy=True, but quality changes nothing"
        else:
            assert len(bodies) == 1, "quality changes the file, but the format says lossy=False"
        if format.default_quality is not None:
            scene = _scene(90, 60)
            assert format.encode(scene, format.default_quality) == format.encode(scene, None), (
                f"default_quality={format.default_quality} gives another file than no quality"
            )

    def test_cost_estimate(self, format: Format) -> None:
        """The estimate guards the server's CPU; it may be wrong, but not tenfold."""
        side = min(format.max_side, 1000)
        spec = Spec.of(side, side, radius=50, border=5, background=Color(200, 0, 0, 100))
        framed = flat.compose(spec, config().loaded_fonts)
        colors = tuple(
            Rect(Box(0, 0, side, side).inset(side // 9 * i), Color(200, 60 * i, 0, 200), radius=20)
            for i in range(4)
        )
        check_cost(format, spec, framed, factor=10)
        check_cost(format, spec.replace(style="another"), Scene(side, side, colors), factor=10)


def check_cost(format: Format, spec: Spec, scene: Scene, factor: float) -> None:
    """Check that encoding takes at most `factor` times the CPU time that the format says."""
    pixels, said = scene.width * scene.height, format.cost_per_pixel(spec)[1]
    seconds = []
    for _ in range(3):  # the machine may be busy
        start = time.process_time()
        format.encode(scene, None)
        seconds.append(time.process_time() - start)
        if seconds[-1] < factor * said * pixels / 1e9 + 0.005:
            return
    raise AssertionError(
        f"a pixel took {min(seconds) / pixels * 1e9:.0f} ns of CPU time in {format.name}; the"
        f" format says {said:g} for {spec}"
    )


def _corner(picture: Image.Image) -> tuple[int, ...]:
    corner = picture.getpixel((1, 1))
    assert isinstance(corner, tuple), f"decoded() returns mode RGBA, not {picture.mode}"
    return tuple(map(int, corner))


def _is_raster(format: Format) -> bool:
    return format.media_type.startswith("image/") and format.media_type != "image/svg+xml"
