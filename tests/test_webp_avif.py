"""WebP and AVIF, beside what test_raster_formats.py asks of all: settings, subsampling, alpha."""

import io
import statistics
import time

import pytest
import variants
from PIL import Image, ImageChops, ImageStat
from variants import BLUE, FONTS, RED, encoded, opened, scene

from wsgi_placeholder import Spec, formats
from wsgi_placeholder.drawing.color import BLACK, TRANSPARENT, WHITE
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.formats import webp
from wsgi_placeholder.styles.flat import compose

NAMES = [
    "caption", "colours", "no text", "transparent", "half transparent", "half an ink on half",
    "1x1", "1x40", "41x1", "33x17", "border", "round border", "circle", "ring on nothing",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_webp_is_lossless_by_default(name):
    """To the pixel, wherever there is one to be seen."""
    made = scene(name)
    body = encoded("webp", made)
    assert b"VP8L" in body[:64]
    picture, plain = opened(body).convert("RGBA"), paint(made).convert("RGBA")
    assert picture.getchannel("A").tobytes() == plain.getchannel("A").tobytes()
    for page in (WHITE, BLACK):
        assert variants.furthest(variants.on(page, picture), variants.on(page, plain)) == [0, 0, 0]


def test_webp_is_lossy_where_a_quality_is_given_or_it_is_huge(monkeypatch):
    made = scene("colours")
    assert b"VP8L" not in encoded("webp", made, 80)
    assert opened(encoded("webp", made, 80)).size == (300, 200)
    monkeypatch.setattr(webp, "_LOSSLESS_PIXELS", 300 * 200 - 1)
    assert b"VP8L" not in encoded("webp", made)


@pytest.mark.parametrize("quality", [None, 50, 95])
@pytest.mark.parametrize("name", NAMES)
def test_avif_looks_as_painted(name, quality):
    made = scene(name)
    picture, plain = opened(encoded("avif", made, quality)), paint(made)
    assert picture.size == plain.size
    assert picture.mode == plain.mode, "alpha is kept, and added to none"
    for page in (WHITE, BLACK):
        difference = ImageChops.difference(variants.on(page, picture), variants.on(page, plain))
        assert max(ImageStat.Stat(difference).mean) <= (6 if quality == 50 else 4)


@pytest.mark.parametrize("name", ["avif", "webp"])
@pytest.mark.parametrize("ground", [TRANSPARENT, BLUE._replace(alpha=128), BLUE])
def test_alpha_to_the_value(name, ground):
    made = compose(Spec.of(90, 60, text="", background=ground), FONTS)
    picture = opened(encoded(name, made)).convert("RGBA")
    for x, y in [(0, 0), (45, 30), (89, 59)]:
        *color, alpha = picture.getpixel((x, y))
        assert abs(alpha - ground.alpha) <= 1
        if alpha:
            assert max(abs(a - b) for a, b in zip(color, ground[:3], strict=True)) <= 3


@pytest.mark.parametrize("name", ["avif", "webp", "jpeg", "gif"])
def test_coloured_text_keeps_its_colour(name):
    """Inside a stroke of a letter the ink is what was asked for."""
    made = compose(Spec.of(300, 200, text="I", size=150, background=WHITE, foreground=RED), FONTS)
    middle = opened(encoded(name, made)).convert("RGB").getpixel((150, 100))
    assert max(abs(a - b) for a, b in zip(middle, RED[:3], strict=True)) <= 6


def milliseconds(work):
    """CPU time of this thread, the median of five."""
    spent = []
    for _ in range(5):
        begun = time.thread_time()
        work()
        spent.append(1000 * (time.thread_time() - begun))
    return statistics.median(spent)


def test_avif_is_written_at_its_fastest():
    """libavif's default speed is 6, and takes twice the time."""
    made = compose(Spec.of(600, 400), FONTS)
    plain = paint(made)

    def slowly():
        plain.save(io.BytesIO(), "AVIF", quality=75, speed=4, max_threads=1)

    assert milliseconds(lambda: encoded("avif", made)) < 0.8 * milliseconds(slowly)


@pytest.mark.parametrize("name", ["avif", "webp"])
def test_one_thread_does_it(name):
    """The workshop's own: others would be more than the process was given, and other arenas."""
    made = compose(Spec.of(1500, 1500), FONTS)
    whole, ours = time.process_time(), time.thread_time()
    encoded(name, made)
    whole, ours = time.process_time() - whole, time.thread_time() - ours
    assert whole - ours < 0.15 * ours


@pytest.mark.parametrize("name", ["avif", "webp"])
def test_estimates_are_not_below_what_it_takes(name):
    """Only the order: machines differ, and limits are set with room."""
    made = compose(Spec.of(1200, 900), FONTS)
    format = formats.installed()[name]
    estimated = format.ns_per_pixel * 1200 * 900 / 1e6
    assert milliseconds(lambda: format.encode(made, None)) < 3 * estimated
    assert Image.open(io.BytesIO(format.encode(made, None))).size == (1200, 900)
