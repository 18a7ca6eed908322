"""What pages say of their pictures is noted while they stream, and nothing of them changes."""

import gzip
import itertools
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from wsgiref.validate import validator

import pytest
from asking import Body, ask, environ_for
from hypothesis import given
from hypothesis import strategies as st
from stopping import stopped
from threaded import interleaved

from wsgi_placeholder.http.noting import noting_pages
from wsgi_placeholder.missing import Guess, _scan, _tags, pages
from wsgi_placeholder.missing.pages import Learner, Notes

KB = 1024
MB = 1024 * KB


def page(width, height, scale=1):
    return Guess(width, height, "page", scale)


class Recorder(Learner):
    """One that keeps all it is told, in order."""

    def __init__(self):
        super().__init__()
        self.told = []

    def _keep(self, said):
        self.told += said


def known(learner):
    """All that is known, by key, the oldest first."""
    learner.read()
    return dict(learner._guesses)


def noted(html, chunk=0, path="/blog/post", charset="utf-8", **options):
    """All that a page says, by key; fed whole or in chunks of so many bytes."""
    data = html if isinstance(html, bytes) else html.encode(charset)
    at_once, late = Learner(), Learner()
    size = chunk or len(data) or 1
    both = [Notes(learner, path, charset=charset, **options) for learner in (at_once, late)]
    for i in range(0, len(data), size):
        for notes in both:
            notes.feed(data[i : i + size])
        at_once.read()
    assert list(known(at_once).items()) == list(known(late).items())
    return known(late)


def noting(chunks, learner, path="/", headers=(("Content-Type", "text/html"),)):
    """What a server gets for a page that says this."""

    def app(environ, start_response):
        start_response("200 OK", list(headers))
        return chunks

    return noting_pages(app, learner)(environ_for(path), lambda status, headers: None)


# What a tag says.

