"""What the app's own pages say of the size of their pictures, noted while they stream.

Nothing of a page is changed, held back or collected. No document is parsed either: only the
starts of the few tags that show pictures are looked for, and of comments, scripts, style sheets
and textareas, whose text is none. Of a chunk at most one unfinished tag is kept for the next.
"""

from __future__ import annotations

import re
import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wsgi_placeholder.forks import renew_after_fork
from wsgi_placeholder.missing import _tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wsgi_placeholder.missing import Guess

# An unfinished tag longer than this (in bytes; mostly a picture written as data:) is given up.
_LONGEST_TAG = 4096
# One page may not cost without end, nor push out all that others said. No page that people look
# at comes near; what follows is not looked at.
_MOST_BYTES = 64 << 20
_MOST_TAGS = 4096
# <source>s before an <img>.
_MOST_SOURCES = 16
# Bytes of an entry of the Learner besides its key: its places in the dictionary, its Guess.
_ENTRY = 300

# For speed the two letters after `<` are looked at before anything else is tried.
_START = re.compile(
    rb"<(?=[bistvBISTV!][aceimnotACEIMNOT-])"
    rb"(?:(?i:(img|source|input|video|base)|(script|style|textarea))(?=[\s/>])|!--)"
)
# The longest start that can be cut off by the end of a chunk: `<textarea`, its next byte missing.
_CUT = len("<textarea")
# From the name on. A quote counts after an equals sign only. Never goes back, hence linear.
_REST = re.compile(rb"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|(?!["']))[^>=]*+)*+>""")
# What ends that in which tags are only text. The `--` of `<!--` may be that of its end: `<!-->`.
_ENDS = {
    b"": re.compile(rb"--!?>"),
    **{
        name: re.compile(rb"</(?i:%s)(?=[\s/>])" % name)
        for name in (b"script", b"style", b"textarea")
    },
}


class Learner:
    """What pages said of their pictures: the newest of each path; the oldest are forgotten.

    `max_bytes` is a bound for all that is kept. Threads may share a Learner; a fork gets a copy.
    """

    def __init__(self, max_bytes: int = 2 << 20) -> None:
        self._max_bytes = max_bytes
        self._guesses: OrderedDict[str, Guess] = OrderedDict()  # the oldest first
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._count()
        self._lock = threading.Lock()

    def _count(self) -> None:
        self._bytes = sum([_weight(key) for key in self._guesses])

    def __len__(self) -> int:
        return len(self._guesses)

    @property
    def bytes(self) -> int:
        """The weight of all that is kept."""
        return self._bytes

    def note(self, path: str, guess: Guess, query: str = "") -> None:
        """Remember `guess` for the decoded path below the mount, and for this raw query of it.

        The query counts, for it may tell one picture from another (`/image?id=1`).
        """
        self.keep([(_key(path, query), guess)])

    def keep(self, said: Iterable[tuple[str, Guess]]) -> None:
        """Remember several at once, by the keys that `note` makes of path and query."""
        guesses = self._guesses
        with self._lock:
            try:
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
            except BaseException:
                self._count()  # stopped halfway, by a timeout of the server
                raise

    def size_of(self, path: str, query: str = "") -> Guess | None:
        """Return what a page said last of this path and query, else of the path alone."""
        guess = self._guesses.get(_key(path, query))
        return guess if guess or not query else self._guesses.get(path)


def _key(path: str, query: str) -> str:
    return f"{path}?{unquote(query)}" if query else path


def _weight(key: str) -> int:
    return sys.getsizeof(key) + _ENTRY


class Notes:
    """One page on its way: `feed` it piece by piece, be it iterated over or given to `write()`.

    `path` and `script_name` are decoded text: where the page is and where the site is mounted.
    `host` is the request's Host header; without it, URLs with a host are other sites'. Pages in
    a `charset` in which `<` is not its ASCII byte (UTF-16), or that nobody knows, say nothing.
    """

    def __init__(
        self,
        learner: Learner,
        path: str,
        script_name: str = "",
        charset: str = "utf-8",
        host: str = "",
    ) -> None:
        self._learner = learner
        self._page = _tags.page(path, script_name, host, charset)
        self._bytes_left = _MOST_BYTES if _is_like_ascii(charset) else 0
        self._tags_left = _MOST_TAGS
        self._root = self._page.mount + "/"
        self._has_base = False
        self._said: list[tuple[str, Guess]] = []  # in this chunk
        self._sources: list[bytes] = []  # tags of the <picture> whose <img> has not come yet
        self._end: re.Pattern[bytes] | None = None  # of the script or the like that we are in
        self._kept = b""

    def feed(self, chunk: bytes) -> None:
        """Note the pictures whose tags end in `chunk`."""
        # What is no bytes is the server's to complain about.
        if not self._bytes_left or not isinstance(chunk, bytes):
            return
        chunk = chunk[: self._bytes_left]
        self._bytes_left -= len(chunk)
        data = self._kept + chunk if self._kept else chunk
        self._kept = data[self._look_through(data) :]
        if self._said:
            said, self._said = self._said, []
            self._learner.keep(said)
        if not self._tags_left:
            self.close()

    def close(self) -> None:
        """Let go of what was kept; what is fed from now on is not looked at."""
        self._bytes_left, self._kept, self._sources = 0, b"", []

    def _look_through(self, data: bytes) -> int:
        """Return how far `data` need not be seen again."""
        at = 0
        while self._tags_left:
            if self._end:
                found = self._end.search(data, at)
                if not found:
                    return max(at, len(data) - _CUT - 1)
                self._end, at = None, found.end()
            found = _START.search(data, at)
            if not found:
                cut = data.rfind(b"<", max(at, len(data) - _CUT))
                return cut if cut >= 0 else len(data)
            start, at = found.span()
            if not found[1]:
                self._end = _ENDS[(found[2] or b"").lower()]
                at -= 0 if found[2] else len("--")
                continue
            rest = _REST.match(data, at, start + _LONGEST_TAG)
            if rest:
                at = rest.end()
                self._take(found[1].lower(), data[start:at])
            elif len(data) < start + _LONGEST_TAG:
                return start
            else:  # all of it, or many such tags would cost as much each
                at = start + _LONGEST_TAG
        return len(data)

    def _take(self, name: bytes, tag: bytes) -> None:
        self._tags_left -= 1
        if name == b"source":
            if len(self._sources) < _MOST_SOURCES:
                self._sources.append(tag)
        elif name == b"base":
            href = _tags.attributes(tag, self._page.charset).get("href")
            if href and not self._has_base:  # the first one counts
                self._has_base = True
                self._page = _tags.below(self._page, href)
        else:
            tags = (*self._sources, tag) if name == b"img" else (tag,)
            if name == b"img":
                self._sources = []
            for url, is_plain, guess in _tags.pictures(tags, self._page.charset):
                if is_plain and not self._has_base and url.startswith(self._root):
                    self._said.append((url[len(self._root) - 1 :], guess))
                elif address := _tags.address(url, self._page):
                    self._said.append((_key(*address), guess))


def noting(
    chunks: Iterable[bytes],
    learner: Learner,
    page_path: str,
    script_name: str = "",
    charset: str = "utf-8",
    host: str = "",
) -> Iterable[bytes]:
    """Return what iterates over the very same chunks, while the pictures of this page are noted.

    The arguments are those of Notes. `close()` is that of `chunks`, called once. A list or tuple
    is read at once and returned itself, for servers take the length from a list of one.
    """
    notes = Notes(learner, page_path, script_name, charset, host)
    if type(chunks) in (list, tuple):
        for chunk in chunks:
            notes.feed(chunk)
        return chunks
    return _Noted(chunks, notes)


class _Noted:
    """The chunks of a body; each is noted before it goes out and the browser asks for more."""

    def __init__(self, chunks: Iterable[bytes], notes: Notes) -> None:
        self._close = getattr(chunks, "close", None)
        self._next = iter(chunks).__next__
        self._feed = notes.feed

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = self._next()
        self._feed(chunk)
        return chunk

    def close(self) -> None:
        close, self._close = self._close, None
        if close:
            close()


def _is_like_ascii(charset: str) -> bool:
    sample = "<img src='/\\"
    try:
        return sample.encode(charset) == sample.encode() and bool(b"<".decode(charset, "replace"))
    except (LookupError, ValueError):
        return False
