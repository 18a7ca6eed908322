"""What was replaced is remembered within bounds and told; a test can demand that nothing was."""

import html
import json
import os
import threading
import time
import tracemalloc
from wsgiref.validate import validator

import flask
import pytest
from asking import ask, checked, environ_for
from threaded import served

from wsgi_placeholder import PlaceholderMiddleware, Spec
from wsgi_placeholder.errors import Busy
from wsgi_placeholder.http import response
from wsgi_placeholder.missing import report as module
from wsgi_placeholder.missing.report import Report, listable
from wsgi_placeholder.missing.report_page import as_html
from wsgi_placeholder.rendering import Renderer
from wsgi_placeholder.testing import assert_no_missing_images

HOSTILE = "/<script>alert(1)</script>\"'&{x}$title.png"


def site(environ, start_response):
    """Has one page and one picture; the rest is missing."""
    if environ["PATH_INFO"] in ("/page", "/there.png"):
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    else:
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return []


def wrapped(**options):
    return PlaceholderMiddleware(site, **{"missing": True, "missing_report": True, **options})


def get(app, url="/placeholder/missing", method="GET", script_name="", **headers):
    return ask(checked(app), environ_for(url, method, script_name, **headers))


def files(app, script_name=""):
    answer = get(app, "/placeholder/missing?format=json", script_name=script_name)
    return json.loads(answer.body)["files"]


# The memory


def test_it_counts_by_path_and_tells_the_last_size():
    report = Report()
    report.note("/a.png", "query", 30, 20)
    report.note("/b.csv", "type")
    report.note("/a.png", "page", 300, 200)
    first, second = report.files()
    assert (first.path, first.count, first.rule) == ("/a.png", 2, "page")
    assert (first.width, first.height) == (300, 200)
    assert (second.path, second.count, second.width, second.height) == ("/b.csv", 1, None, None)
    assert (len(report), report.total, report.forgotten) == (2, 3, 0)


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("https://www.example.com/blog/?token=secret", "/blog/"),
        ("https://www.example.com/blog/#secret", "/blog/"),
        ("https://www.example.com?next=/secret", None),
        ("https://www.example.com#/secret", None),
        ("https://www.example.com/", "/"),
        ("https://user:secret@example.com:8000/a/b", "/a/b"),
        ("http://h/caf%C3%A9/%3Cb%3E", "/café/<b>"),
        ("http://h/caf\xc3\xa9", "/café"),
        ("http://h/\xff", "/\ufffd"),
        ("http://h/\u20ac", "/?"),
        ("http://h/" + "a" * 600, None),
        ("http://h/a?" + "a" * 6000, "/a"),
        ("/page", None),
        ("about:blank", None),
        ("//", None),
        ("", None),
    ],
)
def test_of_the_referring_page_only_the_path_is_kept(referer, page):
    report = Report()
    report.note("/a.png", "name", 3, 2, referer)
    [file] = report.files()
    assert file.pages == ((page,) if page else ())
    assert "secret" not in report.as_json() + as_html(report) + repr(vars(report))


def test_the_newest_three_pages_of_a_path_are_kept():
    report = Report()
    for page in "abcdcb":
        report.note("/a.png", "name", 3, 2, f"http://h/{page}")
    report.note("/a.png", "name", 3, 2)
    assert report.files()[0].pages == ("/b", "/c", "/d")


def test_the_paths_asked_for_longest_ago_are_forgotten():
    report = Report(most=3)
    for path in ("/a", "/b", "/c", "/a", "/d", "/e"):
        report.note(path, "default", 3, 2)
    assert {file.path for file in report.files()} == {"/a", "/d", "/e"}
    assert (report.total, report.forgotten) == (6, 2)


def test_what_can_be_no_file_is_counted_but_not_kept():
    report = Report()
    report.note("/" + "a" * 5000, "default", 3, 2)
    assert (len(report), report.total, report.forgotten) == (0, 1, 1)


def test_its_memory_is_bounded():
    limit = 200_000
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        report = Report(max_bytes=limit)
        for number in range(3000):
            path = f"/é{'x' * (number % 900)}{number}"
            for page in range(4):
                report.note(path, "default", number, number, f"http://h/{number}/{page}")
            assert report.bytes <= limit
        assert tracemalloc.get_traced_memory()[0] - before < limit
    finally:
        tracemalloc.stop()
    assert 50 < len(report) < 3000
    weighed = report.bytes
    report.renew()
    assert report.bytes == weighed  # the books were right
    for file in report.files():
        report.discard(file.path)
    assert (len(report), report.bytes) == (0, 0)
    report.discard("/never")


