"""For tests of sites: `assert_no_missing_images`. For those of plug-ins: contract suites.

The contracts are what the rest of the house relies on in formats, styles and dialects. Inherit
from one in a test module and give it the plug-in as a pytest fixture:

    class TestBmp(FormatContract):
        @pytest.fixture
        def format(self):
            return bmp.FORMAT

The methods take the plug-in as their only argument, so they can also be called without pytest.
For asserts that show their values, put `pytest.register_assert_rewrite("wsgi_placeholder.testing")`
before the import.
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import random
import re
import time
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from PIL import Image

from wsgi_placeholder import dialects, formats, registry
from wsgi_placeholder.config import Config
from wsgi_placeholder.drawing.color import TRANSPARENT, Color
from wsgi_placeholder.drawing.scene import Box, Rect, Scene, Text
from wsgi_placeholder.errors import PlaceholderError
from wsgi_placeholder.spec import ALIGNS, Spec
from wsgi_placeholder.styles import flat

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wsgi_placeholder.dialects import Dialect
    from wsgi_placeholder.formats import Format
    from wsgi_placeholder.middleware import PlaceholderMiddleware
    from wsgi_placeholder.missing.report import Missing
    from wsgi_placeholder.styles import Style

# Texts that have broken layout engines, XML writers, headers or file names somewhere.
HOSTILE_TEXTS = (
    "</text><script>alert(1)</script>", "]]>&amp;&#0;<!--", "\"'><svg onload=x>", "(\\) Tj ET %%",
    "\x00\x01\x0b\x1b[31m\x7f\x85\ufffe\uffff", "a\r\nSet-Cookie: x=1", "\u2028\u2029\r\n\n\n",
    "\ud800 lone \udfff", "\u202eevil\u2066\u200f", "a" + "\u0301" * 300, "אa" * 150, "W" * 5000,
    "\n" * 5000, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "ﷺ" * 50, "क्षि ไทย 漢字 עברית",
    "%s%n{0}{width!r}{__class__}", "../../etc/passwd", "\\" * 99, "{" * 99, " \t\xa0\u3000 ",
)  # fmt: skip

_INK = Color(20, 40, 60)
_GROUND = Color(200, 120, 40)


@contextlib.contextmanager
def assert_no_missing_images(middleware: PlaceholderMiddleware) -> Iterator[None]:
    """Raise AssertionError at the end of the block when anything was replaced during it.

    The message lists path, size, the rule that told it, and the page, of pictures and of what
    `missing_types` names. `middleware` runs in this process; whoever asks, in whatever thread, must
    have its answers before the block ends. Raises ValueError where the option `missing` is off:
    then nothing is replaced, and nothing would ever be found.
    """
    report = middleware.report
    if report is None:
        raise ValueError("the middleware replaces nothing; give it the option missing=True")
    before = report.total
    yield
    times = report.total - before
    if times:
        lines = "".join([f"\n  {_missing_line(file)}" for file in report.files(since=before)])
        often = "once" if times == 1 else f"{times} times"
        raise AssertionError(f"missing files were replaced {often}:{lines}")


def _missing_line(file: Missing) -> str:
    size = f"{file.width}x{file.height}, " if file.width else ""
    page = f", on {file.pages[0]}" if file.pages else ""
    return f"{file.path} ({size}rule {file.rule}){page}"


@functools.cache
def _config() -> Config:
    return Config(system_fonts=False)


def _scene(width: int, height: int, text: str = "Hi", ground: Color = _GROUND) -> Scene:
    spec = Spec.of(width, height, text=text, background=ground, foreground=_INK)
    return flat.compose(spec, _config().loaded_fonts)


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
        framed = flat.compose(spec, _config().loaded_fonts)
        colors = tuple(
            Rect(Box(0, 0, side, side).inset(side // 9 * i), Color(200, 60 * i, 0, 200), radius=20)
            for i in range(4)
        )
        _check_cost(format, spec, framed, factor=10)
        _check_cost(format, spec.replace(style="another"), Scene(side, side, colors), factor=10)


def _check_cost(format: Format, spec: Spec, scene: Scene, factor: float) -> None:
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
            scene = style(spec, _config().loaded_fonts)
            size = (scene.width, scene.height)
            assert size == spec.pixels, f"a scene of {size} for a Spec of {spec.pixels}: {spec}"

    def test_same_spec_same_scene(self, style: Style) -> None:
        fonts = _config().loaded_fonts
        first = [style(spec, fonts) for spec in self.specs()]
        for spec, scene in zip(self.specs(), first, strict=True):
            assert style(spec, fonts) == scene, f"another scene the second time: {spec}"

    def test_ink_inside_the_canvas(self, style: Style) -> None:
        for spec in self.specs():
            scene = style(spec, _config().loaded_fonts)
            for shape in scene.shapes:
                if isinstance(shape, Text):
                    left, top, right, bottom = shape.ink
                    inside = min(left, top) >= -0.01 and right <= scene.width + 0.01
                    assert inside and bottom <= scene.height + 0.01, (  # noqa: PT018
                        f"ink {tuple(shape.ink)} leaves the canvas: {spec}"
                    )

    def test_no_text_no_letters(self, style: Style) -> None:
        scene = style(Spec.of(300, 200, text=""), _config().loaded_fonts)
        letters = [shape for shape in scene.shapes if isinstance(shape, Text)]
        assert not letters, "letters for a Spec whose text is empty"

    def test_every_format_can_encode_it(self, style: Style) -> None:
        for spec in (Spec.of(200, 120), Spec.of(200, 120, background=TRANSPARENT, radius=20)):
            scene = style(spec, _config().loaded_fonts)
            for format in formats.installed().values():
                assert format.encode(scene, None), f"an empty {format.name} for {spec}"

    def test_size_does_not_matter(self, style: Style) -> None:
        """Composing is a few shapes at 4 or at 80 million pixels alike."""
        for width, height in ((9000, 9000), (99999, 1), (1, 99999)):
            spec = Spec.of(width, height)
            start = time.process_time()
            scene = style(spec, _config().loaded_fonts)
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
                _check_cost(format, spec, style(spec, _config().loaded_fonts), factor=3)


class DialectContract:
    """For a dialect: whatever the URL, a valid Spec or a PlaceholderError, and soon.

    `urls` are good URLs of the dialect, without prefix and name; hostile ones are made of them.
    """

    urls: ClassVar[Sequence[str]] = (
        "/", "/400", "/600x400", "/600/400", "/600x400/09f/fff.png?text=Hello+World",
        "/640x4:3@2x.webp?font=inter&size=20&border=2,red", "/id/237/200/300?blur=2&grayscale",
        "/seed/abc/200/300.jpg", "/?name=John+Doe&size=64&background=random&rounded=true",
        "/hd1080/transparent?style=flat&align=top-left&quality=5&radius=9&padding=0&weight=bold",
    )  # fmt: skip
    count: ClassVar[int] = 1000
    slowest: ClassVar[float] = 0.05  # CPU seconds

    def requests(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield good and hostile paths and queries, always the same ones."""
        chance = random.Random(0)
        urls = [*self.urls, *(_damaged(chance, self.urls) for _ in range(self.count))]
        for url in urls:
            path, _, query = url[:2048].partition("?")
            yield path, parse_qsl(query, keep_blank_values=True, errors="replace")[:16]

    def test_a_spec_or_a_placeholder_error(self, dialect: Dialect) -> None:
        for path, query in self.requests():
            try:
                found = dialect.parse(path, query, _config())
            except PlaceholderError as error:
                _check_error(error)
            else:
                _check_spec(found) if isinstance(found, Spec) else _check_document(found)

    def test_same_url_same_spec(self, dialect: Dialect) -> None:
        assert self._outcomes(dialect) == self._outcomes(dialect)

    def test_never_slow(self, dialect: Dialect) -> None:
        self._outcomes(dialect)  # what loads lazily is loaded
        for path, query in self.requests():
            start = time.thread_time()
            _outcome(dialect, path, query)
            assert time.thread_time() - start < self.slowest, (path, query)

    def _outcomes(self, dialect: Dialect) -> list[tuple[str, str]]:
        return [_outcome(dialect, path, query) for path, query in self.requests()]