SAID = [
    ('<img src="/a.jpg" width="300" height="200">', {"/a.jpg": page(300, 200)}),
    ("<img src='/a.jpg' width='300' height='200'/>", {"/a.jpg": page(300, 200)}),
    ("<img src=/a.jpg width=300 height=200>", {"/a.jpg": page(300, 200)}),
    ("<IMG\n\tHEIGHT = 200\n WIDTH= 300 SRC =/a.jpg alt>", {"/a.jpg": page(300, 200)}),
    ("<img/src=/a.jpg/width=300>", {}),  # the value is /a.jpg/width=300
    ('<img src="/a.jpg"width="300"height="200">', {"/a.jpg": page(300, 200)}),
    ('<img alt="a > b" src=/a.jpg width=3>', {"/a.jpg": page(3, None)}),
    ("<img alt=\"it's\" title='say \"no\" > x=' src=/a.jpg width=3>", {"/a.jpg": page(3, None)}),
    ("<img alt=5\" src=/a.jpg width=3>", {"/a.jpg": page(3, None)}),
    ('<img alt="src=/b.jpg width=9" src=/a.jpg width=3>', {"/a.jpg": page(3, None)}),
    ("<img src=/a.jpg src=/b.jpg width=3 width=4>", {"/a.jpg": page(3, None)}),
    ("<img src=/a.jpg height=200>", {"/a.jpg": page(None, 200)}),
    ("<img src=/a.jpg>", {}),
    ("<img width=3>", {}),
    ('<img src="" width=3>', {}),
    ("<imgx src=/a.jpg width=3><image src=/b.jpg width=3>", {}),
    # numbers
    ('<img src=/a.jpg width="100%" height=200>', {"/a.jpg": page(None, 200)}),
    ('<img src=/a.jpg width="auto" height="auto">', {}),
    ('<img src=/a.jpg width="0" height="0">', {}),
    ('<img src=/a.jpg width="-5">', {}),
    ('<img src=/a.jpg width=" 300px" height="+199.5">', {"/a.jpg": page(300, 200)}),
    ('<img src=/a.jpg width="33.3%" height="99999">', {"/a.jpg": page(None, 99999)}),
    ('<img src=/a.jpg width="100000" height="7">', {"/a.jpg": page(None, 7)}),
    (f'<img src=/a.jpg width="{"9" * 3000}" height="٣">', {}),
    # styles
    ('<img src=/a.jpg style="width:300px;height:200px">', {"/a.jpg": page(300, 200)}),
    ('<img src=/a.jpg style="WIDTH : 300PX !important; height: 20.4px;">',
     {"/a.jpg": page(300, 20)}),
    ('<img src=/a.jpg style="max-width:300px;border-width:1px">', {}),
    ('<img src=/a.jpg style="width:20em;height:50%">', {}),
    ('<img src=/a.jpg width=600 height=400 style="width:300px">', {"/a.jpg": page(300, 400)}),
    ('<img src=/a.jpg width=600 height=400 style="width:300px;height:auto">',
     {"/a.jpg": page(300, 200)}),
    ('<img src=/a.jpg width=600 height=400 style="width:auto;height:100px">',
     {"/a.jpg": page(150, 100)}),
    ('<img src=/a.jpg width=600 height=400 style="max-width:100%;height:auto">',
     {"/a.jpg": page(600, 400)}),
    ('<img src=/a.jpg style="width:300px;height:auto">', {"/a.jpg": page(300, None)}),
    # sets
    ('<img srcset="/a.jpg 300w, /b.jpg 600w" sizes="300px">',
     {"/a.jpg": page(300, None), "/b.jpg": page(600, None)}),
    ('<img srcset="/a.jpg 300w, /b.jpg 601w" width=300 height=200>',
     {"/a.jpg": page(300, 200), "/b.jpg": page(601, 401)}),
    ('<img srcset="/a.jpg 300w 100h" width=300 height=200>', {"/a.jpg": page(300, 100)}),
    ('<img src=/a.jpg srcset="/a.jpg, /b.jpg 1.5x,/c.jpg 2x" width=30 height=20>',
     {"/a.jpg": page(30, 20), "/b.jpg": page(30, 20, 1.5), "/c.jpg": page(30, 20, 2)}),
    ('<img srcset="/b.jpg 0x, /c.jpg 99999x, /d.jpg -1x, /e.jpg 2" width=30>',
     {"/d.jpg": page(30, None), "/e.jpg": page(30, None)}),
    ('<img srcset="/a.jpg 2x">', {}),
    ('<img srcset=" , /w_3,h_2/a.jpg 300w ,,/b.jpg  600w,">',
     {"/w_3,h_2/a.jpg": page(300, None), "/b.jpg": page(600, None)}),
    ("<img src=/a.jpg srcset=/b.jpg width=3>", {"/a.jpg": page(3, None), "/b.jpg": page(3, None)}),
    # The size of the file is better known than that of its box.
    ('<img src=/b.jpg srcset="/b.jpg 1200w" width=300 height=200>', {"/b.jpg": page(1200, 800)}),
    ('<img src=/a.jpg sizes="(max-width: 600px) 480px, 800px">', {"/a.jpg": page(800, None)}),
    ('<img src=/a.jpg sizes="480px, 100vw">', {}),
    ('<img src=/a.jpg sizes="(min-width: 9px) calc(100vw - 20px)">', {}),
    # scripts that load them later
    ('<img loading=lazy src=/wait.gif data-src=/a.jpg data-srcset="/b.jpg 2x" data-sizes=auto'
     ' width=30 height=20>',
     {"/wait.gif": page(30, 20), "/a.jpg": page(30, 20), "/b.jpg": page(30, 20, 2)}),
    ('<img src="data:image/gif;base64,R0lGOD==" data-original=/a.jpg data-lazy-src=/b.jpg width=3>',
     {"/a.jpg": page(3, None), "/b.jpg": page(3, None)}),
    # other tags
    ("<input type=IMAGE src=/a.png width=30 height=20>", {"/a.png": page(30, 20)}),
    ("<input type=text src=/a.png width=30 height=20><input src=/a.png width=3>", {}),
    ("<video src=/v.mp4 poster=/a.jpg width=640 height=360><source src=/v.mp4></video>",
     {"/a.jpg": page(640, 360)}),
    ("<video poster=/a.jpg></video>", {}),
    ('<picture><source srcset="/a.avif, /a2.avif 2x"><source srcset="/b.webp 600w" sizes="9px">'
     '<img src="/c.jpg" width=300 height=200></picture><img src=/d.jpg width=5>',
     {"/a.avif": page(300, 200), "/a2.avif": page(300, 200, 2), "/b.webp": page(600, 400),
      "/c.jpg": page(300, 200), "/d.jpg": page(5, None)}),
    ('<picture><source srcset="/a.avif" width=50 height=40><source data-srcset="/b.avif 100w"'
     ' width=50 height=40><img src="/c.jpg"></picture>',
     {"/a.avif": page(50, 40), "/b.avif": page(100, 80)}),
    # entities
    ('<img src="/a&amp;b.jpg?x=1&amp;y=&#50;" width="&#51;">', {"/a&b.jpg?x=1&y=2": page(3, None)}),
    (f'<img src="/a&#{"9" * 3000};&#xD800;.jpg" width=3>', {"/a��.jpg": page(3, None)}),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), SAID)
