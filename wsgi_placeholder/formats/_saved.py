"""Pillow's own encoders, without stopping the other threads of the process."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

# Pixels below which an encoder is done before anybody notices.
_SMALL = 500_000


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    """Return the file that `picture.save` writes.

    Pillow keeps the interpreter's lock while it encodes into memory, 90 ms for 25 megapixels of
    GIF, but not while it encodes into a file that the system knows; Linux has such files in memory.
    """
    if picture.width * picture.height > _SMALL and hasattr(os, "memfd_create"):
        try:
            descriptor = os.memfd_create("placeholder")
        except OSError:  # none left, or a sandbox that has none
            pass
        else:
            with open(descriptor, "w+b") as file:
                picture.save(file, format, **options)
                file.seek(0)
                return file.read()
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()
