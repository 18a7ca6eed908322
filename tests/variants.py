"""Scenes of every kind that a raster format has a way of its own for, and how to compare pixels."""

import io

from PIL import Image, ImageChops

from wsgi_placeholder import Config, Spec, formats
from wsgi_placeholder.drawing.color import TRANSPARENT, Color, blend
from wsgi_placeholder.drawing.scene import Rect, Text
from wsgi_placeholder.styles.flat import compose

FONTS = Config.of().loaded_fonts
RED, BLUE, INK = Color(200, 0, 0), Color(0, 40, 200), Color(20, 30, 90)
HALF_BLUE, HALF_RED = BLUE._replace(alpha=128), RED._replace(alpha=100)
EDGES = ["left", "right", "top", "bottom", "top-left", "bottom-right"]

# A text on one colour: width, height, keywords of Spec.of.
PLAIN = {
    "caption": (600, 400, {}),
    "colours": (300, 200, {"background": Color(255, 165, 0), "foreground": INK}),
    "no text": (300, 200, {"text": ""}),
    "no text, transparent": (64, 48, {"text": "", "background": TRANSPARENT}),
    "no text, half transparent": (64, 48, {"text": "", "background": HALF_BLUE}),
    "transparent": (200, 120, {"background": TRANSPARENT, "foreground": RED}),
    "half transparent": (200, 120, {"background": HALF_BLUE, "foreground": RED}),
    "half an ink": (200, 120, {"foreground": HALF_RED}),
    "half an ink on nothing": (200, 120, {"background": TRANSPARENT, "foreground": HALF_RED}),
    "half an ink on half": (200, 120, {"background": HALF_BLUE, "foreground": HALF_RED}),
    "no ink": (120, 80, {"foreground": TRANSPARENT}),
    "1x1": (1, 1, {}),
    "1x1 transparent": (1, 1, {"background": TRANSPARENT}),
    "1x40": (1, 40, {}),
    "41x1": (41, 1, {}),
    "2x3": (2, 3, {}),
    "33x17": (33, 17, {"size": 9, "padding": 0}),
    "34x17": (34, 17, {"size": 9, "padding": 0}),
    "35x18": (35, 18, {"size": 9, "padding": 0}),
    "from edge to edge": (301, 90, {"padding": 0, "size": 999, "text": "WWWW"}),
    "from edge to edge, even": (302, 90, {"padding": 0, "size": 999, "text": "MMMM"}),
    "from top to bottom": (900, 121, {"padding": 0, "size": 999, "text": "Åg|j"}),
    "very large": (2001, 901, {"padding": 0, "size": 1024, "text": "g1Å"}),
    "many lines": (400, 300, {"text": "one\ntwo, longer\nthree\nfour", "size": 40}),
    "many large lines": (500, 600, {"text": "Åg\njÄ\nyÖ", "size": 180, "padding": 0}),
    "wrapped": (333, 222, {"text": "a longer sentence that must be wrapped to fit " * 3}),
    "fractional": (101, 67, {"scale": 1.5}),
} | {f"small, {edge}": (151, 61, {"align": edge, "padding": 0, "size": 30}) for edge in EDGES} | {
    f"large, {edge}": (401, 151, {"align": edge, "padding": 0, "size": 70}) for edge in EDGES
}  # fmt: skip

# The same, with glyphs that are drawn one by one and overlap.
OVERLAPPING = {
    "kerned": (1200, 260, {"text": "AVATAR LTyf", "size": 200, "weight": 900, "foreground": RED}),
    "half kerned": (900, 260, {"text": "AVAT", "size": 200, "weight": 900, "foreground": HALF_RED}),
    "kerned on nothing": (900, 260, {"text": "VAVA", "size": 200, "background": TRANSPARENT}),
    "marks": (900, 260, {"text": "q̣x̸ạ̈ŗ̂ǫ̛", "size": 150, "foreground": RED}),
}

# A border, round corners, both.
FRAMED = {
    "border": (200, 100, {"border": 3, "border_color": RED}),
    "thin border": (201, 101, {"border": 1, "border_color": RED}),
    "half a border": (200, 100, {"border": 6, "border_color": HALF_RED}),
    "border that fills all": (60, 40, {"border": 20, "border_color": RED}),
    "border that fills all, odd": (61, 41, {"border": 99, "border_color": RED}),
    "border at the text": (
        200, 100, {"border": 4, "border_color": RED, "padding": 0, "size": 999, "text": "WWWW"}
    ),
    "border at small text": (
        49, 21, {"border": 3, "border_color": RED, "padding": 0, "size": 999, "text": "WWWW"}
    ),
    "border on nothing": (200, 100, {"border": 3, "border_color": RED, "background": TRANSPARENT}),
    "round": (200, 100, {"radius": 20}),
    "hardly round": (61, 41, {"radius": 1}),
    "round, half transparent": (200, 100, {"radius": 20, "background": HALF_BLUE}),
    "round without text": (90, 60, {"radius": 12.5, "text": ""}),
    "circle": (120, 120, {"radius": 60}),
    "odd circle": (121, 121, {"radius": 999}),
    "pill": (301, 60, {"radius": 999}),
    "round border": (200, 100, {"radius": 20, "border": 5, "border_color": RED}),
    "thin round border": (200, 100, {"radius": 40, "border": 1, "border_color": RED}),
    "border wider than the radius": (90, 70, {"radius": 4, "border": 9, "border_color": RED}),
    "ring": (121, 121, {"radius": 999, "border": 7, "border_color": RED, "text": "Hi"}),
    "ring on nothing": (90, 90, {"radius": 45, "border": 5, "background": TRANSPARENT}),
    "half a ring on half": (
        91, 91, {"radius": 45, "border": 5, "border_color": HALF_RED, "background": HALF_BLUE}
    ),
    "1x1 round": (1, 1, {"radius": 9, "border": 1}),
    "3x9 round": (3, 9, {"radius": 9, "border": 1}),
    "tall": (7, 300, {"radius": 3, "border": 1, "border_color": RED}),
}  # fmt: skip

ALL = PLAIN | OVERLAPPING | FRAMED


def scene(name):
    width, height, keywords = ALL[name]
    return compose(Spec.of(width, height, **keywords), FONTS)


def encoded(name, made, quality=None):
    return formats.installed()[name].encode(made, quality)


def opened(body):
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def on(color, picture):
    """The picture as it looks on an opaque page of that colour, in mode RGB."""
    page = Image.new("RGBA", picture.size, tuple(color))
    return Image.alpha_composite(page, picture.convert("RGBA")).convert("RGB")


def furthest(one, other):
    """The most by which the two differ in each channel."""
    assert one.size == other.size
    return [high for _, high in ImageChops.difference(one, other).getextrema()]


def contrasts(made, page):
    """For each channel, how far apart the colours that meet in the scene are, seen on a page."""
    fills = [shape for shape in made.shapes if isinstance(shape, Rect) and not shape.stroke]
    ground = blend(page, fills[0].fill, 1) if fills else page
    colors = [ground] + [blend(ground, shape.fill, 1) for shape in made.shapes]
    if any(isinstance(shape, Rect) and shape.radius for shape in made.shapes):
        colors.append(page)
    return [max(values) - min(values) for values in list(zip(*colors, strict=True))[:3]]


def is_opaque(made):
    return all(shape.fill.opaque for shape in made.shapes) and any(
        isinstance(shape, Rect) and not shape.stroke and not shape.radius for shape in made.shapes
    )


def has_text(made):
    return any(isinstance(shape, Text) for shape in made.shapes)
