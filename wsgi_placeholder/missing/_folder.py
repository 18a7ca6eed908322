"""Fetched files are kept in a folder: whole or not at all, and never in place of another."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, BinaryIO

from wsgi_placeholder.missing import _kinds
from wsgi_placeholder.missing._fetched import PIECE, Fetched

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)

# What some system cannot call a file, or reads as another: they are shared and moved about.
_BAD = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.I)
_LONGEST = 240  # bytes of a name; most systems know 255, some fewer


class Folder:
    """The folder that stands for the URL path `at`."""

    def __init__(self, folder: str | os.PathLike[str], at: str = "/") -> None:
        """ValueError says what is wrong; a folder that is not there yet is made when needed."""
        if not str(folder) or (os.path.lexists(folder) and not os.path.isdir(folder)):
            raise ValueError(f"the store {str(folder)!r} is not a folder")
        self._root = os.path.abspath(folder)
        self._at = "/" + at.strip("/") + "/" if at.strip("/") else "/"
        self._complained = False

    def find(self, path: str) -> Fetched | None:
        """Return the kept file of a URL path, if it is what it is called."""
        place = self._place(path)
        with contextlib.suppress(OSError), contextlib.ExitStack() as closing:
            if place and stat.S_ISREG(os.lstat(place).st_mode):  # a pipe would keep us waiting
                file = closing.enter_context(open(place, "rb"))
                length = os.fstat(file.fileno()).st_size
                piece = file.read(PIECE)
                kind = _kinds.media_type(piece, path, "")
                if kind is not None:
                    return Fetched(kind, length, _pieces(file, piece, length), closing.pop_all())
        return None

    def begin(self, path: str) -> Part | None:
        """Begin to keep a file; None where that cannot be."""
        place = self._place(path)
        if place is None:
            return None
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            return Part(place, self)
        except OSError as error:
            self.complain(error)
            return None

    def complain(self, error: OSError) -> None:
        """Log the first fault; a full disk has one for each picture."""
        if not self._complained:
            self._complained = True
            _log.warning("Fetched files cannot be kept in %s: %s", self._root, error)

    def _place(self, path: str) -> str | None:
        """Where the file of a URL path is kept, or None if nowhere."""
        names = path.removeprefix(self._at).split("/")
        if not path.startswith(self._at) or not all(map(_is_plain, names)):
            return None
        # Below a link that leads elsewhere would be outside.
        root = os.path.realpath(self._root)
        parent = os.path.realpath(os.path.join(root, *names[:-1]))
        inside = parent == root or parent.startswith(os.path.join(root, ""))
        return os.path.join(parent, names[-1]) if inside else None


class Part:
    """A file that is being written under a passing name; a fault ends that, and nothing else."""

    def __init__(self, place: str, folder: Folder) -> None:
        self._place = place
        self._folder = folder
        name = f".wsgi-placeholder-{secrets.token_hex(8)}.part"
        self._passing = os.path.join(os.path.dirname(place), name)
        # "x": a file of that name, or a link, is not followed. tempfile's would be private.
        self._file: BinaryIO | None = open(self._passing, "xb")  # noqa: SIM115

    def write(self, piece: bytes) -> None:
        if self._file is not None:
            try:
                self._file.write(piece)
            except OSError as error:
                self._folder.complain(error)
                self.drop()

    def finish(self) -> None:
        """The file is whole: give it its name, unless that is taken by now."""
        if self._file is None:
            return
        try:
            self._file.close()
            try:
                os.link(self._passing, self._place)  # which replaces nothing, as a rename would
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                if not os.path.lexists(self._place):
                    os.replace(self._passing, self._place)
        except OSError as error:
            self._folder.complain(error)
        self.drop()

    def drop(self) -> None:
        """Remove what was written under the passing name."""
        if self._file is not None:
            file, self._file = self._file, None
            with contextlib.suppress(OSError):
                file.close()
            with contextlib.suppress(OSError):
                os.unlink(self._passing)


def _pieces(file: BinaryIO, piece: bytes, length: int) -> Iterator[bytes]:
    left = length
    while left:
        if not piece:
            raise OSError("a kept file was cut short while it was read")
        yield piece
        left -= len(piece)
        piece = file.read(min(left, PIECE))


def _is_plain(name: str) -> bool:
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return False
    return (
        0 < length <= _LONGEST
        and name[0] not in ". "
        and name[-1] not in ". "
        and not _BAD.search(name)
        and not _DEVICE.fullmatch(name)
    )
