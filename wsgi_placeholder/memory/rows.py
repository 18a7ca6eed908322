"""CSV, streamed: the rows are asked for while they are sent, and few are in memory at a time."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections.abc import Mapping
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

from wsgi_placeholder.http.memory_response import respond

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wsgi_placeholder.http.memory_response import MemoryResponse

    Row = Iterable[Any]

_BLOCK = 1 << 16  # characters that are sent together
_PATIENCE = 1.0  # seconds after which they are sent even if they are fewer
# OWASP, "CSV Injection": with these a cell begins that a spreadsheet takes for a formula.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_SUSPECT = _FORMULA | {" "}  # some programs drop the spaces before a cell
_NUMBERS = (int, float, Decimal, bool, type(None))


def csv_response(
    rows: Iterable[Row],
    header: Row | None = None,
    *,
    filename: str | None = None,
    attachment: bool = True,
    encoding: str = "utf-8",
    errors: str = "strict",
    bom: bool = False,
    dialect: str | csv.Dialect | type[csv.Dialect] = "excel",
    escape_formulas: bool = False,
    **format: Any,
) -> MemoryResponse:
    """Send rows, of a list, a generator or a database's cursor, as CSV (RFC 4180).

    Nothing is asked of `rows` before the answer is sent. When it is sent, or nobody wanted it, the
    `close()` of rows is called if there is one. Rows that are mappings are written in the order of
    `header`, or of the first. `dialect` is one of the module csv, and `format` what else its
    writers take, such as `delimiter=";"`. `bom=True` puts
    the mark before UTF-8 by which Excel knows it. `encoding` and `errors` are as in `str.encode`.
    `escape_formulas=True` puts an apostrophe before texts (not numbers) that a spreadsheet would
    take for formulas, and where one may begin a cell of its own, after ";" or on a new line;
    "+41 44 123" and "-" are such texts too.
    Raises LookupError for an unknown encoding, ValueError for a mark in another one than UTF-8,
    csv.Error or TypeError for an unknown dialect or format. A row that is a text is a TypeError
    when its turn comes to be the first.
    """
    "".encode(encoding)  # raises for codecs that are none of text, such as base64
    name = codecs.lookup(encoding).name
    if bom and not name.startswith("utf-8"):
        raise ValueError(f"bom is for UTF-8; encoding is {encoding!r}")
    # One encoder for all blocks: UTF-16 and UTF-8 with a mark begin with it once.
    encode = codecs.getincrementalencoder("utf-8-sig" if bom else name)(errors).encode
    writer = csv.writer(_Echo, dialect, **format)
    line = (
        _guarded(writer.writerow, writer.dialect.delimiter) if escape_formulas else writer.writerow
    )
    body = _Rows(rows, header, line, encode)
    return respond(
        body, f"text/csv; charset={_charset(name)}", filename=filename, attachment=attachment
    )


class _Echo:
    """A file for csv.writer, whose writerow then returns the line."""

    write = str


class _Rows:
    """The body: blocks of lines. Closing it closes the rows, even if none were asked for."""

    def __init__(
        self,
        rows: Iterable[Row],
        header: Row | None,
        line: Callable[[Row], str],
        encode: Callable[..., bytes],
    ) -> None:
        self._rows = rows
        self._header = header
        self._line = line
        self._encode = encode

    def __iter__(self) -> Iterator[bytes]:
        header = None if self._header is None else [*self._header]
        lines = [] if header is None else [self._line(header)]
        size, due = 0, monotonic() + _PATIENCE
        for text in map(self._line, _sequences(self._rows, header)):
            lines.append(text)
            size += len(text)
            if size >= _BLOCK or monotonic() >= due:
                yield self._encode("".join(lines))
                lines.clear()
                size, due = 0, monotonic() + _PATIENCE
        # Without any row or header a file still is one, perhaps with its mark.
        if last := self._encode("".join(lines), True):
            yield last

    def close(self) -> None:
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()


def _sequences(rows: Iterable[Any], header: Row | None) -> Iterable[Row]:
    """Return rows as csv writes them, told by the first; raises TypeError and KeyError."""
    rest = iter(rows)
    first = [*itertools.islice(rest, 1)]
    rows = itertools.chain(first, rest)
    if not first or not isinstance(first[0], (str, bytes, Mapping)):
        return rows
    if not isinstance(first[0], Mapping):
        raise TypeError(f"a row is of type {type(first[0]).__name__}; expected its cells")
    names = [*(first[0] if header is None else header)]
    return ([row[name] for name in names] for row in rows)


def _guarded(line: Callable[[Row], str], delimiter: str) -> Callable[[Row], str]:
    # A spreadsheet in another country may take these for what separates cells, in quotes or not.
    others = ",;\t\r\n".replace(delimiter, "")
    inside = re.compile(f"([{others}])(?= *[=+@＝＋－＠-])")

    def guarded(row: Row) -> str:
        cells = [  # most are seen to be harmless here: a call for each takes twice as long
            cell
            if type(cell) in _NUMBERS or (type(cell) is str and cell[:1] not in _SUSPECT)
            else _harmless(str(cell))
            for cell in row
        ]
        text = line(cells)
        if inside.search(text):
            cells = [inside.sub(r"\1'", cell) if isinstance(cell, str) else cell for cell in cells]
            text = line(cells)
        return text

    return guarded


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA else text


def _charset(codec: str) -> str:
    """Return the name that browsers know (WHATWG Encoding, 4.2) for that of Python's codec."""
    name = codec.removesuffix("-sig").replace("utf-16-", "utf-16").replace("iso8859", "iso-8859")
    return re.sub(r"^cp(?=125\d$|874$)", "windows-", name)
