"""The identicon: cells on whole pixels, mirrored, in the middle, inside of round corners."""

import io

import pytest
import variants
from PIL import Image

from wsgi_placeholder import Config, Spec, formats, render
from wsgi_placeholder.dialects import check_limits
from wsgi_placeholder.drawing.color import TRANSPARENT, WHITE, Color
from wsgi_placeholder.drawing.indexed import paint_indexed
from wsgi_placeholder.drawing.paint import paint
from wsgi_placeholder.drawing.scene import Box, Rect
from wsgi_placeholder.errors import TooLarge
from wsgi_placeholder.formats import gif, png
from wsgi_placeholder.styles.identicon import compose

FONTS = Config.of().loaded_fonts
INK = Color(20, 40, 60)
FELIX = ["..#..", "..#..", ".#.#.", ".###.", "#...#"]
SEEDS = [f"seed {number}" for number in range(200)]


def scene(width, height=None, **keywords):
    keywords = {"seed": "Felix", "background": TRANSPARENT, "foreground": INK, **keywords}
    return compose(Spec.of(width, height, **keywords), FONTS)


def inked(made):
    """The box around all cells."""
    boxes = [shape.box for shape in made.shapes if shape.fill == INK and not shape.stroke]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def painted(made):
    """Which pixels are inked."""
    return {
        (x, y)
        for shape in made.shapes
        if shape.fill == INK
        for x in range(int(shape.box.left), int(shape.box.right))
        for y in range(int(shape.box.top), int(shape.box.bottom))
    }


def grid_of(seed):
    """The five by five cells of a seed, read off a picture of 50 pixels without padding."""
    pixels = painted(scene(50, padding=0, seed=seed))
    return [[(10 * column + 5, 10 * row + 5) in pixels for column in range(5)] for row in range(5)]


def test_background_border_and_cells():
    made = scene(60, 40, scale=2, border=3, radius=5, background=Color(9, 9, 9), text="no letters")
    fill, stroke, *cells = made.shapes
    assert fill == Rect(Box(0, 0, 120, 80), Color(9, 9, 9), 10)
    assert stroke == Rect(Box(0, 0, 120, 80), INK, 10, 6)
    assert cells
    assert all(cell.fill == INK and not cell.radius for cell in cells)
    assert made.title == "no letters"  # for those who cannot see the picture


@pytest.mark.parametrize("side", [5, 8, 16, 17, 20, 31, 32, 80, 120, 199, 200, 512])
def test_exactly_in_the_middle_at_any_size(side):
    for seed in SEEDS[:20]:
        box = inked(scene(side, seed=seed))
        assert box.left == side - box.right
        assert box.top == side - box.bottom


@pytest.mark.parametrize("side", [16, 17, 20, 31, 32, 80, 120, 199, 200, 512])
def test_a_tenth_is_left_on_each_side_and_little_more(side):
    box = inked(scene(side))
    assert side * 0.1 - 0.5 <= box.left <= side * 0.1 + 2.5


@pytest.mark.parametrize(("width", "height"), [(300, 100), (100, 300), (301, 100), (64, 63)])
def test_a_square_in_the_middle_of_any_shape(width, height):
    box = inked(scene(width, height))
    assert box.width == box.height
    assert abs(box.left - (width - box.right)) <= 1
    assert abs(box.top - (height - box.bottom)) <= 1
    assert box.height >= 0.7 * min(width, height)


def test_mirrored_and_on_whole_pixels():
    for seed in SEEDS[:20]:
        made = scene(63, 101, seed=seed)
        assert all(value == int(value) for shape in made.shapes for value in shape.box)
        pixels = painted(made)
        assert pixels == {(62 - x, y) for x, y in pixels}


def test_no_row_and_no_edge_is_empty_and_few_rows_are_full():
    for seed in SEEDS:
        grid = grid_of(seed)
        assert all(any(row) for row in grid)
        assert any(row[0] for row in grid)
        assert sum(all(row) for row in grid) <= 2


def test_seeds_tell_pictures_apart():
    grids = {str(grid_of(seed)) for seed in SEEDS}
    assert len(grids) > 190
    assert scene(80, seed="a") == scene(80, seed="a")


def test_the_same_in_every_version():
    rows = ["".join(".#"[on] for on in row) for row in grid_of("Felix")]
    assert rows == FELIX


