"""A file that grows in memory and, where it grows too large, goes on as one without a name."""

from __future__ import annotations

import io
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.http.memory_response import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spool(SpooledTemporaryFile[bytes]):
    """What a writer writes to: in memory up to `most` bytes, then on disk.

    On POSIX the file on disk has no name from the start, or none any more when it is written to:
    nothing is left of it when it is closed or the process dies.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, data: Any) -> int:
        # Before a large piece comes, or it would be in memory twice.
        if self.tell() + memoryview(data).nbytes > self._most:
            self.rollover()
        return super().write(data)

    def fileno(self) -> int:
        """Raise: Pillow asks each file for its number, and having one means to be on disk."""
        raise io.UnsupportedOperation("fileno")

    def close(self) -> None:
        """Do nothing: a TextIOWrapper or a `with` of the writer would close what we send."""

    def end(self) -> None:
        super().close()


class Spooled:
    """The bytes from `start` to `stop` of a spool as a body, in blocks; closing it ends the file.

    It has the method by which WebOb asks for a range.
    """

    def __init__(self, spool: Spool, start: int, stop: int) -> None:
        self._spool = spool
        self._start = start
        self._stop = stop

    def __iter__(self) -> Iterator[bytes]:
        self._spool.seek(self._start)
        left = self._stop - self._start
        while left and (block := self._spool.read(min(left, BLOCK))):
            left -= len(block)
            yield block

    def app_iter_range(self, start: int, stop: int) -> Spooled:
        return Spooled(self._spool, start, stop)

    def close(self) -> None:
        self._spool.end()
