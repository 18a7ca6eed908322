"""A file that is not in memory, on its way to a client."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 256 * 1024  # bytes that are read and sent at a time


class Fetched:
    """A picture on its way to the client: `length` bytes of `media_type`; close() it.

    It is an iterable as PEP 3333 wants them, and nothing is left open by one that was iterated to
    its end. An origin that stops in the middle is an OSError: the headers are sent, so a server can
    only close the connection, and the client sees that its picture is not whole.
    """

    def __init__(
        self,
        media_type: str,
        length: int,
        pieces: Iterator[bytes],
        closing: contextlib.ExitStack | None = None,
    ) -> None:
        self.media_type = media_type
        self.length = length
        self._pieces = pieces
        self._closing = closing or contextlib.ExitStack()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:  # its end, too
            self.close()
            raise

    def close(self) -> None:
        self._closing.close()