def test_what_a_tag_says(html, expected):
    assert noted(html) == expected
    assert noted(f"<p title='<'>text</p>{html}<p>") == expected
    assert noted(html, chunk=1) == expected


def test_the_newest_wins():
    html = "<img src=/a.jpg width=3><img src=/b.jpg width=4><img src=/a.jpg width=5>"
    assert noted(html) == {"/a.jpg": page(5, None), "/b.jpg": page(4, None)}
    assert list(noted(html)) == ["/b.jpg", "/a.jpg"]


# Where a URL leads.

URLS = [
    ("a.jpg", "/blog/a.jpg"),
    ("./a.jpg", "/blog/a.jpg"),
    ("../a.jpg", "/a.jpg"),
    ("../../../a.jpg", "/a.jpg"),
    ("/x/../a.jpg", "/a.jpg"),
    ("/x/./a.jpg", "/x/a.jpg"),
    (" /a.jpg\n", "/a.jpg"),
    ("/a.jpg#part", "/a.jpg"),
    ("/a.jpg?v=1#part", "/a.jpg?v=1"),
    ("/a.jpg?n=a%20b&m=%2F", "/a.jpg?n=a b&m=/"),
    ("?page=1", "/blog/post?page=1"),
    ("/caf%C3%A9 %41é.jpg", "/café Aé.jpg"),
    ("/%E9.jpg", "/�.jpg"),
    ("/.hidden/a.jpg", "/.hidden/a.jpg"),
    ("//shop.example/a.jpg", "/a.jpg"),
    ("http://shop.example/a.jpg", "/a.jpg"),
    ("HTTPS://Shop.Example:443/a.jpg?b", "/a.jpg?b"),
    ("https://shop.example:8443/a.jpg", None),
    ("https://shop.example.evil/a.jpg", None),
    ("https://me@shop.example/a.jpg", None),
    ("https://cdn.example/a.jpg", None),
    ("//cdn.example/a.jpg", None),
    ("https://shop.example", None),
    ("data:image/png;base64,AAAA", None),
    ("blob:http://shop.example/1", None),
    ("javascript:void(0)", None),
    ("ftp://shop.example/a.jpg", None),
    ("http://[bad/a.jpg", None),
    ("//[::1/a.jpg", None),
    ("/" + "a" * 3000, None),
]


@pytest.mark.parametrize(("url", "key"), URLS)
def test_where_a_url_leads(url, key):
    html = f'<img src="{url}" width=3>'
    expected = {key: page(3, None)} if key else {}
    assert noted(html, host="shop.example:80") == expected
    if "//" in url:
        assert noted(html) == {}, "whose host is not known"


def test_only_what_is_below_the_mount_and_without_it():
    html = "<img src=a.jpg width=1><img src=/site/b.jpg width=2><img src=/c.jpg width=3>"
    html += "<img src=/sites/d.jpg width=4>"
    for mount in ("/site", "/site/"):
        keys = noted(html, script_name=mount)
        assert keys == {"/blog/a.jpg": page(1, None), "/b.jpg": page(2, None)}


def test_paths_of_pages_that_are_no_plain_text():
    html = "<img src=a.jpg width=1>"
    assert set(noted(html, path="/café ?#%/post")) == {"/café ?#%/a.jpg"}
    assert set(noted(html, path="/ü/x", script_name="/é")) == {"/ü/a.jpg"}
    assert set(noted(html, path="//evil.example/x")) == {"/evil.example/a.jpg"}
    for path in ("", "\ud800", "\ufffd", "x", "/" * 99):
        noted(html, path=path)


@pytest.mark.parametrize(
    ("base", "keys"),
    [
        ("/static/", {"/static/a.jpg", "/b.jpg"}),
        ("img/x", {"/blog/img/a.jpg", "/b.jpg"}),
        ("https://shop.example/deep/", {"/deep/a.jpg", "/b.jpg"}),
        ("https://cdn.example/", set()),
        ("//cdn.example/x/", set()),
        ("http://[bad", {"/blog/a.jpg", "/b.jpg"}),
    ],
)
def test_base(base, keys):
    html = f'<base target=_top><base href="{base}"><base href="/second/">'
    html += "<img src=a.jpg width=1><img src=/b.jpg width=2>"
    assert set(noted(html, host="shop.example")) == keys


# In which text a tag is none.

IMG = "<img src=/%s.jpg width=3>"
A, B = IMG % "a", IMG % "b"


