"""Every plug-in that the registry finds keeps the contracts, whoever wrote it and whenever."""

import dataclasses
import io
import itertools
import os
import subprocess
import sys

import pytest
from PIL import UnidentifiedImageError

from wsgi_placeholder import Config, Spec, dialects, formats, registry
from wsgi_placeholder.dialects import Dialect, native
from wsgi_placeholder.drawing.color import BLACK
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Rect, Text
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.formats import gif, jpeg, png
from wsgi_placeholder.styles import flat
from wsgi_placeholder.testing import DialectContract, FormatContract, StyleContract


class TestFormats(FormatContract):
    @pytest.fixture(params=formats.installed())
    def format(self, request):
        return formats.installed()[request.param]


class TestStyles(StyleContract):
    @pytest.fixture(params=registry.names("styles"))
    def style(self, request):
        return registry.load("styles", request.param)


class TestDialects(DialectContract):
    @pytest.fixture(params=registry.names("dialects"))
    def dialect(self, request):
        return registry.load("dialects", request.param)


def test_every_process_writes_the_same_bytes():
    """The ETag promises it: no hash order, no clock, no address reaches a file."""
    script = """
import hashlib
from wsgi_placeholder import render, formats, registry
for style in registry.names("styles"):
    for format in formats.installed():
        url = f"160x90.{format}?style={style}&text=Hällo|wörld&bg=fffa&radius=9&border=2"
        print(style, format, hashlib.sha256(render(url, system_fonts=False).body).hexdigest())
"""
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(said) == 1
    assert len(said.pop().splitlines()) == len(formats.installed()) * len(registry.names("styles"))


# The suites themselves: one fault each, the method that must notice it, and how.

counter = itertools.count()


def wrong(format=png.FORMAT, **changes):
    return dataclasses.replace(format, **changes)


def encoding(**changes):
    """PNG of another scene than the one that was asked for."""
    return wrong(encode=lambda scene, quality: png.encode(dataclasses.replace(scene, **changes)))


def no_rounded_corners(scene, quality):
    if any(getattr(shape, "radius", 0) for shape in scene.shapes):
        raise NotImplementedError
    return png.encode(scene)


@pytest.mark.parametrize(
    ("method", "format", "error"),
    [
        ("describes_itself", wrong(name="Portable Network Graphics"), AssertionError),
        ("describes_itself", wrong(extensions=(".png",)), AssertionError),
        ("describes_itself", wrong(extensions=()), AssertionError),
        ("describes_itself", wrong(media_type="png"), AssertionError),
        ("exact_size", wrong(media_type="image/gif"), AssertionError),
        ("exact_size", encoding(width=38), AssertionError),
        ("longest_side", wrong(jpeg.FORMAT, max_side=65536), OSError),
        (
            "same_scene_same_bytes",
            wrong(encode=lambda scene, quality: str(next(counter)).encode()),
            AssertionError,
        ),
        ("colours", encoding(shapes=()), AssertionError),
        (
            "transparent_scene",
            encoding(shapes=(Rect(Box(0, 0, 99, 99), BLACK),)),
            AssertionError,
        ),
        ("every_shape", wrong(encode=no_rounded_corners), NotImplementedError),
        (
            "nothing_to_draw",
            wrong(encode=lambda scene, quality: png.encode(scene) if scene.title else b""),
            UnidentifiedImageError,
        ),
        (
            "hostile_text",
            wrong(encode=lambda scene, quality: png.encode(scene) + scene.title.encode("latin-1")),
            UnicodeEncodeError,
        ),
        ("quality", wrong(jpeg.FORMAT, lossy=False), AssertionError),
        ("quality", wrong(gif.FORMAT, lossy=True), AssertionError),
        (
            "cost_estimate",
            wrong(encode=lambda scene, quality: sum(range(4_000_000)), ns_per_pixel=1),
            AssertionError,
        ),
    ],
)
def test_format_contract_notices(method, format, error):
    check = getattr(FormatContract(), f"test_{method}")
    check(png.FORMAT)
    with pytest.raises(error):
        check(format)


def netpbm(scene, quality):
    out = io.BytesIO()
    paint(scene, alpha=False).save(out, "PPM")
    return out.getvalue()


