"""CSV from memory: what is written, how it streams, and how little of it is held."""

import csv
import io
import math
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from asking import ask, checked, environ_for

from wsgi_placeholder.memory import csv_response, rows


def get(*args, **options):
    return ask(checked(csv_response(*args, **options)), environ_for("/"))


ROWS = [
    [1, "Zürich", 'say "hi"', None],
    (2.5, "a,b", "two\nlines", ""),
    iter(["日本", -3, "x", True]),
]


def test_rows_and_header():
    answer = get(ROWS[:2], header=["id", "città"], filename="a.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="a.csv"'
    text = 'id,città\r\n1,Zürich,"say ""hi""",\r\n2.5,"a,b","two\nlines",\r\n'
    assert answer.body == text.encode()


def test_without_rows():
    assert get([]).body == b""
    assert get([], ["a", "b"]).body == b"a,b\r\n"
    assert get([], bom=True).body in (b"", b"\xef\xbb\xbf")


def test_it_reads_back_whatever_the_blocks(monkeypatch):
    monkeypatch.setattr(rows, "_BLOCK", 100)
    table = [[str(i), "é" * (i % 50), "a\r\nb"] for i in range(500)]
    response = csv_response(table)
    blocks = list(response.app_iter)
    assert len(blocks) > 50
    assert list(csv.reader(io.StringIO(b"".join(blocks).decode(), newline=""))) == table


@pytest.mark.parametrize(
    ("encoding", "charset"),
    [
        ("utf-8", "utf-8"), ("UTF8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16le"), ("latin-1", "iso-8859-1"), ("iso-8859-15", "iso-8859-15"),
        ("cp1252", "windows-1252"), ("ascii", "ascii"), ("koi8-r", "koi8-r"),
    ],
)  # fmt: skip
def test_encodings(encoding, charset, monkeypatch):
    monkeypatch.setattr(rows, "_BLOCK", 10)  # a mark for each block would be a mark too many
    text = "é" if encoding not in ("ascii", "koi8-r") else "e"
    answer = get([[text, "long enough"]] * 3, encoding=encoding)
    assert answer["Content-Type"] == f"text/csv; charset={charset}"
    assert answer.body == (f"{text},long enough\r\n" * 3).encode(encoding)


def test_the_mark_of_excel(monkeypatch):
    monkeypatch.setattr(rows, "_BLOCK", 1)
    assert get([["é"], ["b"]], bom=True).body == "\ufeffé\r\nb\r\n".encode()
    with pytest.raises(ValueError, match="bom is for UTF-8; encoding is 'latin-1'"):
        csv_response([], bom=True, encoding="latin-1")


def test_what_an_encoding_lacks():
    with pytest.raises(UnicodeEncodeError):
        get([["日本"]], encoding="latin-1")
    assert get([["日本"]], encoding="latin-1", errors="replace").body == b"??\r\n"
    with pytest.raises(LookupError):
        csv_response([], encoding="no-such")
    with pytest.raises(csv.Error):
        csv_response([], dialect="no-such")


@pytest.mark.parametrize("encoding", ["base64", "rot13", "hex", "zlib"])
def test_codecs_that_are_none_of_text(encoding):
    with pytest.raises(LookupError, match="is not a text encoding"):
        csv_response([], encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-7", "iso2022_jp", "hz"])
def test_an_encoding_that_switches_is_ended(encoding):
    """Without a line break at the end, too."""

    class Bare(csv.excel):
        lineterminator = ""

    assert get([["中"]], encoding=encoding, dialect=Bare).body == "中".encode(encoding)


def test_dialects():
    assert get([["a;b", 1]], dialect="excel-tab").body == b"a;b\t1\r\n"

    class German(csv.excel):
        delimiter = ";"

    assert get([["a;b", 1]], dialect=German).body == b'"a;b";1\r\n'


class Lazy:
    """As Django's translated strings: text only when asked."""

    def __str__(self):
        return "=lazy"


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C x'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "＝1",
        "  =1",
        Lazy(),
        Text("=x"),
    ],
)
def test_formulas_are_escaped_when_asked(cell):
    def cells(**options):
        text = get([["safe", cell]], header=[cell], **options).body.decode()
        return list(csv.reader(io.StringIO(text, newline="")))

    assert cells(escape_formulas=True) == [[f"'{cell}"], ["safe", f"'{cell}"]]
    assert cells() == [[str(cell)], ["safe", str(cell)]]