@pytest.mark.parametrize(
    "html",
    [
        f"<!-- {A} -->{B}",
        f"<!-- {A} > {A} --!>{B}",
        f"<!-->{B}",
        f"<!--->{B}",
        f"<!--{A}--->{B}",
        f"<!--[if IE]>{A}<![endif]-->{B}",
        f"<script>x = '{A}' + '</scripts>' + '<!--'</script>{B}",
        f'<SCRIPT src="/a.js">{A}</Script >{B}',
        f"<style>{A}<!-- {A}</style\n>{B}",
        f"<textarea rows=3>{A}</textarea/>{B}",
        f"<textarea><script></textarea>{B}",
        f"{B}<!-- {A}",
        f"{B}<script>{A}",
        f"{B}<script>{A}</script",
        f"<scripts><stylex><textareas>{B}",
        f"<!doctype html><!x>{B}",
    ],
)
def test_text_in_which_a_tag_is_none(html):
    expected = {"/b.jpg": page(3, None)}
    assert noted(html) == expected
    assert all(noted(html, chunk=size) == expected for size in range(1, 12))


def test_noscript_and_template_count():
    html = f"<noscript>{A}</noscript><template>{B}</template>"
    assert set(noted(html)) == {"/a.jpg", "/b.jpg"}


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-32", "cp037", "utf-8-sig"])
def test_charsets_unlike_ascii_say_nothing(charset):
    assert noted(A, charset=charset) == {}


@pytest.mark.parametrize(
    "charset", ["no-such", "hex", "rot13", "", "\0", "idna", "undefined", "unicode_escape"]
)
def test_unknown_charsets_say_nothing(charset):
    learner = Learner()
    Notes(learner, "/", charset=charset).feed(A.encode())
    headers = [("Content-Type", f"text/html; charset='{charset}'")]
    assert list(noting(iter([A.encode()]), learner, "/", headers)) == [A.encode()]
    assert known(learner) == {}


def test_the_charset_is_that_of_the_page():
    html = '<img src="/é日.jpg" width=3>'
    assert set(noted(html)) == {"/é日.jpg"}
    assert set(noted(html, charset="gb18030")) == {"/é日.jpg"}
    assert set(noted('<img src="/表.jpg" width=3>', charset="shift_jis")) == {"/表.jpg"}
    assert set(noted(html.encode("utf-8"), charset="ascii")) == {"/�����.jpg"}


# Chunks.

EVERYTHING = (
    f"<!DOCTYPE html><html><head><title>é</title><base href='/base/'><style>{IMG % 'css'}</style>"
    f'<!-- {IMG % "comment"} --><script>{IMG % "script"}</script></head><body class="x">'
    + "".join(html for html, _ in SAID if len(html) < 500)
    + f"<textarea>{IMG % 'text'}</textarea><TEXTAREA>{IMG % 'text'}</TEXTAREA><!-->{IMG % 'end'}<im"
).encode()


def told(data, cuts, at_once=True):
    """What is noted of a page that comes in pieces, cut at these places, in order."""
    learner = Recorder()
    notes = Notes(learner, "/blog/post")
    for start, end in itertools.pairwise([0, *cuts, len(data)]):
        notes.feed(data[start:end])
        if at_once:
            learner.read()
    learner.read()
    return learner.told


def test_cut_at_every_byte_a_page_says_the_same():
    whole = told(EVERYTHING, [])
    assert len(whole) > 50
    assert whole[-1] == ("/end.jpg", page(3, None))
    assert not {"/css.jpg", "/comment.jpg", "/script.jpg", "/text.jpg"} & set(dict(whole))
    for at in range(len(EVERYTHING)):
        assert told(EVERYTHING, [at]) == whole, at
    for size in (1, 2, 3, 7, 64, 4095):
        assert told(EVERYTHING, range(size, len(EVERYTHING), size)) == whole, size


PIECES = st.sampled_from([
    "<img ", "<IMG", "<source ", "<input type=image ", "<video ", "<base ", "<!--", "-->", "--!>",
    "<script", "</script", "<style>", "</style>", "<textarea>", "</textarea ", ">", " ", "/", "=",
    '"', "'", "src=", "srcset=", '"/a.jpg 2x, /b.jpg 30w"', "width=", "3", "9", "height='7'",
    "style=", "width:3px", ";", ",", "sizes=", "9px", "href=", "poster=", "//", "http://[", "?",
    "#", "&#", "&amp;", "%", "é", "\0", "\ud7ff", "..", "<", "x", "data:", ":",
])  # fmt: skip


