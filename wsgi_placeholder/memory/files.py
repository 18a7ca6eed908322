"""Responses of bytes, and of what some library writes: pictures, PDFs, any file."""

from __future__ import annotations

import functools
import hashlib
from typing import IO, TYPE_CHECKING, Any

from PIL import Image

from wsgi_placeholder.http.memory_response import respond
from wsgi_placeholder.memory.pictures import opaque, plain, profile
from wsgi_placeholder.memory.spool import Spool, Spooled

if TYPE_CHECKING:
    from collections.abc import Callable

    from wsgi_placeholder.http.memory_response import MemoryResponse

    Writer = Callable[[IO[bytes]], object]

# Bytes of a file that is being written, before it moves from memory to disk.
MAX_MEMORY = 8_000_000

_PICTURES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tiff": "image/tiff",
    "webp": "image/webp",
}
_PROFILED = {"avif", "jpeg", "png", "tiff", "webp"}
_ALIASES = {"jpg": "jpeg", "tif": "tiff"}
# How files begin, "?" for any byte.
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"RIFF????WEBP": "webp",
    b"????ftypavif": "avif",
    b"????ftypavis": "avif",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"\0\0\1\0": "ico",
}
# A strong validator of all the bytes: equal files have equal ones, in every process.
_blake = functools.partial(hashlib.blake2b, digest_size=16)
_LOOKED_AT = 1024  # bytes, as readers of PDF look for its beginning
# Opened as a document it could run scripts, on the app's origin.
_SVG_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
)


def bytes_response(
    body: bytes | bytearray | memoryview,
    media_type: str,
    *,
    filename: str | None = None,
    attachment: bool = False,
    etag: str | None = None,
) -> MemoryResponse:
    """Send bytes as they are.

    `filename` is the name under which a browser saves them, `attachment` makes it do so at once.
    `etag` names these very bytes, such as a version of the database, and saves the digest of them
    that we make otherwise. Raises TypeError for what is no bytes, ValueError for a bad media type.
    """
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise TypeError(f"body is of type {type(body).__name__}; expected bytes")
    body = bytes(body)
    return respond(
        [body],
        media_type,
        length=len(body),
        etag=etag or _blake(body).hexdigest(),
        filename=filename,
        attachment=attachment,
    )


def file_response(
    writer: Writer,
    media_type: str,
    *,
    filename: str | None = None,
    attachment: bool = False,
    etag: str | None = None,
    max_memory: int = MAX_MEMORY,
) -> MemoryResponse:
    """Send what `writer` writes to the file that it is called with.

    The file is binary, can be sought and read, and is in memory up to `max_memory` bytes, above on
    disk without a name, in Python's `tempfile.tempdir`. What `writer` raises goes through.
    """
    spool = Spool(max_memory)
    try:
        writer(spool)
        length = spool.seek(0, 2)
        spool.seek(0)
        if length <= max_memory:
            body = spool.read()
            spool.end()
            return bytes_response(
                body, media_type, filename=filename, attachment=attachment, etag=etag
            )
        return respond(
            Spooled(spool, 0, length),
            media_type,
            length=length,
            etag=etag or hashlib.file_digest(spool, _blake).hexdigest(),
            filename=filename,
            attachment=attachment,
        )
    except BaseException:
        spool.end()
        raise


def image_response(
    image: Any,
    format: str | None = None,
    *,
    filename: str | None = None,
    attachment: bool = False,
    etag: str | None = None,
    **options: Any,
) -> MemoryResponse:
    """Send a picture: a Pillow image, bytes, or what has `savefig(file)` or `save(file)`.

    `format` is avif, bmp, gif, ico, jpeg, png, svg, tiff or webp; by default that of the file's
    name, else PNG. Bytes are sent unchanged, as what they are. `etag` is that of `bytes_response`.
    `options` are those of the picture's own `save` or `savefig`: `quality=80`, `dpi=150`. JPEG has
    no transparency, so white is put below it.
    Raises ValueError for an unknown format, and where the bytes are of another one;
    TypeError for what is no picture, and for options of one that is not saved.
    """
    said = format and _named(format)
    if isinstance(image, (bytes, bytearray, memoryview)):
        if options:
            raise TypeError(f"{', '.join(options)} is for a picture to save; these are its bytes")
        found = _recognised(bytes(image[:_LOOKED_AT]))
        if found is None and said is None:
            raise ValueError("these bytes are no picture of a format we know; name its format")
        name = _agreed(said or found or "", found)
        response = bytes_response(
            image, _PICTURES[name], filename=filename, attachment=attachment, etag=etag
        )
    else:
        name = said or _by_name(filename or "") or "png"
        write = _saver(image, name, options)
        response = file_response(
            functools.partial(_write_checked, write, lambda head: _agreed(name, _recognised(head))),
            _PICTURES[name],
            filename=filename,
            attachment=attachment,
            etag=etag,
        )
    if name == "svg":
        response.headers["Content-Security-Policy"] = _SVG_POLICY
    return response


