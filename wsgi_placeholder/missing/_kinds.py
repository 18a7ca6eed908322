"""What a fetched file is, by its first bytes: the types that are passed on, and no others.

Nothing here runs in a browser: no HTML, no SVG (https://mimesniff.spec.whatwg.org/, section 6.1).
"""

from __future__ import annotations

_PNG, _JPEG, _GIF, _WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
_AVIF, _BMP, _ICO, _PDF = "image/avif", "image/bmp", "image/vnd.microsoft.icon", "application/pdf"

_EXTENSIONS = {
    "png": _PNG,
    "apng": _PNG,
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "jpe": _JPEG,
    "jfif": _JPEG,
    "gif": _GIF,
    "webp": _WEBP,
    "avif": _AVIF,
    "bmp": _BMP,
    "ico": _ICO,
    "pdf": _PDF,
}
_ALIASES = {
    "image/apng": _PNG,
    "image/x-png": _PNG,
    "image/jpg": _JPEG,
    "image/pjpeg": _JPEG,
    "image/x-bmp": _BMP,
    "image/x-ms-bmp": _BMP,
    "image/x-icon": _ICO,
}
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR": _PNG,  # PNG third edition, 5.2 and 5.6
    b"\xff\xd8\xff": _JPEG,
    b"GIF87a": _GIF,
    b"GIF89a": _GIF,
    b"%PDF-": _PDF,
}
# A server that says so means a document, which may hold scripts, whatever the bytes begin with.
_DOCUMENTS = {"text/html", "application/xhtml+xml", "image/svg+xml"}
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # bytes of the header that follows the file's own


def by_extension(path: str) -> str | None:
    """Return the media type that a path promises."""
    return _EXTENSIONS.get(path.rpartition("/")[2].rpartition(".")[2].lower())


def media_type(head: bytes, path: str, declared: str) -> str | None:
    """Return the media type of a file that begins with `head`, or None for what is not passed on.

    It must be what the path's extension promises or what the header Content-Type, `declared`, says;
    a PDF only where the path asks for one.
    """
    found = _sniffed(head)
    named = by_extension(path)
    declared = declared.partition(";")[0].strip().lower()
    if found is None or (found == _PDF and named != _PDF) or declared in _DOCUMENTS:
        return None
    return found if found in (named, _ALIASES.get(declared, declared)) else None


def _sniffed(head: bytes) -> str | None:
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    if head[4:8] == b"ftyp":
        box = head[8 : min(int.from_bytes(head[:4], "big"), 256)]
        # The major brand, its version, then the compatible brands (ISO 14496-12, 4.3).
        brands = {box[:4]} | {box[at : at + 4] for at in range(8, len(box), 4)}
        return _AVIF if brands & {b"avif", b"avis"} else None
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return _BMP
    # Reserved 0, type 1, the number of pictures; then of the first one its reserved byte.
    if head[:4] == b"\0\0\1\0" and head[4:6] != b"\0\0" and head[9:10] == b"\0":
        return _ICO
    return None
