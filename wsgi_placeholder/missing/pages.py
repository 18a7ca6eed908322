"""What the app's own pages say of the size of their pictures.

Nothing of a page is changed, held back or copied. It is not even read while it streams: its chunks
are only put aside, for a page's pictures are asked for right after it, and most are never missing.
The first that is brings the reading of all that waits.
"""

from __future__ import annotations

import sys
import threading
import zlib
from collections import OrderedDict, deque
from time import monotonic
from typing import TYPE_CHECKING

from wsgi_placeholder.forks import renew_after_fork
from wsgi_placeholder.missing import _scan, _tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsgi_placeholder.missing import Guess

# Bytes of chunks that wait. Reading so much takes some 3 ms, 15 where all pictures are new, which
# one missing picture waits for.
_MOST_WAITING = 1 << 20
# Where more comes and nothing is missing, reading may take so many seconds (for some hundred
# pages), and then this part of the time. What does not fit is forgotten unread: that is a server
# that makes more than fifty pages a second, and all their pictures are there.
_CREDIT = 0.05
_SHARE = 1 / 100
# Bytes besides themselves: of a waiting chunk, and of its page.
_CHUNK = sys.getsizeof(b"") + 16
_PAGE = 500
# zlib's `wbits` for streams of gzip and of zlib, whichever comes.
_EITHER = 32 + zlib.MAX_WBITS
# Bytes of a packed page that are unpacked, and read, at a time.
_PIECE = 1 << 17
# Bytes of an entry of the Learner besides its key: its places in the dictionary, its Guess.
_ENTRY = 300


class Learner:
    """What pages said of their pictures: the newest of each path; the oldest are forgotten.

    `max_bytes` is a bound for what was read; what waits to be read has one of its own. Threads
    may share a Learner; a fork gets a copy.
    """

    def __init__(self, max_bytes: int = 2 << 20) -> None:
        self._max_bytes = max_bytes
        self._guesses: OrderedDict[str, Guess] = OrderedDict()  # the oldest first
        self._waiting: deque[Notes] = deque()  # the pages with unread chunks, the oldest first
        self._being_read: Notes | None = None
        self._credit = _CREDIT
        self._rests_until = 0.0
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._mend()
        self._lock = threading.Lock()

    def _mend(self) -> None:
        """Set the books right where a fork or an exception from outside stopped a thread."""
        if self._being_read:  # how far it came is not known
            self._being_read.give_up()
            self._being_read = None
        self._waiting = deque([notes for notes in self._waiting if notes.waiting])
        self._waiting_bytes = sum([notes.weight for notes in self._waiting])
        self._bytes = sum([_weight(key) for key in self._guesses])

    def __len__(self) -> int:
        return len(self._guesses)

    @property
    def weight(self) -> int:
        """The weight of all that was read and is kept."""
        return self._bytes

    def note(self, path: str, guess: Guess, query: str = "") -> None:
        """Remember `guess` for the decoded path below the mount, and for this raw query of it.

        The query counts, for it may tell one picture from another (`/image?id=1`).
        """
        with self._lock:
            try:
                self._keep([(_scan.key(path, query), guess)])
            except BaseException:
                self._mend()  # stopped halfway, by a timeout of the server
                raise

    def size_of(self, path: str, query: str = "") -> Guess | None:
        """Return what a page said last of this path and query, else of the path alone."""
        if self._waiting or self._being_read:  # by another thread, which is waited for
            self.read()
        guess = self._guesses.get(_scan.key(path, query))
        return guess if guess or not query else self._guesses.get(path)

    def read(self) -> None:
        """Read all that waits."""
        with self._lock:
            try:
                self._credit = _CREDIT  # somebody wants to know
                while self._waiting:
                    self._read_oldest()
            except BaseException:
                self._mend()
                raise

    def put_aside(self, notes: Notes, chunk: bytes) -> None:
        """Let a chunk of a page wait for its reading, by which it may not have changed."""
        with self._lock:
            try:
                if not notes.waiting:
                    self._waiting.append(notes)
                    self._waiting_bytes += notes.own_weight
                notes.waiting.append(chunk)
                self._waiting_bytes += len(chunk) + _CHUNK
                while self._waiting_bytes > _MOST_WAITING:
                    self._make_room(notes)
            except BaseException:
                self._mend()
                raise

    def _make_room(self, newest: Notes) -> None:
        """Read or forget the oldest page, so that all takes little time and little memory."""
        begun = monotonic()
        if self._waiting[0] is newest:  # so large alone that reading it is little beside it
            self._read_oldest()
        elif self._credit > 0 or begun >= self._rests_until:
            self._read_oldest()
            taken = monotonic() - begun
            self._credit -= taken
            self._rests_until = begun + taken / _SHARE
        else:  # several in one go, which costs each of them less
            while self._waiting_bytes > _MOST_WAITING * 3 // 4 and self._waiting[0] is not newest:
                oldest = self._waiting.popleft()
                self._waiting_bytes -= oldest.weight
                oldest.give_up()

    def _read_oldest(self) -> None:
        notes = self._being_read = self._waiting[0]
        self._waiting.popleft()
        self._waiting_bytes -= notes.weight
        self._keep(notes.read())
        self._being_read = None

    def _keep(self, said: Iterable[tuple[str, Guess]]) -> None:
        guesses = self._guesses
        for key, guess in said:
            if key in guesses:
                guesses.move_to_end(key)
            elif len(key) <= _tags.LONGEST_URL:
                self._bytes += _weight(key)
            else:
                continue
            guesses[key] = guess
            while self._bytes > self._max_bytes:
                self._bytes -= _weight(guesses.popitem(last=False)[0])


