"""Ask production first: a missing picture is fetched from an origin, and kept if there is a folder.

An origin may be slow, down, hostile, or another instance of this middleware; the answer to the
client is then the placeholder it would have been anyway, and hardly later.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
import weakref
from typing import TYPE_CHECKING

from wsgi_placeholder.forks import renew_after_fork
from wsgi_placeholder.missing import _bases, _kinds
from wsgi_placeholder.missing._fetched import PIECE, Fetched
from wsgi_placeholder.missing._folder import Folder
from wsgi_placeholder.version import __version__

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from wsgiref.types import WSGIEnvironment

    from wsgi_placeholder.missing._connection import Answer, Line
    from wsgi_placeholder.missing._folder import Part

_log = logging.getLogger(__name__)

_LOOP = "X-Wsgi-Placeholder-Fetch"
_OURS = "X-Placeholder"  # on every picture that replaces a missing one
# All that an origin sees besides Host. No format is preferred: the file as it is, is wanted.
_HEADERS = {
    "User-Agent": f"wsgi-placeholder/{__version__}",
    "Accept": "image/*,*/*;q=0.5",
    "Accept-Encoding": "identity",
    _LOOP: "1",
}
# A body that does not say its length must end within so many bytes.
_LONGEST_UNMEASURED = 512 * 1024
# Queries that only tell a file's versions apart, none, ?v=3, ?itok=a1b2, ?1700000000.
_VERSION = re.compile(
    r"(?:(?:_|_?v|ver|version|rev|itok|ts|timestamp|cb|mtime|hash)=[\w.~-]*|[0-9a-f]{6,64})?",
    re.ASCII | re.IGNORECASE,
)
_PAUSE = 10.0  # seconds without a question after an origin did not answer
_MOST_REMEMBERED = 10_000  # failures, of some 150 bytes each


def is_loop(environ: WSGIEnvironment) -> bool:
    """True for a request that another instance fetches with: it gets the app's 404 as it is."""
    return "HTTP_" + _LOOP.upper().replace("-", "_") in environ


class _Slot:
    """One fetch that is under way. It is held by who fetches, and gone with them."""


