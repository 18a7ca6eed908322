"""Pictures of missing files for code that opens them; the rest is tests/test_missing.py."""

from io import BytesIO

import pytest
from PIL import Image

from wsgi_placeholder.substitutes import missing_pictures


@pytest.mark.parametrize(
    ("path", "format", "size"),
    [
        ("/media/cat.jpg", "JPEG", (600, 400)),
        ("cat-300x200.png", "PNG", (300, 200)),
        ("/avatars/jane.webp", "WEBP", (64, 64)),
        ("/tmp/media/ünter.gif", "GIF", (600, 400)),
    ],
)
def test_a_missing_file_has_a_picture_of_its_format(path, format, size):
    missing_picture = missing_pictures(missing_sizes=[("^/avatars/", "64")])
    image = Image.open(BytesIO(missing_picture(path)))
    assert (image.format, image.size) == (format, size)


@pytest.mark.parametrize("path", ["/media/report.pdf", "/media/cat", "", "/a.jpg/"])
def test_what_is_no_picture_stays_missing(path):
    with pytest.raises(FileNotFoundError) as raised:
        missing_pictures()(path)
    assert raised.value.filename == path


def test_its_options_are_those_of_the_middleware():
    with pytest.raises(TypeError, match="missing_sizes"):
        missing_pictures(missing_size=[])
