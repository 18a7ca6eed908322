"""One page, looked through for the pictures it shows, piece by piece as it comes.

No document is parsed: only the starts of the few tags that show pictures are looked for, and of
comments, scripts, style sheets and textareas, whose text is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from wsgi_placeholder.missing import _tags

if TYPE_CHECKING:
    from wsgi_placeholder.missing import Guess

# An unfinished tag longer than this (in bytes; mostly a picture written as data:) is given up.
_LONGEST_TAG = 4096
# One page may not cost without end, nor push out all that others said. No page that people look
# at comes near; what follows is not looked at.
_MOST_BYTES = 64 << 20
_MOST_TAGS = 4096
# <source>s before an <img>.
_MOST_SOURCES = 16

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


def key(path: str, query: str) -> str:
    """Return the name of a picture: its decoded path below the mount, and its raw query."""
    return f"{path}?{unquote(query)}" if query else path


class Scan:
    """The state of one page between two pieces; at most one unfinished tag of it is kept.

    `path` and `script_name` are decoded text: where the page is and where the site is mounted.
    `host` is the request's Host header; without it, URLs with a host are other sites'. Pages in
    a `charset` in which `<` is not its ASCII byte (UTF-16), or that nobody knows, say nothing.
    """

    def __init__(self, path: str, script_name: str, charset: str, host: str) -> None:
        self._page = _tags.page(path, script_name, host, charset)
        self._bytes_left = _MOST_BYTES if _is_like_ascii(charset) else 0
        self._tags_left = _MOST_TAGS
        self._root = self._page.mount + "/"
        self._has_base = False
        self._said: list[tuple[str, Guess]] = []  # in these chunks
        self._sources: list[bytes] = []  # tags of the <picture> whose <img> has not come yet
        self._end: re.Pattern[bytes] | None = None  # of the script or the like that we are in
        self._kept = b""

    @property
    def is_over(self) -> bool:
        """True when nothing that follows is looked at."""
        return not (self._bytes_left and self._tags_left)

    def read(self, piece: bytes) -> list[tuple[str, Guess]]:
        """Return the keys and sizes of the pictures whose tags end in this piece, in order."""
        data = piece[: self._bytes_left]
        if self.is_over:
            return []
        self._bytes_left -= len(data)
        data = self._kept + data if self._kept else data
        self._kept = data[self._look_through(data) :]
        said, self._said = self._said, []
        return said

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
                    self._said.append((key(*address), guess))


def _is_like_ascii(charset: str) -> bool:
    sample = "<img src='/\\"
    try:
        return sample.encode(charset) == sample.encode() and bool(b"<".decode(charset, "replace"))
    except (LookupError, ValueError):
        return False