@pytest.mark.parametrize(
    ("method", "format", "said"),
    [
        (
            "exact_size",
            wrong(encode=netpbm, media_type="image/x-portable-pixmap"),
            "says its files are image/x-portable-pixmap, Pillow takes this one for PPM",
        ),
        ("describes_itself", wrong(name="A B"), "name='A B': expected lower-case"),
        ("describes_itself", wrong(ns_per_pixel=0), "ns_per_pixel=0: expected more than 0"),
        ("describes_itself", wrong(extensions=(".png",)), "extension '.png': expected"),
        ("exact_size", encoding(width=38), r"a file of \(38, 1\) pixels for a scene of \(1, 1\)"),
        ("exact_size", wrong(encode=lambda scene, quality: None), "encode.. returns bytes"),
        ("colours", encoding(shapes=()), r"the pixel at \(1, 1\) is"),
        ("quality", wrong(jpeg.FORMAT, lossy=False), "says lossy=False"),
        ("quality", wrong(gif.FORMAT, lossy=True), "says lossy=True, but"),
        ("quality", wrong(jpeg.FORMAT, default_quality=50), "default_quality=50 gives another"),
        (
            "cost_estimate",
            wrong(encode=lambda scene, quality: sum(range(4_000_000)), ns_per_pixel=1),
            "a pixel took [0-9]+ ns of CPU time",
        ),
    ],
)
def test_format_contract_says_what_is_wrong(method, format, said):
    with pytest.raises(AssertionError, match=said):
        getattr(FormatContract(), f"test_{method}")(format)


@pytest.mark.parametrize("format", formats.installed().values(), ids=lambda format: format.name)
@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
def test_how_large_a_picture_may_be(format, size):
    """Full HD in every format, framed and transparent too; 4k in all but AVIF and icons."""
    if size[0] > format.max_side:
        assert format.name == "ico"
        return
    plain = Spec.of(*size, format=format.name)
    if format.name == "avif" and size[0] > 1920:
        with pytest.raises(TooLarge):
            dialects.check_limits(plain, Config())
        return
    dialects.check_limits(plain, Config())
    if size[0] == 1920:
        framed = Spec.of(*size, format=format.name, radius=9, border=2)
        dialects.check_limits(framed, Config())


def composing(**changes):
    """The flat style of another Spec than the one that was asked for."""
    return lambda spec, fonts: flat.compose(spec.replace(**changes), fonts)


def with_shapes(change):
    def compose(spec, fonts):
        scene = flat.compose(spec, fonts)
        return dataclasses.replace(scene, shapes=tuple(change(scene.shapes)))

    return compose


def shifted(shapes):
    for shape in shapes:
        if isinstance(shape, Text):
            left, top, right, bottom = shape.ink
            shape = dataclasses.replace(shape, ink=Box(left - 50, top, right - 50, bottom))
        yield shape


@pytest.mark.parametrize(
    ("method", "style"),
    [
        ("size_is_that_of_the_spec", composing(scale=1)),
        (
            "same_spec_same_scene",
            lambda spec, fonts: flat.compose(spec.replace(radius=next(counter)), fonts),
        ),
        ("ink_inside_the_canvas", with_shapes(shifted)),
        ("no_text_no_letters", composing(text="Acme")),
        ("every_format_can_encode_it", with_shapes(lambda shapes: [*shapes, "a dragon"])),
        ("size_does_not_matter", with_shapes(lambda shapes: shapes * 5000)),
    ],
)
def test_style_contract_notices(method, style):
    check = getattr(StyleContract(), f"test_{method}")
    check(flat.compose)
    with pytest.raises((AssertionError, AttributeError)):
        check(style)


def always(**changes):
    """The same answer to every URL."""
    return lambda path, query, defaults: native.parse("/400", [], defaults).replace(**changes)


def slow_once_in_a_while(path, query, defaults):
    if path.startswith("/hd1080/transparent"):
        sum(range(5_000_000))
    return native.parse(path, query, defaults)


@pytest.mark.parametrize(
    ("method", "dialect", "error"),
    [
        ("a_spec_or_a_placeholder_error", lambda path, query, defaults: int(path), ValueError),
        ("a_spec_or_a_placeholder_error", always(font="comic-sans"), AssertionError),
        ("a_spec_or_a_placeholder_error", always(width=99999), TooLarge),
        ("a_spec_or_a_placeholder_error", always(format="tiff"), KeyError),
        (
            "same_url_same_spec",
            lambda path, query, defaults: always(seed=str(next(counter)))(path, query, defaults),
            AssertionError,
        ),
        ("never_slow", slow_once_in_a_while, AssertionError),
    ],
)
def test_dialect_contract_notices(method, dialect, error):
    class Few(DialectContract):
        count = 50

    check = getattr(Few(), f"test_{method}")
    check(native.DIALECT)
    with pytest.raises(error):
        check(Dialect(dialect))
