"""Pillow's own encoders, without stopping the other threads of the process."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any

if sys.platform == "linux":
    import resource

if TYPE_CHECKING:
    from PIL import Image

# Pixels below which an encoder is done before anybody notices.
_SMALL = 500_000
# The last bytes of a whole file: end of image (T.81, B.1.1.3), terminator and trailer (GIF89a, 27).
_ENDS = {"JPEG": b"\xff\xd9", "GIF": b"\x00;"}


def saved(picture: Image.Image, format: str, **options: Any) -> bytes:
    """Return the file that `picture.save` writes in `format`, one of `_ENDS`.

    Pillow keeps the interpreter's lock while it encodes into memory, 90 ms for 25 megapixels of
    GIF, but not while it encodes into a file that the system knows; Linux has such files in memory.
    """
    if picture.width * picture.height > _SMALL and _files_are_free():
        with contextlib.suppress(OSError):  # a sandbox has none, or none is left, or no memory
            with open(os.memfd_create("placeholder"), "w+b") as file:
                picture.save(file, format, **options)
                file.seek(0)
                made = file.read()
            # Pillow does not notice when the system wrote less than it was given.
            if made.endswith(_ENDS[format]):
                return made
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def _files_are_free() -> bool:
    """True where files in memory exist and may have any size.

    A limit of the size of files (`ulimit -f`) holds for them too, and where the interpreter is
    embedded in a server, to exceed it may end the process (SIGXFSZ).
    """
    if sys.platform == "linux" and hasattr(os, "memfd_create"):
        return resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    return False