@pytest.mark.parametrize(
    ("cell", "escaped", "dialect"),
    [
        ("x;=1", "x;'=1", "excel"),
        ("x; +1;-2", "x;' +1;'-2", "excel"),
        ("x\n@SUM(A1)\r\n＝2", "x\n'@SUM(A1)\r\n'＝2", "excel"),
        ("a\t-1", "a\t'-1", "excel"),
        ("-1;=2", "'-1;'=2", "excel"),
        ("a, -1", "a, -1", "excel"),  # the delimiter itself is in quotes
        ("a, -1", "a,' -1", "excel-tab"),
        ("a\t-1", "a\t-1", "excel-tab"),
    ],
)
def test_formulas_inside_that_begin_a_cell_elsewhere(cell, escaped, dialect):
    """A German Excel splits at ";", and knows no quotes that stand within a cell of its own."""
    body = get([[cell, -5], ["x", "-"]], dialect=dialect, escape_formulas=True).body
    read = list(csv.reader(io.StringIO(body.decode(), newline=""), dialect))
    assert read == [[escaped, "-5"], ["x", "'-"]]


def test_what_is_no_formula_stays():
    row = ["a=b", "", " x", None, -5, -2.5, Decimal("-1.10"), -math.inf, True, "'", "1-2", "a; b"]
    assert get([row], escape_formulas=True).body == get([row]).body


def test_rows_are_asked_for_as_they_are_sent(monkeypatch):
    monkeypatch.setattr(rows, "_BLOCK", 50)
    asked = []

    def table():
        for i in range(1000):
            asked.append(i)
            yield [i, "twenty letters, about"]

    response = csv_response(table())
    assert not asked
    body = iter(response.app_iter)
    next(body)
    assert len(asked) < 5
    next(body)
    assert len(asked) < 9


def test_slow_rows_do_not_wait_for_a_full_block(monkeypatch):
    monkeypatch.setattr(rows, "_PATIENCE", 0.01)
    asked = []

    def table():
        for i in range(5):
            asked.append(i)
            yield [i]
            time.sleep(0.02)

    assert next(iter(csv_response(table()).app_iter)) == b"0\r\n1\r\n"
    assert asked == [0, 1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_rows_are_closed(method):
    class Cursor(list):
        closed = 0

        def close(self):
            self.closed += 1

    cursor = Cursor([[1]])
    ask(checked(csv_response(cursor)), environ_for("/", method))
    assert cursor.closed == 1


def test_a_reader_who_leaves_ends_the_rows():
    ended = []

    def table():
        try:
            while True:
                yield ["x" * 10_000]
        finally:
            ended.append(True)

    response = csv_response(table())
    body = response(environ_for("/"), lambda status, headers: None)
    next(iter(body))
    body.close()
    assert ended == [True]


def test_an_error_among_the_rows_goes_through():
    def table():
        yield [1]
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        get(table())


MILLION = """
import csv, time
from wsgi_placeholder.memory import csv_response
def kilobytes(field):
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
def table(count):
    for i in range(count):
        yield i, f"Name {i}", i * 0.5, "Zürich", f"mail{i}@example.com", "text with, comma"
def ours(count):
    return sum(map(len, csv_response(table(count)).app_iter))
def plain(count):
    with open("/dev/null", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table(count))
def seconds(work, count):
    before = time.process_time()
    work(count)
    return time.process_time() - before
ours(1000)
open("/proc/self/clear_refs", "w").write("5")  # the peak begins anew
before = kilobytes("VmRSS")
size = ours(1_000_000)
grown = kilobytes("VmHWM") - before
rate = max(seconds(plain, 100_000) / seconds(ours, 100_000) for _ in range(5))
print(size, grown, rate)
"""


def test_a_million_rows_are_flat_and_fast():
    done = subprocess.run(
        [sys.executable, "-c", MILLION], capture_output=True, text=True, check=True
    )
    size, grown, rate = map(float, done.stdout.split())
    assert size > 70_000_000
    assert grown < 4_000
    assert rate > 0.8


def test_dicts_are_written_in_the_order_of_the_header():
    people = [{"name": "Jo", "id": 1}, {"id": 2, "name": "Al", "more": "x"}]
    assert get(iter(people), header=("id", "name")).body == b"id,name\r\n1,Jo\r\n2,Al\r\n"
    assert get(people).body == b"Jo,1\r\nAl,2\r\n"
    response = csv_response([{"id": 1}], header=["id", "name"])
    with pytest.raises(KeyError, match="name"):
        list(response.app_iter)


@pytest.mark.parametrize("row", ["abc", b"abc"])
def test_a_text_is_no_row(row):
    with pytest.raises(TypeError, match=f"a row is of type {type(row).__name__}"):
        list(csv_response([row]).app_iter)


def test_what_else_writers_take():
    assert get([["a;b", 1.5]], delimiter=";", quotechar="'").body == b"'a;b';1.5\r\n"
    with pytest.raises(TypeError, match="delimeter"):
        csv_response([], delimeter=";")