def test_round_corners_cut_no_cell():
    for width, height, radius in ((200, 200, 100), (200, 200, 60), (300, 100, 50), (40, 40, 20)):
        ground = Color(255, 255, 255)
        made = scene(width, height, radius=radius, background=ground, padding=0)
        radius = made.shapes[0].radius
        for cell in made.shapes[1:]:
            for x in (cell.box.left, cell.box.right):
                for y in (cell.box.top, cell.box.bottom):
                    dx = max(radius - x, x - (width - radius), 0)
                    dy = max(radius - y, y - (height - radius), 0)
                    assert dx**2 + dy**2 <= radius**2


def test_padding():
    assert inked(scene(100, padding=0)) == Box(0, 0, 100, 100)
    assert inked(scene(100, padding=25)) == Box(25, 25, 75, 75)
    assert inked(scene(100, scale=2, padding=25)) == Box(50, 50, 150, 150)


def test_too_small_for_cells():
    assert scene(4).shapes == ()
    assert scene(100, padding=50).shapes == ()


LOOKS = [
    {},
    {"padding": 0},
    {"radius": 1},
    {"radius": 999},
    {"radius": 999, "border": 20, "padding": 0},
    {"radius": 30, "border": 7, "background": Color(200, 0, 0, 99)},
    {"foreground": Color(0, 0, 200, 99), "border": 9, "border_color": Color(200, 0, 0, 99)},
    {"border": 60, "padding": 0, "background": WHITE},
]


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("size", [(100, 100), (101, 100), (97, 180), (31, 300), (9, 9), (4, 4)])
def test_one_ink_in_a_frame(size, look):
    """So PNG and GIF need no painting in colours, which takes ten times as much."""
    for seed in SEEDS[:20]:
        made = scene(*size, **{"background": Color(9, 9, 9), "seed": seed, **look})
        picture, palette = paint_indexed(made)
        shown = Image.new("RGBA", size)
        shown.putdata([tuple(palette[index]) for index in picture.tobytes()])
        page = Color(0, 255, 0)
        off = variants.furthest(variants.on(page, shown), variants.on(page, paint(made)))
        for value, contrast in zip(off, variants.contrasts(made, page), strict=True):
            assert value <= contrast / 15 + 3 if made.shapes and made.shapes[0].radius else 1


@pytest.mark.parametrize("format", [png, gif], ids=["png", "gif"])
def test_never_painted_in_colours(monkeypatch, format):
    monkeypatch.setattr(format, "paint", None)
    for look in LOOKS:
        body = format.encode(scene(200, 100, **{"background": WHITE, **look}))
        assert Image.open(io.BytesIO(body)).size == (200, 100)


@pytest.mark.parametrize("format", formats.installed().values(), ids=lambda format: format.name)
def test_full_hd_is_allowed(format):
    for look in LOOKS:
        spec = Spec.of(1920, 1080, style="identicon", format=format.name, **look)
        if format.max_side < 1920:
            with pytest.raises(TooLarge):
                check_limits(spec, Config())
        else:
            check_limits(spec, Config())


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", ["gif", "png"])
def test_what_is_allowed_follows_what_the_style_costs(name, look):
    """A style that nobody knows here may draw anything, and is painted in colours."""
    for style in ("identicon", "flat"):
        check_limits(Spec.of(4000, style=style, format=name, **look), Config())
    check_limits(Spec.of(1600, style="stripes", format=name, **look), Config())
    with pytest.raises(TooLarge):
        check_limits(Spec.of(4000, style="stripes", format=name, **look), Config())


def test_no_style_but_ours_is_taken_to_be_opaque():
    """It may leave the background out, which takes a WebP 2.5 times as long."""
    check_limits(Spec.of(2500, style="identicon", format="webp"), Config())
    check_limits(Spec.of(1600, style="stripes", format="webp"), Config())
    with pytest.raises(TooLarge):
        check_limits(Spec.of(2500, style="stripes", format="webp"), Config())


def test_asked_for_by_url():
    picture = Image.open(io.BytesIO(render("100/fff/f00?style=identicon&seed=Felix").body))
    pixels = picture.convert("RGB")
    assert {color for _, color in pixels.getcolors()} == {(255, 255, 255), (255, 0, 0)}
    rows = [
        "".join(
            ".#"[pixels.getpixel((18 + 16 * column, 18 + 16 * row)) == (255, 0, 0)]
            for column in range(5)
        )
        for row in range(5)
    ]
    assert rows == FELIX