@given(st.lists(PIECES, max_size=40), st.lists(st.integers(0, 300), max_size=6))
def test_whatever_a_page_is_it_says_the_same_in_all_chunks(pieces, cuts):
    data = "".join(pieces).encode()
    cuts = sorted(cut for cut in cuts if cut <= len(data))
    assert told(data, []) == told(data, cuts) == told(data, range(1, len(data)))
    assert told(data, cuts, at_once=False) == told(data, [])


@given(st.binary(max_size=300))
def test_whatever_the_bytes_no_exception(data):
    noted(b"<img " + data + b"><img src='" + data + b"' width=3>")


@pytest.mark.parametrize("name", ["img", "source", "input"])
@pytest.mark.parametrize("length", [4095, 4096, 4097, 9000])
def test_a_tag_that_is_too_long_is_given_up(name, length):
    tag = f"<{name} type=image src=/long.jpg srcset=/long.jpg width=3 alt='"
    tag += "x" * (length - len(tag) - 2) + "'>"
    html = tag + "<img src=/b.jpg width=3>"
    keys = {"/long.jpg", "/b.jpg"} if length <= 4096 else {"/b.jpg"}
    if length == 4097:  # all of what was looked at is passed over: here not the last `>`
        assert len(tag) == 4097
    for chunk in (0, 1000, 4096, 4097):
        assert set(noted(html, chunk)) == keys


# What the server gets.


def test_the_chunks_are_the_very_same_one_for_one():
    data = bytes(bytearray(EVERYTHING))
    chunks = [b"", data[:100], b"", data[100:777], data[777:], b""]
    body, learner = Body(chunks), Learner()
    result = noting(body, learner, "/blog/post")
    assert body.pulled == 0
    items = iter(result)
    for count, chunk in enumerate(chunks, 1):
        assert next(items) is chunk
        assert body.pulled == count
    assert next(items, None) is None
    assert known(learner) == noted(EVERYTHING)


def test_a_picture_is_noted_before_its_chunk_goes_out():
    learner = Learner()
    assert next(iter(noting(iter([A.encode()]), learner))) == A.encode()
    assert learner.size_of("/a.jpg") == page(3, None)


@pytest.mark.parametrize("pulled", [0, 1, 2, 3])
def test_close_is_passed_on_once(pulled):
    body = Body([b"<img", b" src=/a.jpg width=3>"])
    result = noting(body, Learner())
    items = iter(result)
    for _ in range(pulled):
        next(items, None)
    assert body.closed == 0
    result.close()
    result.close()
    assert body.closed == 1


def test_exceptions_of_the_app_pass():
    mistake = OSError("gone")
    body = Body([b"<img ", mistake])
    items = iter(noting(body, Learner()))
    assert next(items) == b"<img "
    with pytest.raises(OSError) as caught:
        next(items)
    assert caught.value is mistake

    class Unclosable(Body):
        def close(self):
            super().close()
            raise mistake

    body = Unclosable([])
    result = noting(body, Learner())
    with pytest.raises(OSError) as caught:
        result.close()
    result.close()
    assert (caught.value, body.closed) == (mistake, 1)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_is_returned_itself(kind):
    """Servers take the length from a list of one."""
    body, learner = kind([b"", A.encode(), b"<img src=/b.jpg ", b"width=4>"]), Learner()
    assert noting(body, learner) is body
    assert known(learner) == {"/a.jpg": page(3, None), "/b.jpg": page(4, None)}


def test_what_is_no_bytes_is_left_to_the_server():
    chunks = ["text", None, memoryview(b"<img"), bytearray(b"<img src=/a.jpg width=3>"), 3]
    learner = Learner()
    assert all(a is b for a, b in zip(noting(iter(chunks), learner), chunks, strict=True))
    assert noting(chunks, learner) is chunks
    assert known(learner) == {}


def test_between_two_validators():
    learner = Learner()

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return Body([EVERYTHING[:50], b"", EVERYTHING[50:]])

    learning = noting_pages(validator(app), learner)
    assert ask(validator(learning), environ_for("/blog/post")).body == EVERYTHING
    assert known(learner) == noted(EVERYTHING)


def test_a_path_that_is_no_bytes_is_the_apps_to_complain_about():
    learner, body = Learner(), [A.encode()]
    assert noting(body, learner, "/日") is body
    assert known(learner) == {}