def pdf_response(
    pdf: Any, filename: str | None = None, *, attachment: bool = False
) -> MemoryResponse:
    """Send a PDF: bytes, a document of fpdf2, pypdf or pikepdf, a canvas of ReportLab, a figure of
    matplotlib, or a function that writes one to the file it is called with.

    Raises TypeError for anything else, ValueError when what comes is no PDF.
    """
    if isinstance(pdf, (bytes, bytearray, memoryview)):
        _check_pdf(bytes(pdf[:_LOOKED_AT]))
        return bytes_response(pdf, "application/pdf", filename=filename, attachment=attachment)
    return file_response(
        functools.partial(_write_checked, _pdf_writer(pdf), _check_pdf),
        "application/pdf",
        filename=filename,
        attachment=attachment,
    )


def _pdf_writer(pdf: Any) -> Writer:
    if callable(pdf):
        return pdf  # type: ignore[no-any-return]
    if hasattr(pdf, "getpdfdata"):  # ReportLab's canvas, whose save() knows only its own file
        return lambda file: file.write(pdf.getpdfdata())
    if hasattr(pdf, "savefig"):
        return lambda file: pdf.savefig(file, format="pdf")
    for name in ("output", "save", "write"):  # fpdf2, pikepdf, pypdf
        if hasattr(pdf, name):
            return getattr(pdf, name)  # type: ignore[no-any-return]
    raise TypeError(f"pdf is of type {type(pdf).__name__}; expected bytes or a function of a file")


def _saver(image: Any, name: str, options: dict[str, Any]) -> Writer:
    if isinstance(image, Image.Image):
        picture = opaque(image) if name == "jpeg" else plain(image) if name != "tiff" else image
        if name in _PROFILED:
            options = {"icc_profile": profile(picture)} | options
        return lambda file: picture.save(file, name.upper(), **options)
    if hasattr(image, "savefig"):
        return lambda file: image.savefig(file, format=name, **options)
    if hasattr(image, "save"):
        return lambda file: image.save(file, **options)
    raise TypeError(
        f"image is of type {type(image).__name__}; expected a Pillow image, bytes, or what has"
        " save(file) or savefig(file)"
    )


def _write_checked(write: Writer, check: Callable[[bytes], object], file: IO[bytes]) -> None:
    write(file)
    file.seek(0)
    check(file.read(_LOOKED_AT))


def _by_name(filename: str) -> str | None:
    suffix = filename.rpartition(".")[2].lower()
    name = _ALIASES.get(suffix, suffix)
    return name if name in _PICTURES else None


def _named(format: str) -> str:
    name = format.lower().removeprefix(".")
    name = _ALIASES.get(name, name)
    if name not in _PICTURES:
        raise ValueError(f"format is {format!r}; expected one of {', '.join(_PICTURES)}")
    return name


def _recognised(head: bytes) -> str | None:
    for beginning, name in _BEGINNINGS.items():
        if all(a in (b, 63) for a, b in zip(beginning, head[: len(beginning)], strict=False)):
            return name if len(head) >= len(beginning) else None
    return "svg" if b"<svg" in head else None


def _agreed(name: str, found: str | None) -> str:
    """Return `name`; a browser that may not sniff shows no picture of another format."""
    if found not in (name, None):
        raise ValueError(f"format is {name}, but the picture is a {found}")
    return name


def _check_pdf(head: bytes) -> None:
    if b"%PDF-" not in head:
        raise ValueError("this is no PDF: it does not begin with %PDF-")
