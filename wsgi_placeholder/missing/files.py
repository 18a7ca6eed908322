"""Small valid files for what is missing and is no picture."""

from __future__ import annotations

import functools
import io
import mimetypes
import wave
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_RATE = 8000  # samples of a second of silence
# MPEG-1 Layer III, 32 kbit/s, 44.1 kHz, mono (ISO/IEC 11172-3, 2.4.1.3), 26 ms: a frame whose side
# information and data are zeros is silent.
_SILENT_FRAME = b"\xff\xfb\x10\xc4" + bytes(100)


def _wav(name: str) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(b"\x80" * _RATE)
    return file.getvalue()


def _csv(name: str) -> bytes:
    """A header and no rows; the name is not in it, for a formula in it would be run by Excel."""
    return b"missing\r\n"


# By extension: the media type, and what makes the file from the missing one's name.
FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "txt": ("text/plain; charset=utf-8", lambda name: f"{name} is missing.\n".encode()),
    "json": ("application/json", lambda name: b"{}\n"),
    "wav": ("audio/wav", functools.cache(_wav)),
    "mp3": ("audio/mpeg", lambda name: _SILENT_FRAME * 39),
}


def _always(body: bytes) -> Callable[[str], bytes]:
    return lambda name: body


def makers(types: Iterable[tuple[str, str]]) -> dict[str, tuple[str, Callable[[str], bytes]]]:
    """Return what is made for each extension: ours, or the user's file, read here and now.

    A PDF of ours is a picture, and not among them. Raises OSError.
    """
    made: dict[str, tuple[str, Callable[[str], bytes]]] = {}
    for extension, path in types:
        if path:
            body = Path(path).read_bytes()
            media_type, _ = mimetypes.guess_type(f"x.{extension}")
            made[extension] = media_type or "application/octet-stream", _always(body)
        elif extension in FILES:
            made[extension] = FILES[extension]
    return made