@pytest.mark.parametrize(
    ("headers", "reads"),
    [
        ({"content-TYPE": "Text/HTML"}, True),
        ({"Content-Type": " application/xhtml+xml ;charset=utf-8"}, True),
        ({"Content-Type": "text/html", "Content-Encoding": "identity"}, True),
        ({"Content-Encoding": "gzip", "Content-Type": "text/html"}, False),  # it is not
        ({"Content-Type": "text/html", "Content-Encoding": "br"}, False),
        ({"Content-Type": "text/plain"}, False),
        ({"Content-Type": "text/htmlx"}, False),
        ({"Content-Type": "text/html; charset=utf-16-le"}, False),
        ({}, False),
    ],
)
def test_only_html_is_read(headers, reads):
    learner, body = Learner(), iter([A.encode()])
    result = noting(body, learner, headers=headers.items())
    assert list(result) == [A.encode()]
    assert bool(known(learner)) == reads


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("Deflate", zlib.compress)]
)
@pytest.mark.parametrize("step", [1, 50, 10**6])
def test_packed_pages_are_read(encoding, pack, step):
    packed = pack(b"<p>" * 999 + A.encode())
    chunks = [packed[at : at + step] for at in range(0, len(packed), step)]
    headers = [("Content-Type", "text/html"), ("Content-Encoding", encoding)]
    learner = Learner()
    assert list(noting(chunks, learner, headers=headers)) == chunks
    assert known(learner)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_packed_page_is_read_piece_by_piece(monkeypatch, size):
    monkeypatch.setattr(pages, "_PIECE", size)
    notes = Notes(learner := Learner(), "/", is_packed=True)
    notes.feed(gzip.compress(A.encode() + b"<p>" * 99 + B.encode()))
    assert known(learner).keys() == {"/a.jpg", "/b.jpg"}


@pytest.mark.parametrize("begin", [b"", A.encode() + b"<p>"], ids=["empty", "full"])
def test_a_packed_page_without_end_is_given_up(begin):
    notes = Notes(learner := Learner(), "/", is_packed=True)
    packer = zlib.compressobj()
    head, *zeros = [
        packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
        for data in (begin, bytes(10**7), bytes(10**7))
    ]
    bomb = head + zeros[0] + zeros[1] * 999  # 10 MB of 10 GB
    tracemalloc.start()
    begun = time.process_time()
    notes.feed(bomb)
    found = known(learner).keys()
    taken, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == ({"/a.jpg"} if begin else set())
    assert peak < 1 << 20
    assert taken < 1
    notes.feed(B.encode())
    assert not notes.waiting


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(A.encode()), b"no gzip", zlib.compress(b"")[:-1]],
    ids=["whole", "other", "cut"],
)
def test_what_follows_a_packed_page_is_not_collected(packed):
    notes = Notes(learner := Learner(), "/", is_packed=True)
    tracemalloc.start()
    for chunk in (packed, *[bytes(10**6)] * 20):
        notes.feed(chunk)
        learner.read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


# Cost.


def seconds(work):
    begun = time.process_time()
    work()
    return time.process_time() - begun


