"""Pictures and PDFs from memory, as real libraries make them."""

import io
import json

import fpdf
import pikepdf
import pypdf
import pytest
from asking import ask, checked, environ_for
from matplotlib.figure import Figure
from PIL import Image
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from wsgi_placeholder import formats, render
from wsgi_placeholder.memory import files, image_response, pdf_response
from wsgi_placeholder.memory.spool import Spooled

PICTURE = Image.linear_gradient("L").convert("RGB")


def get(response):
    answer = ask(checked(response), environ_for("/"))
    assert answer.code == 200
    assert answer["Content-Length"] == str(len(answer.body))
    assert answer["X-Content-Type-Options"] == "nosniff"
    return answer


@pytest.mark.parametrize("name", sorted(set(files._PICTURES) - {"svg"}))
def test_pillow_in_every_format(name):
    answer = get(image_response(PICTURE, name))
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.format == name.upper()
        assert image.size == (256, 256)
    # The bytes say themselves what they are, and go out unchanged.
    again = get(image_response(answer.body))
    assert again == answer
    assert get(image_response(bytearray(answer.body), name)) == answer


def test_the_media_types_are_those_of_placeholders():
    ours = {name: format.media_type for name, format in formats.installed().items()}
    assert {**files._PICTURES, **ours, "pdf": None} == {**ours, **files._PICTURES, "pdf": None}


def test_png_is_usual_and_options_go_to_the_picture():
    assert get(image_response(PICTURE))["Content-Type"] == "image/png"
    sizes = [len(get(image_response(PICTURE, ".JPG", quality=q)).body) for q in (10, 90)]
    assert sizes[0] < sizes[1]
    assert get(image_response(PICTURE, "jpg", filename="a.jpg", attachment=True))[
        "Content-Disposition"
    ].startswith("attachment")


def test_the_name_says_the_format_where_nothing_else_does():
    for name, kind in (("a.JPG", "jpeg"), ("a.webp", "webp"), ("a.b", "png"), ("jpg", "jpeg")):
        answer = get(image_response(PICTURE, filename=name))
        assert answer["Content-Type"] == f"image/{kind}"
    assert get(image_response(PICTURE, "gif", filename="a.jpg"))["Content-Type"] == "image/gif"


def test_an_etag_of_ones_own_and_options_that_bytes_do_not_have():
    data = get(image_response(PICTURE)).body
    for image in (PICTURE, data):
        assert get(image_response(image, etag="v1"))["ETag"] == '"v1"'
    with pytest.raises(TypeError, match="quality is for a picture to save; these are its bytes"):
        image_response(data, "png", quality=5)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "I", "F"]
)
def test_jpeg_takes_every_mode(mode):
    image = Image.new(mode if mode != "PA" else "P", (8, 8))
    answer = get(image_response(image, "jpeg"))
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.mode in ("L", "RGB", "CMYK")


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB", "HSV", "PA"])
@pytest.mark.parametrize("name", ["png", "gif", "webp", "avif", "bmp", "ico"])
def test_modes_for_print_are_shown_everywhere(mode, name):
    image = PICTURE.convert(mode) if mode not in ("LAB", "PA") else Image.new(mode, (9, 9))
    with Image.open(io.BytesIO(get(image_response(image, name)).body)) as seen:
        assert seen.mode in ("RGB", "RGBA", "P")
    if mode == "CMYK":
        with Image.open(io.BytesIO(get(image_response(image, "tiff")).body)) as seen:
            assert seen.mode == "CMYK"


def test_what_is_transparent_is_white_in_a_jpeg():
    image = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    palette = Image.new("P", (16, 16))
    palette.info["transparency"] = 0
    grey = Image.new("L", (16, 16))
    grey.info["transparency"] = 0
    for transparent in (image, palette, grey):
        with Image.open(io.BytesIO(get(image_response(transparent, "jpeg")).body)) as seen:
            assert min(seen.convert("RGB").getpixel((5, 5))) > 250


def test_formats_that_are_none():
    with pytest.raises(ValueError, match="format is 'psd'; expected one of avif, bmp"):
        image_response(PICTURE, "psd")
    with pytest.raises(ValueError, match="format is png, but the picture is a gif"):
        image_response(render("10.gif").body, "png")
    with pytest.raises(ValueError, match="no picture of a format we know"):
        image_response(b"BANANA"[1:])
    for short in (b"", b"\x89PNG", b"RIFF\0\0\0\0WAVE", b"\0\0\0\x20ftypmp42"):
        with pytest.raises(ValueError, match="no picture"):
            image_response(short)
    with pytest.raises(TypeError, match="image is of type int; expected a Pillow image"):
        image_response(1)


@pytest.mark.parametrize("name", ["png", "svg", "jpg", "webp"])
def test_matplotlib(name):
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 3, 2])
    answer = get(image_response(figure, name, dpi=50))
    if name == "svg":
        assert b"<svg" in answer.body
    else:
        with Image.open(io.BytesIO(answer.body)) as image:
            assert image.size == (100, 50)


def test_an_svg_may_run_nothing():
    answer = get(image_response(b'<?xml version="1.0"?><svg onload="x()"/>'))
    assert answer["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_anything_with_save():
    class Code:
        """As the QR codes of segno and qrcode: save(file, **options)."""

        def save(self, out, kind="gif"):
            out.write(render(f"20.{kind}").body)

    assert get(image_response(Code(), "png", kind="png")).body == render("20.png").body
    with pytest.raises(ValueError, match="format is png, but the picture is a gif"):
        image_response(Code())


def test_pillow_saves_in_memory_first_and_on_disk_when_large(monkeypatch):
    assert isinstance(image_response(PICTURE).app_iter, list)
    monkeypatch.setattr(files.file_response, "__kwdefaults__", {
        **files.file_response.__kwdefaults__, "max_memory": 5000,
    })  # fmt: skip
    response = image_response(Image.effect_noise((200, 200), 90))
    assert isinstance(response.app_iter, Spooled)
    with Image.open(io.BytesIO(get(response).body)) as image:
        image.load()


def document():
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.set_font("helvetica")
    pdf.cell(text="Hello")
    return pdf


def canvas():
    made = Canvas("")
    made.drawString(9, 9, "Hello")
    return made


def story(file):
    SimpleDocTemplate(file).build([Paragraph("Hello")])


def figure():
    made = Figure()
    made.text(0.5, 0.5, "Hello")
    return made


def of_pypdf():
    return pypdf.PdfWriter(clone_from=io.BytesIO(document().output()))


def of_pikepdf():
    return pikepdf.open(io.BytesIO(document().output()))


@pytest.mark.parametrize(
    "make",
    [
        document, canvas, lambda: story, figure, of_pypdf, of_pikepdf, lambda: document().output(),
        lambda: bytes(document().output()), lambda: render("99.pdf?text=Hello").body,
        lambda: document().output,
    ],
)  # fmt: skip
def test_pdf(make):
    answer = get(pdf_response(make(), "Größe.pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith(
        'inline; filename="Große.pdf"'.replace("ß", "_")
    )
    [page] = pypdf.PdfReader(io.BytesIO(answer.body)).pages
    assert "Hello" in page.extract_text()


def test_what_is_no_pdf():
    for nothing in (b"", b"<html>", lambda file: None, lambda file: file.write(b"PDF")):
        with pytest.raises(ValueError, match="this is no PDF"):
            pdf_response(nothing)
    with pytest.raises(TypeError, match="pdf is of type list"):
        pdf_response(json.loads("[]"))