def test_a_miss_costs_microseconds():
    report = Report(most=1000)
    paths = [f"/media/{number}.png" for number in range(2000)]
    start = time.thread_time()
    for path in paths * 5:
        report.note(path, "name", 300, 200, "http://localhost:8000/a/page/?of=the&site=1")
    assert (time.thread_time() - start) / 10_000 < 50e-6


def test_threads_may_share_it():
    report = Report(most=50)

    def work(seed):
        for number in range(2000):
            report.note(f"/{(number * seed) % 70}", "name", 3, 2, f"http://h/{seed}")
            if number % 100 == 0:
                report.files()
                report.discard(f"/{number % 70}")

    threads = [threading.Thread(target=work, args=[seed]) for seed in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert report.total == 8000
    assert len(report) <= 50
    weighed = report.bytes
    report.renew()
    assert report.bytes == weighed


def test_a_fork_goes_on_with_its_own_copy_whoever_held_the_lock():
    report = Report()
    report.note("/a.png", "name", 3, 2)
    with report._lock:
        child = os.fork()
        if not child:
            report.note("/b.png", "name", 3, 2)
            os._exit(0 if len(report) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert len(report) == 1


def test_stopped_halfway_its_books_are_right(monkeypatch):
    report = Report()
    report.note("/a.png", "name", 3, 2, "http://h/1")
    real = module._pages_weight

    def stopped(entry):
        if entry.pages[:1] == ("/2",):
            monkeypatch.setattr(module, "_pages_weight", real)
            raise SystemExit
        return real(entry)

    monkeypatch.setattr(module, "_pages_weight", stopped)
    with pytest.raises(SystemExit):
        report.note("/a.png", "name", 3, 2, "http://h/2")
    weighed = report.bytes
    report.renew()
    assert report.bytes == weighed
    report.note("/b.png", "name", 3, 2)  # the lock is free


# Its formats


@pytest.mark.parametrize(
    "path",
    [
        "/", "", "//", "/folder/", "/a\nb.png", "/a\rb.png", "/a\0b.png", "/a\x1b[2J.png",
        "/a\x85b", "/a\x7f", "/lost-\ufffd.png", "/../a.png", "/media/../../a.png", "/..",
    ],
)  # fmt: skip
def test_what_no_list_of_files_can_hold_is_left_out(path):
    assert listable([path, "/a.png"]) == ["a.png"]


def test_the_plain_list_is_what_rsync_reads():
    report = Report()
    names = [
        "/media/b c.png", "/media/é.png", "/media/#1.png", "//media/a.png", "/media/a.png",
        "/-v.png", "/a..b.png", "/ .png", "/a\u202fb.png", "/a\nb.png", "/#1.png", "/;2.png",
    ]  # fmt: skip
    for name in names:
        report.note(name, "name", 3, 2)
    assert report.as_text() == (
        " .png\n-v.png\n./#1.png\n./;2.png\na..b.png\na\u202fb.png\n"
        "media/#1.png\nmedia/a.png\nmedia/b c.png\nmedia/é.png\n"
    )
    assert Report().as_text() == ""


def test_the_json_has_all():
    report = Report(most=2)
    report.note("/gone.png", "name", 3, 2)
    report.note("/a\n.csv", "type")
    for _ in range(2):
        report.note("/é.png", "wagtail", 30, 20, "http://h/%C3%A9?x")
    assert json.loads(report.as_json()) == {
        "files": [
            {
                "path": "/é.png", "count": 2, "width": 30, "height": 20, "rule": "wagtail",
                "pages": ["/é"],
            },
            {
                "path": "/a\n.csv", "count": 1, "width": None, "height": None, "rule": "type",
                "pages": [],
            },
        ],
        "total": 4,
        "forgotten": 1,
    }  # fmt: skip


# Asked for


def test_it_is_answered_only_where_it_is_on():
    for off in (
        PlaceholderMiddleware(site),
        PlaceholderMiddleware(site, missing=True),
        PlaceholderMiddleware(site, missing_report=True),
    ):
        answer = get(off)
        assert answer.code == 400
        assert b"size is" in answer.body
    assert get(wrapped()).code == 200


@pytest.mark.parametrize("prefix", ["/placeholder", "/a/b", ""])
def test_where_it_is(prefix, mount):
    app = wrapped(prefix=prefix)
    for url in (f"{prefix}/missing", f"{prefix}/missing/", f"/{prefix}/missing"):
        answer = get(app, url, script_name=mount)
        assert (answer.code, answer["X-Placeholder"]) == (200, "report"), url
    for url in (f"{prefix}/missing/x", f"{prefix}/missingx", f"{prefix}/a/missing"):
        answer = get(app, url, script_name=mount)
        assert answer["X-Placeholder"] != "report", url


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", None, "text/html; charset=utf-8"),
        ("", "*/*", "text/html; charset=utf-8"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("", "application/json", "application/json"),
        ("", "application/json, text/plain, */*", "application/json"),
        ("", "text/html;q=0.5, application/json", "application/json"),
        ("", "text/plain", "text/plain; charset=utf-8"),
        ("", "application/json;q=0", "text/html; charset=utf-8"),
        ("", "image/png", "text/html; charset=utf-8"),
        ("", "nonsense;;", "text/html; charset=utf-8"),
        ("?format=json", "text/html", "application/json"),
        ("?format=TEXT", "application/json", "text/plain; charset=utf-8"),
        ("?format=html", "application/json", "text/html; charset=utf-8"),
        ("?v=1", "application/json", "application/json"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_its_format(query, accept, kind, method):
    headers = {"accept": accept} if accept else {}
    app = wrapped()
    answer = get(app, f"/placeholder/missing{query}", method, **headers)
    assert answer.status == "200 OK"
    assert dict(answer.headers) == {
        "Content-Type": kind,
        "Content-Length": answer["Content-Length"],
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "X-Placeholder": "report",
        **dict(response.SAFE),
    }
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    same = get(app, f"/placeholder/missing{query}", **headers)
    assert len(same.body) == int(answer["Content-Length"])
    assert answer.body == (same.body if method == "GET" else b"")


def test_an_unknown_format_is_told():
    answer = get(wrapped(), "/placeholder/missing?format=jsn")
    assert answer.code == 400
    assert answer.body.endswith(b"expected one of html, json, text. Did you mean json?\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(method):
    assert get(wrapped(), method=method).code == 405


def test_scripts_of_other_sites_cannot_read_it():
    answer = get(wrapped(cors=True), origin="https://evil.example")
    assert answer["Access-Control-Allow-Origin"] is None


def test_one_process_of_several_says_which_it_is():
    app = wrapped()
    for url in ("/a.png", "/b.png"):
        get(app, url)
    for query in ("", "?format=json", "?format=text"):
        environ = environ_for(f"/placeholder/missing{query}") | {"wsgi.multiprocess": True}
        answer = ask(checked(app), environ)
        assert answer["X-Placeholder"] == f"report; process={os.getpid()}"
        if not query:
            told = f"by process {os.getpid()}. Each process of the server counts its own."
            assert told in answer.body.decode()
    nothing = as_html(Report(), 4711)
    assert "Process 4711 has replaced nothing yet. Each process of the server" in nothing


def test_it_is_never_an_old_one():
    app = wrapped()
    for count in range(1, 4):
        get(app, f"/{count}.png")
        assert len(files(app)) == count


# What is noted


def test_what_is_replaced_is_noted_as_the_header_says_it(mount):
    app = wrapped(missing_types="csv")
    referer = f"http://127.0.0.1{mount}/page?x=1"
    for url in ("/m/caf\xc3\xa9-300x200.png?v=1", "/m/caf\xc3\xa9-300x200.png?v=2", "/a.csv"):
        get(app, url, script_name=mount, referer=referer)
    pages = [f"{mount}/page"]
    assert files(app, mount) == [
        {
            "path": "/m/café-300x200.png", "count": 2, "width": 300, "height": 200, "rule": "name",
            "pages": pages,
        },
        {
            "path": "/a.csv", "count": 1, "width": None, "height": None, "rule": "type",
            "pages": pages,
        },
    ]  # fmt: skip
    text = get(app, "/placeholder/missing?format=text", script_name=mount)
    assert text.body.decode() == "a.csv\nm/café-300x200.png\n"


def test_heads_and_unchanged_ones_are_missing_too():
    app = wrapped()
    etag = get(app, "/a.png")["ETag"]
    assert get(app, "/a.png", if_none_match=etag).code == 304
    get(app, "/a.png", "HEAD")
    assert files(app)[0]["count"] == 3


def test_what_the_app_answers_is_not_noted():
    app = wrapped()
    for url in ("/page", "/there.png", "/gone", "/placeholder/3", "/placeholder/x.png"):
        get(app, url, referer="http://h/page")
    get(app, "/a.png", "POST")
    get(app, "/a.png", sec_fetch_mode="navigate")
    assert files(app) == []


def test_what_there_was_no_time_to_draw_is_noted(monkeypatch):
    def busy(self, spec):
        raise Busy("Too much to do.")

    app = wrapped()
    monkeypatch.setattr(Renderer, "render", busy)
    assert get(app, "/a.png").code == 503
    assert files(app)[0]["path"] == "/a.png"


def test_what_the_origin_has_is_not_missing():
    body = PlaceholderMiddleware(print).renderer.render(Spec.of(7, 5)).body
    has = set()

    def production(environ, start_response):
        found = environ["PATH_INFO"] in has
        status = "200 OK" if found else "404 Not Found"
        length = str(len(body) if found else 0)
        start_response(status, [("Content-Type", "image/png"), ("Content-Length", length)])
        return [body] if found else []

    with served(production) as address:
        app = wrapped(origin=address)
        has.add("/there/b.png")
        assert get(app, "/there/b.png")["X-Placeholder"] == "origin"
        assert files(app) == []
        app.report.note("/there/b.png", "name", 3, 2)  # the origin had been down
        get(app, "/a.png")
        get(app, "/there/b.png")
        assert [file["path"] for file in files(app)] == ["/a.png"]


# In tests of sites


def test_a_block_without_missing_files_passes():
    app = PlaceholderMiddleware(site, missing=True)
    get(app, "/before.png")
    with assert_no_missing_images(app):
        get(app, "/page")
        get(app, "/there.png")
        get(app, "/placeholder/30x20")
    get(app, "/after.png")


def test_what_is_missing_inside_the_block_is_listed():
    app = PlaceholderMiddleware(site, missing=True, missing_types="csv")
    get(app, "/before.png")
    get(app, "/both-30x20.png")
    block = assert_no_missing_images(app)
    block.__enter__()
    get(app, "/both-30x20.png", referer="http://h/page?x")
    get(app, "/both-30x20.png", referer="http://h/other")
    get(app, "/new.csv")
    with pytest.raises(AssertionError) as raised:
        block.__exit__(None, None, None)
    assert str(raised.value) == (
        "missing files were replaced 3 times:"
        "\n  /both-30x20.png (30x20, rule name), on /other"
        "\n  /new.csv (rule type)"
    )


def test_what_the_report_forgot_fails_too():
    app = PlaceholderMiddleware(site, missing=True)
    with (
        pytest.raises(AssertionError, match="replaced once:"),
        assert_no_missing_images(app),
    ):
        get(app, f"/{'a' * 5000}.png")


def test_an_error_of_the_block_is_its_own():
    app = PlaceholderMiddleware(site, missing=True)
    with pytest.raises(ZeroDivisionError), assert_no_missing_images(app):
        1 / len(get(app, "/a.png", "HEAD").body)


def test_without_the_option_nothing_could_ever_be_found():
    block = assert_no_missing_images(PlaceholderMiddleware(site))
    with pytest.raises(ValueError, match="missing=True"):
        block.__enter__()


def test_only_the_middleware_itself_can_tell():
    app = flask.Flask(__name__)
    app.wsgi_app = PlaceholderMiddleware(app.wsgi_app, missing=True)
    with pytest.raises(TypeError, match=r"Middleware itself, got Flask; .* app\.wsgi_app"):
        assert_no_missing_images(app).__enter__()
    with pytest.raises(TypeError, match=r"got function; .* around it"):
        assert_no_missing_images(validator(app.wsgi_app)).__enter__()
    with assert_no_missing_images(app.wsgi_app):
        pass


def test_names_are_the_ones_that_were_asked_for():
    """Not what HTML or a header makes of them."""
    app = wrapped()
    get(app, HOSTILE)
    assert html.escape(HOSTILE) in get(app).body.decode()
    assert files(app)[0]["path"] == HOSTILE