HOSTILE = {
    "tags": b"<img>",
    "tags that say nothing": b"<img ",
    "unclosed quotes": b"<img x='",
    "unclosed quotes of two kinds": b"<img x=' <img y=\" ",
    "equals": b"<img =",
    "no end": b"x",
    "starts": b"<",
    "almost starts": b"<im",
    "letters": b"<si",
    "comments": b"<!--",
    "almost ends of comments": b"<!-- -",
    "scripts": b"<script>",
    "almost ends of scripts": b"<script></scrip",
    "nesting": b"<div><picture><source srcset=/a.jpg>",
    "sources": b"<source srcset='/a 2x'>",
    "bases": b"<base href=x>",
    "attributes": b"<img " + b"a= " * 1350 + b">",
    "quotes": b"<img " + b"a='\"' " * 650 + b">",
    "commas": b"<img srcset='" + b"," * 4000 + b"'>",
    "candidates": b"<img srcset='" + b"a," * 2000 + b"'>",
    "spaces": b"<img srcset='a" + b" " * 4000 + b"'>",
    "styles": b"<img src=a width=3 style='" + b";width:" * 550 + b"'>",
    "sizes": b"<img src=a sizes='" + b"9px " * 1000 + b"'>",
    "dots": b"<img width=3 src='" + b"../" * 1300 + b"'>",
    "entities": b"<img width=3 src='" + b"&amp" * 1000 + b"'>",
    "percent": b"<img width=3 src='" + b"%41" * 1300 + b"'>",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_cost_what_their_length_says(piece):
    data = (piece * (MB // len(piece) + 1))[:MB]
    learner = Learner()

    def stream():
        notes = Notes(learner, "/blog/post")
        for i in range(0, len(data), 64 * KB):
            notes.feed(data[i : i + 64 * KB])
            learner.read()
            assert not notes._scan or len(notes._scan._kept) <= 4 * KB

    tracemalloc.start()
    try:
        stream()
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()
    assert learner.weight <= 2 * MB
    assert min(seconds(stream) for _ in range(2)) < 0.5


@pytest.mark.parametrize("piece", [b"<img x='", b"<img srcset='a", b"<!--", b"<im", b"<script>"])
@pytest.mark.parametrize("at_once", [True, False])
def test_pages_that_come_byte_by_byte(piece, at_once):
    data = piece * (20_000 // len(piece))

    def stream():
        learner = Learner()
        notes = Notes(learner, "/")
        for i in range(len(data)):
            notes.feed(data[i : i + 1])
            if at_once or i + 1 == len(data):
                learner.read()

    assert seconds(stream) < 1


CARD = """<article class="card" id="p{0}"><a class="card__link" href="/products/{0}/">
  <img class="card__image" src="/media/thumbs/{0}.jpg" alt="No. {0}" width="300" height="200"></a>
  <h2 class="card__title"><a href="/products/{0}/">Lorem ipsum {0}</a></h2>
  <p>Sed do eiusmod <strong>tempor</strong> incididunt ut labore et dolore magna aliqua. Ut enim ad
  minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo.</p>
  <ul class="tags"><li><a href="/tags/a">alpha</a></li><li><a href="/tags/b">beta</a></li></ul>
  <p class="facts"><span class="price">12.90</span> <button type="submit">Buy</button></p></article>
"""


def cards(count, first=0):
    return "".join([CARD.format(i) for i in range(first, first + count)]).encode()


def test_a_page_of_a_gigabyte():
    """In 64 KB: none of it is collected, and most of it not even looked at."""
    chunks = [cards(90, first=90 * i) for i in range(8)]
    rounds = 2**30 // sum(map(len, chunks)) + 1
    learner = Learner()

    def body():
        for _ in range(rounds):
            yield from chunks

    tracemalloc.start()
    try:
        assert sum(map(len, noting(body(), learner))) > 2**30
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()
    assert len(known(learner)) == 90 * 8
    plain = seconds(lambda: [cards(90, first=0) for _ in range(100)])  # 6.5 MB
    whole = seconds(lambda: sum(map(len, noting(body(), learner))))
    assert whole < 2**30 / 6_500_000 * plain


class Parser(HTMLParser):
    """What one would otherwise write."""

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            dict(attrs)


def test_it_is_much_faster_than_a_parser():
    """With pictures of which none was seen before."""
    data = [cards(90, first=90 * i) for i in range(4)]

    def streamed():
        _tags._known_pictures.cache_clear()
        learner = Learner()
        for _ in noting(iter(data), learner):
            learner.read()

    ours = min(seconds(streamed) for _ in range(5))
    parser, text = Parser(), [chunk.decode() for chunk in data]
    assert 3 * ours < min(seconds(lambda: list(map(parser.feed, text))) for _ in range(3))


@pytest.mark.parametrize(
    "tag",
    [
        b"<img width=3 height=4 src='/%d" + b"x" * 1800 + b"'>",
        b"<img width=3 height=4 src='/%d" + "😀".encode() * 450 + b"'>",
        b"<img width=3 srcset='/%d, " + b"".join(b"%d," % i for i in range(450)) + b"'>",
        b"<source srcset='/%d'>" + b"<source srcset='/x'>" * 20 + b"<img width=3 height=4>",
    ],
    ids=["long", "wide", "many", "sources"],
)
def test_what_is_known_of_tags_is_bounded_too(tag):
    _tags._known_pictures.cache_clear()
    tracemalloc.start()
    try:
        learner = Learner()
        notes = Notes(learner, "/")
        for i in range(1_000):
            notes.feed(tag % i)
            learner.read()
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()


def test_a_page_may_not_say_more_than_so_much(monkeypatch):
    monkeypatch.setattr(_scan, "_MOST_TAGS", 10)
    html = "".join(f"<img src=/{i}.jpg width=3>" for i in range(30))
    for chunk in (0, 1, 50):
        assert set(noted(html, chunk)) == {f"/{i}.jpg" for i in range(10)}
    monkeypatch.undo()
    monkeypatch.setattr(_scan, "_MOST_BYTES", 100)
    for chunk in (0, 1, 50):
        assert set(noted(html, chunk)) == {"/0.jpg", "/1.jpg", "/2.jpg", "/3.jpg"}


# The memory.


def test_the_query_counts_but_a_picture_without_one_stands_for_all():
    learner = Learner()
    learner.note("/a.jpg", page(1, 1))
    learner.note("/a.jpg", page(2, 2), "v=1")
    learner.note("/a.jpg", page(3, 3), "name=caf%C3%A9%20x")
    learner.note("/b.jpg", page(4, 4), "v=1")
    assert learner.size_of("/a.jpg") == page(1, 1)
    assert learner.size_of("/a.jpg", "v=1") == page(2, 2)
    assert learner.size_of("/a.jpg", "name=caf%C3%A9+x") == page(1, 1)
    assert learner.size_of("/a.jpg", "name=caf%c3%a9%20x") == page(3, 3)
    assert learner.size_of("/a.jpg", "v=2") == page(1, 1)
    assert learner.size_of("/b.jpg", "v=1") == page(4, 4)
    assert learner.size_of("/b.jpg") is learner.size_of("/b.jpg", "v=2") is None


def test_it_is_bounded_and_forgets_the_oldest():
    learner = Learner(100_000)
    for i in range(5_000):
        learner.note(f"/{i}.jpg", page(i + 1, None))
        learner.note("/always.jpg", page(1, 1))
        assert learner.weight <= 100_000
    assert 200 < len(learner) < 400
    assert learner.size_of("/always.jpg") == page(1, 1)
    assert learner.size_of("/0.jpg") is None
    kept = [i for i in range(5_000) if learner.size_of(f"/{i}.jpg")]
    assert kept == list(range(5_000 - len(kept), 5_000))


def test_what_it_says_it_weighs_is_what_it_weighs():
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        learner = Learner()
        for i in range(20_000):
            learner.note(f"/media/thumbs/product-{i}.jpg", page(10_000 + i, 20_000 + i, 1.5))
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert learner.weight / 2 < used < learner.weight * 1.5
    assert learner.weight <= 2 * MB


def test_giants_are_not_kept():
    learner = Learner()
    learner.note("/small.jpg", page(1, 1))
    learner.note("/" + "x" * 3_000, page(1, 1))
    learner.note("/a.jpg", page(1, 1), "x" * 3_000)
    assert len(learner) == 1
    none = Learner(0)
    none.note("/a.jpg", page(1, 1))
    assert (len(none), none.weight, none.size_of("/a.jpg")) == (0, 0, None)


def test_threads_do_not_break_the_books():
    learner = Learner(20_000)

    def work(seed):
        for i in range(1_500):
            learner.note(f"/{(i * seed) % 101}.jpg", page(i % 101 + 1, seed))
            guess = learner.size_of(f"/{i % 101}.jpg")
            assert guess is None or guess.rule == "page"

    interleaved(work, range(1, 9))
    kept = dict(learner._guesses)
    assert sum(map(pages._weight, kept)) == learner.weight <= 20_000
    assert len(kept) > 20


FORK = """
import os, signal, warnings
from wsgi_placeholder.missing import Guess
from wsgi_placeholder.missing.pages import Learner, Notes
learner = Learner()
guess = Guess(300, 200, "page")
learner.note("/old.jpg", guess)
with learner._lock:
    child = os.fork()
    if not child:
        signal.alarm(5)  # a child that waits for ever is ended
        learner.note("/new.jpg", guess)
        kept = learner.size_of("/old.jpg") == learner.size_of("/new.jpg") == guess
        os._exit(0 if kept else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


def test_a_child_forked_while_it_was_busy_can_use_it():
    assert subprocess.run([sys.executable, "-c", FORK], timeout=20).returncode == 0


def test_stopped_anywhere_its_books_are_right():
    for count in itertools.count(1):
        learner = Learner(4_000)
        for i in range(20):
            learner.note(f"/{i}", page(1, 1))
        came = stopped(pages, count, lambda x=learner: x.note("/new", page(1, 1)))
        assert learner._lock.acquire(timeout=1), count
        learner._lock.release()
        assert learner.weight == sum(map(pages._weight, learner._guesses)), count
        learner.note("/again", page(1, 1))
        assert learner.size_of("/again") == page(1, 1)
        assert learner.weight <= 4_000
        if not came:
            break
    assert count > 5


def test_many_pages_at_once():
    """Threads that stream pages share one memory."""
    learner = Learner()
    together = threading.Barrier(8)

    def stream(i):
        together.wait()
        data = cards(50, first=50 * i)
        chunks = (data[j : j + 999] for j in range(0, len(data), 999))
        return b"".join(noting(chunks, learner, f"/{i}")) == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(stream, range(8)))
    assert all(learner.size_of(f"/media/thumbs/{i}.jpg") == page(300, 200) for i in range(400))