def _outcome(dialect: Dialect, path: str, query: list[tuple[str, str]]) -> tuple[str, str]:
    try:
        found = dialect.parse(path, query, _config())
        return "found", found.key if isinstance(found, Spec) else repr(found.make("/base"))
    except PlaceholderError as error:
        return error.code, error.sentence


def _check_error(error: PlaceholderError) -> None:
    assert 400 <= error.status < 500
    assert error.sentence.isprintable()
    assert len(error.sentence) < 2000


def _check_document(document: dialects.Document) -> None:
    """A document can be sent: headers are printable ASCII."""
    headers, body = document.make("/base")
    assert isinstance(body, bytes)
    for text in itertools.chain((document.media_type,), *headers):
        assert text.isascii()
        assert text.isprintable()


def _check_spec(spec: Spec) -> None:
    """A Spec that a dialect returns can be rendered: all it names exists, within the limits."""
    config = _config()
    if spec.format != dialects.AUTO:
        dialects.check_limits(spec, config)  # knows only installed formats
    assert spec.style in registry.names("styles")
    assert spec.font in config.font_names
    assert spec.align in ALIGNS
    assert 1 <= spec.weight <= 1000
    assert spec.quality is None or 1 <= spec.quality <= 100
    assert len(spec.text) <= config.max_text
    assert spec.text.count("\n") < config.max_lines
    assert spec.key.isprintable()


def _damaged(chance: random.Random, urls: Sequence[str]) -> str:
    """Return one of `urls` with one to three things done to it that no browser would do."""
    url = chance.choice(urls)
    for _ in range(chance.randint(1, 3)):
        start = chance.randint(0, len(url))
        end = start + chance.choice((0, 1, 3, len(url)))
        piece = url[start:end]
        url = url[:start] + chance.choice(
            (
                "",
                piece * chance.choice((2, 9, 300)),
                chance.choice(HOSTILE_TEXTS) + piece,
                piece + chance.choice(("0", "-1", "007", "٣٠٠", "1e9", "99999", "nan", "1_0", "½")),
                piece + chance.choice("/?&=@.:x×,#;%+|\\{}\x00\n\u202e\ud800"),
                chance.choice("/&=@.:x09%+|\\{ ") * 500 + piece,
                piece.swapcase(),
                piece[::-1],
            )
        ) + url[end:]  # fmt: skip
    return url
