"""What was replaced since the process started: a bounded memory, and its lists for programs."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from wsgi_placeholder.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Iterable

# PATH_MAX of Linux: nothing longer is the name of a file.
_LONGEST_PATH = 4096
_LONGEST_PAGE = 512
_MOST_PAGES = 3  # of one path, the newest
# Bytes of an entry besides its path and pages: its places in the dictionary, numbers, the rule.
_ENTRY = 560

# What ends a line or a name in a list of files, what moves the cursor of a terminal, and what was
# no UTF-8, so that the name is lost.
_UNLISTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that was replaced `count` times.

    `path` is decoded, below the mount, with its leading slash. `width` and `height` are those of
    the last picture, in CSS pixels, None for what is no picture; `rule` is what told them. `pages`
    are decoded paths on the visitor's side, mount and all, of those that asked last, the newest
    first. `last` is the Report's `total` right after it was asked for last.
    """

    path: str
    count: int
    width: int | None
    height: int | None
    rule: str
    pages: tuple[str, ...]
    last: int


class _Entry:
    __slots__ = ("count", "height", "last", "pages", "rule", "width")

    width: int | None
    height: int | None
    rule: str
    last: int

    def __init__(self) -> None:
        self.count = 0
        self.pages: tuple[str, ...] = ()  # as in the header, percent-encoded

    def told(self, path: str) -> Missing:
        pages = tuple(map(_decoded, self.pages))
        return Missing(path, self.count, self.width, self.height, self.rule, pages, self.last)


class Report:
    """Counts by path what was replaced; the paths that were asked for longest ago are forgotten.

    `most` is a bound for the number of paths, `max_bytes` one for the memory of all of them.
    `total` counts every replacement, `forgotten` the paths that there was no room for. Threads may
    share a Report; a fork goes on with a copy of its own.
    """

    def __init__(self, most: int = 10_000, max_bytes: int = 4 << 20) -> None:
        self._most = most
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()  # asked for longest ago first
        self.total = self.forgotten = 0
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        self._count()
        self._lock = threading.Lock()

    def _count(self) -> None:
        self._bytes = sum([_weight(path, entry) for path, entry in self._entries.items()])

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """The weight of all that is kept."""
        return self._bytes

    def note(
        self,
        path: str,
        rule: str,
        width: int | None = None,
        height: int | None = None,
        referer: str = "",
    ) -> None:
        """Count a replacement; `referer` is the header as it came, of which the path is kept."""
        page = _page(referer) if referer else ""
        with self._lock:
            try:
                self._note(path, rule, width, height, page)
            except BaseException:
                self._count()  # stopped halfway, by a timeout of the server
                raise

    def _note(self, path: str, rule: str, width: int | None, height: int | None, page: str) -> None:
        self.total += 1
        if len(path) > _LONGEST_PATH:
            self.forgotten += 1
            return
        entries = self._entries
        entry = entries.get(path)
        if entry is None:
            entry = _Entry()
            self._bytes += _weight(path, entry)
        else:
            entries.move_to_end(path)
        entry.count += 1
        entry.width, entry.height, entry.rule, entry.last = width, height, rule, self.total
        entries[path] = entry
        if page and entry.pages[:1] != (page,):
            self._bytes -= _pages_weight(entry)
            others = [other for other in entry.pages if other != page]
            entry.pages = (page, *others[: _MOST_PAGES - 1])
            self._bytes += _pages_weight(entry)
        while self._bytes > self._max_bytes or len(entries) > self._most:
            self._bytes -= _weight(*entries.popitem(last=False))
            self.forgotten += 1

    def discard(self, path: str) -> None:
        """Forget a path that is not missing any more."""
        if path not in self._entries:  # nearly always, and without the lock
            return
        with self._lock:
            self._entries.pop(path, None)
            self._count()

    def files(self, since: int = 0) -> list[Missing]:
        """Return what was replaced after `total` was `since`, the most wanted first."""
        with self._lock:
            found = [
                entry.told(path) for path, entry in self._entries.items() if entry.last > since
            ]
        return sorted(found, key=lambda file: (-file.count, file.path))

    def as_text(self) -> str:
        """Return a path a line, without its leading slash, as `rsync --files-from` reads them."""
        names = listable(file.path for file in self.files())
        return "".join([f"{name}\n" for name in names])

    def as_json(self) -> str:
        files = [asdict(file) for file in self.files()]
        for file in files:
            del file["last"]
        return json.dumps({"files": files, "total": self.total, "forgotten": self.forgotten})


def listable(paths: Iterable[str]) -> list[str]:
    """Return, sorted, those that can stand in a list of files, relative to the site's root.

    Left out is what would be two lines, or none, or leads out of the folder. What rsync would take
    for a comment begins with "./".
    """
    names = {path.lstrip("/") for path in paths}
    return sorted(
        f"./{name}" if name[0] in "#;" else name
        for name in names
        if name and name[-1] != "/" and ".." not in name.split("/") and not _UNLISTABLE.search(name)
    )


def _page(referer: str) -> str:
    """Return the path of a Referer header, still percent-encoded; its query is nobody's business.

    Empty for what is no URL with a path, or a path longer than any page's.
    """
    address = referer.partition("?")[0].partition("#")[0]
    host = address.find("//")
    slash = address.find("/", host + 2) if host >= 0 else -1
    return address[slash:] if slash >= 0 and len(address) - slash <= _LONGEST_PAGE else ""


def _decoded(page: str) -> str:
    return unquote_to_bytes(page.encode("latin-1", "replace")).decode("utf-8", "replace")


def _weight(path: str, entry: _Entry) -> int:
    return _ENTRY + sys.getsizeof(path) + _pages_weight(entry)


def _pages_weight(entry: _Entry) -> int:
    return sum(map(sys.getsizeof, entry.pages))
