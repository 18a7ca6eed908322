"""URLs of services in the bytes of a page, found and replaced while these stream by.

A URL counts when `//` stands directly before a known host and a path after it, with `http:`,
`https:` or nothing in front; in scripts and JSON the slashes may be written `\\/`. What stays as
it is: a link to a service's home page, a host in prose, a port or user name, and a URL inside of
another one, in its path or as a parameter (`?url=https://...`), for whoever is asked there is to
fetch it, not the browser.

Bytes are looked at, nothing is parsed, and a doubtful URL stays. Two slashes begin a comment of a
script, so without a scheme a URL must follow a quote, `url(`, `](` or an attribute's `=`, or be a
later one in a srcset, between a comma with one space and its ` 2x` or ` 300w`. Taken for URLs all
the same are a comment right behind a closing quote, `"a"//placehold.it/9`, and a URL behind a space
or a comma inside of another one, `mailto:x?body=see https://...`.

Of each chunk at most the start of a URL is kept for the next one, and of a srcset a URL to its end.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# The longest name of an attribute whose value has no quotes.
_NAME = 32
_QUOTES = (
    rb"[\"'`]",
    rb"\\u00(?:2[27]|60)",
    rb"&#3[49];",
    rb"&(?:quot|apos|#x2[27]|#03[49]);",
)
# Behind white space, written \n in a string. A parameter's name has ?, & or the like before it.
_ATTRIBUTE = b"=(?:%s)" % b"|".join(
    rb"(?<=(?:\s|\\(?=[nrt]))[\w:.-]{%d}=)" % length for length in range(1, _NAME + 1)
)
# What may stand before a URL, with a scheme and without. What is often before a comment is not in
# the second: white space, \n (scripts come as strings too), the BOM of a script, { [ > and so on.
_BEFORE = (*_QUOTES, _ATTRIBUTE, rb"[\s(\[{<>,\x80-\xff]", rb"\\[nrt]", rb"&[gl]t;",
           rb"\\u00(?i:0[9ad]|2[08c]|3[ce]|5b)")  # fmt: skip
_BEFORE_SLASHES = (*_QUOTES, _ATTRIBUTE, rb"(?i:url)\(", rb"\]\(")
# A URL in a srcset after its slashes, and what follows it.
_CANDIDATE = rb"[^\s\"'`<>]{0,250}"
_DESCRIPTOR = rb"(?<!,) [\d.]{1,6}[wx][,\"'`\\&]"
# Where the text ends before one can tell whether it is a URL in a srcset.
_UNDECIDED = re.compile(rb"\\?/\\?/" + _CANDIDATE + rb"(?:(?<!,) [\d.]{0,6}[wx]?)?\Z")
_MOST_UNDECIDED = len(r", \/\/") + 250 + len(" 1234.5w")
# How a path begins that is more than the home page: {, [, $ and % begin a template's fields.
_PATH = rb"[\w~%${\[@+\x80-\xff-]"


class Urls:
    """Finds the URLs of hosts."""

    def __init__(self, hosts: Iterable[str]) -> None:
        # holder.js is no host, but the name of a script.
        names = sorted(host for host in hosts if not host.endswith(".js"))
        self.plain = _pattern(names, rb"/")
        self.escaped = _pattern(names, rb"\\/")
        longest = len("www.") + max(map(len, names), default=0)
        self._most_begun = longest + len(r"https:\/\/\/") + 1
        # Any start of any URL and a little more: "h", "https:/", "//via.place", "//picsum.photos/".
        self._begun = re.compile(
            rb"[hH/\\](?i:t|tt|ttps?(?::\\?)?)?/?(?:\\?/[\w.-]{0,%d}(?:\\?/)?)?\\?\Z" % longest
        )

    def begun(self, data: bytes, start: int) -> int:
        """Return how many bytes at the end of data[start:] may be the beginning of a URL."""
        found = self._begun.search(data, max(start, len(data) - self._most_begun))
        return len(data) - found.start() if found else 0


def _pattern(hosts: list[str], slash: bytes) -> re.Pattern[bytes]:
    """A pattern of the slashes of a URL; all around them is looked at, but no part of the match.

    It is made for speed. It begins with a literal, which is found ten times as fast as an
    optional scheme, and the first letter of a host is one too, whatever the case of the rest.
    """
    names = [host.encode() for host in hosts]
    host = b"|".join(
        b"%s(?i:%s)" % (letter, b"|".join(re.escape(name[1:]) for name in group))
        for letter, group in groupby(names, lambda name: name[:1])
    )
    loud = b"(?=[A-Z])(?i:(?:www[.])?(?:%s))" % b"|".join(map(re.escape, names))
    slashes = slash + slash
    before = [
        b"(?<=%s%s)" % (left, end)
        for lefts, end in (
            (_BEFORE, b"(?i:https:)" + slashes),
            (_BEFORE, b"(?i:http:)" + slashes),
            (_BEFORE_SLASHES, slashes),
        )
        for left in lefts
    ]
    before.append(b"(?<=, %s)(?=%s)" % (slashes, _CANDIDATE + _DESCRIPTOR))
    return re.compile(
        slashes
        + b"(?=(?:%s|w(?i:ww[.])(?:%s)|%s)%s(?:%s|%s))" % (host, host, loud, slash, _PATH, slash)
        + b"(?:%s)" % b"|".join(before)
    )  # fmt: skip


def _replaced(data: bytes, slashes: re.Pattern[bytes], base: bytes) -> bytes:
    *before, last = slashes.split(data)
    if not before:
        return data
    # Nothing but a scheme has a colon there: see _BEFORE.
    without_schemes = [
        (text[:-6] if text[-2] in b"sS" else text[:-5]) if text[-1:] == b":" else text
        for text in before
    ]
    return base.join([*without_schemes, last])


class Stream:
    """One body on its way through; `base` is the path, with slashes around it, of our hosts."""

    def __init__(self, urls: Urls, base: bytes) -> None:
        self._urls = urls
        self._base = base
        self._context = b"\n"  # what went out last, without any URL that could be found again
        self._kept = b""

    def feed(self, chunk: bytes) -> bytes:
        """Return what can go out now."""
        if not chunk:
            return chunk
        data = self._context + self._kept + chunk
        undecided = b""
        # The last comma will do, for no URL of a srcset has one with a space after it.
        comma = data.rfind(b", ", -_MOST_UNDECIDED)
        if comma >= 0 and _UNDECIDED.match(data, comma + 2):
            data, undecided = data[: comma + 2], data[comma + 2 :]
        begun = self._urls.begun(data, len(self._context))
        self._kept = data[len(data) - begun :] + undecided
        new = _replaced(data, self._urls.plain, self._base)
        # The search for one byte is nearly free, and most pages have none.
        if b"\\" in new and rb"\/\/" in new:
            new = _replaced(new, self._urls.escaped, self._base.replace(b"/", rb"\/"))
        out = new[len(self._context) : len(new) - begun]
        seen = self._context + out[-_NAME - 2 :]
        self._context = seen[max(seen.rfind(b"/"), len(seen) - _NAME - 2, 0) :]
        return out

    def rest(self) -> bytes:
        """Return what was kept, when nothing follows."""
        kept, self._kept = self._kept, b""
        return kept