def _weight(key: str) -> int:
    return sys.getsizeof(key) + _ENTRY


class Notes:
    """One page on its way: `feed` it piece by piece, be it iterated over or given to `write()`.

    The other arguments are those of `_scan.Scan`, and whether the pieces are of a gzip or zlib
    stream. Its chunks in `waiting` are the Learner's care.
    """

    __slots__ = (
        "_at", "_is_over", "_is_packed", "_learner", "_scan", "_stream", "own_weight", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        learner: Learner,
        path: str,
        script_name: str = "",
        charset: str = "utf-8",
        host: str = "",
        *,
        is_packed: bool = False,
    ) -> None:
        self._learner = learner
        self._is_packed = is_packed
        self._stream: zlib._Decompress | None = None
        self._at = path, script_name, charset, host
        self._scan: _scan.Scan | None = None
        self._is_over = False
        self.waiting: list[bytes] = []
        self.own_weight = _PAGE + 2 * (len(path) + len(host))

    @property
    def weight(self) -> int:
        """The bytes that are kept of this page until it is read."""
        return self.own_weight + sum(map(len, self.waiting)) + len(self.waiting) * _CHUNK

    def feed(self, chunk: bytes) -> None:
        """Note, some time later, the pictures whose tags end in `chunk`."""
        # What is no bytes is the server's to complain about; bytes stay what they are.
        if isinstance(chunk, bytes) and chunk and not self._is_over:
            self._learner.put_aside(self, chunk)

    def read(self) -> list[tuple[str, Guess]]:
        """Return what the chunks say that were waiting."""
        chunks, self.waiting = self.waiting, []
        if self._is_over:
            return []
        if self._scan is None:  # late, for most pages are never read
            self._scan = _scan.Scan(*self._at)
        scan, said = self._scan, []
        for piece in self._unpacked(chunks) if self._is_packed else (b"".join(chunks),):
            said += scan.read(piece)
            if scan.is_over:
                self.give_up()
                break
        return said

    def _unpacked(self, chunks: list[bytes]) -> Iterator[bytes]:
        """Yield what they hold, piece by piece, for little that is packed may be much."""
        stream = self._stream = self._stream or zlib.decompressobj(_EITHER)
        for chunk in chunks:
            for at in range(0, len(chunk), _PIECE):  # what it leaves over it copies each time
                packed = chunk[at : at + _PIECE]
                while packed and not stream.eof:  # what follows that, it would collect
                    try:
                        yield stream.decompress(packed, _PIECE)
                    except zlib.error:
                        return
                    packed = stream.unconsumed_tail

    def give_up(self) -> None:
        """Let go of all that is kept; what is fed from now on is not looked at."""
        self._is_over, self._scan, self._stream, self.waiting = True, None, None, []
