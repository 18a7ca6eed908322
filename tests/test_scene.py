"""Shapes are put right when they are made, so that every format may trust them."""

import io

import pytest
from PIL import Image

from wsgi_placeholder import formats
from wsgi_placeholder.drawing.color import BLACK, WHITE
from wsgi_placeholder.drawing.scene import Box, Rect, Scene

GROUND = Rect(Box(0, 0, 40, 30), WHITE)
TURNED = [Box(0, 0, 40, 30).inset(18), Box(20, 5, 10, 25), Box(5, 20, 25, 10), Box(9, 9, 9, 9)]


@pytest.mark.parametrize("box", TURNED)
@pytest.mark.parametrize(("radius", "stroke"), [(0, 0), (6, 0), (0, 2), (6, 2)])
def test_a_rectangle_never_has_a_negative_size(box, radius, stroke):
    rect = Rect(box, BLACK, radius, stroke)
    assert rect.box.width >= 0
    assert rect.box.height >= 0
    assert min(rect.box.width, rect.box.height) == 0
    assert rect.radius == 0


@pytest.mark.parametrize("format", formats.installed())
@pytest.mark.parametrize("box", TURNED)
@pytest.mark.parametrize(("radius", "stroke"), [(0, 0), (6, 0), (0, 2), (6, 2)])
def test_no_format_draws_an_empty_rectangle(format, box, radius, stroke):
    encode = formats.installed()[format].encode
    body = encode(Scene(40, 30, (GROUND, Rect(box, BLACK, radius, stroke))), None)
    plain = encode(Scene(40, 30, (GROUND,)), None)
    if format == "pdf":
        assert b"-" not in body.partition(b"stream")[0].replace(b"%PDF-", b"")
        assert body
    elif format == "svg":
        assert body == plain
    else:
        pictures = [Image.open(io.BytesIO(data)).convert("RGB") for data in (body, plain)]
        assert pictures[0].tobytes() == pictures[1].tobytes()