class Origin:
    """A chain of origins, each asked when those before it have no picture.

    `bases` are URLs such as "https://www.example.com". In `store`, if given, fetched files are
    kept; it stands for the URL path `store_at`, as MEDIA_ROOT does for MEDIA_URL.

    A call of `fetch` takes at most `deadline` seconds. At most `most_at_once` fetches are under way
    in a process, and `most_a_minute` begin (as many may begin at once); a path that failed is not
    asked for again for `remember_failures` seconds. Files above `most_bytes` are not fetched.
    Private addresses are connected to only if a base names one itself, or with `allow_private`.

    Raises ValueError, or ImportError without urllib3.
    """

    def __init__(
        self,
        bases: Sequence[str],
        store: str | os.PathLike[str] | None = None,
        *,
        store_at: str = "/",
        deadline: float = 3.0,
        most_bytes: int = 8 * 1024 * 1024,
        most_at_once: int = 8,
        most_a_minute: int = 600,
        remember_failures: float = 60.0,
        allow_private: bool = False,
    ) -> None:
        if isinstance(bases, str) or not bases:
            raise ValueError("expected a list of origins, at least one URL")
        if min(deadline, most_bytes, most_at_once, most_a_minute) <= 0 or remember_failures < 0:
            raise ValueError("the limits of an origin must be above 0")
        self._bases = [_bases.parse(base) for base in bases]
        self._folder = None if store is None else Folder(store, store_at)
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._most_at_once = most_at_once
        self._most_a_minute = most_a_minute
        self._remember_failures = remember_failures
        self._allow_private = allow_private
        self._failed: dict[int, float] = {}  # the hash of a target: until when; the oldest first
        self._paused: dict[_bases.Base, float] = {}  # until when
        self._tokens = float(most_a_minute)
        self._counted = time.monotonic()
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        try:
            from wsgi_placeholder.missing._connection import Line
        except ImportError as error:
            raise ImportError(
                "an origin needs urllib3; install it with: pip install 'wsgi-placeholder[origin]'"
            ) from error
        self._lock = threading.Lock()
        self._under_way: weakref.WeakSet[_Slot] = weakref.WeakSet()
        self._lines: dict[_bases.Base, Line] = {
            base: Line(base, self._allow_private, self._most_at_once) for base in self._bases
        }

    def fetch(self, path: str, query: str = "") -> Fetched | None:
        """Return the file of a decoded URL path and a raw query string, or None.

        It was kept, or an origin has it. A file with a query is fetched but not kept, unless that
        names a version: the query may have made it what it is. Never call it for a request that
        `is_loop`.
        """
        target = _bases.quoted(path, query)
        if target is None:
            return None
        folder = self._folder if _VERSION.fullmatch(query) else None
        kept = folder.find(path) if folder else None
        if kept is not None:
            return kept
        until = time.monotonic() + self._deadline
        slot = self._admit(target)
        if slot is None:
            return None
        fetched = None
        try:
            fetched = self._ask_each(target, path, folder, until, slot)
        finally:
            if fetched is None:
                self._release(slot)
        return fetched

    def _admit(self, target: str) -> _Slot | None:
        """Return a slot, or None where asking would be in vain or too much."""
        now = time.monotonic()
        with self._lock:
            if self._failed.get(hash(target), 0) > now:
                return None
            if min([self._paused.get(base, 0) for base in self._bases]) > now:
                return None
            gained = (now - self._counted) * self._most_a_minute / 60
            self._tokens = min(self._tokens + gained, self._most_a_minute)
            self._counted = now
            if self._tokens < 1 or len(self._under_way) >= self._most_at_once:
                return None
            self._tokens -= 1
            slot = _Slot()
            self._under_way.add(slot)
            return slot

    def _release(self, slot: _Slot) -> None:
        with self._lock:
            self._under_way.discard(slot)

    def _ask_each(
        self, target: str, path: str, folder: Folder | None, until: float, slot: _Slot
    ) -> Fetched | None:
        asked = 0
        for base, line in self._lines.items():
            now = time.monotonic()
            if now >= until or self._paused.get(base, 0) > now:
                continue
            asked += 1
            try:
                answer = line.get(target, _HEADERS, until)
                fetched = self._read(answer, path, folder, until, slot)
            except OSError as error:
                self._pause(base, error)
                continue
            if fetched is not None:
                return fetched
        if asked == len(self._lines):
            self._remember(target)
        return None

    def _read(
        self, answer: Answer, path: str, folder: Folder | None, until: float, slot: _Slot
    ) -> Fetched | None:
        """Return what an origin has answered, if that is a picture; raises Unreachable."""
        with contextlib.ExitStack() as closing:
            closing.callback(answer.close)
            length = answer.length
            if not _is_wanted(answer) or (length or 0) > self._most_bytes:
                answer.refuse(until)
                return None
            if length is None:
                most = min(_LONGEST_UNMEASURED, self._most_bytes)
                head = answer.read(most + 1, until)
                if len(head) > most:
                    return None
            else:
                # Most pictures are complete by then: a fault is a placeholder, not half a picture.
                head = answer.read(min(length, PIECE), until)
                if len(head) < min(length, PIECE):
                    return None
            kind = _kinds.media_type(head, path, answer.headers.get("Content-Type", ""))
            if kind is None or answer.is_too_long:
                return None
            # Of a body without length or chunks nobody knows whether it is whole; and a server goes
            # by the extension.
            marked = length is not None or "Transfer-Encoding" in answer.headers
            part = None
            if folder and marked and kind == _kinds.by_extension(path):
                part = folder.begin(path)
            if part is not None:
                closing.callback(part.drop)
            closing.callback(self._release, slot)
            length = len(head) if length is None else length
            pieces = self._pieces(answer, head, length, part)
            if len(head) == length:
                return Fetched(kind, length, iter(list(pieces)))
            return Fetched(kind, length, pieces, closing.pop_all())

    def _pieces(
        self, answer: Answer, piece: bytes, length: int, part: Part | None
    ) -> Iterator[bytes]:
        """Yield `length` bytes, which begin with `piece`; each further one has the deadline anew.

        A large file on a slow line takes longer than the deadline, and is no fault.
        """
        done = 0
        while True:
            done += len(piece)
            if part is not None:
                part.write(piece)
                # Before it is sent, for a server need not ask for more.
                if done == length and not answer.is_too_long:
                    part.finish()
            yield piece
            if done == length:
                return
            expected = min(length - done, PIECE)
            piece = answer.read(expected, time.monotonic() + self._deadline)
            if len(piece) < expected:
                raise OSError(f"the origin stopped after {done + len(piece)} of {length} bytes")

    def _pause(self, base: _bases.Base, error: OSError) -> None:
        with self._lock:
            self._paused[base] = time.monotonic() + _PAUSE
        _log.warning("%s is left alone for %d seconds: %s", base.authority, _PAUSE, error)

    def _remember(self, target: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._failed.pop(hash(target), None)
            self._failed[hash(target)] = now + self._remember_failures
            oldest = next(iter(self._failed))
            while len(self._failed) > _MOST_REMEMBERED or self._failed[oldest] < now:
                del self._failed[oldest]
                oldest = next(iter(self._failed))


def _is_wanted(answer: Answer) -> bool:
    return (
        answer.status == 200
        # A length that is no number, or stands beside chunks: no good server, no sure end.
        and (answer.length is not None or "Content-Length" not in answer.headers)
        # Asked for as it is: what is packed nevertheless may be a bomb.
        and answer.headers.get("Content-Encoding", "identity").strip().lower() in ("", "identity")
        # Another instance's placeholder is no picture of production's.
        and _OURS not in answer.headers
    )
